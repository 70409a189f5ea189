"""The consumers' views that should stand."""

from collections.abc import Iterator, Sequence

from attrs import frozen

from datasurface.deployment import Deployment, ViewConfig
from datasurface.model import Milestoning
from datasurface_yellow.store import naming
from datasurface_yellow.store.table import MergeTable, merge_table


@frozen
class View:
    """One view that should stand, in the schema of its workspace."""

    schema: str
    name: str
    role: str
    table: MergeTable
    stream: str
    is_history: bool

    @property
    def label(self) -> str:
        """Schema and name, for people."""
        return f"{self.schema}.{self.name}"


def wanted_views(deployment: Deployment, schema: str) -> Sequence[View]:
    """The views of a deployment: one of the live rows per sink, and one of the history where a forensic group asks
    for it."""
    return [view for config in deployment.views for view in _views_of(deployment, config, schema)]


def _views_of(deployment: Deployment, config: ViewConfig, schema: str) -> Iterator[View]:
    names = (deployment.platform.name, config.workspace, config.group, config.name)
    table = merge_table(deployment, config.store, config.dataset, schema)
    place = naming.workspace_schema(config.workspace), naming.reader_role(config.workspace)
    yield View(place[0], naming.live_view(*names), place[1], table, config.stream, False)
    if config.milestoning is Milestoning.FORENSIC:
        yield View(place[0], naming.history_view(*names), place[1], table, config.stream, True)

"""Deployments: what one platform has to run, as plain values that become JSON.

This is what crosses from the model to the pipelines: jobs and emitters see these values and never an ``eco.py``.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum

from attrs import NOTHING, field, fields, frozen, has

from datasurface.errors import NotApplied
from datasurface.model import (
    Capture,
    Container,
    Copied,
    Credential,
    DataPlatform,
    Dataset,
    FilterValue,
    GitRepository,
    Milestoning,
    PlatformManaged,
    PostgresDatabase,
    Priority,
)

FORMAT = 1
"""Version of these classes' JSON form."""


@frozen
class DatasetRetention:
    """How long the history of a dataset is needed by those who need it longest."""

    dataset: str
    keep: timedelta


@frozen
class Maker:
    """The transformer that makes a datastore, and the platform that runs it."""

    platform: str
    transformer: str


@frozen
class StreamConfig:
    """The unit of ingestion: datasets that are read in one snapshot and merged in one batch.

    Attributes:
        key: ``Store1``, or ``Store1.customers`` where each dataset is captured on its own.
        store: the datastore's name.
        capture: how and from where it is read; its container is bound to a real place.
        datasets: those that some group sinks, in the order of the datastore.
        path: the datastore's path in the model.
        owner: repository and branch of its team, as ``GitRepository.owner``; None where an earlier version published
            the deployment.
        retention: of the datasets whose history is not needed for ever.
        maker: what its datastore is made by; None of one that a producer has.
        latency: of those who need it soonest; None where an earlier version published the deployment.
        priority: of its most urgent consumer.
        description: of the datastore; Markdown.
    """

    key: str
    store: str
    capture: Capture
    datasets: tuple[Dataset, ...]
    path: str
    owner: str | None = None
    retention: tuple[DatasetRetention, ...] = field(default=(), kw_only=True)
    latency: timedelta | None = field(default=None, kw_only=True)
    priority: Priority = field(default=Priority.MEDIUM, kw_only=True)
    description: str = field(default="", kw_only=True)
    maker: Maker | None = field(default=None, kw_only=True)

    def keep(self, dataset: str) -> timedelta | None:
        """How long the history of a dataset is needed; None for ever."""
        return next((found.keep for found in self.retention if found.dataset == dataset), None)


@frozen
class HandOver:
    """A datastore that is in the model in force, and whose team has another repository or branch in the next.

    Attributes:
        former: the owner in force, as in ``StreamConfig``.
        owner: the next.
    """

    store: str
    former: str
    owner: str


class MaskKind(Enum):
    """What stands in place of the values of a masked column."""

    NULL = "null"
    HASH = "hash"
    PARTIAL = "partial"
    YEAR = "year"


@frozen
class ColumnMask:
    """How one column is masked.

    Attributes:
        credential: names the secret of a hash.
        first, last: how many characters of a text are shown in part.
    """

    column: str
    kind: MaskKind
    credential: str | None = None
    first: int = 0
    last: int = 0


@frozen
class ColumnFilter:
    """Rows that a consumer sees have one of these values in a column; NULL where None is among them."""

    column: str
    values: tuple[FilterValue, ...]


@frozen
class ViewConfig:
    """What one consumer group sees of one dataset.

    Attributes:
        name: what stands for the dataset in the view's name: the sink's name, else the dataset's.
        hidden: columns that the views do not have.
        masks: of columns whose values the workspace may not see.
        filters: what each row passes that the workspace sees.
        container: where the workspace reads; bound to a real place.
        reader: the secret by which a database of the workspace's own reads the merge database.
        copied: whether that database holds the rows, and when they are refreshed.
        latency: that the group accepts between two batches; None where no batches run for it, and where an earlier
            version published the deployment.
    """

    workspace: str
    group: str
    store: str
    stream: str
    dataset: Dataset
    milestoning: Milestoning
    name: str
    path: str
    hidden: tuple[str, ...] = ()
    masks: tuple[ColumnMask, ...] = ()
    filters: tuple[ColumnFilter, ...] = ()
    container: PlatformManaged | PostgresDatabase = field(factory=PlatformManaged)
    reader: Credential | None = None
    copied: Copied | None = None
    latency: timedelta | None = field(default=None, kw_only=True)

    @property
    def is_copied(self) -> bool:
        """Whether there are copies: what the merge database shows itself needs none."""
        return self.copied is not None and isinstance(self.container, PostgresDatabase)

    @property
    def seen(self) -> Mapping[str, ColumnMask | None]:
        """The columns that the views have, in order, each with its mask; None for one that is shown as it is."""
        masks = {mask.column: mask for mask in self.masks}
        return {
            column.name: masks.get(column.name) for column in self.dataset.columns if column.name not in self.hidden
        }


@frozen
class TransformerConfig:
    """Code that makes a datastore of what a workspace reads on this platform: of all the views of the workspace.

    Attributes:
        repository: of the code; ``commit`` is the one that its branch was at when the model was applied, None before.
        function: ``package.module:function``.
        store: the name of the datastore that it makes.
        container: where it writes that; bound to a real place.
        outputs: all datasets of the datastore, as tables of these names.
        credential: of the login that the code runs as.
        code_credential: lets git into the repository; None where git needs none.
        path: of the transformer in the model.
        description: Markdown.
    """

    name: str
    workspace: str
    repository: GitRepository
    function: str
    store: str
    container: Container
    outputs: tuple[Dataset, ...]
    credential: Credential | None
    path: str
    commit: str | None = None
    description: str = field(default="", kw_only=True)
    code_credential: Credential | None = field(default=None, kw_only=True)


@frozen
class CopiedGroup:
    """A group of which a database of its workspace's own holds copies; they are refreshed together.

    Attributes:
        streams: those that the copies are of.
        schedule: when they are refreshed, in the platform's time zone; None after each batch of one of the streams.
    """

    workspace: str
    group: str
    streams: tuple[str, ...]
    schedule: str | None


@frozen
class Deployment:
    """All that one platform has to provide for one ecosystem. ``transformers``: those that it runs."""

    ecosystem: str
    platform: DataPlatform
    streams: tuple[StreamConfig, ...]
    views: tuple[ViewConfig, ...]
    transformers: tuple[TransformerConfig, ...] = field(default=(), kw_only=True)
    format: int = field(default=FORMAT, kw_only=True)

    @property
    def copied_groups(self) -> tuple[CopiedGroup, ...]:
        """The groups that are copied, in order."""
        found: dict[tuple[str, str], CopiedGroup] = {}
        for view in self.views:
            if view.copied is not None and view.is_copied:
                key = view.workspace, view.group
                streams = (*(found[key].streams if key in found else ()), view.stream)
                found[key] = CopiedGroup(*key, tuple(dict.fromkeys(streams)), view.copied.schedule)
        return tuple(found[key] for key in sorted(found))

    def copied_group(self, workspace: str, group: str) -> CopiedGroup:
        """The copied group of that name; NotApplied, with the groups there are, if there is none."""
        for found in self.copied_groups:
            if (found.workspace, found.group) == (workspace, group):
                return found
        known = ", ".join(f"{each.workspace}/{each.group}" for each in self.copied_groups) or "none"
        raise NotApplied(
            f"platform {self.platform.name} has no copies for {workspace}/{group}",
            hint=f"groups that are copied: {known}; a group asks for it with copied=Copied()",
        )

    def stream(self, key: str) -> StreamConfig:
        """The stream of that key; NotApplied, with the keys there are, if it has none."""
        for stream in self.streams:
            if stream.key == key:
                return stream
        known = ", ".join(stream.key for stream in self.streams) or "none"
        raise NotApplied(
            f"platform {self.platform.name} runs no stream {key!r}",
            hint=f"streams in force: {known}; `datasurface apply` adds new ones",
        )

    def transformer(self, name: str) -> TransformerConfig:
        """The transformer of that name; NotApplied, with the names there are, if it runs none of that name."""
        for transformer in self.transformers:
            if transformer.name == name:
                return transformer
        known = ", ".join(transformer.name for transformer in self.transformers) or "none"
        raise NotApplied(
            f"platform {self.platform.name} runs no transformer {name!r}",
            hint=f"transformers that it runs: {known}; a transformer runs on the platform that serves its workspace",
        )

    def inputs_of(self, transformer: TransformerConfig) -> tuple[ViewConfig, ...]:
        """What a transformer reads: the views of its workspace."""
        return tuple(view for view in self.views if view.workspace == transformer.workspace)


def has_only_grown(former: object, now: object) -> bool:
    """Whether deployments are those of before, but for what these classes did not say then: such fields have their
    defaults in what an earlier version published."""
    if isinstance(former, tuple) and isinstance(now, tuple):
        return len(former) == len(now) and all(map(has_only_grown, former, now))
    kind = type(former)
    if kind is not type(now) or not has(kind) or kind.__module__ != __name__:
        return former == now
    for each in fields(kind):
        was = getattr(former, each.name)
        default = each.default.factory() if hasattr(each.default, "factory") else each.default
        if not has_only_grown(was, getattr(now, each.name)) and (default is NOTHING or was != default):
            return False
    return True

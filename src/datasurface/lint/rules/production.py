"""Production: what people rely on stands on what people rely on."""

from collections.abc import Iterator

from datasurface.lint.parts import sunk
from datasurface.lint.registry import Problem, rule
from datasurface.model import Ecosystem, ProductionStatus

_PRODUCTION = ProductionStatus.PRODUCTION


@rule("DS311", "A workspace in production reads what is in production")
def reads_production(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A workspace in production sinks from a datastore that is `NOT_PRODUCTION`, whose owner promises nothing for it.

    Call the datastore production, or the workspace not.
    """
    for workspace, group, sink, store, _ in sunk(ecosystem):
        if workspace.production_status is _PRODUCTION and store.production_status is not _PRODUCTION:
            yield Problem(
                sink,
                f"workspace '{workspace.name}' is in production, and its group '{group.name}' sinks from "
                f"'{store.name}', which is not",
                "sink from a datastore in production, or give the workspace ProductionStatus.NOT_PRODUCTION",
            )


@rule("DS312", "What is in production is made in production")
def made_in_production(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The transformer of a workspace that is `NOT_PRODUCTION` produces a datastore in production: others would rely on
    what its makers do not."""
    for workspace in ecosystem.workspaces():
        if workspace.transformer is None or workspace.production_status is _PRODUCTION:
            continue
        store = workspace.transformer.produces
        if store.production_status is _PRODUCTION:
            yield Problem(
                store,
                f"datastore '{store.name}' is in production, and workspace '{workspace.name}', which makes it, is not",
                "give both the same production_status",
            )

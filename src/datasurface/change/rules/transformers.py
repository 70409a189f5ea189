"""Transformers: code of a workspace whose datastore others consume."""

from typing import cast

from datasurface.change.consequences import seen, tables_in
from datasurface.change.consumption import Models
from datasurface.change.diff import Change, ChangeKind
from datasurface.change.rules.stores import gone
from datasurface.change.verdicts import Opinion, compatible, rule
from datasurface.model import Datastore, DataTransformer, GitRepository, PythonCode, Workspace

_ADDED, _REMOVED = ChangeKind.ADDED, ChangeKind.REMOVED


@rule("CC801", "A transformer is added", (DataTransformer, _ADDED))
def added(change: Change, _models: Models) -> Opinion:
    """It makes a datastore that nobody consumes yet."""
    return compatible(f"transformer {change.element.key()} is new")


@rule("CC802", "A transformer is removed", (DataTransformer, _REMOVED))
def removed(change: Change, models: Models) -> Opinion:
    """The datastore that it makes goes with it, unless it stands elsewhere in the new model."""
    return gone(models, cast(DataTransformer, change.old).produces)


@rule(
    "CC803",
    "A transformer runs other code",
    (PythonCode, "function"),
    (PythonCode, "repository"),
    (GitRepository, "url"),
    (GitRepository, "branch"),
    (DataTransformer, "code"),
)
def other_code(change: Change, models: Models) -> Opinion | None:
    """The same datasets are made by other code, and nobody can say what it writes: who consumes them is told."""
    transformer = next((element for element in change.before if isinstance(element, DataTransformer)), None)
    if transformer is None:
        return None
    return seen(models, tables_in(transformer.produces), f"transformer {transformer.name} runs other code")


@rule("CC804", "A transformer has another name", (DataTransformer, "name"))
def other_name(change: Change, _models: Models) -> Opinion:
    """Jobs are called otherwise; the datastore that it makes has its own name."""
    return compatible(f"transformer {change.old} is called {change.new}")


@rule("CC805", "A transformer is of another kind", (DataTransformer, "produces"), (Workspace, "transformer"))
def other_kind(change: Change, models: Models) -> Opinion:
    """The datastore of before is judged as one that goes."""
    old = change.old.produces if isinstance(change.old, DataTransformer) else cast(Datastore, change.old)
    return gone(models, old)

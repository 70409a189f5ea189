"""Classification: nobody has to guess who may see a column."""

from collections.abc import Iterable, Iterator

from datasurface.classification import Classification
from datasurface.findings import Severity
from datasurface.hints import listed
from datasurface.lint.parts import by_name, sunk
from datasurface.lint.registry import Problem, rule
from datasurface.lint.rules.foreign_keys import references
from datasurface.model import Column, Dataset, Datastore, Ecosystem, ProductionStatus

_HOW = "add classification=PUBLIC, INTERNAL, CONFIDENTIAL or PII to the column or to its dataset"
_PROTECTION = {classification: rank for rank, classification in enumerate(Classification)}


def _unclassified(ecosystem: Ecosystem, *, in_production: bool) -> Iterator[tuple[Dataset, Column]]:
    for store in ecosystem.datastores():
        if (store.production_status is ProductionStatus.PRODUCTION) is not in_production:
            continue
        for dataset in store.datasets:
            if dataset.classification is not None:
                continue
            for column in dataset.columns:
                if column.classification is None:
                    yield dataset, column


@rule("DS701", "Every column in production is classified")
def every_column_is_classified(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A column of a datastore in production has no classification, and neither has its dataset, so that nobody knows
    who may see its values.

    Classify the column, or the whole dataset if all its columns are alike. A datastore that nobody relies on yet is
    `ProductionStatus.NOT_PRODUCTION`.
    """
    for dataset, column in _unclassified(ecosystem, in_production=True):
        yield Problem(column, f"column '{column.name}' of dataset '{dataset.name}' is not classified", _HOW)


@rule("DS702", "Every column is classified before it is in production", Severity.WARNING)
def is_classified_early(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A column of a datastore that is `NOT_PRODUCTION` has no classification. It will need one before people rely on
    it."""
    for dataset, column in _unclassified(ecosystem, in_production=False):
        yield Problem(column, f"column '{column.name}' of dataset '{dataset.name}' is not classified yet", _HOW)


@rule("DS703", "A workspace is cleared for what it sinks", Severity.WARNING)
def is_cleared(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The `clearance` of a workspace leaves out a classification of columns that it sinks, so it does not see their
    values as they are. They are masked: as a `MaskingPolicy` says, and by NULL where none does. Nobody is cleared for
    columns that are not classified.

    Where that is what you want there is nothing to do. Otherwise add the classification to the clearance, classify the
    columns, or take the datasets out of the workspace's groups.
    """
    hidden: dict[str, set[Classification | None]] = {}
    for workspace, _, _, store, dataset in sunk(ecosystem):
        if workspace.clearance is not None:
            missing = classes_of(store, dataset).difference(workspace.clearance)
            if missing:
                hidden.setdefault(workspace.name, set()).update(missing)
    for name, workspace in by_name(ecosystem.workspaces()).items() if hidden else ():
        if name in hidden:
            missing_names = words_for(hidden[name] - {None})
            ways = [f"add {missing_names} to its clearance"] if missing_names else []
            ways += ["have the columns classified"] if None in hidden[name] else []
            yield Problem(
                workspace,
                f"workspace '{name}' sinks columns that it has no clearance for: {words_for(hidden[name])}",
                f"it may not see their values; {', '.join(ways)}, or take the sinks away",
            )


@rule("DS704", "A foreign key is as protected as the key it refers to", Severity.WARNING)
def as_protected(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A column of a foreign key holds values of the key that it refers to. Where its classification is a more open one,
    these values are seen by people who may not see them in the other dataset."""
    for dataset, foreign_key, target in references(ecosystem):
        if target is None or len(foreign_key.columns) != len(target.key_columns):
            continue
        own = {column.name: column for column in dataset.columns}
        for name, part in zip(foreign_key.columns, target.key_columns, strict=True):
            mine = dataset.classification_of(own[name]) if name in own else None
            theirs = target.classification_of(part)
            if mine is not None and theirs is not None and _PROTECTION[mine] < _PROTECTION[theirs]:
                yield Problem(
                    own[name],
                    f"column '{name}' of '{dataset.name}' is {mine.name} and refers to the key of '{target.name}', "
                    f"which is {theirs.name}",
                    "give both columns one classification",
                )


def classes_of(store: Datastore, dataset: Dataset) -> set[Classification | None]:
    """The classifications that columns of a dataset have; None for columns that have none: nobody knows who may see
    them. In production these are refused anyway."""
    found = {dataset.classification_of(column) for column in dataset.columns}
    return found - {None} if store.production_status is ProductionStatus.PRODUCTION else found


def words_for(classes: Iterable[Classification | None]) -> str:
    """Classifications as an ``eco.py`` writes them, and ``unclassified``."""
    return listed("unclassified" if each is None else each.name for each in classes)

"""References inside a datastore: foreign keys, and the tables of a capture."""

from collections.abc import Iterator

from datasurface import types
from datasurface.hints import did_you_mean
from datasurface.lint.parts import by_name, datasets
from datasurface.lint.registry import Problem, rule
from datasurface.model import Dataset, Ecosystem, ForeignKey, SqlCapture
from datasurface.types import DataType

_FAMILIES = (
    (types.TinyInt, types.SmallInt, types.Integer, types.BigInt),
    (types.Char, types.VarChar, types.NVarChar, types.Text),
    (types.Float32, types.Float64),
    (types.Decimal,),
)


def _family(type_: DataType) -> object:
    """What two types have in common whose values can be compared."""
    return next((family for family in _FAMILIES if isinstance(type_, family)), type_)


def references(ecosystem: Ecosystem) -> Iterator[tuple[Dataset, ForeignKey, Dataset | None]]:
    """Every foreign key with its dataset and the one it refers to, where there is one of that name."""
    for store in ecosystem.datastores():
        known = by_name(store.datasets)
        for dataset in store.datasets:
            for foreign_key in dataset.foreign_keys:
                yield dataset, foreign_key, known.get(foreign_key.dataset)


@rule("DS205", "A foreign key refers to a dataset of its datastore")
def known_dataset(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The dataset that a foreign key refers to is not in the same datastore."""
    for store in ecosystem.datastores():
        names = {dataset.name for dataset in store.datasets}
        for dataset in store.datasets:
            for foreign_key in dataset.foreign_keys:
                if foreign_key.dataset not in names:
                    yield Problem(
                        foreign_key,
                        f"a foreign key of '{dataset.name}' refers to dataset '{foreign_key.dataset}', which is not "
                        "there",
                        did_you_mean(foreign_key.dataset, names),
                    )


@rule("DS206", "A foreign key is made of columns of its dataset")
def known_columns(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A foreign key names a column that its own dataset does not have."""
    for dataset in datasets(ecosystem):
        names = {column.name for column in dataset.columns} if dataset.foreign_keys else set()
        for foreign_key in dataset.foreign_keys:
            for name in foreign_key.columns:
                if name not in names:
                    yield Problem(
                        foreign_key,
                        f"a foreign key of '{dataset.name}' names column '{name}', which is not there",
                        did_you_mean(name, names),
                    )


@rule("DS207", "A foreign key fits the primary key it refers to")
def fits_the_key(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A foreign key has as many columns as the primary key that it refers to, with types that can be compared, in the
    order of that key's columns."""
    for dataset, foreign_key, target in references(ecosystem):
        if target is None or not target.key_columns:
            continue
        own = {column.name: column for column in dataset.columns}
        if not own.keys() >= set(foreign_key.columns):
            continue
        columns, key = [own[name] for name in foreign_key.columns], target.key_columns
        if len(columns) != len(key):
            expected = ", ".join(f"{column.name} {column.type}" for column in key)
            yield Problem(
                foreign_key,
                f"a foreign key of '{dataset.name}' has {len(columns)} columns, the key of '{target.name}' {len(key)}",
                f"name columns for {expected}",
            )
            continue
        for column, part in zip(columns, key, strict=True):
            if _family(column.type) != _family(part.type):
                yield Problem(
                    foreign_key,
                    f"column '{column.name}' of '{dataset.name}' is {column.type}, but refers to '{target.name}' by "
                    f"'{part.name}', which is {part.type}",
                    "give both columns one type",
                )


@rule("DS208", "A capture names tables of its datasets only")
def captured_tables(ecosystem: Ecosystem) -> Iterator[Problem]:
    """`SqlSnapshot(..., tables=...)` names the source table of a dataset that the datastore does not have; the dataset
    that was meant would be read from the table of its own name."""
    for store in ecosystem.datastores():
        if not isinstance(store.capture, SqlCapture):
            continue
        names = {dataset.name for dataset in store.datasets}
        for dataset, table in store.capture.tables:
            if dataset not in names:
                yield Problem(
                    store.capture,
                    f"the capture of '{store.name}' reads table '{table}' for dataset '{dataset}', which is not there",
                    did_you_mean(dataset, names),
                )

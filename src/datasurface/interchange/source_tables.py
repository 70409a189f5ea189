"""The tables of a database as the datasets of a datastore. What is found there is given; what becomes of it is decided
here."""

from collections.abc import Iterator, Mapping, Sequence, Set

from attrs import frozen

from datasurface.interchange.plain_names import unique_names
from datasurface.interchange.remarks import Remark
from datasurface.model import Column, Container, Dataset, Datastore, ForeignKey, SqlSnapshot
from datasurface.model.datastore import DEFAULT_SCHEMA
from datasurface.types import DataType


@frozen
class FoundColumn:
    """A column of a source.

    Attributes:
        type: what it is read as; None where no type of a model can be filled from it.
        declared: its type in the words of the source.
        doubt: what of the type was chosen, and what else it might be; None where nothing was.
    """

    name: str
    type: DataType | None
    declared: str
    nullable: bool = True
    description: str = ""
    doubt: str | None = None


@frozen
class FoundReference:
    """A foreign key of a source's table: its columns, and those that they refer to.

    Attributes:
        table: what is referred to; None where it stands in another schema.
    """

    columns: tuple[str, ...]
    table: str | None
    referred: tuple[str, ...]


@frozen
class FoundTable:
    """A table of a source; ``key`` names the columns of its primary key in the key's order."""

    name: str
    columns: tuple[FoundColumn, ...]
    key: tuple[str, ...] = ()
    references: tuple[FoundReference, ...] = ()
    description: str = ""


@frozen
class FoundSource:
    """What was found in a database, and why something that is there was not."""

    tables: tuple[FoundTable, ...]
    remarks: tuple[Remark, ...] = ()


@frozen
class Drafted:
    """A datastore, and what its tables have that it has not."""

    store: Datastore
    remarks: tuple[Remark, ...]


def drafted(name: str, container: Container, schema: str | None, tables: Sequence[FoundTable]) -> Drafted:
    """The datastore of these tables."""
    remarks: list[Remark] = []
    names = dataset_names(tables)
    by_name = {table.name: table for table in tables}
    datasets = [_dataset(table, names, by_name, remarks) for table in tables]
    other = {dataset: table for table, dataset in names.items() if table != dataset}
    capture = SqlSnapshot(container, schema=schema or DEFAULT_SCHEMA, tables=other)
    return Drafted(Datastore(name, capture=capture, datasets=datasets), tuple(remarks))


def with_readable_keys(tables: Sequence[FoundTable]) -> tuple[tuple[FoundTable, ...], tuple[Remark, ...]]:
    """The tables whose whole key can be read: a part of a key tells no rows apart."""
    kept, remarks = [], []
    for table in tables:
        lost = [column for column in table.columns if column.name in table.key and column.type is None]
        if lost:
            words = ", ".join(f"{column.name} of type {column.declared}" for column in lost)
            remarks.append(
                Remark(
                    table.name,
                    f"no type of a model takes its key column {words}, so the table was left out",
                    "offer it as another type in a view of the source",
                )
            )
        else:
            kept.append(table)
    return tuple(kept), tuple(remarks)


def dataset_names(tables: Sequence[FoundTable]) -> Mapping[str, str]:
    """What the dataset of each table is called: as the table, where that can be a name in a model and is no other's."""
    found = [table.name for table in tables]
    return dict(zip(found, unique_names(found), strict=True))


def _dataset(
    table: FoundTable, names: Mapping[str, str], tables: Mapping[str, FoundTable], remarks: list[Remark]
) -> Dataset:
    columns = [column for column in table.columns if column.type is not None]
    for column in table.columns:
        where = f"{table.name}.{column.name}"
        if column.type is None:
            hint = "offer it as another type in a view of the source"
            remarks.append(Remark(where, f"no type of a model takes {column.declared}, so it was left out", hint))
        elif column.doubt:
            remarks.append(Remark(where, column.doubt, "choose the type that fits its values"))
    return Dataset(
        names[table.name],
        columns=[
            Column(
                column.name,
                column.type,
                primary_key=column.name in table.key,
                nullable=column.nullable and column.name not in table.key,
                description=column.description,
            )
            for column in columns
            if column.type is not None
        ],
        foreign_keys=list(_foreign_keys(table, {column.name for column in columns}, names, tables, remarks)),
        description=table.description,
    )


def _foreign_keys(
    table: FoundTable,
    columns: Set[str],
    names: Mapping[str, str],
    tables: Mapping[str, FoundTable],
    remarks: list[Remark],
) -> Iterator[ForeignKey]:
    for reference in table.references:
        target = tables.get(reference.table) if reference.table is not None else None
        ordered = _in_order_of_the_key(reference, target) if target else None
        if target is not None and ordered and columns >= {*ordered}:
            yield ForeignKey(ordered, names[target.name])
            continue
        if target is None:
            why = "a table that is not imported"
        else:
            why = "columns that are not its primary key" if ordered is None else "it by a column that was left out"
        remarks.append(
            Remark(
                table.name,
                f"the foreign key ({', '.join(reference.columns)}) refers to {why}, so it was left out",
                "a ForeignKey of a model names a row of the same datastore by its primary key",
            )
        )


def _in_order_of_the_key(reference: FoundReference, target: FoundTable) -> list[str] | None:
    """The columns in the order in which the referred dataset has its key columns; None where it is not its key."""
    if sorted(reference.referred) != sorted(target.key):
        return None
    by_referred = dict(zip(reference.referred, reference.columns, strict=True))
    return [by_referred[column.name] for column in target.columns if column.name in by_referred]

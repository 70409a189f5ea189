"""Drift: the source's columns against the model's, before anything is read. A pure decision over what the catalogue
says."""

from collections.abc import Iterable, Mapping, Sequence

from datasurface.errors import SourceDrift
from datasurface_yellow.store.rowhash import StoredColumn
from datasurface_yellow.store.types import SourceType

_NUMERIC_HEADER = 4
"""Bytes that a typmod is greater than the length or the packed digits it stands for (PostgreSQL, ``VARHDRSZ``)."""


def source_types(catalogue: Iterable[Sequence[object]]) -> dict[str, SourceType]:
    """The rows of the catalogue query (name, type, is array, typmod, longest enum label, SQL name) as source types
    by column name."""
    return {str(row[0]): _source_type(*row[1:]) for row in catalogue}


def _source_type(name: object, is_array: object, typmod: object, longest_label: object, sql: object) -> SourceType:
    assert isinstance(typmod, int)  # noqa: S101 the catalogue's own type
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    if name == "enum":
        length = longest_label if isinstance(longest_label, int) else 0
    elif name == "name":
        length = 63
    elif name == "char":
        length = 1
    elif name in ("varchar", "bpchar") and typmod >= _NUMERIC_HEADER:
        length = typmod - _NUMERIC_HEADER
    elif name == "numeric" and typmod >= _NUMERIC_HEADER:
        precision = ((typmod - _NUMERIC_HEADER) >> 16) & 0xFFFF
        scale = ((typmod - _NUMERIC_HEADER) & 0x7FF ^ 1024) - 1024
    return SourceType(str(name), bool(is_array), length, precision, scale, str(sql))


def check(dataset: str, table: str, columns: Iterable[StoredColumn], found: Mapping[str, SourceType]) -> None:
    """SourceDrift, naming every column that is missing or cannot fill the model's, unless all fit.

    More columns are no drift.
    """
    wrong = [problem for column in columns if (problem := _problem(column, found.get(column.name)))]
    if wrong:
        raise SourceDrift(
            f"table {table} is not what the model says of dataset {dataset}: {'; '.join(wrong)}",
            hint="change the model, or the table back; nothing was read",
            dataset=dataset,
        )


def _problem(column: StoredColumn, source: SourceType | None) -> str | None:
    if source is None:
        return f"column {column.name} is missing"
    reason = column.type.accepts(source)
    if reason is None:
        return None
    kind = source.sql if source.length is None else f"{source.sql}({source.length})"
    return f"column {column.name} is {kind}, which {reason} (the model says {column.type.declared})"

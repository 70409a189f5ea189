"""Rows that can be asked for: what of them, in which order, and as what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from attrs import evolve, frozen

from datasurface.errors import MissingExtra
from datasurface_yellow.notebook.conditions import Condition, column_of, condition
from datasurface_yellow.notebook.errors import ReadRefused
from datasurface_yellow.notebook.offers import Offer, ReadColumn
from datasurface_yellow.store.quoting import identifier
from datasurface_yellow.store.statements import statement

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

_SHOWN = 10
"""Rows in a notebook, before anybody asks for more."""

_AT_ONCE = 2000
"""Rows that are fetched with one request, where they become Python's values."""


@frozen(repr=False, eq=False)
class Rows:
    """Rows of a dataset that have not been read yet. Each method that narrows them gives others; each that begins with
    ``to_`` reads them from the server, as they are at that moment.

    Attributes:
        title: what they are, for people.
        columns: that they have.
        order: expressions.
    """

    title: str
    offer: Offer
    relation: str
    columns: tuple[ReadColumn, ...]
    all_columns: tuple[ReadColumn, ...]
    arguments: tuple[tuple[str, str, object], ...] | None = None
    conditions: tuple[Condition, ...] = ()
    order: tuple[str, ...] = ()
    most: int | None = None

    def select(self, *names: str) -> Rows:
        """Only these columns, in this order."""
        if not names:
            raise ReadRefused("no column is selected", hint="name some: select('id')")
        if len(set(names)) < len(names):
            raise ReadRefused("a column is selected twice", hint="name each once")
        return evolve(self, columns=tuple(column_of(self.all_columns, name) for name in names))

    def where(self, name: str | None = None, operator: str = "=", value: object = None, /, **equal: object) -> Rows:
        """Only rows that pass, as well as what was asked before: ``where(city="Boston")``, ``where(id=["C1", "C2"])``,
        ``where("dob", "<", date(1980, 1, 1))``, ``where(email=None)``. Columns that are not selected can be asked, too.

        Values are bound, and the server decides. Comparisons are =, !=, <, <=, >, >= and like.
        """
        asked = [(name, operator, value)] if name is not None else []
        conditions = list(self.conditions)
        for column, words, wanted in [*asked, *((column, "=", wanted) for column, wanted in equal.items())]:
            conditions.append(condition(column_of(self.all_columns, column), words, wanted, len(conditions)))
        return evolve(self, conditions=tuple(conditions))

    def order_by(self, *names: str, descending: bool = False) -> Rows:
        """In the order of these columns, NULL last; after what was asked before."""
        way = "DESC NULLS LAST" if descending else "ASC NULLS LAST"
        order = [f"{column_of(self.all_columns, name).quoted} {way}" for name in names]
        return evolve(self, order=(*self.order, *order))

    def limit(self, most: int) -> Rows:
        """At most so many rows."""
        if most < 0:
            raise ReadRefused(f"a limit of {most} rows", hint="limit(0) asks for the columns alone")
        return evolve(self, most=most if self.most is None else min(most, self.most))

    def count(self) -> int:
        """How many there are."""
        inner = self._sql([column.quoted for column in self.columns])
        [(count,)] = self.offer.session.rows(
            statement("notebook", "notebook.sql.j2", "count", rows=inner), self._parameters()
        )
        return cast(int, count)

    def rows(self) -> Iterator[Mapping[str, object]]:
        """Each row by its columns' names, as values of Python, made by PostgreSQL's driver; fetched in parts."""
        with self.offer.session.streamed(
            self._sql([column.quoted for column in self.columns]), self._parameters(), _AT_ONCE
        ) as found:
            for row in found:
                yield {column.name: _plain(value) for column, value in zip(self.columns, row, strict=True)}

    def to_batches(self) -> pa.RecordBatchReader:
        """A reader of batches of some megabytes each, which is read once; the rows need not fit into memory.

        polars, pandas, DuckDB and others take it as it is.
        """
        with _needing("reading into Arrow"):
            import pyarrow as pa

            from datasurface_yellow.notebook.arrow import FLAT, batches, schema_of
            from datasurface_yellow.notebook.arrow_types import arrow_column
        columns = [arrow_column(column) for column in self.columns]
        arrays = [column.quoted for column, as_arrow in zip(self.columns, columns, strict=True) if as_arrow.is_array]
        flat = (
            [statement("notebook", "notebook.sql.j2", "flat", arrays=arrays, name=identifier(FLAT))] if arrays else []
        )
        session = self.offer.session
        sql = session.bound(self._sql([*(column.asked for column in columns), *flat]), self._parameters())
        return pa.RecordBatchReader.from_batches(schema_of(columns), batches(session, sql, columns))

    def to_arrow(self) -> pa.Table:
        """All rows as a table of Arrow."""
        return self.to_batches().read_all()

    def to_polars(self) -> pl.DataFrame:
        """All rows as a frame of polars, over the memory of the Arrow table.

        Raises:
            ReadRefused: polars has no type for a column: intervals, and decimals of more than 38 digits.
        """
        with _needing("reading into polars"):
            from datasurface_yellow.notebook.frames import as_polars
        return as_polars(self.to_arrow())

    def to_pandas(self) -> pd.DataFrame:
        """All rows as a frame of pandas, whose columns are of Arrow's types: whole numbers with NULLs stay such."""
        with _needing("reading into pandas"):
            import pandas as pd
        return self.to_arrow().to_pandas(types_mapper=pd.ArrowDtype)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """What other libraries take tables of Arrow by: ``polars.DataFrame(rows)``, or a query of DuckDB over it."""
        stream: object = self.to_batches().__arrow_c_stream__(requested_schema)  # type: ignore[no-untyped-call]  # in stubs
        return stream

    @property
    def sql(self) -> str:
        """The statement that is sent, with its values in it, for use in other tools."""
        return self.offer.session.bound(self._sql([column.quoted for column in self.columns]), self._parameters())

    def __repr__(self) -> str:
        return f"<{self.title}: {', '.join(column.name for column in self.columns)}>"

    def _repr_html_(self) -> str:
        from datasurface_yellow.notebook.showing import rows_as_html

        first = self.limit(_SHOWN + 1)
        sql = first._sql([column.quoted for column in self.columns])
        found = self.offer.session.rows(sql, first._parameters())
        return rows_as_html(self, found[:_SHOWN], there_are_more=len(found) > _SHOWN)

    def _sql(self, selected: Sequence[str]) -> str:
        return statement(
            "notebook",
            "notebook.sql.j2",
            "rows",
            selected=selected,
            relation=self.relation,
            arguments=None if self.arguments is None else [argument[:2] for argument in self.arguments],
            conditions=self.conditions,
            order=self.order,
            is_limited=self.most is not None,
        )

    def _parameters(self) -> Mapping[str, object]:
        arguments = {name: value for name, _, value in self.arguments or ()}
        values = {each.parameter: each.value for each in self.conditions if each.parameter}
        return {**arguments, **values, "limit": self.most}


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


@contextmanager
def _needing(what: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as missing:
        raise MissingExtra(what, "notebook") from missing

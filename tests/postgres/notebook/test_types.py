# ruff: noqa: S608 every name in these statements is of this file
"""Every value arrives in Arrow as what it is, or is refused: compared number by number with what the server holds."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasurface import types
from datasurface.credentials import Secret
from datasurface.model import Credential, PostgresDatabase
from datasurface.testing.cells import cells
from datasurface.types import DataType
from datasurface_yellow.notebook.errors import ReadRefused
from datasurface_yellow.notebook.offers import Offer, ReadColumn
from datasurface_yellow.notebook.rows import Rows
from datasurface_yellow.notebook.session import Session
from datasurface_yellow.store.connection import Place
from datasurface_yellow.store.types import source_type, store_type
from tests.support.databases import Databases
from tests.support.length import long_or

if TYPE_CHECKING:
    Values = pa.Array[pa.Scalar[pa.DataType]]

SCALARS: Sequence[DataType] = (
    *(types.TinyInt(), types.SmallInt(), types.Integer(), types.BigInt(), types.Boolean()),
    *(types.Decimal(10, 2), types.Decimal(38, 10), types.Decimal(60, 20), types.Decimal(5), types.Decimal()),
    *(types.Float32(), types.Float64(), types.Char(5), types.VarChar(8), types.NVarChar(8), types.Text()),
    *(types.Date(), types.Time(), types.Timestamp(), types.Timestamp(timezone=True), types.Interval()),
    *(types.Binary(), types.Uuid(), types.Json()),
)
ARRAYS = [types.Array(each) for each in SCALARS if not isinstance(each, types.Char | types.Binary)]


class Table:
    """A table of one column, and what the notebook reads it by."""

    def __init__(self, databases: Databases) -> None:
        database, role = databases.create("notebook_types"), databases.server
        container = PostgresDatabase(
            database.name, host=role.host, port=role.port, database=database.name, credential=Credential("owner")
        )
        self.session = Session(Place(container, Secret(role.user, role.password)))
        self.session.connection().set_session(readonly=False)

    def holding(self, columns: Mapping[DataType, Sequence[str | None]]) -> Rows:
        """Rows of a table that has these values in its columns, in order. Columns are named by their places."""
        found = [(f"c{number}", type_) for number, type_ in enumerate(columns)]
        stored = [store_type(type_) for type_ in columns]
        bases = [each.base for each in stored if each is not None]
        declared = [f"{name} {base}" for (name, _), base in zip(found, bases, strict=True)]
        cells = ", ".join(f"%s::{source_type(type_)}" for type_ in columns)
        names = ", ".join(name for name, _ in found)
        with self.session.connection().cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS public.held")
            cursor.execute(f"CREATE TABLE public.held (n serial, {', '.join(declared)})")
            for row in zip(*columns.values(), strict=True):
                cursor.execute(f"INSERT INTO public.held ({names}) VALUES ({cells})", row)
        read = tuple(
            ReadColumn(name, _written(base), repr(type_)) for (name, type_), base in zip(found, bases, strict=True)
        )
        offer = Offer(self.session, "public", "P", "W", "G", "held", "S.held", False, "", "", read)
        order = ReadColumn("n", "integer")
        return Rows("held", offer, "public.held", read, (*read, order)).order_by("n")


def _written(base: str) -> str:
    """As the server writes a type's name."""
    element, is_array = base.removesuffix("[]"), base.endswith("[]")
    names = {
        "varchar": "character varying",
        "time": "time without time zone",
        "timestamp": "timestamp without time zone",
        "timestamptz": "timestamp with time zone",
    }
    return names.get(element, element) + ("[]" if is_array else "")


@pytest.fixture(scope="module")
def table(session_databases: Databases) -> Iterator[Table]:
    table = Table(session_databases)
    yield table
    table.session.close()


NUMBERS = {
    types.Date: "(({}) - date '1970-01-01')::text",
    types.Time: "(extract(epoch FROM {}) * 1000000)::bigint::text",
    types.Timestamp: "(extract(epoch FROM {}) * 1000000)::numeric(30)::text",
    types.Interval: (
        "concat_ws(' ', (extract(year FROM {0}) * 12 + extract(month FROM {0}))::int, extract(day FROM {0})::int, "
        "(extract(hour FROM {0}) * 3600000000 + extract(minute FROM {0}) * 60000000 + extract(microseconds FROM {0}))"
        "::numeric(30))"
    ),
}
"""What the server says of times, in whole numbers. Everything else is its text."""


def of_server(table: Table, type_: DataType, name: str) -> list[object]:
    """The values of the table as texts, arrays as lists of them."""
    element = type_.element if isinstance(type_, types.Array) else type_
    expression = NUMBERS.get(type(element), "({})::text")
    value = expression.format(name)
    if isinstance(type_, types.Array):
        value = f"ARRAY(SELECT {expression.format('e')} FROM unnest({name}) WITH ORDINALITY u(e, o) ORDER BY o)"
    sql = f"SELECT CASE WHEN {name} IS NOT NULL THEN {value} END FROM public.held ORDER BY n"
    return [value for (value,) in table.session.rows(sql)]


def of_arrow(values: Values, element: DataType) -> list[object]:
    """The same of Arrow, from the numbers that it holds."""
    if isinstance(values, pa.ListArray):
        return [of_arrow(scalar.values, element) if scalar.is_valid else None for scalar in values]
    numbers = values
    if isinstance(element, types.Date):
        numbers = values.view(pa.int32())
    if isinstance(element, types.Time | types.Timestamp):
        numbers = values.view(pa.int64())
    return [_text(scalar.as_py()) if scalar.is_valid else None for scalar in numbers]


def _text(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case bytes():
            return f"\\x{value.hex()}"
        case Decimal():
            return f"{value:f}"
        case pa.MonthDayNano():
            months, days, nanoseconds = value
            return f"{months} {days} {nanoseconds // 1000}"
        case _:
            return str(value)


def same(found: object, wanted: object, element: DataType) -> bool:
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(
            same(mine, theirs, element) for mine, theirs in zip(found, wanted, strict=True)
        )
    if isinstance(element, types.Float32 | types.Float64) and found is not None and wanted is not None:
        form = ">f" if isinstance(element, types.Float32) else ">d"
        mine, theirs = float(str(found)), float(str(wanted))
        return (math.isnan(mine) and math.isnan(theirs)) or struct.pack(form, mine) == struct.pack(form, theirs)
    if isinstance(element, types.Decimal) and found is not None and wanted is not None:
        return Decimal(str(found)) == Decimal(str(wanted)) or (str(found), str(wanted)) == ("NaN", "NaN")
    return found == wanted


def has_no_place_in_arrow(type_: DataType, text: str | None) -> bool:
    """Whether Arrow has no value for this one."""
    if text is None:
        return False
    match type_:
        case types.Array(element=element):
            return text.startswith(("[", "{{")) or any(
                has_no_place_in_arrow(element, part) for part in text.strip("{}").replace('"', "").split(",")
            )
        case types.Date():
            return "infinity" in text
        case types.Timestamp():
            return "infinity" in text or text.startswith("294276")
        case types.Interval():
            return "2562047788:" in text
        case types.Decimal(precision=precision):
            return precision is not None and text == "NaN"
        case _:
            return False


GROUPS = [SCALARS[:10], SCALARS[10:16], SCALARS[16:], ARRAYS[:10], ARRAYS[10:]]
"""Generated apart: more values at once are more than hypothesis makes in one go."""


def snapshots(group: Sequence[DataType], rows: int) -> st.SearchStrategy[dict[DataType, list[str | None]]]:
    """So many values of each type; NULL in the place of those that have none in Arrow."""
    return st.fixed_dictionaries(
        {type_: st.lists(st.none() | _placed(type_), min_size=rows, max_size=rows) for type_ in group}
    )


def _placed(type_: DataType) -> st.SearchStrategy[str | None]:
    return cells(type_).map(lambda text: None if has_no_place_in_arrow(type_, text) else text)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: repr(group[0]))
@settings(max_examples=long_or(200, 5), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_values_of_all_types_arrive_exactly(table: Table, group: Sequence[DataType], data: st.DataObject) -> None:
    snapshot = data.draw(snapshots(group, rows=4))
    arrived = table.holding(snapshot).to_arrow()
    for number, type_ in enumerate(snapshot):
        name, element = f"c{number}", type_.element if isinstance(type_, types.Array) else type_
        found = [value for chunk in arrived[name].chunks for value in of_arrow(chunk, element)]
        wanted = of_server(table, type_, name)
        assert len(found) == len(wanted)
        assert all(same(*pair, element) for pair in zip(found, wanted, strict=True)), (type_, found, wanted)


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (types.Date(), "infinity"),
        (types.Date(), "-infinity"),
        (types.Timestamp(), "infinity"),
        (types.Timestamp(timezone=True), "-infinity"),
        (types.Timestamp(), "294276-12-31 23:59:59.999999"),
        (types.Interval(), "2562047788:00:54.775807"),
        (types.Decimal(10, 2), "NaN"),
        (types.Array(types.Decimal(10, 2)), "{1.00,NaN}"),
        (types.Array(types.Timestamp()), "{2000-01-01,infinity}"),
        (types.Array(types.Integer()), "{{1,2},{3,4}}"),
        (types.Array(types.Integer()), "[0:1]={1,2}"),
        (types.Array(types.Text()), "[2:3]={a,b}"),
    ],
    ids=str,
)
def test_what_arrow_has_no_value_for_is_refused(table: Table, type_: DataType, text: str) -> None:
    rows = table.holding({type_: [text]})
    with pytest.raises(ReadRefused):
        rows.to_arrow()
    assert table.holding({type_: [None]}).to_arrow()["c0"].null_count == 1

"""Random tables: columns of every type that a Postgres table can hold, under names that need quoting."""

from functools import cache

from attrs import frozen
from hypothesis import strategies as st

from datasurface import types
from datasurface.milestoning.rows import Layout
from datasurface.model.schema import Column

MAX_NAME_BYTES = 63
MAX_KEY_COLUMNS = 3
MAX_OTHER_COLUMNS = 5

_NAMES = (
    *(
        "a",
        "b",
        "id",
        "Id",
        "ID",
        "customerId",
        "value",
        "key",
        "name",
        "row",
        "old",
        "new",
        "t",
        "s",
        "batch",
        "operation",
    ),
    *(
        "select",
        "order",
        "user",
        "table",
        "group",
        "from",
        "all",
        "end",
        "excluded",
        "primary",
        "USER",
        "null",
        "true",
        "*",
    ),
    *(
        "two words",
        " leading",
        "trailing ",
        '"',
        '""',
        'in"side',
        "'",
        "it's",
        "\\",
        "back\\slash",
        "tab\t",
        "new\nline",
    ),
    *(
        "%",
        "%s",
        "%(a)s",
        "100%",
        ":a",
        "$1",
        "?",
        "{a}",
        "{{ a }}",
        "{% raw %}",
        "a.b",
        "a,b",
        "a-b",
        "--",
        "/*",
        ";",
        "#",
    ),
    *("1", "0x", "é", "e\u0301", "straße", "İ", "列", "😀", "\u200b", "a" * 63, "a" * 62 + "b", "É" * 31, "😀" * 15),
)

_SYSTEM_COLUMNS = {"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"}
_OUR_PREFIX = "ds_surf_"


@frozen
class TableShape:
    """The columns of a table; the key columns may stand anywhere among them."""

    columns: tuple[Column, ...]

    @property
    def layout(self) -> Layout:
        """Where the key is and what may not be NULL."""
        return Layout.of(self.columns)


@st.composite
def shapes(draw: st.DrawFn) -> TableShape:
    """Tables of 1 to 3 key columns and up to 5 others."""
    keys = draw(st.lists(key_types(), min_size=1, max_size=MAX_KEY_COLUMNS))
    others = draw(st.lists(st.tuples(column_types(), st.booleans()), max_size=MAX_OTHER_COLUMNS))
    size = len(keys) + len(others)
    names = draw(st.lists(column_names(), min_size=size, max_size=size, unique=True))
    parts = [(type_, True, False) for type_ in keys] + [(type_, False, not required) for type_, required in others]
    columns = [
        Column(name, type_, primary_key=is_key, nullable=nullable)
        for name, (type_, is_key, nullable) in zip(names, parts, strict=True)
    ]
    return TableShape(tuple(draw(st.permutations(columns))))


@cache
def column_names() -> st.SearchStrategy[str]:
    """Names that Postgres takes for a column and that are not ours: up to 63 bytes, any character but NUL."""
    anything = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=MAX_NAME_BYTES)
    return st.one_of(st.sampled_from(_NAMES), st.sampled_from(_NAMES), anything.filter(_is_column_name))


@cache
def key_types() -> st.SearchStrategy[types.DataType]:
    """Types whose equality in SQL is equality of bytes; three of the longest still fit into an index entry."""
    return st.one_of(
        st.sampled_from([types.BigInt(), types.Integer()]),
        st.sampled_from([1, 4, 20, 200]).map(types.VarChar),
        st.sampled_from([types.VarChar(20), types.NVarChar(20), types.BigInt(), types.SmallInt(), types.TinyInt()]),
        st.sampled_from([types.Date(), types.Time(), types.Timestamp(), types.Timestamp(timezone=True)]),
        st.sampled_from(
            [types.Boolean(), types.Uuid(), types.Decimal(1, 0), types.Decimal(10, 2), types.Decimal(30, 15)]
        ),
    )


@cache
def column_types() -> st.SearchStrategy[types.DataType]:
    """Every type that ``cells`` can write, those that engines get wrong more often."""
    whole = [types.BigInt(), types.Integer(), types.SmallInt(), types.TinyInt()]
    texts = [
        types.VarChar(20),
        types.Text(),
        types.NVarChar(20),
        types.VarChar(3),
        types.Char(5),
        types.VarChar(10_000),
    ]
    decimals = [types.Decimal(10, 2), types.Decimal(), types.Decimal(5, 0), types.Decimal(4, 4), types.Decimal(38, 19)]
    floats = [types.Float64(), types.Float32()]
    times = [types.Date(), types.Timestamp(), types.Interval(), types.Time(), types.Timestamp(timezone=True)]
    others = [types.Boolean(), types.Json(), types.Binary(), types.Uuid()]
    elements = [*whole[:3], *texts[:4], *decimals[:2], *floats, *times, types.Boolean(), types.Json(), types.Uuid()]
    return st.one_of(
        st.sampled_from(whole),
        st.sampled_from(texts),
        st.sampled_from(texts[:2]),
        st.sampled_from(decimals + floats),
        st.sampled_from(floats + times),
        st.sampled_from(others),
        st.sampled_from(elements).map(types.Array),
    )


def _is_column_name(text: str) -> bool:
    return (
        len(text.encode()) <= MAX_NAME_BYTES
        and text not in _SYSTEM_COLUMNS
        and not text.lower().startswith(_OUR_PREFIX)
    )

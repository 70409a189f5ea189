"""Random tables: columns of every type that a Postgres table can hold, under names that need quoting."""

from collections.abc import Sequence
from functools import cache

from attrs import frozen
from hypothesis import strategies as st

from datasurface import types
from datasurface.milestoning.rows import Layout
from datasurface.model.schema import Column

MAX_NAME_BYTES = 63
MAX_KEY_COLUMNS = 3
MAX_OTHER_COLUMNS = 5
MAX_COLUMNS = MAX_KEY_COLUMNS + MAX_OTHER_COLUMNS

_PLAIN_NAMES = (
    *("a", "b", "id", "Id", "ID", "customerId", "value", "key", "name", "row", "old", "new", "t", "s", "batch", "hash"),
    *("select", "order", "user", "table", "group", "from", "all", "end", "excluded", "primary", "USER", "null", "true"),
)
_ODD_NAMES = (
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
    *("%", "%s", "%(a)s", "100%", ":a", "$1", "?", "{a}", "{{ a }}", "{% raw %}", "a.b", "a,b", "a-b", "--", "/*", ";"),
    *(
        "*",
        "#",
        "1",
        "0x",
        "é",
        "e\u0301",
        "straße",
        "İ",
        "列",
        "😀",
        "\u200b",
        "a" * 63,
        "a" * 62 + "b",
        "É" * 31,
        "😀" * 15,
    ),
)

_SYSTEM_COLUMNS = {"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"}
_OUR_PREFIX = "ds_surf_"
_SPARE_PREFIX = "column "


@frozen
class Domain:
    """A type, and the values of it that a column takes its cells from."""

    type: types.DataType
    values: tuple[str, ...] = ()


DomainChoice = tuple[Domain, bool, bool]
"""A domain, whether to take that of the column before instead, whether the column may be NULL."""


@frozen
class TableShape:
    """The columns of a table; the key columns may stand anywhere among them."""

    columns: tuple[Column, ...]

    @property
    def layout(self) -> Layout:
        """Where the key is and what may not be NULL."""
        return Layout.of(self.columns)


@cache
def shapes() -> st.SearchStrategy[TableShape]:
    """Tables of 1 to 3 key columns and up to 5 others, often several of one type, since some errors need two."""
    return tables(key_types().map(Domain), column_types().map(Domain)).map(
        lambda columns: TableShape(tuple(column for column, _ in columns))
    )


def tables(
    key_domains: st.SearchStrategy[Domain], other_domains: st.SearchStrategy[Domain]
) -> st.SearchStrategy[list[tuple[Column, Domain]]]:
    """The columns of a table with their domains.

    Nothing drawn depends on what was drawn before, so hypothesis can vary and shrink each part alone.
    """
    key = st.tuples(key_domains, st.booleans(), st.just(False))
    other = st.tuples(other_domains, st.booleans(), st.booleans())
    return st.builds(
        _columns,
        keys=st.lists(key, min_size=1, max_size=MAX_KEY_COLUMNS),
        others=st.one_of(
            st.lists(other, min_size=1, max_size=MAX_OTHER_COLUMNS), st.lists(other, max_size=MAX_OTHER_COLUMNS)
        ),
        names=st.tuples(*[column_names()] * MAX_COLUMNS),
        ranks=st.tuples(*[st.integers(0, MAX_COLUMNS - 1)] * MAX_COLUMNS),
    )


def _columns(
    keys: Sequence[DomainChoice], others: Sequence[DomainChoice], names: Sequence[str], ranks: Sequence[int]
) -> list[tuple[Column, Domain]]:
    """In the order of their ranks."""
    parts = [(True, *part) for part in _chosen(keys)] + [(False, *part) for part in _chosen(others)]
    columns = [
        (Column(name, domain.type, primary_key=is_key, nullable=nullable), domain)
        for name, (is_key, domain, nullable) in zip(_distinct(names), parts, strict=False)
    ]
    order = sorted(range(len(columns)), key=lambda position: ranks[position])
    return [columns[position] for position in order]


def _distinct(names: Sequence[str]) -> list[str]:
    """The names, where one comes again another in its place."""
    return [f"{_SPARE_PREFIX}{place}" if name in names[:place] else name for place, name in enumerate(names)]


def _chosen(choices: Sequence[DomainChoice]) -> list[tuple[Domain, bool]]:
    chosen: list[tuple[Domain, bool]] = []
    for domain, as_before, nullable in choices:
        chosen.append((chosen[-1][0] if as_before and chosen else domain, nullable))
    return chosen


@cache
def column_names() -> st.SearchStrategy[str]:
    """Names that Postgres takes for a column and that are not ours: up to 63 bytes, any character but NUL."""
    anything = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=MAX_NAME_BYTES)
    return st.one_of(st.sampled_from(_PLAIN_NAMES), st.sampled_from(_ODD_NAMES), anything.filter(_is_column_name))


def _is_column_name(text: str) -> bool:
    return (
        len(text.encode()) <= MAX_NAME_BYTES
        and text not in _SYSTEM_COLUMNS
        and not text.lower().startswith((_OUR_PREFIX, _SPARE_PREFIX))
    )


@cache
def key_types() -> st.SearchStrategy[types.DataType]:
    """Types whose equality in SQL is equality of bytes; three of the longest still fit into an index entry."""
    return st.one_of(
        st.sampled_from([types.BigInt(), types.Integer()]),
        st.sampled_from(
            [types.VarChar(20), types.NVarChar(20), types.VarChar(1), types.VarChar(4), types.VarChar(200)]
        ),
        st.sampled_from([types.VarChar(20), types.BigInt(), types.SmallInt(), types.TinyInt()]),
        st.sampled_from([types.Date(), types.Time(), types.Timestamp(), types.Timestamp(timezone=True)]),
        st.sampled_from(
            [types.Boolean(), types.Uuid(), types.Decimal(1, 0), types.Decimal(10, 2), types.Decimal(30, 15)]
        ),
    )


@cache
def column_types() -> st.SearchStrategy[types.DataType]:
    """Every type that ``cells`` can write, those that engines get wrong more often."""
    text, varchar, bigint, number = types.Text(), types.VarChar(20), types.BigInt(), types.Decimal()
    texts = [types.NVarChar(20), types.VarChar(3), types.Char(5), types.VarChar(10_000)]
    whole = [types.Integer(), types.SmallInt(), types.TinyInt()]
    decimals = [types.Decimal(10, 2), types.Decimal(5, 0), types.Decimal(4, 4), types.Decimal(38, 19)]
    floats = [types.Float64(), types.Float32()]
    times = [types.Date(), types.Timestamp(), types.Time(), types.Timestamp(timezone=True)]
    others = [types.Boolean(), types.Uuid(), types.Json(), types.Interval()]
    elements = [text, varchar, bigint, number, *whole, *decimals, *floats, *times, *others]
    return st.one_of(
        st.sampled_from([text, varchar, bigint]),
        st.sampled_from([types.Json(), types.Interval(), number, *floats]),
        st.sampled_from([text, varchar, bigint, types.Json(), types.Interval(), number, *floats]),
        st.sampled_from([*texts, *whole, *decimals]),
        st.sampled_from([*times, *others, types.Binary()]),
        st.sampled_from(elements).map(types.Array),
    )

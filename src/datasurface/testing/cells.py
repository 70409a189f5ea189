"""Cells as the text that Postgres prints for them, nasty ones often; one stored value has one text.

The texts are those of a session with DateStyle ISO, TimeZone UTC, IntervalStyle postgres, bytea_output hex and
extra_float_digits 1 or more, of ``column::text``, so equal text means equal bytes.
"""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from functools import cache

from hypothesis import strategies as st

from datasurface import types
from datasurface.testing import numeric, temporal

LONG = 9_000
"""Characters of a long text: more than a Postgres page, so that the value is stored outside its row."""

WHOLE_NUMBERS: dict[type[types.DataType], int] = {
    types.TinyInt: 2**7,
    types.SmallInt: 2**15,
    types.Integer: 2**31,
    types.BigInt: 2**63,
}
"""Each type of whole numbers with the first number that is too great for it."""

_WORDS = (
    *("", "a", "b", "ab", "c", "bc", "abc", "A", "B", "0", " ", "a ", " a", "|", "a|", "|a", "a|b", ",", "a,b", "||"),
    *(
        "NULL",
        "null",
        "\\N",
        "'",
        "''",
        '"',
        "\\",
        "\\\\",
        "\\'",
        "\t",
        "\n",
        "\r\n",
        "\x01",
        "\x1f",
        "\x7f",
        "%",
        "%s",
    ),
    *("é", "e\u0301", "ß", "İ", "日本語", "😀", "\u200b", "\ufeff", "\U0010ffff", "\x85", "\u2028"),
    *("{}", "{a}", "$1", ":a", ";--", "nan", "-0"),
)

_QUOTING = ("'", '"', "\\", "'\"", "\t\n", "\\\t", "\n\\N", "\x01\n'", "\"\\'\t\n")

_UUID_ZERO = "00000000-0000-0000-0000-000000000000"

_ANY_CHARACTER = st.characters(codec="utf-8", exclude_characters="\x00")

_SPACE_IN_ARRAYS = " \t\n\r\v\f"


@cache
def cells(type_: types.DataType) -> st.SearchStrategy[str]:
    """Texts of values of the type, never NULL.

    Raises:
        TypeError: there are no cells for the type (vectors, arrays of arrays, of fixed-length text and of bytes).
    """
    match type_:
        case types.TinyInt() | types.SmallInt() | types.Integer() | types.BigInt():
            return numeric.whole(WHOLE_NUMBERS[type(type_)])
        case types.Decimal(precision=precision, scale=scale):
            return numeric.decimals(precision, scale)
        case types.Float32():
            return numeric.floats32()
        case types.Float64():
            return numeric.floats64()
        case types.Boolean():
            return st.sampled_from(["false", "true"])
        case types.Char(length=length):
            return _texts(length).map(lambda text: text.rstrip(" "))  # blanks at the end are not part of the value
        case types.VarChar(length=length) | types.NVarChar(length=length):
            return _texts(length)
        case types.Text():
            return _texts(LONG)
        case types.Date():
            return temporal.dates()
        case types.Time():
            return temporal.times()
        case types.Interval():
            return temporal.intervals()
        case types.Timestamp(timezone=timezone):
            return temporal.timestamps("+00" if timezone else "")
        case types.Binary():
            return _binaries()
        case types.Uuid():
            return _uuids()
        case types.Json():
            return _json()
        case types.Array(element=element) if not isinstance(element, types.Array | types.Char | types.Binary):
            return _arrays(element)
        case _:
            raise TypeError(f"no cells for {type_}: nothing here writes its text as Postgres does")


def fits(type_: types.DataType, text: str) -> bool:
    """Whether the text is a cell of this whole number or character type; False for every other type."""
    match type_:
        case types.TinyInt() | types.SmallInt() | types.Integer() | types.BigInt():
            end = WHOLE_NUMBERS[type(type_)]
            return re.fullmatch(r"0|-?[1-9][0-9]*", text) is not None and -end <= int(text) < end
        case types.Char(length=length):
            return len(text) <= length and not text.endswith(" ")
        case types.VarChar(length=length) | types.NVarChar(length=length):
            return len(text) <= length
        case types.Text():
            return True
        case _:
            return False


def neighbours(type_: types.DataType, cell: str | None) -> Sequence[str]:
    """Other cells of the type that a careless comparison or hash takes for this one; of NULL, the empty values."""
    match type_:
        case types.TinyInt() | types.SmallInt() | types.Integer() | types.BigInt():
            found = numeric.near_whole(cell)
        case types.Decimal(scale=scale):
            found = numeric.near_decimal(cell, scale)
        case types.Float32() | types.Float64():
            found = numeric.near_float(cell)
        case types.Boolean():
            found = ["false", "true"]
        case types.Text() if cell is None:
            found = ["", "NULL", long_text(0), long_text(1)]
        case types.Char() | types.VarChar() | types.NVarChar() if cell is None:
            found = ["", "NULL"]
        case types.Char() | types.VarChar() | types.NVarChar() | types.Text() if cell is not None:
            found = [f"{cell} ", cell.swapcase(), cell[:-1], f"{cell[:-1]}~", f"{cell}a"]
        case types.Date():
            found = temporal.near(cell, ["2000-01-01", "4714-11-24 BC", "5874897-12-31"])
        case types.Time():
            found = temporal.near(cell, ["00:00:00"])
        case types.Timestamp(timezone=timezone):
            zone = "+00" if timezone else ""
            found = temporal.near(cell, [f"2000-01-01 00:00:00{zone}", f"294276-12-31 23:59:59.999999{zone}"])
        case types.Interval():
            found = temporal.near_interval(cell)
        case types.Json():
            found = ["null", "5", "-5"] if cell is None else [*numeric.near_decimal(cell, 0), f"[{cell}]"]
        case types.Array():
            found = ["{}", "{NULL}"]
        case types.Binary():
            found = ["\\x"] if cell is None else [f"{cell}00"]
        case types.Uuid():
            found = [_UUID_ZERO] if cell is None else [f"{cell[:-1]}0", f"{cell[:-1]}1"]
        case _:
            found = []
    whole_or_text = type(type_) in WHOLE_NUMBERS or isinstance(type_, types.Char | types.VarChar | types.NVarChar)
    return [text for text in found if text != cell and (not whole_or_text or fits(type_, text))]


@cache
def long_text(seed: int) -> str:
    """Text that no compression fits into a page; those of seeds n and n ^ 1 differ only in the last character."""
    noise = hashlib.shake_128(bytes([seed // 2])).digest(LONG)
    return base64.b64encode(noise).decode()[: LONG - 1] + str(seed % 2)


def _texts(length: int) -> st.SearchStrategy[str]:
    words, quoting = ([word for word in words if len(word) <= length] for words in (_WORDS, _QUOTING))
    letters = st.text("ab|", max_size=min(length, 4))
    anything = st.text(_ANY_CHARACTER, max_size=min(length, 20))
    full = ["x" * min(length, LONG), "\U0010fffd" * min(length, LONG)]
    long = [long_text(seed) for seed in range(6)] if length >= LONG else full
    return st.one_of(*map(st.sampled_from, (words, quoting, full, long, words)), letters, anything)


def _binaries() -> st.SearchStrategy[str]:
    nasty = st.sampled_from([b"", b"\x00", b"\x00\xff", b"\\", b"\\x", b"'", b"\xff" * 32, b"0"])
    noise = st.integers(0, 3).map(lambda seed: long_text(seed).encode())
    return st.one_of(nasty, st.binary(max_size=20), noise).map(lambda value: f"\\x{value.hex()}")


def _uuids() -> st.SearchStrategy[str]:
    ends = st.sampled_from([_UUID_ZERO, "ffffffff-ffff-ffff-ffff-ffffffffffff"])
    return st.one_of(ends, st.uuids().map(str))


def _json() -> st.SearchStrategy[str]:
    """The text of jsonb: keys by length, then bytes; numbers with their scale; no exponents."""
    scalars = st.one_of(
        st.sampled_from(["5", "-5", "0", "1.0", "4294967297"]),
        st.sampled_from(["null", "true", "false", '""', '"null"', '"5"', "1.00"]),
        st.text(_ANY_CHARACTER, max_size=8).map(_json_string),
        numeric.whole(2**70),
    )
    keys = st.one_of(st.sampled_from(["", "a", "b", "aa", "é", '"']), st.text(_ANY_CHARACTER, max_size=4))
    nested = st.recursive(
        scalars,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
            st.dictionaries(keys, inner, max_size=3).map(_json_object),
        ),
        max_leaves=4,
    )
    return st.one_of(scalars, nested)


def _json_object(members: dict[str, str]) -> str:
    ordered = sorted(members, key=lambda name: (len(name.encode()), name.encode()))
    return "{" + ", ".join(f"{_json_string(name)}: {members[name]}" for name in ordered) + "}"


def _json_string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _arrays(element: types.DataType) -> st.SearchStrategy[str]:
    """Of one dimension, counted from 1 or from 0, or of two dimensions: all of them are values of one type."""
    items = st.one_of(st.none(), cells(element)).map(lambda cell: _array_item(element, cell))
    flat = st.lists(items, max_size=3)
    return st.one_of(
        flat.map(_braces),
        flat.map(lambda row: f"[0:{len(row) - 1}]={_braces(row)}" if row else "{}"),
        flat.map(lambda row: _braces([_braces([item]) for item in row])),
    )


def _braces(items: Sequence[str]) -> str:
    return "{" + ",".join(items) + "}"


def _array_item(element: types.DataType, cell: str | None) -> str:
    if cell is None:
        return "NULL"
    if isinstance(element, types.Boolean):
        return cell[0]
    if cell and cell.upper() != "NULL" and not any(character in '{},"\\' + _SPACE_IN_ARRAYS for character in cell):
        return cell
    return '"' + cell.replace("\\", "\\\\").replace('"', '\\"') + '"'

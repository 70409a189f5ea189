"""Numbers as the text that Postgres prints for them: the source of numeric cells."""

import re
from collections.abc import Sequence
from decimal import Decimal

from hypothesis import strategies as st

_NASTY_WHOLE = (
    0,
    1,
    -1,
    5,
    -5,
    10,
    100,
    -100,
    127,
    -128,
    32767,
    2**31 - 1,
    -(2**31),
    2**32,
    2**32 + 1,
    -(2**32),
    2**63 - 1,
)


def whole(end: int) -> st.SearchStrategy[str]:
    """Whole numbers n with ``-end <= n < end``."""
    nasty = st.sampled_from([n for n in _NASTY_WHOLE if -end <= n < end])
    return st.one_of(nasty, st.sampled_from([-end, end - 1]), st.integers(-20, 20), st.integers(-end, end - 1)).map(str)


def near_whole(cell: str | None) -> Sequence[str]:
    """The opposite sign; numbers 2^32 apart, one with halves that xor to the same; for NULL zero and the ends.

    They may be out of the type's range.
    """
    if cell is None:
        return ["0", str(2**63 - 1), str(-(2**63))]
    number = int(cell)
    return [str(-number), str(number ^ (2**32 + 1)), str(number + 2**32)]


def decimals(precision: int | None, scale: int | None) -> st.SearchStrategy[str]:
    """Values of ``numeric(precision, scale)``, with ``scale`` digits; without a precision, of any scale and size."""
    if precision is None:
        nasty = ["0", "0.0", "0.00", "1", "1.0", "1.00", "-1.0", "100", "-100", "NaN", "Infinity", "-Infinity"]
        large = ["1" + "0" * 200, "-" + "9" * 60 + ".5", "0." + "0" * 100 + "1"]
        digits = st.tuples(st.integers(-(10**18), 10**18), st.integers(0, 12))
        return st.one_of(
            st.sampled_from(nasty), st.sampled_from(nasty + large), digits.map(lambda value: _scaled(*value))
        )
    places = scale or 0
    end = 10**precision
    unit = 10**places
    nasty_units = [n for n in (0, 1, -1, unit, -unit, 100 * unit, -100 * unit, end - 1, 1 - end) if -end < n < end]
    nasty = [*(_scaled(n, places) for n in nasty_units), "NaN"]
    return st.one_of(st.sampled_from(nasty), st.integers(1 - end, end - 1).map(lambda n: _scaled(n, places)))


def near_decimal(cell: str | None, scale: int | None) -> Sequence[str]:
    """The opposite sign and, where the type has no scale of its own, another scale; zero for NULL."""
    if cell is None:
        return ["0", "1" + "0" * 70] if scale is None else [_scaled(0, scale)]
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell) is None:
        return []
    near = [] if re.fullmatch(r"[0.]+", cell) else [cell.removeprefix("-") if cell.startswith("-") else f"-{cell}"]
    return near if scale is not None else [*near, f"{cell}0" if "." in cell else f"{cell}.0"]


def floats64() -> st.SearchStrategy[str]:
    """Double precision. Decimals of 15 digits are all different doubles, so each is the shortest text of its own."""
    nasty = ["0.30000000000000004", "1.7976931348623157e+308", "5e-324", "2.2250738585072014e-308"]
    return _floats(nasty, digits=15, bits=53, exponents=290)


def floats32() -> st.SearchStrategy[str]:
    """Single precision, likewise of 6 digits."""
    return _floats(["1.6777216e+07", "3.4028235e+38", "1e-45", "1.1754944e-38"], digits=6, bits=24, exponents=30)


def near_float(cell: str | None) -> Sequence[str]:
    """The opposite sign, of zero and infinity too; others for NULL and NaN."""
    if cell is None or cell == "NaN":
        return ["0", "-0", "Infinity"]
    return [cell.removeprefix("-") if cell.startswith("-") else f"-{cell}"]


def _floats(nasty: Sequence[str], digits: int, bits: int, exponents: int) -> st.SearchStrategy[str]:
    common = ("0", "-0", "1", "-1", "NaN", "Infinity", "-Infinity", "0.1", "100", "-100", "1e-05", "1e+15")
    mantissas = st.integers(1 - 10**digits, 10**digits - 1)
    small, any_size = (
        st.tuples(mantissas, st.integers(least, most))
        .filter(lambda value: not _is_between_floats(value[0], value[1], bits))
        .map(lambda value: _float_text(*value, digits))
        for least, most in ((-digits, 0), (-exponents, exponents))
    )
    return st.one_of(st.sampled_from(common[:8]), st.sampled_from([*common, *nasty]), small, any_size)


def _is_between_floats(mantissa: int, exponent: int, bits: int) -> bool:
    """Whether ``mantissa * 10**exponent`` lies halfway between two floats; then Postgres prints the nearer one longer.

    9e9 is 17578125 * 2**9, one bit too many for single precision, and comes back as 8.999999e+09.
    """
    whole: int = abs(mantissa) * 10 ** max(exponent, 0)
    odd = whole // (whole & -whole or 1)
    return odd.bit_length() == bits + 1


def _float_text(mantissa: int, exponent: int, digits: int) -> str:
    """``mantissa * 10**exponent`` as Postgres prints it: plain from 1e-4 up to 10**digits, else with an exponent."""
    if mantissa == 0:
        return "0"
    sign = "-" if mantissa < 0 else ""
    figures = str(abs(mantissa)).rstrip("0")
    exponent += len(str(abs(mantissa))) - len(figures)
    power = exponent + len(figures) - 1
    if -4 <= power < digits:
        return format(Decimal(f"{sign}{figures}e{exponent}"), "f")
    point = "." if len(figures) > 1 else ""
    return f"{sign}{figures[0]}{point}{figures[1:]}e{power:+03d}"


def _scaled(units: int, scale: int) -> str:
    """``units / 10**scale`` with exactly ``scale`` digits after the point; numeric has no -0."""
    return format(Decimal(f"{units}e-{scale}"), "f")

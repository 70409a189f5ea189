"""What another type means for values, for every pair of types, and that it is what tables can follow."""

from itertools import product

import pytest

from datasurface import types
from datasurface.change.type_change import TypeChange, type_change
from datasurface.types import Array, Char, DataType, Decimal, NVarChar, Text, VarChar
from datasurface_yellow.deploy.evolution import Fit, fit
from datasurface_yellow.store.types import store_type

SAME, WIDENED, RESHAPED, NARROWED, OTHER = TypeChange

SAMPLES: list[DataType] = [
    *(types.TinyInt(), types.SmallInt(), types.Integer(), types.BigInt(), types.Float32(), types.Float64()),
    *(Decimal(), Decimal(8), Decimal(10, 2), Decimal(12, 2), Decimal(12, 4), types.Boolean()),
    *(Char(4), Char(9), VarChar(4), VarChar(9), NVarChar(9), Text()),
    *(types.Date(), types.Time(), types.Interval(), types.Timestamp(), types.Timestamp(timezone=True)),
    *(types.Binary(), types.Uuid(), types.Json(), Array(types.Integer()), Array(types.BigInt()), Array(Text())),
    *(types.Vector(3), types.Vector(4)),
]
PAIRS = list(product(SAMPLES, SAMPLES))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (types.TinyInt(), types.SmallInt(), WIDENED),
        (types.SmallInt(), types.BigInt(), WIDENED),
        (types.BigInt(), types.Integer(), NARROWED),
        (types.Float32(), types.Float64(), WIDENED),
        (types.Float64(), types.Float32(), NARROWED),
        (types.Integer(), types.Float64(), OTHER),
        (types.Integer(), Decimal(10), OTHER),
        (Decimal(10, 2), Decimal(12, 2), WIDENED),
        (Decimal(10, 2), Decimal(), WIDENED),
        (Decimal(), Decimal(38, 2), NARROWED),
        (Decimal(10, 2), Decimal(12, 4), RESHAPED),
        (Decimal(10, 2), Decimal(10, 4), NARROWED),
        (Decimal(10, 2), Decimal(12, 1), NARROWED),
        (Decimal(10, 2), Decimal(9, 2), NARROWED),
        (Decimal(8), Decimal(8, 0), SAME),
        (Char(4), Char(9), RESHAPED),
        (Char(9), Char(4), NARROWED),
        (Char(4), VarChar(9), OTHER),
        (VarChar(4), VarChar(9), WIDENED),
        (VarChar(9), VarChar(4), NARROWED),
        (VarChar(9), NVarChar(9), SAME),
        (VarChar(9), Text(), WIDENED),
        (Text(), VarChar(1_000_000), NARROWED),
        (types.Date(), types.Timestamp(), OTHER),
        (types.Timestamp(), types.Timestamp(timezone=True), OTHER),
        (Array(types.Integer()), Array(types.BigInt()), WIDENED),
        (Array(types.Integer()), types.Integer(), OTHER),
        (types.Vector(3), types.Vector(4), OTHER),
    ],
)
def test_what_a_type_change_is(old: DataType, new: DataType, expected: TypeChange) -> None:
    assert type_change(old, new) is expected


def test_both_ways_fit_together() -> None:
    backwards = {SAME: {SAME}, WIDENED: {NARROWED}, RESHAPED: {NARROWED}, OTHER: {OTHER}}
    backwards[NARROWED] = {WIDENED, RESHAPED, NARROWED}
    wrong = [(old, new) for old, new in PAIRS if type_change(new, old) not in backwards[type_change(old, new)]]
    assert wrong == []


def test_yellow_follows_what_is_no_other_family_and_rewrites_only_what_is_widened() -> None:
    for old, new in PAIRS:
        stored, wanted = store_type(old), store_type(new)
        if stored is not None and wanted is not None:
            fits = fit(stored.base, wanted.base)
            assert (fits is Fit.OTHER) == (type_change(old, new) is OTHER), (old, new)
            assert fits is not Fit.WIDEN or type_change(old, new) is WIDENED, (old, new)

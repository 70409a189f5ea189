"""Variants that take values for others: in the row hash, in the join of the keys, and on their way."""

from datasurface_yellow.store.fragments import match
from datasurface_yellow.store.rowhash import _cast, layer_hash
from tests.postgres.merge.mutations import CodeEdit
from tests.postgres.merge.scenarios import (
    BORDERS,
    LIFE,
    NULLS,
    NUMBERS,
    OTHER_SOURCE_TYPES,
    PRECISION,
    SWAPS,
    Scenario,
)
from tests.postgres.merge.variant import Variant, variant

_MIXED = """f"hashtextextended(({' # '.join(hashes)})::text{_BYTEWISE}, {next(seeds)})\""""
_FUNCTION = "_FUNCTIONS.get(column.type.base, ())"
_CAST = 'f"{column.of(alias)}::{column.type.base}"'
_MATCH = 'return " AND ".join(f"{left}.{column.quoted} = {right}.{column.quoted}" for column in keys)'


def _hashed(name: str, expression: str, *scenarios: Scenario) -> Variant:
    """Another row hash. In the expression, ``hashes`` are those of the columns and ``texts`` is the list of their
    texts."""
    texts = '", ".join(f"{alias}.{column.quoted}::{column.type.base}::text" for column in columns)'
    return variant(name, CodeEdit(layer_hash, _MIXED, expression.replace("texts", texts)), *scenarios)


def _read(name: str, types: set[str], expression: str) -> Variant:
    """Another cast for columns of some types, wherever a column is read or hashed."""
    cast = f"(f{expression!r} if column.type.base in {types!r} else {_CAST})"
    return variant(name, CodeEdit(_cast, _CAST, cast), PRECISION)


VARIANTS = (
    _hashed(
        "NULL is hashed as ''",
        '"hash_record_extended(ROW(record_send(ROW(" + ", ".join('
        "f\"coalesce({alias}.{column.quoted}::{column.type.base}::text, '')\" for column in columns"
        ') + f"))), {SEED + layer})"',
        NULLS,
    ),
    _hashed(
        "hash_record_extended(ROW(columns)) is the row hash",
        'f"hash_record_extended(ROW({casts(columns, alias)}), {SEED + layer})"',
        NUMBERS,
    ),
    _hashed("the row hash is of the columns' texts, joined", '"hashtextextended(concat(" + texts + "), 0)"', BORDERS),
    _hashed(
        "the row hash is of the columns' texts, joined with |",
        '"hashtextextended(concat_ws(\'|\', " + texts + "), 0)"',
        BORDERS,
    ),
    _hashed(
        "the row hash is of the columns without their casts",
        '"hash_record_extended(ROW(record_send(ROW("'
        ' + ", ".join(f"{alias}.{column.quoted}" for column in columns) + "))), 0)"',
        OTHER_SOURCE_TYPES,
    ),
    _hashed(
        "the row hash ignores the last column",
        'f"hash_record_extended(ROW(record_send(ROW({casts(columns[:-1] or columns, alias)}))), {SEED + layer})"',
        LIFE,
    ),
    _hashed("hashes of columns are not hashed once more", "f\"({' # '.join(hashes)})\"", SWAPS),
    variant("all columns are hashed with one seed", CodeEdit(layer_hash, "next(seeds))}, 0)", "SEED)}, 0)"), SWAPS),
    variant(
        "halves of a bigint are hashed as one",
        CodeEdit(
            layer_hash,
            _FUNCTION,
            f'(("hashint8extended({{}}, {{}})",) if column.type.base == "bigint" else {_FUNCTION})',
        ),
        NUMBERS,
    ),
    variant(
        "NULL is hashed as '' by the functions for texts",
        CodeEdit(
            layer_hash,
            'f"coalesce({function.format(_cast(column, alias), next(seeds))}, 0)"',
            "function.replace('{}', \"coalesce({}, '')\" if function in _OF_TEXT else '{}', 1)"
            ".format(_cast(column, alias), next(seeds)).join(('coalesce(', ', 0)'))",
        ),
        NULLS,
    ),
    variant(
        "keys are joined as texts without a separator",
        CodeEdit(
            match,
            _MATCH,
            "keys = tuple(keys)\n"
            '    sides = [", ".join(f"{side}.{column.quoted}::text" for column in keys) for side in (left, right)]\n'
            '    return f"concat({sides[0]}) = concat({sides[1]})"',
        ),
        BORDERS,
    ),
    variant(
        "keys are joined by their first column",
        CodeEdit(match, "for column in keys)", "for column in list(keys)[:1])"),
        BORDERS,
    ),
    _read(
        "blanks around a text are lost", {"text", "varchar"}, "btrim({alias}.{column.quoted}, ' ')::{column.type.base}"
    ),
    _read("an empty text becomes NULL", {"text", "varchar"}, "nullif({alias}.{column.quoted}::{column.type.base}, '')"),
    _read("a double becomes a single", {"double precision"}, "{alias}.{column.quoted}::real::double precision"),
    _read(
        "times lose their microseconds", {"timestamp", "timestamptz"}, "{alias}.{column.quoted}::{column.type.base}(3)"
    ),
    _read("numbers lose their zeros at the end", {"numeric"}, "trim_scale({alias}.{column.quoted}::numeric)"),
)

"""Which types of the model DuckDB stores, as what."""

from datasurface import types
from datasurface.types import DataType


def column_type(type_: DataType) -> str | None:
    """DuckDB's type for one of the model; None where it has none that gives every value back as it came."""
    match type_:
        case types.TinyInt():
            return "TINYINT"
        case types.SmallInt():
            return "SMALLINT"
        case types.Integer():
            return "INTEGER"
        case types.BigInt():
            return "BIGINT"
        case types.Decimal(precision=int(precision), scale=scale) if precision <= 38:
            return f"DECIMAL({precision}, {scale or 0})"
        case types.Boolean():
            return "BOOLEAN"
        case types.Char() | types.VarChar() | types.NVarChar() | types.Text():
            return "VARCHAR"
        case types.Date():
            return "DATE"
        case types.Timestamp(timezone=False):
            return "TIMESTAMP"
        case types.Uuid():
            return "UUID"
        case _:
            return None

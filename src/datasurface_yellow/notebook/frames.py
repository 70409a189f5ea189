"""Tables of Arrow as frames of polars."""

import polars as pl
import pyarrow as pa

from datasurface_yellow.notebook.errors import ReadRefused


def as_polars(table: pa.Table) -> pl.DataFrame:
    """A frame over the memory of a table; ReadRefused where polars has no type for a column."""
    for field in table.schema:
        kind = field.type.value_type if isinstance(field.type, pa.ListType) else field.type
        if pa.types.is_interval(kind) or pa.types.is_decimal256(kind):
            raise ReadRefused(
                f"polars has no type for column {field.name}, which is {kind}",
                hint="select other columns, or read it with to_arrow() or to_pandas()",
            )
    return pl.DataFrame(table)

"""A data platform whose store is a file of DuckDB."""

from datasurface_duckdb.platform import DuckDbDataPlatform, DuckDbFile

__all__ = ["DuckDbDataPlatform", "DuckDbFile"]

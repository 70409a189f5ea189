"""The one place where a name becomes part of a statement."""


def identifier(name: str) -> str:
    """The name quoted for PostgreSQL, with ``%`` doubled because every statement passes psycopg2's parameter
    binding."""
    if "\0" in name or not name:
        raise ValueError(f"no identifier: {name!r}")
    quoted = name.replace('"', '""').replace("%", "%%")
    return f'"{quoted}"'


def qualified(schema: str, name: str) -> str:
    """``"schema"."name"``."""
    return f"{identifier(schema)}.{identifier(name)}"

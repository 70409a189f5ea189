"""Values of Python as the text that COPY takes for them."""

import json
from datetime import date, datetime, time, timedelta

from datasurface.types import Array, DataType, Json


def cell(value: object, declared: DataType) -> str | None:
    """The text that PostgreSQL reads as this value of a column's type; None for NULL."""
    if value is None:
        return None
    if isinstance(declared, Json):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(declared, Array) and isinstance(value, list | tuple):
        return "{" + ",".join(_element(each, declared.element) for each in value) + "}"
    return _scalar(value)


def _element(value: object, declared: DataType) -> str:
    text = cell(value, declared)
    if text is None:
        return "NULL"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _scalar(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case bytes() | bytearray() | memoryview():
            return "\\x" + bytes(value).hex()
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return f"{value.days} days {value.seconds} seconds {value.microseconds} microseconds"
        case _:
            return str(value)

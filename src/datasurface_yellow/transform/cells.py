"""Values of Python as the text that COPY takes for them."""

import json
from datetime import date, datetime, time, timedelta


def cell(value: object, type_: str) -> str | None:
    """The text that PostgreSQL reads as this value of a column's SQL type; None for NULL."""
    if value is None:
        return None
    if type_ == "jsonb":
        return json.dumps(value, ensure_ascii=False)
    if type_.endswith("[]") and isinstance(value, list | tuple):
        return "{" + ",".join(_element(each, type_.removesuffix("[]")) for each in value) + "}"
    return _scalar(value)


def _element(value: object, type_: str) -> str:
    text = cell(value, type_)
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

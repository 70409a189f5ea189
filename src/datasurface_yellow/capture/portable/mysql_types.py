"""Which model types a column of MariaDB or MySQL may fill, and how it is read.

Columns have types there, so nearly all is decided before a row is read. The server prints every value that is neither
text nor bytes; a double it prints so that it comes back as it was.
"""

from collections.abc import Mapping

from attrs import frozen

from datasurface import types as model
from datasurface.types import DataType
from datasurface_yellow.capture.portable import values
from datasurface_yellow.capture.portable.values import Form, Misfit, Reading


@frozen
class MySqlColumn:
    """A column as ``information_schema`` has it.

    Attributes:
        name: of its type, ``DATA_TYPE``.
        declared: the whole type, ``COLUMN_TYPE``.
        length: characters at most; of the types without a length of their own, bytes.
        precision, scale: of decimal.
    """

    name: str
    declared: str
    length: int | None = None
    precision: int | None = None
    scale: int | None = None

    def __str__(self) -> str:
        return self.declared

    @property
    def is_unsigned(self) -> bool:
        """Whether it is a number without negative values."""
        return "unsigned" in self.declared


_BYTES: Mapping[str, int] = {"tinyint": 1, "smallint": 2, "mediumint": 3, "int": 4, "bigint": 8}
_TEXTS = frozenset({"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"})
_BINARIES = frozenset({"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"})
_OTHER_FAMILY = "is of another family"


def reading(declared: DataType, source: MySqlColumn) -> Reading | str:
    """How a column is read as this type; else the reason why it is not."""
    match declared:
        case model.TinyInt():
            return _whole(source, bits=8, stored=16)
        case model.SmallInt():
            return Reading(values.text, Form.TEXT) if source.name == "year" else _whole(source, bits=16)
        case model.Integer():
            return _whole(source, bits=32)
        case model.BigInt():
            return _whole(source, bits=64)
        case model.Decimal(precision=precision, scale=scale):
            return _decimal(source, precision, scale or 0)
        case model.Float32():
            return Reading(values.text, Form.DOUBLE) if source.name == "float" else _OTHER_FAMILY
        case model.Float64():
            return Reading(values.text, Form.DOUBLE) if source.name in ("float", "double") else _OTHER_FAMILY
        case model.Boolean():
            return _boolean(source)
        case model.Char(length) | model.VarChar(length) | model.NVarChar(length):
            return _text(source, length)
        case model.Text():
            return _text(source, None)
        case model.Binary():
            return Reading(values.binary) if source.name in _BINARIES else _OTHER_FAMILY
        case model.Json():
            return Reading(values.text) if source.name in ("json", "longtext") else _OTHER_FAMILY
        case model.Uuid():
            return Reading(values.uuid_text, Form.TEXT) if source.name == "uuid" else _uuid_as_text(source)
        case _:
            return _temporal(declared, source)


def _whole(source: MySqlColumn, bits: int, stored: int | None = None) -> Reading | str:
    """Whole numbers of at most so many bits; ``stored``: what they are stored in where that is wider."""
    if source.name not in _BYTES:
        return _OTHER_FAMILY
    width = _BYTES[source.name] * 8
    if width > bits or (source.is_unsigned and width >= (stored or bits)):
        more = " (Decimal(20, 0) takes all of them)" if width == 64 else ""
        return f"may have greater numbers{more}"
    return Reading(values.text, Form.TEXT)


def _decimal(source: MySqlColumn, precision: int | None, scale: int) -> Reading | str:
    is_whole = source.name == "bigint" and source.is_unsigned
    if source.name != "decimal" and not is_whole:
        return _OTHER_FAMILY
    digits, places = (20, 0) if is_whole else (source.precision or 0, source.scale or 0)
    if precision is not None and (places > scale or digits - places > precision - scale):
        return "may have more digits"
    return Reading(values.text, Form.TEXT)


def _boolean(source: MySqlColumn) -> Reading | str:
    if source.declared.startswith("tinyint(1)"):
        return Reading(_zero_or_one, Form.TEXT)
    return Reading(_one_bit) if source.declared == "bit(1)" else _OTHER_FAMILY


def _zero_or_one(value: object) -> str:
    if value not in ("0", "1"):
        raise Misfit("is neither 0 nor 1")
    return "t" if value == "1" else "f"


def _one_bit(value: object) -> str:
    return "t" if value == b"\x01" else "f"


def _text(source: MySqlColumn, limit: int | None) -> Reading | str:
    if source.name not in _TEXTS:
        return _OTHER_FAMILY
    if limit is not None and (source.length is None or source.length > limit):
        return f"may be longer than {limit} characters"
    return Reading(values.text)


def _uuid_as_text(source: MySqlColumn) -> Reading | str:
    return Reading(values.uuid_text) if source.name == "char" and source.length == 36 else _OTHER_FAMILY


def _temporal(declared: DataType, source: MySqlColumn) -> Reading | str:
    match declared, source.name:
        case model.Date(), "date":
            return Reading(values.iso_date, Form.TEXT)
        case model.Time(), "time":
            return Reading(values.iso_time, Form.TEXT)
        case model.Interval(), "time":
            return Reading(values.text, Form.TEXT)
        case model.Timestamp(timezone=False), "datetime":
            return Reading(values.iso_timestamp, Form.TEXT)
        case model.Timestamp(timezone=True), "timestamp":
            return Reading(_in_utc, Form.TEXT)
        case _:
            return _OTHER_FAMILY


def _in_utc(value: object) -> str:
    """What the server prints of an instant in a session whose time zone is UTC."""
    return f"{values.iso_timestamp(value)}+00"

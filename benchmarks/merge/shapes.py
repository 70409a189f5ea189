"""The tables that are measured: what their rows look like. The statements of each are in a folder of ``sql``."""

from attrs import frozen

from datasurface import Column
from datasurface.types import BigInt, DataType, Date, Integer, Text, VarChar


@frozen
class Shape:
    """One kind of table.

    Attributes:
        name: of its folder of statements and of its producer's database.
        title: for people.
        share: it has one row for so many rows of the standard table.
        columns: as the model has them, in the producer's order.
    """

    name: str
    title: str
    share: int
    columns: tuple[Column, ...]


STANDARD = Shape(
    "standard",
    "8 columns",
    1,
    (
        Column("id", BigInt(), primary_key=True),
        Column("first_name", VarChar(50), nullable=False),
        Column("last_name", VarChar(50), nullable=False),
        Column("email", VarChar(100), nullable=False),
        Column("phone", VarChar(30)),
        Column("address", Text()),
        Column("born", Date()),
        Column("referred_by", BigInt()),
    ),
)

_IN_TURN: tuple[DataType, ...] = (Date(), Integer(), VarChar(20), BigInt())

WIDE = Shape(
    "wide",
    "200 columns",
    10,
    (
        Column("id", BigInt(), primary_key=True),
        *(Column(f"v{number}", _IN_TURN[number % 4]) for number in range(2, 201)),
    ),
)

WIDE_KEY = Shape(
    "wide_key",
    "key of 3 texts",
    1,
    (
        Column("region", VarChar(40), primary_key=True),
        Column("branch", VarChar(60), primary_key=True),
        Column("code", VarChar(60), primary_key=True),
        Column("id", BigInt(), nullable=False),
        Column("name", VarChar(100), nullable=False),
        Column("note", Text()),
        Column("born", Date()),
        Column("referred_by", BigInt()),
    ),
)

SHAPES = {shape.name: shape for shape in (STANDARD, WIDE, WIDE_KEY)}

"""The changes that are measured, in the order in which a model goes through them."""

from collections.abc import Sequence

from attrs import evolve, frozen

from benchmarks.merge.shapes import STANDARD, Shape
from datasurface import Column
from datasurface.types import BigInt, Integer, Text

VISITS = Column("visits", Integer())
BEFORE: Shape = evolve(STANDARD, columns=(*STANDARD.columns, VISITS))
"""The standard table, and a number that becomes too small."""


@frozen
class Case:
    """One change of the model, and of the producer's table with it.

    Attributes:
        name: in the JSON document.
        title: for people.
        producer: what the producer does before the model is applied.
        shape: the table as the model has it then.
    """

    name: str
    title: str
    producer: str
    shape: Shape


def cases() -> Sequence[Case]:
    """All cases; each begins with the model that the one before left."""
    found: list[Case] = []
    columns = BEFORE.columns

    def add(name: str, title: str, producer: str, after: Sequence[Column]) -> None:
        nonlocal columns
        columns = tuple(after)
        found.append(Case(name, title, f"ALTER TABLE public.customers {producer}", evolve(BEFORE, columns=columns)))

    note = Column("note", Text())
    add("add", "add a nullable column", "ADD COLUMN note text", [*columns, note])
    widened = [evolve(column, type=BigInt()) if column.name == "visits" else column for column in columns]
    add("widen", "Integer to BigInt", "ALTER COLUMN visits TYPE bigint", widened)
    renamed = [
        evolve(column, name="telephone", renamed_from="phone") if column.name == "phone" else column
        for column in columns
    ]
    add("rename", "rename a column", "RENAME COLUMN phone TO telephone", renamed)
    add("drop", "drop a column", "DROP COLUMN address", [column for column in columns if column.name != "address"])
    return found

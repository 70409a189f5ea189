"""A producer of people and their pets. No constraint keeps its tables in order, so that tests can break every rule; and
every value that a message must not show holds the word SECRET.
"""

from collections.abc import Sequence

from datasurface.classification import PII, PUBLIC
from datasurface.model import Column, Dataset
from datasurface.types import BigInt, VarChar

SECRET = "zyx"

PEOPLE = Dataset(
    "people",
    columns=[
        Column("id", BigInt(), primary_key=True, classification=PUBLIC),
        Column("name", VarChar(50), nullable=False, classification=PII),
        Column("city", VarChar(50), classification=PII),
    ],
)
PETS = Dataset(
    "pets",
    columns=[
        Column("id", BigInt(), primary_key=True, classification=PUBLIC),
        Column("owner", BigInt(), classification=PUBLIC),
        Column("name", VarChar(50), classification=PII),
    ],
)

CREATE = (
    "CREATE TABLE people (id bigint, name varchar(50), city varchar(50))",
    "CREATE TABLE pets (id bigint, owner bigint, name varchar(50))",
)

_PEOPLE = "INSERT INTO people SELECT i, 'zyx-name-' || i, 'zyx-city-' || i % 7 FROM generate_series(1, COUNT) i"
_PETS = "INSERT INTO pets SELECT i, i % 50, 'zyx-pet-' || i FROM generate_series(1, COUNT) i"


def fill(*, people: int = 0, pets: int = 0) -> Sequence[str]:
    """Statements that insert so many people and pets, numbered from 1."""
    return _PEOPLE.replace("COUNT", str(people)), _PETS.replace("COUNT", str(pets))


PAUSE = 4711
"""The advisory lock that stops a reader of the views of ``with_pause`` in the middle of them."""


def with_pause(table: str, at: int) -> Sequence[str]:
    """Statements that put a view in the place of a producer's table: every read of it stops at the row with this id
    while another session holds the lock PAUSE.
    """
    return (
        "CREATE OR REPLACE FUNCTION public.pause() RETURNS boolean LANGUAGE plpgsql AS $$ "
        "BEGIN PERFORM pg_advisory_lock_shared(4711); RETURN pg_advisory_unlock_shared(4711); END $$",
        f"ALTER TABLE {table} RENAME TO {table}_stored",
        "CREATE VIEW TABLE AS SELECT * FROM TABLE_stored WHERE id <> ROW OR public.pause()".replace(
            "TABLE", table
        ).replace("ROW", str(at)),
    )

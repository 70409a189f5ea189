"""Rows that pass through Python arrive as they were, in whatever pieces they come."""

from collections.abc import Iterator

import psycopg2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.store.connection import execute, rows
from datasurface_yellow.store.copy_text import copy_lines, line

CELLS = (
    st.none()
    | st.sampled_from(["", "\\N", "\\.", "\\", "\t", "\n", "\r\n", "\\t", "N", "\x0b", "\x85"])
    | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
)


@pytest.fixture(scope="module")
def session(pg_server: PostgresServer) -> Iterator[Connection]:
    connection = psycopg2.connect(pg_server.url("postgres"))
    connection.autocommit = True
    execute(connection, 'CREATE TEMPORARY TABLE arrived (number int, "a ""b" text, c text)')
    yield connection
    connection.close()


@given(st.lists(st.tuples(CELLS, CELLS), max_size=8), st.integers(1, 3))
def test_any_text_arrives_as_it_was(session: Connection, cells: list[tuple[str | None, str | None]], size: int) -> None:
    execute(session, "TRUNCATE arrived")
    lines = [line([str(number), *row]) for number, row in enumerate(cells)]
    pieces = ("".join(lines[at : at + size]) for at in range(0, len(lines), size))

    count = copy_lines(session, "arrived", ["number", '"a ""b"', "c"], pieces)

    assert count == len(cells)
    assert rows(session, 'SELECT "a ""b", c FROM arrived ORDER BY number') == cells


def test_pieces_may_be_empty_or_longer_than_the_driver_asks_for(session: Connection) -> None:
    execute(session, "TRUNCATE arrived")
    long = "ä" * 700_000
    pieces = iter(["", line(["1", long, None]), "", line(["2", long, None]), ""])

    assert copy_lines(session, "arrived", ["number", '"a ""b"', "c"], pieces) == 2
    assert rows(session, 'SELECT DISTINCT "a ""b" FROM arrived') == [(long,)]


class Ended(Exception):
    """The source is gone."""


def test_a_source_that_ends_in_the_middle_leaves_nothing_and_its_own_error(session: Connection) -> None:
    execute(session, "TRUNCATE arrived")

    def pieces() -> Iterator[str]:
        yield line(["1", "a", "b"])
        raise Ended

    with pytest.raises(Ended):
        copy_lines(session, "arrived", ["number", '"a ""b"', "c"], pieces())
    assert rows(session, "SELECT FROM arrived") == []


def test_a_value_that_the_target_refuses_is_the_targets_error(session: Connection) -> None:
    with pytest.raises(psycopg2.DataError):
        copy_lines(session, "arrived", ["number"], iter([line(["1"]), line(["x"])]))

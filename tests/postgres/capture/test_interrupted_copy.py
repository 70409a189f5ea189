"""Ctrl+C at the moments of a copy that a signal to a process hits once in a thousand times."""

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from datasurface_yellow.store.connection import closing
from datasurface_yellow.store.copy_pipe import copy_between
from tests.support.databases import Database, MakeDatabase
from tests.support.sessions import ReadyTest, Watch, until

_LOCK = 17
_WAITING = f"SELECT pg_advisory_lock({_LOCK})"


class _Interrupted(Connection):
    """A target at which Ctrl+C arrives once something is so, before its statement begins."""

    ready: ReadyTest

    def cursor(self, *_arguments: Any, **_settings: Any) -> Any:
        until(self.ready)
        raise KeyboardInterrupt


@pytest.fixture
def database(make_database: MakeDatabase) -> Database:
    return make_database("copied")


@pytest.fixture
def held(database: Database) -> Iterator[None]:
    with closing(psycopg2.connect(database.url)) as holder, holder.cursor() as cursor:
        cursor.execute(_WAITING)
        yield


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("begun", [True, False], ids=["the source waits", "the source has not begun"])
def test_ctrl_c_before_the_target_reads_leaves_no_source_at_work(database: Database, watch: Watch, begun: bool) -> None:
    url = f"{database.url}{'&' if '?' in database.url else '?'}application_name=datasurface%20test"
    target = psycopg2.connect(database.url, connection_factory=_Interrupted)
    target.ready = watch.waits_for_lock(database) if begun else lambda: True
    with closing(target), closing(psycopg2.connect(url)) as source, pytest.raises(KeyboardInterrupt):
        copy_between(source, _WAITING, target, "nowhere")
    until(watch.is_deserted(database))

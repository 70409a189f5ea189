"""Metrics need no more than the page grants, and with that nobody reads a row."""

from collections.abc import Callable

import psycopg2
import pytest
from attrs import evolve

from datasurface.errors import StoreUnavailable
from tests.support.databases import Role
from tests.support.pipeline import LIVE, Access, Pipeline
from tests.support.records import assert_done
from tests.unit.docs.markdown import blocks, page


def _grants(pipeline: Pipeline, role: Role) -> list[str]:
    """The page's statements for this role and database; the role is there already."""
    [text] = [block.text for block in blocks(page("monitoring.md"), "sql") if block.mark == "monitor"]
    named = text.replace("datasurface_monitor", role.name).replace("datasurface_merge", f'"{pipeline.target.name}"')
    return [line for line in named.splitlines() if not line.startswith("CREATE ROLE")]


def test_a_monitor_reads_records_and_no_rows(people_and_pets: Pipeline, make_role: Callable[[str], Role]) -> None:
    assert_done(people_and_pets.run(LIVE))
    role = make_role("monitor")
    people_and_pets.store(*_grants(people_and_pets, role))
    monitor = evolve(people_and_pets, access=Access(people_and_pets.access.reader, role))

    with monitor.runtime(LIVE).observe() as seen:
        [stream] = seen.streams()
        assert stream.commit == seen.commits()["Store1"]
        assert seen.others() == {}
        assert seen.batches("Store1")
        assert seen.seconds_over_time("Store1", stream.commit.read_at)

    with pytest.raises(StoreUnavailable, match="permission denied"), monitor.runtime(LIVE).observe() as seen:
        seen.key_history("Store1", "people", ["1"])
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        _read(people_and_pets, role)


def _read(pipeline: Pipeline, role: Role) -> None:
    session = psycopg2.connect(pipeline.target.url)
    try:
        with session.cursor() as cursor:
            cursor.execute(f'SET ROLE "{role.name}"')
            cursor.execute("SELECT * FROM yellowlive_store1_people_merge")
    finally:
        session.close()

"""PostgreSQL producers that only send their rows: no statement of theirs hashes, and the batch is the same."""

from collections.abc import Callable

import pytest

from datasurface.model import SqlSnapshot
from datasurface.results import DatasetCounts
from datasurface_yellow.capture import postgres
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.records import follow
from tests.support.statements import HeardConnection, Moment, heard


@pytest.fixture
def statements(people_and_pets: Pipeline) -> Callable[[], list[str]]:
    """Follows two batches of both platforms; what the producer was asked."""

    def follow_two_batches() -> list[str]:
        asked: list[str] = []

        def listen(moment: Moment, _session: HeardConnection) -> None:
            if moment.place == "source":
                asked.append(moment.statement)

        places = {people_and_pets.source.name: "source", people_and_pets.target.name: "target"}
        with heard(lambda _: listen, places):
            counts = follow(people_and_pets, ["UPDATE people SET city = NULL WHERE id = 7", "DELETE FROM pets"])
        assert counts[1] == {"people": DatasetCounts(500, 0, 1, 0, 499), "pets": DatasetCounts(0, 0, 0, 100, 0)}
        return asked

    return follow_two_batches


def _hashes(asked: list[str]) -> bool:
    return any("hash_record_extended" in statement for statement in asked)


def test_a_producer_hashes_unless_it_is_not_to(people_and_pets: Pipeline, statements: Callable[[], list[str]]) -> None:
    assert _hashes(statements())


def test_a_producer_that_is_not_to_hash(people_and_pets: Pipeline, statements: Callable[[], list[str]]) -> None:
    people_and_pets.change_captures(lambda capture: SqlSnapshot(capture.container, hash_at_source=False))
    assert not _hashes(statements())


def test_a_producer_that_cannot_hash(statements: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """As a server before 14: no such server is needed to see which way is taken."""
    monkeypatch.setattr(postgres, "FIRST_WITH_HASHES", 990_000)
    assert not _hashes(statements())


def test_one_that_hashes_and_one_that_does_not_leave_the_same_table(people_and_pets: Pipeline) -> None:
    for platform in (LIVE, FORENSIC):
        assert people_and_pets.run(platform).error is None
    before = people_and_pets.query("SELECT ds_surf_all_hash, ds_surf_key_hash FROM yellowlive_store1_people_merge")
    people_and_pets.change_captures(lambda capture: SqlSnapshot(capture.container, hash_at_source=False))
    again = people_and_pets.run(LIVE)
    assert again.datasets["people"] == DatasetCounts(500, 0, 0, 0, 500)
    after = people_and_pets.query("SELECT ds_surf_all_hash, ds_surf_key_hash FROM yellowlive_store1_people_merge")
    assert after == before

"""The control store: which deployments are in force, put there whole and by one apply at a time."""

from collections.abc import Sequence
from contextlib import ExitStack

import pytest
from attrs import evolve
from psycopg2.sql import SQL, Identifier

from datasurface.deployment import Deployment
from datasurface.errors import CatalogueRefused, NotApplied
from datasurface.interchange.canonical import Canonical, NotCanonical
from datasurface.operations.control import model_in_force
from datasurface.results import Step
from datasurface.runtime import GenerationChange, PastGeneration
from datasurface_yellow.store.control import PostgresControlStore
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.processes import control_store, publish
from tests.support.queries import execute, fetch
from tests.support.sessions import beside, until


def _configured(pipeline: Pipeline, platform: str) -> list[tuple[object, ...]]:
    """Stream, generation and configuration of each row of a platform."""
    rows = SQL("SELECT stream, generation, config FROM {} ORDER BY 1")
    return fetch(pipeline.target, rows.format(Identifier(f"{platform.lower()}_airflow_dsg")))


@pytest.fixture
def store(people_and_pets: Pipeline) -> PostgresControlStore:
    return control_store(people_and_pets)


def _deployments(pipeline: Pipeline) -> tuple[Deployment, ...]:
    return tuple(pipeline.by_name.values())


def test_nothing_is_in_force_before_the_first_apply(store: PostgresControlStore, people_and_pets: Pipeline) -> None:
    assert store.current() is None
    assert fetch(people_and_pets.target, "SELECT to_regclass('datasurface_generation')") == [(None,)]


@pytest.mark.short
def test_what_was_published_is_in_force_as_it_was(store: PostgresControlStore, people_and_pets: Pipeline) -> None:
    published = store.publish(people_and_pets.model, _deployments(people_and_pets), "abc123")

    current = store.current()

    assert current == published
    assert current is not None
    assert current.deployments == _deployments(people_and_pets)
    assert (current.number, current.commit, current.applied_by) == (1, "abc123", people_and_pets.access.writer.name)
    assert current.deployment(FORENSIC) == people_and_pets.by_name[FORENSIC]


def test_generations_are_kept_and_the_newest_is_in_force(
    store: PostgresControlStore, people_and_pets: Pipeline
) -> None:
    both = _deployments(people_and_pets)
    store.publish(people_and_pets.model, both, None)
    store.publish(people_and_pets.model, both[:1], "later")

    current = store.current()

    assert current is not None
    assert (current.number, current.deployments) == (2, both[:1])
    kept = fetch(
        people_and_pets.target,
        "SELECT number, commit, jsonb_array_length(deployments) FROM datasurface_generation ORDER BY 1",
    )
    assert kept == [(1, None, 2), (2, "later", 1)]


def test_each_generation_keeps_the_model_that_it_was_made_of(
    store: PostgresControlStore, people_and_pets: Pipeline
) -> None:
    both = _deployments(people_and_pets)
    assert model_in_force(store) is None
    with pytest.raises(NotApplied, match="no generation 1"):
        store.model_of(1)

    first = people_and_pets.model
    store.publish(first, both, None)
    second = evolve(first, description="Sch\u00f6ner \N{OWL}")
    store.publish(second, both, None)

    assert (store.model_of(1), store.model_of(2), model_in_force(store)) == (first, second, second)
    with pytest.raises(NotApplied, match="no generation 3"):
        store.model_of(3)


AS_VERSION_2_LEFT_IT = (
    "DROP TABLE datasurface_control",
    "ALTER TABLE datasurface_generation DROP COLUMN summary, DROP COLUMN plan, DROP COLUMN rollback_to",
)
AS_VERSION_1_LEFT_IT = (*AS_VERSION_2_LEFT_IT, "ALTER TABLE datasurface_generation DROP COLUMN model")
CHANGE = GenerationChange("1 change (1 added)", {"format": 1}, rollback_to=1)


@pytest.mark.parametrize("left", [AS_VERSION_1_LEFT_IT, AS_VERSION_2_LEFT_IT], ids=["version 1", "version 2"])
def test_tables_of_an_earlier_version_are_read_as_they_are_and_come_forward_with_the_next_generation(
    store: PostgresControlStore, people_and_pets: Pipeline, left: Sequence[str]
) -> None:
    first = publish(people_and_pets)
    execute(people_and_pets.target, *left)
    keeps_models = left is AS_VERSION_2_LEFT_IT

    assert (store.current(), store.generation(1)) == (first, first)
    assert store.model_of(1) == (people_and_pets.model if keeps_models else None)
    assert store.change_of(1) is None
    assert [(it.number, it.streams, it.summary) for it in store.history(5)] == [(1, 2, None)]
    if not keeps_models:
        with pytest.raises(NotApplied, match="generation 1 was applied by an earlier version") as refused:
            model_in_force(store)
        assert "apply the model that is in force once" in str(refused.value.hint)

    store.publish(people_and_pets.model, _deployments(people_and_pets), None, CHANGE)

    assert store.model_of(1) == (people_and_pets.model if keeps_models else None)
    assert model_in_force(store) == people_and_pets.model
    assert fetch(people_and_pets.target, "SELECT version FROM datasurface_control") == [(3,)]
    assert [(it.number, it.summary) for it in store.history(5)] == [(2, CHANGE.summary), (1, None)]
    assert store.change_of(2) == CHANGE


def test_tables_of_a_later_version_are_refused_by_whoever_comes(
    store: PostgresControlStore, people_and_pets: Pipeline
) -> None:
    publish(people_and_pets)
    execute(people_and_pets.target, "UPDATE datasurface_control SET version = 4")
    words = "tables of the control database are of catalogue version 4, this program knows 3"
    for look in (store.current, lambda: store.model_of(1), lambda: store.history(1), lambda: publish(people_and_pets)):
        with pytest.raises(CatalogueRefused, match=words):
            look()
    assert fetch(people_and_pets.target, "SELECT count(*) FROM datasurface_generation") == [(1,)]


def test_history_says_what_came_into_force_and_what_it_changed(
    store: PostgresControlStore, people_and_pets: Pipeline
) -> None:
    assert store.history(5) == []
    both = _deployments(people_and_pets)
    first = store.publish(people_and_pets.model, both, None)
    store.publish(people_and_pets.model, both[:1], "abc", CHANGE)

    newest, oldest = store.history(5)

    assert oldest == PastGeneration(1, None, first.applied_at, people_and_pets.access.writer.name, 2, None, None)
    assert (newest.number, newest.commit, newest.streams, newest.summary, newest.rollback_to) == (
        *(2, "abc", 1),
        *(CHANGE.summary, 1),
    )
    assert store.history(1) == [newest]
    assert fetch(people_and_pets.target, "SELECT plan FROM datasurface_generation ORDER BY number") == [
        (None,),
        ({"format": 1},),
    ]


def test_rows_of_streams_that_stay_as_they_are_keep_the_generation_that_wrote_them(
    store: PostgresControlStore, people_and_pets: Pipeline
) -> None:
    live, forensic = _deployments(people_and_pets)
    store.publish(people_and_pets.model, [live, forensic], None)
    changed = evolve(live, streams=(*live.streams, evolve(live.streams[0], key="Other")))
    execute(people_and_pets.target, "UPDATE yellowforensic_airflow_dsg SET config = '{}'")
    store.publish(people_and_pets.model, [changed, forensic], None)

    assert [row[:2] for row in _configured(people_and_pets, LIVE)] == [("Other", 2), ("Store1", 1)]
    [(_, generation, config)] = _configured(people_and_pets, FORENSIC)
    assert (generation, bool(config)) == (2, True)


def test_each_platform_has_one_row_per_stream_in_force(store: PostgresControlStore, people_and_pets: Pipeline) -> None:
    both = _deployments(people_and_pets)
    store.publish(people_and_pets.model, both, None)
    for platform in (LIVE, FORENSIC):
        [(stream, generation, config)] = _configured(people_and_pets, platform)
        assert (stream, generation) == ("Store1", 1)
        assert isinstance(config, dict)
        assert config["platform"]["name"] == platform
        assert [dataset["name"] for dataset in config["stream"]["datasets"]] == ["people", "pets"]

    renamed = evolve(both[0], streams=(evolve(both[0].streams[0], key="Other"),))
    store.publish(people_and_pets.model, [renamed], None)

    assert [row[:2] for row in _configured(people_and_pets, LIVE)] == [("Other", 2)]
    assert _configured(people_and_pets, FORENSIC) == [], "it left the model, its jobs stop"


def test_rows_that_somebody_changed_are_put_right(store: PostgresControlStore, people_and_pets: Pipeline) -> None:
    generation = store.publish(people_and_pets.model, _deployments(people_and_pets), None)
    before = [_configured(people_and_pets, platform) for platform in (LIVE, FORENSIC)]
    assert store.restore(generation) == {LIVE: [], FORENSIC: []}
    execute(
        people_and_pets.target,
        """UPDATE yellowlive_airflow_dsg SET config = '{"mine": 1}'""",
        "INSERT INTO yellowforensic_airflow_dsg VALUES ('Theirs', 1, '{}')",
    )
    differing = {
        LIVE: [Step("restored configuration row", "Store1")],
        FORENSIC: [Step("removed configuration row", "Theirs")],
    }
    assert store.restore(generation, dry_run=True) == differing
    assert store.restore(generation) == differing
    assert [_configured(people_and_pets, platform) for platform in (LIVE, FORENSIC)] == before
    execute(people_and_pets.target, "DROP TABLE yellowlive_airflow_dsg")
    assert store.restore(generation)[LIVE] == [Step("restored configuration row", "Store1")]


def test_a_generation_comes_into_force_whole_or_not_at_all(
    store: PostgresControlStore, people_and_pets: Pipeline
) -> None:
    both = _deployments(people_and_pets)
    first = store.publish(people_and_pets.model, both, None)
    execute(
        people_and_pets.target,
        "ALTER TABLE yellowforensic_airflow_dsg RENAME TO theirs",
        "CREATE VIEW yellowforensic_airflow_dsg AS SELECT stream, generation, '{}'::jsonb AS config FROM theirs",
    )

    with pytest.raises(Exception, match="yellowforensic_airflow_dsg"):
        store.publish(people_and_pets.model, [evolve(both[0], streams=()), both[1]], None)

    assert store.current() == first
    assert [row[:2] for row in _configured(people_and_pets, LIVE)] == [("Store1", 1)]


def test_a_second_apply_waits_for_the_first(store: PostgresControlStore, people_and_pets: Pipeline) -> None:
    order: list[str] = []

    def second_apply() -> None:
        with control_store(people_and_pets).lock():
            order.append("second")

    with ExitStack() as held:
        held.enter_context(store.lock())
        with beside(second_apply) as second:
            until(lambda: _is_waiting(people_and_pets))
            assert not second.done()
            order.append("first")
            held.close()
    assert order == ["first", "second"]


def test_an_apply_that_fails_keeps_no_other_out(store: PostgresControlStore) -> None:
    with pytest.raises(ZeroDivisionError), store.lock():
        raise ZeroDivisionError
    with store.lock():
        assert store.current() is None


def test_a_generation_of_a_plugin_that_is_not_here_is_a_clear_error(
    store: PostgresControlStore, people_and_pets: Pipeline
) -> None:
    publish(people_and_pets)

    with pytest.raises(NotCanonical, match="YellowDataPlatform"):
        tuple(evolve(store, canonical=Canonical([])).generation(1).deployments)


def _is_waiting(pipeline: Pipeline) -> bool:
    waiting = "SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
    return bool(fetch(pipeline.target, waiting))

"""The control store: which deployments are in force, put there whole and by one apply at a time."""

from contextlib import ExitStack

import pytest
from attrs import evolve
from psycopg2.sql import SQL, Identifier

from datasurface.deployment import Deployment
from datasurface.errors import NotApplied
from datasurface.interchange.canonical import Canonical, NotCanonical
from datasurface.operations.control import model_in_force
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


def test_a_generation_of_an_earlier_version_has_no_model_until_the_next(
    store: PostgresControlStore, people_and_pets: Pipeline
) -> None:
    first = publish(people_and_pets)
    execute(people_and_pets.target, "ALTER TABLE datasurface_generation DROP COLUMN model")

    assert store.current() == first
    assert store.model_of(1) is None
    with pytest.raises(NotApplied, match="generation 1 was applied by an earlier version") as refused:
        model_in_force(store)
    assert "apply the model that is in force once" in str(refused.value.hint)

    publish(people_and_pets)

    assert store.model_of(1) is None
    assert model_in_force(store) == people_and_pets.model


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


def test_a_generation_comes_into_force_whole_or_not_at_all(
    store: PostgresControlStore, people_and_pets: Pipeline
) -> None:
    both = _deployments(people_and_pets)
    first = store.publish(people_and_pets.model, both, None)
    execute(
        people_and_pets.target,
        "DROP TABLE yellowforensic_airflow_dsg",
        "CREATE VIEW yellowforensic_airflow_dsg AS SELECT 1",
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
        evolve(store, canonical=Canonical([])).current()


def _is_waiting(pipeline: Pipeline) -> bool:
    waiting = "SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
    return bool(fetch(pipeline.target, waiting))

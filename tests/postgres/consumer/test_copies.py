# ruff: noqa: S608 every name in these statements stands in this file or in the catalogue
"""Copies in a consumer's own database: after any course of things they answer as the merge database does."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import combinations, count
from random import Random

import pytest
from attrs import define, evolve

from datasurface.errors import DataSurfaceError, OperationRefused
from datasurface.model import Ecosystem, Milestoning, Requirements
from datasurface.model.rebuild import rebuilt
from datasurface.operations.erasure import Forget
from datasurface.operations.jobs import refresh_all
from datasurface.operations.schedule import run
from datasurface.operations.workers import Threads
from datasurface.results import CopiedRows, ResultCode
from datasurface.runtime import PlatformRuntime
from datasurface_yellow.consumer import refresh as refreshing
from tests.support.consumer_servers import Ender, Spot, World, copied
from tests.support.length import long_or
from tests.support.people import PEOPLE, PETS
from tests.support.pipeline import FORENSIC, LIVE
from tests.support.statements import HeardConnection, Moment, When, heard

pytestmark = pytest.mark.slow

VIEWS = "SELECT relname::text FROM pg_class WHERE relnamespace = 'consumer1'::regnamespace AND relkind = 'v' ORDER BY 1"
BATCHES = "SELECT ds_surf_batch FROM consumer1.yellowforensic_consumer1_forensicdsg_people_batches ORDER BY 1"


@pytest.fixture
def model(world: World) -> Ecosystem:
    """Both groups are copied, with a batch of each; history is kept for a day."""
    made = rebuilt(
        copied(world.model([PEOPLE, PETS])),
        lambda it: (
            evolve(it, retention=timedelta(days=1))
            if isinstance(it, Requirements) and it.milestoning is Milestoning.FORENSIC
            else it
        ),
    )
    world.apply(made)
    world.batch(made)
    return made


def refresh(world: World, model: Ecosystem, *, whole: bool = False) -> dict[str, CopiedRows]:
    """What it did, by view and without what all names have in common."""
    results = refresh_all(world.in_force(model), whole=whole)
    assert [result.error for result in results] == [None] * len(results)
    prefix, ending = "consumer1.yellow", " in ConsumerDB"
    return {
        copy.name.removeprefix(prefix).removesuffix(ending).replace("_consumer1", "").replace("dsg", ""): copy
        for result in results
        for copy in result.copies
    }


def ways(world: World, model: Ecosystem) -> dict[str, str]:
    return {name: copy.way for name, copy in refresh(world, model).items()}


def queries(world: World, spot: Spot) -> Iterator[str]:
    """All that there is to ask of what a merge database shows."""
    views = [f"consumer1.{name}" for (name,) in spot.run(VIEWS)]
    yield from (f"SELECT * FROM {name}" for name in views)
    if spot == world.live:
        return
    batches = [number for (number,) in world.forensic.run(BATCHES)]
    for past in (name.removesuffix("_batches") for name in views if name.endswith("_batches")):
        yield from (f"SELECT * FROM {past}_as_of_batch({batch})" for batch in batches)
        yield from (f"SELECT * FROM {past}_changes({a}, {b})" for a, b in combinations((0, *batches), 2))
        times = f"SELECT ds_surf_valid_from FROM {past}_batches"
        yield f"SELECT t, a.* FROM ({times}) b (t), LATERAL {past}_as_of_time(t) a"


def assert_same(world: World) -> None:
    """The copies' views answer as those of the merge databases."""
    assert_same_at(world, world.live)
    assert_same_at(world, world.forensic)


def assert_same_at(world: World, spot: Spot) -> None:
    """Those of one merge database."""
    as_texts = (f"SELECT $${query}$$, q::text FROM ({query}) q" for query in queries(world, spot))
    every = f"{' UNION ALL '.join(as_texts)} ORDER BY 1, 2"
    assert world.read(every) == spot.run(every)


def test_copies_follow_batches_rollbacks_and_what_somebody_did_to_them(world: World, model: Ecosystem) -> None:
    assert "unchanged" not in ways(world, model).values(), "they were filled before the first batch"
    assert_same(world)
    unchanged = refresh(world, model)
    assert {(copy.way, copy.rows, copy.batch) for copy in unchanged.values()} == {("unchanged", 0, 1)}

    world.producer.run("UPDATE people SET city = 'Ulm' WHERE id < 4", "DELETE FROM people WHERE id = 4")
    world.batch(model)
    found = refresh(world, model)
    assert_same(world)
    history = found["forensic_forensic_people_history"]
    assert (history.way, history.batch, history.rows, history.inserted, history.deleted) == ("changes", 2, 7, 7, 4)
    assert (found["live_live_people_view"].inserted, found["live_live_people_view"].deleted) == (3, 4)
    assert {copy.batch for copy in found.values()} == {2}, "of pets nothing changed"
    assert {found[name].way for name in found if "pets_h" in name or "pets_v" in name} == {"unchanged"}

    world.in_force(model).runtime(FORENSIC).rollback("Store1", 1)
    assert ways(world, model)["forensic_forensic_people_history"] == "whole"
    assert_same(world)
    world.producer.run("UPDATE people SET city = 'Bonn' WHERE id = 2", "INSERT INTO pets VALUES (77, 1, NULL)")
    world.batch(model)
    assert ways(world, model)["forensic_forensic_pets_history"] == "changes"
    assert_same(world)

    world.in_force(model).runtime(FORENSIC).rollback("Store1", 1)
    world.forensic.run(
        "DELETE FROM yellowforensic_batch_metrics WHERE batch = 3",
        "UPDATE yellowforensic_batch_counter SET batch = 2",
    )
    world.producer.run("UPDATE people SET city = 'Mainz' WHERE id = 3")
    world.batch(model)
    again = refresh(world, model)["forensic_forensic_people_history"]
    assert (again.batch, again.way) == (3, "whole"), "a number comes again where a backup was restored"
    assert_same(world)

    history_copy = "consumer1_copied.yellowforensic_consumer1_forensicdsg_people_history"
    world.consumer.run(f"DELETE FROM {history_copy} WHERE id IN (2, 3)")
    assert set(ways(world, model).values()) == {"unchanged"}, "nobody knows of it"
    world.producer.run("UPDATE people SET city = 'Trier' WHERE id IN (2, 3)")
    world.batch(model)
    assert ways(world, model)["forensic_forensic_people_history"] == "whole", "a version to close is not there"
    assert_same(world)
    world.consumer.run(f"INSERT INTO {history_copy} SELECT * FROM {history_copy} WHERE id = 5")
    refresh(world, model, whole=True)
    assert_same(world)

    world.forensic.run("UPDATE yellowforensic_batch_metrics SET committed_at = committed_at - interval '2 days'")
    refresh(world, model)
    gone = world.in_force(model).runtime(FORENSIC).prune_history("Store1")
    assert [pruned.versions > 0 for pruned in gone] == [True, False]
    assert ways(world, model)["forensic_forensic_people_history"] == "whole"
    assert_same(world)


Doing = Callable[[World, Ecosystem, Random], object]


def _change(world: World, _model: Ecosystem, random: Random) -> None:
    at = random.randint(1, 25)
    world.producer.run(
        random.choice(
            [
                f"UPDATE people SET city = 'c{random.random()}' WHERE id % 5 = {at % 5}",
                f"DELETE FROM people WHERE id = {at}",
                f"INSERT INTO people SELECT {at}, 'n', NULL WHERE {at} NOT IN (SELECT id FROM people)",
                f"UPDATE pets SET name = NULL WHERE id = {at}",
            ]
        )
    )


def _rollback(world: World, model: Ecosystem, random: Random) -> None:
    batches = [number for (number,) in world.forensic.run(BATCHES)]
    to = random.choice([0, *batches])
    if batches and to != batches[-1]:
        world.in_force(model).runtime(FORENSIC).rollback("Store1", int(str(to)))


def _replay(world: World, model: Ecosystem, random: Random) -> None:
    _rollback(world, model, random)
    with suppress(OperationRefused):  # nothing was rolled back, or what it had staged is not kept
        world.in_force(model).runtime(FORENSIC).replay("Store1")


def _repair(world: World, model: Ecosystem, random: Random) -> None:
    """Of something that a refresh may have seen."""
    at, harm = random.randint(1, 25), random.choice(["DELETE FROM {}", "UPDATE {} SET city = 'harm'"])
    world.live.run(f"{harm.format('yellowlive_store1_people_merge')} WHERE id = {at}")
    refresh(world, model, whole=random.random() < 0.5)
    world.in_force(model).runtime(LIVE).repair("Store1")
    world.batch(model)
    _refresh(world, model, random)


def _forget(world: World, model: Ecosystem, random: Random) -> None:
    key = str(random.randint(1, 25))
    world.producer.run(f"DELETE FROM people WHERE id = {key}")
    world.batch(model)
    Forget(world.in_force(model), "Store1.people", [(key,)]).act()
    copies = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE tablename LIKE '%people%'"
    for (copy,) in world.consumer.run(copies):
        if "batches" not in str(copy):
            assert world.consumer.run(f"SELECT FROM {copy} WHERE id = {key}") == []


def _batch(world: World, model: Ecosystem, _random: Random) -> None:
    world.batch(model)


def _refresh(world: World, model: Ecosystem, _random: Random) -> None:
    refresh(world, model)
    assert_same(world)


@pytest.mark.parametrize("seed", range(long_or(20, 1)))
def test_after_any_course_they_answer_as_the_merge_databases(world: World, model: Ecosystem, seed: int) -> None:
    random = Random(seed)
    for _ in range(long_or(40, 12)):
        doing: Doing = random.choice([_change, _change, _batch, _batch, _rollback, _replay, _repair, _forget, _refresh])
        doing(world, model, random)
    _refresh(world, model, random)


def test_a_refresh_that_is_ended_anywhere_leaves_one_batch_of_all_and_can_be_run_again(
    world: World, model: Ecosystem
) -> None:
    refresh(world, model)
    world.producer.run("UPDATE people SET city = 'Ulm'", "UPDATE pets SET name = 'Ulm'")
    world.batch(model)
    runtime = world.in_force(model).runtime(FORENSIC)
    both = "SELECT count(*) FROM consumer1.yellowforensic_consumer1_forensicdsg_{}_view WHERE {} = 'Ulm'"
    number = 2
    while not _comes_through(world, runtime, number):
        [(people,)], [(pets,)] = (world.read(both.format(*it)) for it in (("people", "city"), ("pets", "name")))
        assert (people, pets) in ((0, 0), (20, 10))
        number += long_or(1, 7)
    assert number > 12
    refresh(world, model)
    assert_same(world)


def _comes_through(world: World, runtime: PlatformRuntime, number: int) -> bool:
    """Whether it does while somebody ends its session in the consumer's database at a statement."""
    ender = Ender(world.consumer, number)
    try:
        with heard(ender.for_place, {world.forensic.name: "merge", world.consumer.name: "consumer"}):
            runtime.refresh_copies("Consumer1", "ForensicDSG")
    except DataSurfaceError:
        return False
    return True


@define(eq=False)
class Beside:
    """Does something with the merge database while a refresh has its first look behind it: before it opens the
    snapshot, after it, or both, the first so many times."""

    before: Callable[[], object]
    after: Callable[[], object]
    times: int = 1
    opened: int = 0

    def __call__(self, moment: Moment, _session: HeardConnection, /) -> None:
        if moment.place == "consumer" and moment.statement.endswith("LIMIT 1"):
            self.opened += moment.when is When.BEFORE
            if self.opened <= self.times:
                (self.before if moment.when is When.BEFORE else self.after)()


def test_what_is_committed_beside_comes_whole_or_with_the_next_refresh(
    world: World, model: Ecosystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh(world, model)
    runtime, batches = world.in_force(model).runtime(FORENSIC), count(2)
    spots = {"producer": world.producer, "live": world.live, "merge": world.forensic, "consumer": world.consumer}
    places = {spot.name: place for place, spot in spots.items()}

    def batch() -> None:
        name = next(batches)
        world.producer.run(f"UPDATE people SET city = '{name}'", f"UPDATE pets SET name = '{name}'")
        assert runtime.run_batch("Store1", f"beside {name}").code is ResultCode.DONE

    def refreshed(beside: Beside) -> set[tuple[str, int]]:
        with heard(lambda _place: beside, places):
            copies = runtime.refresh_copies("Consumer1", "ForensicDSG")
        [(people, pets)] = world.read(
            "SELECT (SELECT array_agg(DISTINCT city) FROM {people_as_of}(n)), "
            "(SELECT array_agg(DISTINCT name) FROM consumer1.yellowforensic_consumer1_forensicdsg_pets_as_of_batch(n)) "
            "FROM (SELECT max(ds_surf_batch) FROM consumer1.yellowforensic_consumer1_forensicdsg_pets_batches) b (n)"
        )
        assert people == pets, "they are of one batch"
        return {(copy.way, copy.batch) for copy in copies if copy.name.split(" ")[0].endswith("_history")}

    def nothing() -> None:
        pass

    batch()
    assert refreshed(Beside(batch, nothing)) == {("changes", 3)}
    assert_same_at(world, world.forensic)
    batch()
    assert refreshed(Beside(nothing, batch)) == {("changes", 5)}
    assert_same_at(world, world.forensic)
    batch()
    assert refreshed(Beside(batch, lambda: runtime.rollback("Store1", 6))) == {("changes", 6)}
    assert_same_at(world, world.forensic)
    batch()
    monkeypatch.setattr(refreshing, "TRIES", 3)
    always = Beside(nothing, batch, times=99)
    assert {way for way, _ in refreshed(always)} == {"whole"}
    assert always.opened == 3
    assert ways(world, model)["forensic_forensic_people_history"] == "whole", "nobody could swear to what it held"
    assert_same_at(world, world.forensic)


def test_the_scheduler_refreshes_after_the_batches_and_a_server_away_leaves_the_copies(
    world: World, model: Ecosystem
) -> None:
    world.producer.run("DELETE FROM people WHERE id = 1")
    report = run(world.in_force(model), Threads(), once=True)
    assert report.is_well
    assert {name.group: done.jobs for name, done in report.copies.items()} == {"LiveDSG": 1, "ForensicDSG": 1}
    document = json.loads(json.dumps([done.last.document() for done in report.copies.values()]))
    assert {copy["batch"] for result in document for copy in result["copies"]} == {2}
    assert_same(world)

    before = world.read("SELECT * FROM {live_people} ORDER BY 1")
    in_force = world.in_force(model)
    world.forensic.server.stop()
    try:
        assert world.read("SELECT count(*) FROM {people_as_of}(1)") == [(20,)]
        live, forensic = sorted(refresh_all(in_force), key=lambda result: result.group, reverse=True)
    finally:
        world.forensic.server.start()
    assert (live.code, forensic.code) == (ResultCode.DONE, ResultCode.ERROR)
    assert forensic.error is not None
    assert "cannot connect to Forensic" in forensic.error.message
    assert world.read("SELECT * FROM {live_people} ORDER BY 1") == before


def test_forget_is_done_when_the_consumers_database_was_reached(world: World, model: Ecosystem) -> None:
    refresh(world, model)
    world.producer.run("DELETE FROM people WHERE id = 7")
    world.batch(model)
    forget = Forget(world.in_force(model), "Store1.people", [("7",)])
    seen = forget.preview()
    [of_live] = seen[LIVE].copies
    assert (of_live.group, of_live.names) == (
        "LiveDSG",
        ("consumer1.yellowlive_consumer1_livedsg_people_view in ConsumerDB",),
    )
    server, name = Spot(world.consumer.server, "postgres"), world.consumer.name
    server.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    gone = forget.act(seen)
    server.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert not gone[FORENSIC].is_whole
    assert "cannot connect to ConsumerDB" in (gone[FORENSIC].copies[0].left or "")
    assert world.read("SELECT id FROM {people_history} WHERE id = 7") == [(7,)]

    again = forget.act()
    assert {(erasure.live, erasure.closed, erasure.is_whole) for erasure in again.values()} == {(0, 0, True)}
    assert world.read("SELECT id FROM {people_history} WHERE id = 7") == []
    assert_same(world)
    assert any("planner's statistics" in note and world.consumer.name in note for note in forget.vacuum()[LIVE])

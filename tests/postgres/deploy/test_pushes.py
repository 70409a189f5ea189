"""Pushes from several clones at once to a bare repository with our hooks: real git, real hooks, real databases.

What counts is the state that is left: the generations are a serial order of commits of the branch, each holds the model
of its commit, the last one is the branch's head, and whoever pushed knows what became of it. The seconds stand at the
end of the output.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
from attrs import define, field
from psycopg2.sql import SQL

from datasurface.operations.apply import apply, plan
from datasurface_yellow.local.postgres_server import PostgresServer
from tests.postgres.deploy.conftest import PUSHED
from tests.postgres.deploy.pushing import SHARED, TABLE, VIEW, Clone, Columns, Published, Push, Site, make_site
from tests.postgres.deploy.village import PLUGINS, checked
from tests.postgres.merge.report import show
from tests.support.databases import Database, MakeDatabase, Role
from tests.support.git import git, run
from tests.support.length import IS_LONG
from tests.support.queries import execute, fetch

pytestmark = pytest.mark.slow

PUSHES_OF_EACH = 67
SCRIPTS = {
    "ants": ("come", "revert"),
    "bees": ("share", "mistake"),
    "cats": ("share", "break"),
}
"""What each does where there is no time for random pushes."""
WEIGHTS = {"grow": 4, "come": 2, "revert": 3, "share": 3, "mistake": 2, "break": 1}
CONTAINED = "not applied, as it is contained in what is"


@define
class Person:
    """Somebody who pushes from a clone of their own, and what they mean the model to have.

    Attributes:
        wanted: columns that their pushes have brought.
        turned: by dataset of theirs the commit that brought it or took it back last.
        absent: those that are taken back.
        pushes: with what they were.
    """

    name: str
    clone: Clone
    wanted: set[tuple[str, str]] = field(factory=set)
    turned: dict[str, str] = field(factory=dict)
    absent: set[str] = field(factory=set)
    pushes: list[tuple[str, Push]] = field(factory=list)
    drawn: random.Random = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.drawn = random.Random(self.name)

    def work(self) -> "Person":
        """Do the script, or draw."""
        kinds: Sequence[str] = SCRIPTS[self.name]
        if IS_LONG:
            kinds = self.drawn.choices(list(WEIGHTS), list(WEIGHTS.values()), k=PUSHES_OF_EACH)
        for number, kind in enumerate(kinds):
            before = self.clone.head
            edit: Callable[[str], None] = getattr(self, f"_{kind}")
            edit(f"{self.name}_{number}")
            push = self.clone.push()
            self.pushes.append((kind, push))
            if not push.is_taken:
                git(self.clone.folder, "reset", "--quiet", "--hard", before)
        return self

    def _grow(self, new: str) -> None:
        """Some commits, each with a column of the own dataset."""
        for commit in range(self.drawn.choice((1, 1, 2, 3))):
            self._append(self.name, f"{new}_{commit}")

    def _share(self, new: str) -> None:
        """A column where others write theirs, too."""
        self._append(SHARED, new)

    def _come(self, new: str) -> None:
        """A new dataset, which the consumer reads at once."""
        self.turned[new] = self._append(new, "one")

    def _revert(self, new: str) -> None:
        """A dataset goes again, or comes back."""
        if not self.turned:
            self._come(new)
            return
        dataset = self.drawn.choice(list(self.turned))
        self.turned[dataset] = self.clone.revert(self.turned[dataset])
        self.absent ^= {dataset}

    def _mistake(self, new: str) -> None:
        """A model that is wrong."""
        file, text = self.drawn.choice(
            [
                ("eco.py", "def"),
                ("eco.py", "1 / 0"),
                ("dsg_platform_mapping.json", "["),
                (f"columns/{self.name}.txt", "one"),
            ]
        )
        path = self.clone.folder / file
        path.write_text(f"{path.read_text(encoding='utf-8')}\n{text}\n", encoding="utf-8")
        self.clone.commit(f"{new}: {file} is wrong")

    def _break(self, new: str) -> None:
        """A model that takes a column from its consumer."""
        file = self.clone.file(self.name)
        file.write_text(file.read_text(encoding="utf-8").replace("one\n", f"{new}\n"), encoding="utf-8")
        self.clone.commit(f"{new}: one is gone")

    def _append(self, dataset: str, column: str) -> str:
        self.wanted.add((dataset, column))
        return self.clone.append(dataset, column)


@pytest.fixture
def site(
    pg_server: PostgresServer, make_database: MakeDatabase, make_role: Callable[[str], Role], tmp_path: Path
) -> Site:
    return make_site(pg_server, make_database("pushed_merge"), make_role("writer"), tmp_path, *SCRIPTS, SHARED)


def test_pushes_from_three_clones_at_once_are_a_serial_order_of_generations(
    site: Site, request: pytest.FixtureRequest
) -> None:
    people = [Person(name, site.clone(name)) for name in SCRIPTS]  # all begin with the same commit
    with ThreadPoolExecutor(len(people)) as together:
        people = list(together.map(Person.work, people))
    show(request, PUSHED, summary(people))

    found = site.generations()
    assert_serial(site, found)
    for person in people:
        for kind, push in person.pushes:
            assert_told(site, found, kind, push)
    taken = {push.commit for person in people for _, push in person.pushes if push.is_taken}
    assert {each.commit for each in found[1:]} <= taken
    assert found[-1].datasets == intended(people), "no push was lost"
    assert_stands(site, found)
    assert sum(person.clone.conflicts for person in people) > 0


def assert_serial(site: Site, found: Sequence[Published]) -> None:
    """Each commit comes after the one before, the last is the head of the branch; each has its commit's model."""
    order = [each.commit for each in found]
    for former, later in pairwise(order):
        assert run(site.bare, "merge-base", "--is-ancestor", former, later).returncode == 0
    assert len(set(order)) == len(order)
    assert order[-1] == git(site.bare, "rev-parse", "main")
    for each in found:
        assert each.datasets == site.datasets_at(each.commit)


def assert_told(site: Site, found: Sequence[Published], kind: str, push: Push) -> None:
    """Whoever pushed knows: it is in force, or in what is, or refused and why."""
    is_in_branch = run(site.bare, "merge-base", "--is-ancestor", push.commit, "main").returncode == 0
    assert push.is_taken == is_in_branch == (kind not in ("mistake", "break")), push.printed
    if push.is_taken:
        assert "error:" not in push.printed
        if push.generation is None:
            assert CONTAINED in push.printed
            assert push.commit not in {each.commit for each in found}
        else:
            assert found[push.generation - 1].commit == push.commit
        return
    assert "pre-receive hook declined" in push.printed
    if kind == "mistake":
        assert "error: the model has 1 error" in push.printed
        assert any(f"remote: {file}" in push.printed for file in ("eco.py:", "dsg_platform_mapping.json:")), (
            push.printed
        )
    else:
        assert "column one" in push.printed, push.printed
        assert "error: the model in force stays: 1 change refused" in push.printed


def intended(people: Sequence[Person]) -> Columns:
    """The model that all pushes come to that were taken, in whatever order."""
    found = {name: {"id", "one"} for name in (*SCRIPTS, SHARED)}
    absent = {dataset for person in people for dataset in person.absent}
    for dataset, column in (each for person in people for each in person.wanted):
        if dataset not in absent:
            found.setdefault(dataset, {"id"}).add(column)
    return {name: frozenset(columns) for name, columns in found.items()}


def assert_stands(site: Site, found: Sequence[Published]) -> None:
    """Views and scheduler's rows are those of the last generation, and tables those of all that there were."""
    last, ever = found[-1].datasets, dict[str, frozenset[str]]()
    for each in found:
        ever |= each.datasets
    assert site.views() == last
    assert site.configured() == last
    assert site.tables() == ever


def summary(people: Sequence[Person]) -> str:
    """What was done, for the end of the output."""
    kinds = Counter(kind for person in people for kind, _ in person.pushes)
    seconds = sorted(second for person in people for second in person.clone.seconds)
    return (
        f"{kinds.total()} pushes ({', '.join(f'{number} {kind}' for kind, number in kinds.items())}); others overtook "
        f"{sum(person.clone.overtaken for person in people)} times, {sum(person.clone.conflicts for person in people)} "
        f"with conflicts; seconds of those taken: median {seconds[len(seconds) // 2]:.1f}, longest {seconds[-1]:.1f}"
    )


def is_there(database: Database, relation: str) -> bool:
    return fetch(database, "SELECT to_regclass(%s) IS NOT NULL", relation) == [(True,)]


def pushed(clone: Clone, awaited: Mapping[str, Callable[[], bool]]) -> tuple[Push, str]:
    """A push, and how long after its begin each of these was seen by somebody who looks all the time."""
    begun, has_returned, seen = monotonic(), Event(), dict[str, float]()

    def look() -> None:
        while len(seen) < len(awaited):
            is_last = has_returned.is_set()
            for what, is_so in awaited.items():
                if what not in seen and is_so():
                    seen[what] = monotonic() - begun
            if is_last:
                return

    with ThreadPoolExecutor(1) as looking:
        looked = looking.submit(look)
        try:
            push = clone.push()
            seconds = monotonic() - begun
        finally:
            has_returned.set()
        looked.result()
    assert seen.keys() == awaited.keys(), push.printed
    return push, ", ".join(f"{what} {at:.1f} s" for what, at in seen.items()) + f", git push returned {seconds:.1f} s"


def test_a_push_is_seen_when_it_returns_and_a_revert_brings_the_former_state(
    site: Site, request: pytest.FixtureRequest
) -> None:
    clone, before, there = site.clone("author"), (site.views(), site.configured()), partial(is_there, site.target)
    table, view = f"public.{TABLE.format('orders')}", f"consumer1.{VIEW.format('orders')}"

    brought = clone.append("orders", "one")
    push, seconds = pushed(
        clone,
        {
            "table": lambda: there(table),
            "view": lambda: there(view),
            "DAG row": lambda: "orders" in site.configured(),
        },
    )
    show(request, PUSHED, f"a dataset more: {seconds}")
    assert push.generation == 2
    after = (site.views(), site.configured())
    assert after == tuple({**each, "orders": frozenset({"id", "one"})} for each in before)
    row = "(id, ds_surf_key_hash, ds_surf_all_hash, ds_surf_batch_in) VALUES (1, 1, 1, 1)"
    execute(site.target, SQL("INSERT INTO {} {}").format(SQL(table), SQL(row)))

    clone.append("orders", "one")
    refused = clone.push()
    assert not refused.is_taken
    assert "DS101" in refused.printed
    assert "error: the model has 1 error" in refused.printed
    assert (site.views(), site.configured()) == after
    git(clone.folder, "reset", "--quiet", "--hard", brought)

    clone.revert(brought)
    push, seconds = pushed(
        clone, {"view gone": lambda: not there(view), "DAG row gone": lambda: "orders" not in site.configured()}
    )
    show(request, PUSHED, f"taken back: {seconds}")
    assert push.generation == 3
    assert (site.views(), site.configured()) == before
    assert fetch(site.target, SQL("SELECT id FROM {}").format(SQL(table))) == [(1,)]

    model = site.control().model_of(3)
    assert model is not None
    unused = plan(checked(model), PLUGINS, site.credentials, prune=True).pruned
    apply(checked(model), PLUGINS, site.credentials, prune=unused)
    assert not there(table)
    assert (site.views(), site.configured()) == before

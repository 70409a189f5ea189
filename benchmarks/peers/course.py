"""The course: one table, three cases, each contender in turn in a database of its own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from time import perf_counter

from attrs import define, field
from psycopg2.extensions import connection as Connection

from benchmarks.merge.cases import FLOOR, Change, percent_of
from benchmarks.merge.floor import WHOLE_TABLE, measure_floor
from benchmarks.merge.model import producer_of
from benchmarks.merge.servers import Servers, administration, change_rows, producer, session_of, sql
from benchmarks.merge.shapes import STANDARD
from benchmarks.peers.contender import Contender, Kept, Site
from benchmarks.peers.measured import Floor, Held, Outcome, fault_of, wanted
from benchmarks.peers.ours import Ours
from benchmarks.peers.tables import Field, Table
from datasurface_yellow.store.connection import execute, one
from datasurface_yellow.store.copy_pipe import copy_between
from datasurface_yellow.store.naming import reader_role

_SQL_TYPES: Mapping[str, str] = {
    "id": "bigint",
    "address": "text",
    "born": "date",
    "referred_by": "bigint",
}
TABLE = Table(
    "customers",
    tuple(Field(each.name, _SQL_TYPES.get(each.name, "varchar"), each.type) for each in STANDARD.columns),
    ("id",),
)

LANDED = "landed"
"""The schema with the copy of the table, for those that read only their own database."""


def cases(rows: int, runs: int) -> list[tuple[str, Change]]:
    """The cases in their order, with what the producer changes before each; both kinds of batch so many times.

    A stream that changes like this from batch to batch is what both are about. What the first change after quiet
    batches costs, which is more to who guesses from the last batch, stands apart.
    """
    small = percent_of(rows)
    surprise = ("1.2 %, a surprise", small)
    return [("first load", Change()), *[("no change", Change())] * runs, surprise, *[("1.2 % changed", small)] * runs]


@define
class Course:
    """The contest on two servers.

    Attributes:
        runs: how often each batch is measured.
        limit: seconds that a contender has for one case.
    """

    at: Servers
    rows: int
    runs: int
    limit: float
    folder: Path
    _out: set[str] = field(factory=set, init=False)

    def measure(self, contenders: Sequence[Contender]) -> Iterator[Outcome | Floor]:
        """The floor of each case, then the outcome of each contender; who is first changes from case to case."""
        sites = {contender.name: self._site(contender) for contender in contenders}
        made: list[Change] = []
        for number, (case, change) in enumerate(cases(self.rows, self.runs), start=1):
            change_rows(self.at, STANDARD, change, seed=number)
            made.append(change)
            yield Floor(case, self._floor())
            for contender in contenders if number % 2 else reversed(contenders):
                yield self._outcome(case, number, contender, sites[contender.name], made)

    def _site(self, contender: Contender) -> Site:
        """A database of the contender's own, and its project."""
        database = f"contest_{contender.name}"
        with administration(self.at.target) as session:
            execute(session, f"CREATE DATABASE {database}")
            execute(session, sql("reader").replace("READER", reader_role("Consumer1")))
        target = self.at.target.url(database)
        if contender.reads_own_database:
            with session_of(self.at.target, database) as session:
                execute(session, f"CREATE SCHEMA {LANDED}; SET LOCAL search_path = {LANDED}")
                execute(session, sql("create", STANDARD).replace("public.", f"{LANDED}."))
        folder = self.folder / contender.name
        own = contender.reads_own_database
        source = target if own else self.at.source.url(producer_of(STANDARD))
        site = Site(source, LANDED if own else "public", target, folder, (TABLE,))
        contender.prepare(site)
        return site

    def _floor(self) -> float:
        with administration(self.at.target) as session:
            # The floor settles a merge database too; here each contender has its own.
            if one(session, "SELECT FROM pg_database WHERE datname = 'merge'") is None:
                execute(session, "CREATE DATABASE merge")
        return measure_floor(self.at, FLOOR)

    def _outcome(self, case: str, number: int, contender: Contender, site: Site, made: Sequence[Change]) -> Outcome:
        is_ours = isinstance(contender, Ours)
        about = (case, contender.name, contender.title, contender.keeps_past, is_ours)
        if contender.name in self._out:
            return Outcome(*about, None, None, fault="not tried: an earlier case was not finished")
        landing = self._land(contender) if contender.reads_own_database else 0.0
        self._settle(contender)
        run = contender.run(site, number, [TABLE.name], self.limit)
        if not run.finished:
            self._out.add(contender.name)
            self._stop(contender)
            return Outcome(*about, None, None, landing, f"not finished in {self.limit:.0f} s")
        if run.errors:
            self._out.add(contender.name)
            return Outcome(*about, run.seconds, run.inside, landing, f"failed: {run.errors[TABLE.name]}")
        held = self._held(contender, contender.kept(TABLE.name))
        fault = fault_of(held, wanted(self.rows, made), keeps_past=contender.keeps_past)
        return Outcome(*about, run.seconds, run.inside, landing, fault)

    def _land(self, contender: Contender) -> float:
        """Copy the table as it is now to where the contender reads it; the seconds, which are not the contender's."""
        begun = perf_counter()
        with producer(self.at, STANDARD) as source, self._session(contender) as target:
            execute(target, f"TRUNCATE {LANDED}.{TABLE.name}")
            copy_between(source, WHOLE_TABLE, target, f"{LANDED}.{TABLE.name}")
        return perf_counter() - begun

    def _settle(self, contender: Contender) -> None:
        with self._session(contender) as session:
            session.commit()
            session.autocommit = True
            execute(session, "VACUUM (ANALYZE)")
            execute(session, "CHECKPOINT")

    def _stop(self, contender: Contender) -> None:
        """End what a stopped contender's sessions still do on our own server."""
        with administration(self.at.target) as session:
            execute(session, _sql("stop"), {"database": f"contest_{contender.name}"})

    def _held(self, contender: Contender, kept: Kept) -> Held:
        """Compare the live rows by count and by the sum of a digest over all cells' texts."""
        with producer(self.at, STANDARD) as session:
            truth = one(session, _held(f"public.{TABLE.name}", "true"))
        with self._session(contender) as session:
            live = one(session, _held(kept.relation, kept.live))
            versions = one(session, _held(kept.relation, "true"))
        assert truth
        assert live
        assert versions
        return Held(int(str(live[0])), live == truth, int(str(versions[0])))

    @contextmanager
    def _session(self, contender: Contender) -> Iterator[Connection]:
        with session_of(self.at.target, f"contest_{contender.name}") as session:
            yield session


def _held(relation: str, condition: str) -> str:
    return _sql("held").replace("CELLS", TABLE.texts).replace("RELATION", relation).replace("CONDITION", condition)


def _sql(name: str) -> str:
    return files(__package__).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")

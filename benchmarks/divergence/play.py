"""Plays all sequences to one contender: each is a table, and each run takes in all tables that have a snapshot left."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
from attrs import define, field
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from benchmarks.divergence.cases import Case, Disturbance, Snapshot
from benchmarks.divergence.history import History, Judgement, Span, judge, run_of
from benchmarks.merge.servers import administration, session_of
from benchmarks.merge.servers import sql as merge_statement
from benchmarks.peers.contender import WORKERS, Contender, Run, Site
from benchmarks.peers.ours import Ours
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.store.connection import execute, rows
from datasurface_yellow.store.naming import reader_role

SCHEMA = "landed"

_TRAP = """
CREATE TABLE landed.trap (armed_at bigint);
CREATE FUNCTION landed.passes(number bigint) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF number = (SELECT armed_at FROM landed.trap) THEN
        PERFORM pg_terminate_backend(pg_backend_pid());
    END IF;
    RETURN true;
END
$$
"""


@define
class Play:
    """The sequences before one contender, in a database of its own that is also the source.

    Attributes:
        limit: seconds for each run.
    """

    server: PostgresServer
    contender: Contender
    cases: Sequence[Case]
    folder: Path
    limit: float
    _errors: dict[tuple[str, int], str] = field(factory=dict, init=False)
    _moments: list[datetime] = field(factory=list, init=False)

    def judgements(self) -> dict[str, Judgement]:
        """Play, and judge each case by its name."""
        site = self._site()
        self.contender.prepare(site)
        for number in range(1, max(len(case.snapshots) for case in self.cases) + 1):
            here = [case for case in self.cases if number <= len(case.snapshots)]
            for case in here:
                self._hold(case, case.snapshots[number - 1])
            ended = [datetime.now(UTC)]
            for group in _groups(here, number):
                ended += [run.moment for run in self._run(site, number, group) if run.moment]
            self._moments.append(max(ended[1:] or ended))
        return {case.name: self._judge(case) for case in self.cases}

    def _site(self) -> Site:
        database = self._database
        with administration(self.server) as session:
            execute(session, f"CREATE DATABASE {database}")
            execute(session, merge_statement("reader").replace("READER", reader_role("Consumer1")))
        with self._session() as session:
            execute(session, f"CREATE SCHEMA {SCHEMA}")
            execute(session, _TRAP)
            for case in self.cases:
                self._create(session, case)
        url = self.server.url(database)
        return Site(url, SCHEMA, url, self.folder / self.contender.name, tuple(case.table for case in self.cases))

    def _create(self, session: Connection, case: Case) -> None:
        """A table without constraints, as many sources are; or a view on one, which can end the reader's session."""
        columns = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(each.name), sql.SQL(each.declared)) for each in case.table.fields
        )
        with session.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(_rows_of(case), columns))
            if case.is_trapped:
                view = sql.Identifier(SCHEMA, case.name)
                text = "CREATE VIEW {} AS SELECT * FROM {} WHERE landed.passes(id)"
                cursor.execute(sql.SQL(text).format(view, _rows_of(case)))

    def _hold(self, case: Case, snapshot: Snapshot) -> None:
        """Let the source hold a snapshot."""
        cells = sql.SQL(", ").join(sql.SQL("%s::text::{}").format(sql.SQL(each.sql)) for each in case.table.fields)
        with self._session() as session, session.cursor() as cursor:
            cursor.execute(sql.SQL("TRUNCATE {}").format(_rows_of(case)))
            cursor.executemany(sql.SQL("INSERT INTO {} SELECT {}").format(_rows_of(case), cells), snapshot)

    def _run(self, site: Site, number: int, cases: Sequence[Case]) -> Sequence[Run]:
        """One run over tables with the same fate."""
        fate, names = cases[0].disturbances.get(number), [case.name for case in cases]
        with self._trap(cases[0] if fate is Disturbance.KILLED else None):
            if fate is Disturbance.TWICE:
                with ThreadPoolExecutor(WORKERS) as pool:
                    started = [
                        pool.submit(self.contender.run, site, number, names, self.limit, worker)
                        for worker in range(WORKERS)
                    ]
                    runs = [each.result() for each in started]
            else:
                runs = [self.contender.run(site, number, names, self.limit)]
        for name in names:
            said = [run.errors.get(name, "" if run.finished else "not finished") for run in runs]
            if all(said):
                self._errors[name, number] = said[0]
        return runs

    @contextmanager
    def _trap(self, case: Case | None) -> Iterator[None]:
        """While it is set, who reads this case's view is cut off after two thirds of its rows."""
        if case is not None:
            with self._session() as session:
                execute(session, "INSERT INTO landed.trap VALUES (%(at)s)", {"at": len(case.snapshots[0]) * 2 // 3})
        try:
            yield
        finally:
            with self._session() as session:
                execute(session, "TRUNCATE landed.trap")

    def _judge(self, case: Case) -> Judgement:
        disturbed = {number for number, fate in case.disturbances.items() if fate is Disturbance.KILLED}
        errors = {number: words for (name, number), words in self._errors.items() if name == case.name}
        return judge(case.table, self._as_source_writes(case), disturbed, errors, self._history(case))

    def _as_source_writes(self, case: Case) -> Sequence[Snapshot]:
        """The snapshots with every cell as the source's type writes it."""
        found: list[Snapshot] = []
        for snapshot in case.snapshots:
            self._hold(case, snapshot)
            with self._session() as session, session.cursor() as cursor:
                texts = sql.SQL(case.table.texts)
                cursor.execute(sql.SQL("SELECT {} FROM {}").format(texts, _rows_of(case)))
                found.append(tuple(cursor.fetchall()))
        return found

    def _history(self, case: Case) -> History | str:
        """What the contender keeps, by runs; or why that cannot be read."""
        kept = self.contender.kept(case.name)
        try:
            with self._session() as session:
                query = sql.SQL("SELECT {}, {}, {} FROM {}").format(
                    *map(sql.SQL, (case.table.texts, kept.opened, kept.closed, kept.relation))
                )
                found = rows(session, query.as_string(session))
        except psycopg2.Error as error:
            return f"what it kept cannot be read: {' '.join(str(error).split())[:200]}"
        return History(
            Span(tuple(None if cell is None else str(cell) for cell in row), *self._runs(case, opened, closed))
            for *row, opened, closed in found
        )

    def _runs(self, case: Case, opened: object, closed: object) -> tuple[int, int | None]:
        """The runs that opened and closed a version, by what the contender noted."""
        if isinstance(self.contender, Ours):
            assert isinstance(opened, int)
            assert isinstance(closed, int)
            batches = self.contender.batches[case.name]
            return batches[opened], batches.get(closed + 1)
        assert isinstance(opened, datetime)
        return run_of(opened, self._moments), run_of(closed, self._moments) if isinstance(closed, datetime) else None

    @property
    def _database(self) -> str:
        return f"play_{self.contender.name}"

    @contextmanager
    def _session(self) -> Iterator[Connection]:
        with session_of(self.server, self._database) as session:
            yield session


def _groups(cases: Sequence[Case], number: int) -> list[list[Case]]:
    """The cases that can share a run, and each disturbed one alone."""
    calm = [case for case in cases if number not in case.disturbances]
    return [group for group in (calm, *([case] for case in cases if case not in calm)) if group]


def _rows_of(case: Case) -> sql.Composable:
    """The table where the source's rows are."""
    return sql.Identifier(SCHEMA, f"{case.name}_rows" if case.is_trapped else case.name)

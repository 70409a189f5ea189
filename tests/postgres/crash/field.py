"""Where work is killed: a pipeline that stands where the work begins, again before every kill, and what the work leaves
when nobody kills it.
"""

from collections.abc import Mapping, Sequence

import psycopg2
from attrs import frozen
from psycopg2.sql import SQL, Identifier

from datasurface.results import ResultCode
from tests.postgres.crash.kinds import DATASETS, PRODUCER, RUN_ID, Kind
from tests.support.databases import Databases
from tests.support.pipeline import Pipeline, make_pipeline
from tests.support.records import assert_laws_hold, stored_result
from tests.support.statements import HeardConnection, Moment, When, heard

SOURCE, TARGET = "source", "target"

# What may be another after a kill: who worked when, and how often somebody began.
_PASSING = ("ds_surf_token", "token", "started_at", "ingested_at", "committed_at", "at", "seconds", "source_snapshot")

_TABLES = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        AND NOT relname ~ '_job_result$' ORDER BY 1"""
_INDEXES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('i', 'I') ORDER BY 1"
)
_COLUMNS = """
    SELECT concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace IN ('public'::regnamespace, 'consumer1'::regnamespace) AND c.relkind IN ('r', 'p', 'v')
        AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY 1"""
_SAVE = """
    DO $$ DECLARE name text; BEGIN
        CREATE SCHEMA saved;
        FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
            EXECUTE format('CREATE TABLE saved.%1$I AS TABLE public.%1$I', name);
        END LOOP;
        CREATE TABLE saved.indexes AS
            SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('i', 'I');
    END $$"""
_PUT_BACK = """
    DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
            EXECUTE format('DELETE FROM public.%1$I', name);
            EXECUTE format('INSERT INTO public.%1$I TABLE saved.%1$I', name);
        END LOOP;
        FOR name IN SELECT relname FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('i', 'I')
                AND relname NOT IN (SELECT s.relname FROM saved.indexes s) LOOP
            EXECUTE format('DROP INDEX public.%I', name);
        END LOOP;
    END $$"""

Tables = Mapping[str, Sequence[str]]


@frozen
class Field:
    """One kind of work, ready to be killed at any of its moments.

    Attributes:
        undisturbed: all tables of the merge database as the work leaves them: rows with hashes and batch numbers, log
            with counts and fingerprints, staging.
        saved: the database that a merge database with other tables is copied from.
    """

    kind: Kind
    pipeline: Pipeline
    moments: Sequence[Moment]
    undisturbed: Tables
    saved: str

    @classmethod
    def of(cls, databases: Databases, kind: Kind) -> "Field":
        """Prepare the kind, do it once undisturbed, and note its moments."""
        pipeline = make_pipeline(databases.server, databases.create, databases.role, DATASETS, *PRODUCER)
        kind.prepare(pipeline, kind.platform)
        if kind.is_apply:
            saved = databases.create("saved", pipeline.target.name).name
        else:
            saved = ""
            pipeline.store(_SAVE)
        moments = _Recorder()
        with heard(lambda _: moments, places_of(pipeline)):
            assert kind.begin(pipeline.runtime(kind.platform))
        return cls(kind, pipeline, tuple(moments.heard), _stand(pipeline), saved)

    def boundaries(self) -> list[Moment]:
        """Before each statement, and in the middle of each COPY: where a kill finds another state than before it."""
        return [moment for moment in self.moments if moment.when is not When.AFTER]

    def commits(self) -> list[Moment]:
        """When a COMMIT of the merge database has been done."""
        return [m for m in self.moments if m.when is When.AFTER and m.statement == "COMMIT" and m.place == TARGET]

    def put_back(self) -> None:
        """Let the merge database be as it was before the work."""
        if self.saved:
            _copy(self.pipeline, self.saved)
        else:
            self.pipeline.store(_PUT_BACK)

    def assert_recovers(self) -> None:
        """Work again as a scheduler does, where no record says that the work is done; then all is as without a kill."""
        if not self._is_done():
            assert self.kind.finish(self.pipeline.runtime(self.kind.platform))
        assert _stand(self.pipeline) == self.undisturbed
        assert_laws_hold(self.pipeline, self.kind.platform)

    def _is_done(self) -> bool:
        if self.kind.is_apply:
            return False
        if not self.kind.is_job:
            log = f"{self.kind.platform.lower()}_batch_metrics"
            return _stand(self.pipeline)[log] == self.undisturbed[log]
        stored = stored_result(self.pipeline, self.kind.platform, RUN_ID)
        return stored is not None and stored["code"] == ResultCode.DONE


class _Recorder:
    """Notes every moment."""

    def __init__(self) -> None:
        self.heard: list[Moment] = []

    def __call__(self, moment: Moment, _session: HeardConnection) -> None:
        self.heard.append(moment)


def places_of(pipeline: Pipeline) -> Mapping[str, str]:
    """What to call the pipeline's databases, by their names."""
    return {pipeline.source.name: SOURCE, pipeline.target.name: TARGET}


def _copy(pipeline: Pipeline, saved: str) -> None:
    """Make the merge database anew, from the one that was saved. What a role may do with it as a whole is not
    copied."""
    name, template = Identifier(pipeline.target.name), Identifier(saved)
    administrator = psycopg2.connect(pipeline.server.url("postgres"))
    administrator.autocommit = True
    try:
        with administrator.cursor() as cursor:
            cursor.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(name))
            cursor.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(name, template))
            writer = Identifier(pipeline.access.writer.name)
            cursor.execute(SQL("GRANT CREATE, TEMPORARY ON DATABASE {} TO {}").format(name, writer))
    finally:
        administrator.close()


def _stand(pipeline: Pipeline) -> Tables:
    """All rows of the merge database as text, by table, and its indexes."""
    session = psycopg2.connect(pipeline.target.url)
    try:
        with session, session.cursor() as cursor:
            cursor.execute(_TABLES)
            found: dict[str, Sequence[str]] = {}
            for (name,) in cursor.fetchall():
                rows = SQL("SELECT (to_jsonb(t) - %s)::text FROM public.{} t ORDER BY 1").format(Identifier(name))
                cursor.execute(rows, (list(_PASSING),))
                found[name] = [str(row) for (row,) in cursor]
            cursor.execute(_INDEXES)
            found["indexes"] = [str(name) for (name,) in cursor]
            cursor.execute(_COLUMNS)
            return {**found, "columns": [str(column) for (column,) in cursor]}
    finally:
        session.close()

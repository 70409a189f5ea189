"""The control store on PostgreSQL: generations, and one configuration row per stream in force."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from hashlib import blake2b
from typing import cast, overload

import psycopg2
import psycopg2.errors
from attrs import field, frozen
from psycopg2.extensions import connection as Connection

from datasurface.deployment import Deployment
from datasurface.errors import NotApplied, StoreUnavailable
from datasurface.interchange.canonical import Canonical, JsonValue, canonical_text
from datasurface.model import Ecosystem
from datasurface.results import PhysicalObject, Step
from datasurface.runtime import Generation, GenerationChange, PastGeneration
from datasurface_yellow.store import naming
from datasurface_yellow.store.catalog import Catalogue, ensure_catalog, relations, version_of
from datasurface_yellow.store.configuration import configuration_rows
from datasurface_yellow.store.connection import (
    Place,
    Row,
    closing,
    connect,
    execute,
    hint_for_store,
    one,
    primary_message,
    rows,
)
from datasurface_yellow.store.statements import statement

SCHEMA = "public"
_FILE = "control.sql.j2"
_APPLICATION = "datasurface control"
CONTROL = Catalogue(
    whose="the control database",
    schema=SCHEMA,
    version_table=naming.CONTROL_TABLE,
    version=3,
    oldest=1,
    file=_FILE,
    names={"generation": naming.GENERATION_TABLE},
    tables={"generation": naming.GENERATION_TABLE},
)
"""The tables of generations. Those of configuration are as the platforms that there are."""

_TRY = timedelta(seconds=1)
"""How long one try for the lock of apply waits."""


@frozen
class PostgresControlStore:
    """ControlStore in one database.

    Each call has its own connection, so that a long apply keeps no transaction open.
    """

    where: Place
    canonical: Canonical
    _lock: list[Connection] = field(factory=list, init=False, eq=False)
    """The session that keeps every other apply out, while there is one."""

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep every other apply on this database out; waits for one that is at work."""
        key = int.from_bytes(blake2b(b"datasurface apply", digest_size=8).digest(), "big", signed=True)
        with closing(connect(self.where, _APPLICATION, _TRY)) as connection:
            connection.autocommit = True
            with _explained():
                while not _locked(connection, key):
                    pass  # the driver hears of Ctrl+C between two tries only
            self._lock.append(connection)
            try:
                yield
            finally:
                self._lock.pop()

    def current(self) -> Generation | None:
        """The generation in force, or None before the first apply."""
        with closing(self._connect()) as connection, _explained():
            row = one(connection, _sql("current")) if version_of(connection, CONTROL) is not None else None
        return None if row is None else self._generation(row)

    def generation(self, number: int) -> Generation:
        """A generation as it was in force."""
        return self._generation(self._of(number, "generation"))

    def model_of(self, generation: int) -> Ecosystem | None:
        """The model of a generation; None where it was published by a version that kept none."""
        [document] = self._of(generation, "model_of")
        return None if document is None else self.canonical.value(cast(JsonValue, document), Ecosystem)

    def change_of(self, generation: int) -> GenerationChange | None:
        """The change that put a generation in force."""
        summary, plan, rollback_to = self._of(generation, "change_of")
        if summary is None:
            return None
        return GenerationChange(str(summary), cast(JsonValue, plan), cast("int | None", rollback_to))

    def history(self, last: int) -> Sequence[PastGeneration]:
        """The newest generations, newest first."""
        with closing(self._connect()) as connection, _explained():
            version = version_of(connection, CONTROL)
            found = rows(connection, _sql("history", version=version), {"last": last}) if version is not None else ()
        return [
            PastGeneration(number, commit, at, by, streams, summary, rollback_to)
            for number, at, by, commit, streams, summary, rollback_to in cast(
                "list[tuple[int, datetime, str, str | None, int, str | None, int | None]]", found
            )
        ]

    def publish(
        self,
        model: Ecosystem,
        deployments: Sequence[Deployment],
        commit: str | None,
        change: GenerationChange | None = None,
    ) -> Generation:
        """Put a new generation in force: its record and the configuration rows of all platforms in one transaction."""
        record = {
            "commit": commit,
            "deployments": canonical_text([self.canonical.document(deployment) for deployment in deployments]),
            "model": self.canonical.text(model),
            "summary": change.summary if change else None,
            "plan": canonical_text(change.plan) if change and change.plan is not None else None,
            "rollback_to": change.rollback_to if change else None,
        }
        with closing(self._connect()) as connection, _explained(), connection:
            for _ in ensure_catalog(connection, CONTROL):
                pass  # whoever applies hears of the platforms' tables, not of these
            former = {str(name) for (name,) in rows(connection, _sql("platforms"))}
            row = one(connection, _sql("publish"), record)
            assert row is not None  # noqa: S101 INSERT … RETURNING one row
            number, applied_at, applied_by = cast(tuple[int, datetime, str], row)
            for name in former - {deployment.platform.name for deployment in deployments}:
                execute(connection, _sql("clear_configuration", configuration=naming.configuration(name)))
            for deployment in deployments:
                self._configure(connection, deployment, number, *self._differences(connection, deployment))
            self._refuse_lost_lock()
        return Generation(number, tuple(deployments), commit, applied_at, applied_by)

    def _refuse_lost_lock(self) -> None:
        """StoreUnavailable where the session of the lock has ended: the server was away, and another apply may have
        been at work since."""
        for session in self._lock:
            try:
                one(session, _sql("is_there"))
            except psycopg2.Error as error:
                raise StoreUnavailable(
                    f"the control database {self.where} was away for a while, and with it the lock that keeps other "
                    "applies out",
                    hint="the generation before stays in force: apply again",
                ) from error

    def _of(self, number: int, what: str) -> Row:
        """What is kept of a generation; NotApplied where there is none of that number."""
        with closing(self._connect()) as connection, _explained():
            version = version_of(connection, CONTROL)
            row = None if version is None else one(connection, _sql(what, version=version), {"number": number})
        if row is None:
            raise NotApplied(
                f"the control database has no generation {number}", hint="`datasurface history` lists those there are"
            )
        return row

    def restore(self, generation: Generation, *, dry_run: bool = False) -> Mapping[str, Sequence[Step]]:
        """Let the configuration rows be those of the generation in force."""
        steps: dict[str, Sequence[Step]] = {}
        with closing(self._connect()) as connection, _explained(), connection:
            for deployment in generation.deployments:
                gone, other = self._differences(connection, deployment)
                if not dry_run:
                    self._configure(connection, deployment, generation.number, gone, other)
                steps[deployment.platform.name] = [
                    *(Step("restored configuration row", key) for key in other),
                    *(Step("removed configuration row", key) for key in gone),
                ]
        return steps

    def _differences(
        self, connection: Connection, deployment: Deployment
    ) -> tuple[Sequence[str], Mapping[str, JsonValue]]:
        """The configuration rows of a platform that should not be there, and those that should and are not so."""
        table = naming.configuration(deployment.platform.name)
        found: Sequence[Row] = ()
        if relations(connection, SCHEMA, [table]):
            found = rows(connection, _sql("configuration", configuration=table))
        stands = {str(stream): config for stream, config in found}
        wanted = configuration_rows(deployment, self.canonical)
        other = {key: config for key, config in wanted.items() if stands.get(key) != config}
        return sorted(stands.keys() - wanted.keys()), other

    def _configure(
        self,
        connection: Connection,
        deployment: Deployment,
        generation: int,
        gone: Sequence[str],
        other: Mapping[str, JsonValue],
    ) -> None:
        """Let the configuration rows of a platform be those of a deployment. Rows that are so already stay, with the
        generation that wrote them."""
        table = naming.configuration(deployment.platform.name)
        execute(connection, _sql("create_configuration", configuration=table))
        if gone:
            execute(connection, _sql("remove_configuration", configuration=table), {"streams": list(gone)})
        if other:
            configs = [json.dumps(config) for config in other.values()]
            parameters = {"generation": generation, "streams": list(other), "configs": configs}
            execute(connection, _sql("write_configuration", configuration=table), parameters)

    def _generation(self, row: tuple[object, ...]) -> Generation:
        number, applied_at, applied_by, commit, documents = cast(
            tuple[int, datetime, str, str | None, list[JsonValue]], row
        )
        return Generation(number, _Stored(documents, self.canonical), commit, applied_at, applied_by)

    def _connect(self) -> Connection:
        return connect(self.where, _APPLICATION)


class _Stored(Sequence[Deployment]):
    """The deployments of a generation, each read when it is first asked for: an apply of another model needs none of
    them."""

    def __init__(self, documents: Sequence[JsonValue], canonical: Canonical) -> None:
        self._read = cache(lambda number: canonical.value(documents[number], Deployment))
        self._numbers = range(len(documents))

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> Deployment: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Deployment, ...]: ...

    def __getitem__(self, index: int | slice) -> Deployment | tuple[Deployment, ...]:
        found = self._numbers[index]
        return self._read(found) if isinstance(found, int) else tuple(map(self._read, found))

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, Sequence) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))


def control_objects(database: str, platforms: Sequence[str]) -> Sequence[PhysicalObject]:
    """The tables of the generations, and a configuration table per platform."""
    tables = [
        *((name, "") for name in CONTROL.all_tables),
        *((naming.configuration(name), f"platforms/{name}") for name in platforms),
    ]
    return [PhysicalObject("catalogue table", database, SCHEMA, name, path) for name, path in tables]


def _locked(connection: Connection, key: int) -> bool:
    """Whether this session has the lock now, after waiting in line for a moment."""
    try:
        execute(connection, _sql("lock"), {"key": key})
    except psycopg2.errors.LockNotAvailable:
        return False
    return True


def _sql(name: str, **names: object) -> str:
    return statement("store", _FILE, name, schema=SCHEMA, generation=naming.GENERATION_TABLE, **names)


@contextmanager
def _explained() -> Iterator[None]:
    """Turn the driver's errors into one message with what to do. Of a connection that has ended nobody knows
    whether the last commit was done."""
    try:
        yield
    except psycopg2.Error as error:
        is_away = error.pgcode is None or error.pgcode[:2] in ("08", "57")
        otherwise = (
            "try again once it is back: the generation in force, which `datasurface history` shows, is whole"
            if is_away
            else "the generation before stays in force; check the rights of the control database's credential"
        )
        raise StoreUnavailable(
            f"the control database failed: {primary_message(error)}", hint=hint_for_store(error, otherwise)
        ) from error

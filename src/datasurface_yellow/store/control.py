"""The control store on PostgreSQL: generations, and one configuration row per stream in force."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import cast

import psycopg2
import psycopg2.errors
from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.deployment import Deployment
from datasurface.errors import NotApplied, StoreUnavailable
from datasurface.interchange.canonical import Canonical, JsonValue, canonical_text
from datasurface.model import Ecosystem
from datasurface.runtime import Generation
from datasurface_yellow.store import naming
from datasurface_yellow.store.connection import (
    Place,
    closing,
    connect,
    execute,
    hint_for_store,
    one,
    primary_message,
)
from datasurface_yellow.store.quoting import qualified
from datasurface_yellow.store.statements import statement

SCHEMA = "public"
_FILE = "control.sql.j2"
_APPLICATION = "datasurface control"
_TABLE = qualified(SCHEMA, naming.GENERATION_TABLE)
_TRY = timedelta(seconds=1)
"""How long one try for the lock of apply waits."""


@frozen
class PostgresControlStore:
    """ControlStore in one database.

    Each call has its own connection, so that a long apply keeps no transaction open.
    """

    where: Place
    canonical: Canonical

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep every other apply on this database out; waits for one that is at work."""
        key = int.from_bytes(blake2b(b"datasurface apply", digest_size=8).digest(), "big", signed=True)
        with closing(connect(self.where, _APPLICATION, _TRY)) as connection:
            connection.autocommit = True
            with _explained():
                while not _locked(connection, key):
                    pass  # the driver hears of Ctrl+C between two tries only
            yield

    def current(self) -> Generation | None:
        """The generation in force, or None before the first apply."""
        with closing(self._connect()) as connection, _explained():
            row = one(connection, _sql("current")) if _is_true(connection, "generation_exists", name=_TABLE) else None
        return None if row is None else self._generation(row)

    def model_of(self, generation: int) -> Ecosystem | None:
        """The model of a generation; None where it was published by a version that kept none."""
        number = {"number": generation}
        with closing(self._connect()) as connection, _explained():
            is_there = _is_true(connection, "generation_exists", name=_TABLE)
            if not is_there or not _is_true(connection, "generation_has_number", **number):
                raise NotApplied(
                    f"the control database has no generation {generation}",
                    hint=f"table {naming.GENERATION_TABLE} lists those there are",
                )
            keeps_models = _is_true(connection, "keeps_models", name=_TABLE)
            row = one(connection, _sql("model_of"), number) if keeps_models else None
        return None if row is None else self.canonical.value(cast(JsonValue, row[0]), Ecosystem)

    def publish(self, model: Ecosystem, deployments: Sequence[Deployment], commit: str | None) -> Generation:
        """Put a new generation in force: its record and the configuration rows of all platforms in one transaction."""
        document = [self.canonical.document(deployment) for deployment in deployments]
        with closing(self._connect()) as connection, _explained(), connection:
            execute(connection, _sql("create_generation"))
            if not _is_true(connection, "keeps_models", name=_TABLE):
                execute(connection, _sql("keep_models"))
            former = one(connection, _sql("current"))
            record = {"commit": commit, "deployments": canonical_text(document), "model": self.canonical.text(model)}
            row = one(connection, _sql("publish"), record)
            assert row is not None  # noqa: S101 INSERT … RETURNING one row
            number, applied_at, applied_by = cast(tuple[int, datetime, str], row)
            for name in self._platforms(former) - {deployment.platform.name for deployment in deployments}:
                execute(connection, _sql("clear_configuration", configuration=naming.configuration(name)))
            for deployment in deployments:
                self._configure(connection, deployment, number)
        return Generation(number, tuple(deployments), commit, applied_at, applied_by)

    def _configure(self, connection: Connection, deployment: Deployment, generation: int) -> None:
        table = naming.configuration(deployment.platform.name)
        execute(connection, _sql("create_configuration", configuration=table))
        execute(connection, _sql("clear_configuration", configuration=table))
        platform = self.canonical.document(deployment.platform, type(deployment.platform))
        for stream in deployment.streams:
            config: JsonValue = {
                "ecosystem": deployment.ecosystem,
                "platform": platform,
                "stream": self.canonical.document(stream),
            }
            execute(
                connection,
                _sql("write_configuration", configuration=table),
                {"stream": stream.key, "generation": generation, "config": json.dumps(config)},
            )

    def _platforms(self, former: tuple[object, ...] | None) -> set[str]:
        """The platforms of the generation before: the rows of those that left the model go."""
        if former is None:
            return set()
        return {deployment.platform.name for deployment in self._generation(former).deployments}

    def _generation(self, row: tuple[object, ...]) -> Generation:
        number, applied_at, applied_by, commit, documents = cast(
            tuple[int, datetime, str, str | None, list[JsonValue]], row
        )
        deployments = tuple(self.canonical.value(document, Deployment) for document in documents)
        return Generation(number, deployments, commit, applied_at, applied_by)

    def _connect(self) -> Connection:
        return connect(self.where, _APPLICATION)


def _locked(connection: Connection, key: int) -> bool:
    """Whether this session has the lock now, after waiting in line for a moment."""
    try:
        execute(connection, _sql("lock"), {"key": key})
    except psycopg2.errors.LockNotAvailable:
        return False
    return True


def _is_true(connection: Connection, question: str, **parameters: object) -> bool:
    return one(connection, _sql(question), parameters) == (True,)


def _sql(name: str, **names: str) -> str:
    return statement("store", _FILE, name, schema=SCHEMA, generation=naming.GENERATION_TABLE, **names)


@contextmanager
def _explained() -> Iterator[None]:
    """Turn the driver's errors into one message with what to do."""
    try:
        yield
    except psycopg2.Error as error:
        raise StoreUnavailable(
            f"the control database failed: {primary_message(error)}",
            hint=hint_for_store(
                error, "the generation before stays in force; check the rights of the control database's credential"
            ),
        ) from error

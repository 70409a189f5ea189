"""One run of a transformer: settle what it reads, let its code write, look at that, and let it be the outputs."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b, sha256
from pathlib import Path
from time import monotonic
from typing import cast

import psycopg2
import psycopg2.errors
from attrs import asdict, define, field, frozen
from psycopg2.extensions import connection as Connection

from datasurface.credentials import Credentials
from datasurface.deployment import Deployment, TransformerConfig
from datasurface.errors import (
    DataSurfaceError,
    Fenced,
    JobError,
    NotApplied,
    StreamBusy,
    TransformFailed,
)
from datasurface.model import PostgresDatabase
from datasurface.orchestration import transform_key
from datasurface.results import JobFailure, OutputRows, ResultCode, TransformResult
from datasurface.runtime import Generation, OpenCode
from datasurface_yellow.consumer.made_of import made_of, view_ids
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store import naming
from datasurface_yellow.store.catalog import PlatformNames, refuse_other_version, relation_exists
from datasurface_yellow.store.connection import (
    closing,
    connect,
    execute,
    one,
    place,
    rows,
    told_of,
)
from datasurface_yellow.store.quoting import qualified
from datasurface_yellow.store.statements import statement
from datasurface_yellow.transform.process import run
from datasurface_yellow.transform.publishing import publish
from datasurface_yellow.transform.request import OutputRequest, PlaceRequest, Request
from datasurface_yellow.transform.tables import sql
from datasurface_yellow.transform.workshop import Workshop


@frozen
class Settled:
    """What a run reads, as it is at one moment.

    Attributes:
        batches: the newest of each stream; 0 before the first.
        basis: another text for whatever a run depends on.
        views: the quoted names of those that stand, by ``Group/dataset``.
    """

    batches: Mapping[str, int]
    basis: str
    views: Mapping[str, str]

    @property
    def missing(self) -> Sequence[str]:
        """The streams that have no batch yet."""
        return [stream for stream, batch in self.batches.items() if not batch]


@define
class _Progress:
    begun: float = field(factory=monotonic)
    way: str = ""
    inputs: Mapping[str, int] = field(factory=dict)
    outputs: Mapping[str, OutputRows] = field(factory=dict)


class Transforming:
    """One run. ``run`` does not raise for what goes wrong with it: the result says it."""

    def __init__(
        self,
        deployment: Deployment,
        platform: YellowDataPlatform,
        names: PlatformNames,
        generation: Generation,
        credentials: Credentials,
        config: TransformerConfig,
        run_id: str,
    ) -> None:
        self._deployment, self._platform, self._names = deployment, platform, names
        self._generation, self._credentials = generation, credentials
        self._config, self._run_id = config, run_id
        self._shop = Workshop.of(deployment, config)
        self._progress = _Progress()

    def run(self, code: OpenCode) -> TransformResult:
        """Do what is due."""
        try:
            self._work(code)
            result = self._result(ResultCode.DONE)
        except DataSurfaceError as error:
            result = self._result(ResultCode.ERROR, self._failure(error))
        with suppress(DataSurfaceError):  # who finds no record takes the run for failed
            self._keep(result)
        return result

    def _work(self, code: OpenCode) -> None:
        with self._store() as store:
            if not relation_exists(store, self._shop.work_schema, naming.TRANSFORM_STATE):
                raise NotApplied(f"there are no tables in {self._shop.container.name}", hint="run `datasurface apply`")
            self._take(store)
            try:
                self._run_alone(store, code)
            finally:
                self._let_go(store)

    def _run_alone(self, store: Connection, code: OpenCode) -> None:
        self._clean(store)
        token, before = cast("tuple[int, str | None]", one(store, self._sql("next_token")))
        store.commit()
        with self._merge("transform") as merge:
            settled = self._settle(merge)
            self._progress.inputs = settled.batches
            self._progress.way = "waiting" if settled.missing else "unchanged" if settled.basis == before else ""
            if self._progress.way:
                return
            login = self._credentials.secret(self._login).user or ""
            for output in self._shop.outputs:
                run_table = naming.run_table(token, output.number)
                execute(store, self._sql("create_run", o=output, run=run_table))
                execute(store, self._sql("grant_run", run=run_table, login=login))
            store.commit()
            [snapshot] = cast("tuple[str]", one(merge, self._sql("export_snapshot")))
            with code() as folder:
                self._call(self._request(settled, token, snapshot, folder))
        self._fence(store, token)
        counts = publish(store, self._shop, token)
        self._record(store, settled)
        store.commit()
        self._progress.way, self._progress.outputs = "written", counts
        self._clean(store)

    def _take(self, store: Connection) -> None:
        if one(store, self._sql("try_lock"), {"key": self._lock_key}) != (True,):
            raise StreamBusy(
                f"another run of transformer {self._config.name} is at work; this one touched nothing",
                hint=f"wait for it to end; if it hangs, end its session in {self._shop.container.name}",
            )
        store.commit()

    def _let_go(self, store: Connection) -> None:
        with suppress(psycopg2.Error):
            store.rollback()
            self._clean(store)
            execute(store, self._sql("unlock"), {"key": self._lock_key})
            store.commit()

    @property
    def _lock_key(self) -> int:
        text = f"transformer/{self._shop.work_schema}"
        return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)

    def _clean(self, store: Connection) -> None:
        """Take away what runs wrote; what somebody who was cut off still holds is for the next run to take away."""
        for (name,) in rows(store, self._sql("left_runs"), {"work_name": self._shop.work_schema}):
            try:
                execute(store, self._sql("wait_shortly"))
                execute(store, self._sql("drop_run", run=str(name)))
            except psycopg2.errors.LockNotAvailable:
                store.rollback()
            else:
                store.commit()
        store.commit()

    def _settle(self, merge: Connection) -> Settled:
        """Take the one moment of the inputs. The tables are locked before it: one that is rewritten later would look
        empty from it."""
        merge.set_session(isolation_level="REPEATABLE READ", readonly=True)
        inputs = self._deployment.inputs_of(self._config)
        for name in sorted({naming.merge_table(self._platform.name, it.store, it.dataset.name) for it in inputs}):
            execute(merge, statement("merge", "verify.sql.j2", "lock", schema=self._platform.schema, merge=name))
        made = {stream: made_of(merge, self._names, stream) for stream in sorted({each.stream for each in inputs})}
        schema = naming.workspace_schema(self._config.workspace)
        ids, views = view_ids(merge, self._names, schema), dict[str, tuple[str, int]]()
        for each in inputs:
            view = naming.consumers_name(self._platform.name, each.workspace, each.group, each.name, "view")
            if view in ids:
                views[f"{each.group}/{each.name}"] = qualified(schema, view), ids[view]
        basis = {
            "streams": {stream: found.sign for stream, found in made.items()},
            "views": sorted(views.items()),
            "code": [self._config.commit, self._config.function],
            "outputs": [
                [output.name, [list(asdict(it).values()) for it in output.columns]] for output in self._shop.outputs
            ],
        }
        return Settled(
            {stream: found.batch for stream, found in made.items()},
            sha256(json.dumps(basis, sort_keys=True).encode()).hexdigest(),
            {name: quoted for name, (quoted, _) in views.items()},
        )

    def _request(self, settled: Settled, token: int, snapshot: str, folder: Path) -> Request:
        shop, secret = self._shop, self._credentials.secret(self._login)
        return Request(
            path=sys.path,
            parent=os.getpid(),
            folder=str(folder),
            function=self._config.function,
            application=f"datasurface {self._platform.name} transformer {self._config.name}",
            user=secret.user,
            password=secret.password,
            merge=_place_request(self._platform.merge_database),
            store=_place_request(shop.container),
            snapshot=snapshot,
            inputs=dict(settled.views),
            outputs=[
                OutputRequest(
                    dataset=output.name,
                    table=qualified(shop.work_schema, naming.run_table(token, output.number)),
                    last=qualified(shop.schema, output.name),
                    columns=[(column.name, column.type) for column in output.columns],
                )
                for output in shop.outputs
            ],
            may_show=self._may_show(),
        )

    def _may_show(self) -> bool:
        """Whether all that the code sees and makes is open to all, so that its own words may hold any of it."""
        seen = [(view.dataset, view.seen) for view in self._deployment.inputs_of(self._config)]
        made = [(dataset, {column.name: None for column in dataset.columns}) for dataset in self._config.outputs]
        return all(
            (found := dataset.classification_of(column)) is not None and found.is_open
            for dataset, names in [*seen, *made]
            for column in dataset.columns
            if column.name in names
        )

    def _call(self, request: Request) -> None:
        ended = run(request)
        if ended.answer is None:
            how = f"was ended by signal {-ended.status}" if ended.status < 0 else f"ended with code {ended.status}"
            raise TransformFailed(
                f"the process of the code {how} before the code had returned",
                hint="signal 9 of nobody's is the system's, which was out of memory; standard error may say more",
            )
        if ended.answer["message"] is not None:
            raise TransformFailed(
                ended.answer["message"],
                hint=ended.answer["hint"] or "standard error has the traceback; what the last good run made stands",
                dataset=ended.answer["dataset"],
            )

    def _fence(self, store: Connection, token: int) -> None:
        if one(store, self._sql("lock_state")) != (token,):
            raise Fenced(
                f"a later run of transformer {self._config.name} began while this one was at work",
                hint="nothing to do: that run does the work; this one wrote nothing",
            )

    def _record(self, store: Connection, settled: Settled) -> None:
        """In the transaction that writes the outputs: what they are made of."""
        values = {"basis": settled.basis, "inputs": json.dumps(settled.batches), "run_id": self._run_id}
        execute(store, self._sql("good"), {**values, "code_commit": self._config.commit})

    def _keep(self, result: TransformResult) -> None:
        with self._merge("transform") as session:
            record: dict[str, object] = {"stream": transform_key(self._config.name), "batch": None}
            record |= {"run_id": result.run_id, "code": int(result.code), "document": json.dumps(result.document())}
            names = self._names
            execute(session, statement("batch", "records.sql.j2", "result", names=names, schema=names.schema), record)
            session.commit()

    @contextmanager
    def _merge(self, purpose: str) -> Iterator[Connection]:
        where = place(self._platform.merge_database, self._credentials)
        with self._session(connect(where, self._application(purpose), self._platform.lock_wait), "merge") as session:
            refuse_other_version(session, self._names.catalogue)
            yield session

    @contextmanager
    def _store(self) -> Iterator[Connection]:
        where = place(self._shop.container, self._credentials)
        with self._session(
            connect(where, self._application("transform"), self._platform.lock_wait), "output"
        ) as session:
            yield session

    @contextmanager
    def _session(self, session: Connection, which: str) -> Iterator[Connection]:
        otherwise = "nothing was half done; run it again once its cause is gone"
        with closing(session), told_of(f"the {which} database", otherwise):
            yield session

    def _application(self, purpose: str) -> str:
        return f"datasurface {self._platform.name} {purpose} {self._config.name}"

    @property
    def _login(self) -> str:
        if self._config.credential is None:
            raise NotApplied(f"transformer {self._config.name} has no login", hint="add credential= and apply again")
        return self._config.credential.name

    def _failure(self, error: DataSurfaceError) -> JobFailure:
        dataset = error.dataset if isinstance(error, JobError) else None
        where = f"{self._platform.name}, transformer {self._config.name}"
        return JobFailure(type(error).__name__, f"{where}: {error.message}", dataset, error.hint)

    def _result(self, code: ResultCode, error: JobFailure | None = None) -> TransformResult:
        progress = self._progress
        return TransformResult(
            platform=self._platform.name,
            transformer=self._config.name,
            run_id=self._run_id,
            code=code,
            way=progress.way if error is None else "",
            generation=self._generation.number,
            commit=self._generation.commit,
            code_commit=self._config.commit,
            inputs=progress.inputs,
            outputs=progress.outputs,
            seconds=monotonic() - progress.begun,
            error=error,
        )

    def _sql(self, block: str, /, **context: object) -> str:
        return sql(block, self._shop, **context)


def _place_request(database: PostgresDatabase) -> PlaceRequest:
    return PlaceRequest(
        name=database.name,
        host=database.host,
        port=database.port,
        database=database.database,
        sslmode=database.sslmode,
        sslrootcert=database.sslrootcert,
    )

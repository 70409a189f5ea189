"""One check for each law, on one course of snapshots through the engine: which laws an engine breaks."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from operator import xor

import psycopg2
from attrs import define, field, frozen

from datasurface.classification import PUBLIC
from datasurface.errors import DataSurfaceError
from datasurface.milestoning import laws
from datasurface.milestoning.oracle import ForensicTable, LiveTable, merge, rollback
from datasurface.milestoning.rows import Change, Key, Operation, Row, Version
from datasurface.model import Column
from datasurface.results import DatasetCounts, JobResult, ResultCode
from datasurface.types import BigInt, Text
from tests.postgres.merge.tables import TABLE, table
from tests.support.arena import Arena
from tests.support.pipeline import FORENSIC, LIVE
from tests.support.sessions import Watch, until
from tests.support.stage import PLATFORMS, STORE, Rows, Stage, Stored, TextRow
from tests.support.statements import HeardConnection, Moment, When, heard

THINGS = table(Column("id", BigInt(), primary_key=True, classification=PUBLIC), Column("value", Text()))


def _beside(ballast: str, *rows: TextRow) -> Rows:
    """Rows beside many that seldom change, so that a batch looks only at the buckets that differ."""
    return [*rows, *((str(number), ballast) for number in range(100, 120))]


COURSE: Sequence[Rows] = (
    _beside("z", ("1", "a"), ("2", "a"), ("3", "a"), ("4", "a")),
    _beside("z", ("1", "a"), ("2", "b"), ("4", "a"), ("5", "a")),
    _beside("z", ("1", "a"), ("2", "b"), ("3", "a"), ("5", "a")),
    _beside("y", ("1", "a"), ("2", "c"), ("3", "b"), ("4", "b")),
    _beside("y", ("2", "d"), ("3", "b"), ("4", "b"), ("6", "")),
)
_OTHER = _beside("y", ("2", "x"), ("3", "b"), ("7", "x"))
_LAST = _beside("y", ("2", "y"), ("4", "b"), ("8", "y"))


@define
class Engine:
    """What one course left: tables, counts, and what the source held at each batch."""

    stage: Stage
    counts: dict[str, dict[int, DatasetCounts]] = field(factory=lambda: {platform: {} for platform in PLATFORMS})
    sources: list[tuple[Rows, int]] = field(factory=list)

    def batch(self, rows: Rows) -> list[JobResult]:
        """One batch of both platforms."""
        self.put(rows)
        results = [self.stage.run(platform) for platform in PLATFORMS]
        for platform, result in zip(PLATFORMS, results, strict=True):
            self.counts[platform][len(self.sources)] = result.datasets.get(TABLE, DatasetCounts())
        return results

    def put(self, rows: Rows) -> None:
        """What the source holds when the next batch comes."""
        self.stage.put({TABLE: rows})
        self.sources.append((rows, reduce(xor, self.stage.source_hashes(TABLE).values(), 0)))

    def stored(self, platform: str) -> list[Stored]:
        """The merge table."""
        return self.stage.stored(platform, TABLE)

    def versions(self, platform: str) -> list[Version]:
        """The merge table as the laws know it."""
        layout = self.stage.layout(TABLE)
        return [Version(layout.key_of(row.row), row.row, row.batch_in, row.batch_out) for row in self.stored(platform)]

    def snapshot(self, batch: int) -> dict[Key, Row]:
        """What the source held at a batch."""
        layout = self.stage.layout(TABLE)
        return {layout.key_of(row): row for row in self.sources[batch - 1][0]}


@frozen
class LawCheck:
    """A law and what finds out whether an engine keeps it; a message for each way in which it does not."""

    law: laws.Law
    check: Callable[[Engine], Iterator[str]]


def broken_laws(arena: Arena) -> dict[str, str]:
    """The laws that the engine breaks, each with the first message."""
    with arena.stage(THINGS) as stage:
        engine = Engine(stage)
        for rows in COURSE:
            engine.batch(rows)
        found: dict[str, str] = {}
        for check in CHECKS:
            try:
                message = next(check.check(engine), None)
            except (AssertionError, DataSurfaceError, psycopg2.Error) as error:
                message = str(error)
            if message is not None:
                found.setdefault(check.law.id, message)
        return found


def _forensic(law: Callable[[Sequence[Version]], list[laws.Violation]]) -> Callable[[Engine], Iterator[str]]:
    return lambda engine: (violation.message for violation in law(engine.versions(FORENSIC)))


def _as_of(engine: Engine) -> Iterator[str]:
    snapshots = {batch: engine.snapshot(batch) for batch in range(1, len(engine.sources) + 1)}
    for violation in laws.as_of_is_source(engine.versions(FORENSIC), snapshots):
        yield violation.message


def _live_is_forensic(engine: Engine) -> Iterator[str]:
    for violation in laws.live_is_forensic(engine.versions(LIVE), engine.versions(FORENSIC)):
        yield violation.message


def _counts(engine: Engine) -> Iterator[str]:
    if engine.counts[LIVE] != engine.counts[FORENSIC]:
        yield "the platforms count otherwise"
    for violation in laws.counts_are_true(engine.versions(FORENSIC), engine.counts[FORENSIC]):
        yield violation.message


def _changes(engine: Engine) -> Iterator[str]:
    """The changes between batches as a consumer finds them in the table, between what the source held."""
    versions = engine.versions(FORENSIC)
    for before, after in ((1, 3), (2, 4), (1, 5), (4, 5)):
        changes = list(_changes_between(versions, before, after))
        for violation in laws.changes_connect(engine.snapshot(before), changes, engine.snapshot(after)):
            yield f"from {before} to {after}: {violation.message}"


def _changes_between(versions: Sequence[Version], before: int, after: int) -> Iterator[Change]:
    old = {version.key: version.row for version in versions if version.batch_in <= before <= version.batch_out}
    new = {version.key: version.row for version in versions if version.batch_in <= after <= version.batch_out}
    for version in versions:
        if before < version.batch_in <= after <= version.batch_out and old.get(version.key) != version.row:
            yield Change(Operation.UPDATE if version.key in old else Operation.INSERT, version.key, version.row)
    yield from (Change(Operation.DELETE, gone, None) for gone in old.keys() - new.keys())


def _fingerprints(engine: Engine) -> Iterator[str]:
    """Every batch's receipt is the source's, and a changed cell is named."""
    for platform in PLATFORMS:
        for batch, (rows, hashed) in enumerate(engine.sources, start=1):
            logged = engine.stage.fingerprint(platform, TABLE, batch)
            if logged is None or (logged.rows, int(logged.xor)) != (len(rows), hashed):
                yield f"batch {batch} of {platform} left {logged}"
        row = next(row for row in engine.stored(platform) if row.is_live)
        column = THINGS.columns[1]
        engine.stage.tamper_with_cell(platform, TABLE, row, column, "tampered")
        receipt = next(check for check in engine.stage.verify(platform) if check.law == laws.RECEIPT.id)
        changed = next(other for other in engine.stored(platform) if other.row[1] == "tampered")
        engine.stage.tamper_with_cell(platform, TABLE, changed, column, row.row[1])
        if receipt.holds or f"{row.row[0]}" not in receipt.detail:
            yield f"verify says of a changed cell: {receipt.detail or 'nothing'}"


def _again(engine: Engine) -> Iterator[str]:
    """The newest batch once more: another batch, which touches nothing."""
    before = {platform: Counter(engine.stored(platform)) for platform in PLATFORMS}
    rows = engine.sources[-1][0]
    for result in engine.batch(rows):
        if result.datasets.get(TABLE) != DatasetCounts(read=len(rows), unchanged=len(rows)):
            yield f"the same again: {result.error or result.datasets}"
    for platform in PLATFORMS:
        if Counter(engine.stored(platform)) != before[platform]:
            yield f"the same again wrote into {platform}"


def _killed(engine: Engine) -> Iterator[str]:
    """Jobs whose session ends before what records the merge, and then a job that nobody ends."""
    stage = engine.stage
    engine.put(_OTHER)
    for platform in PLATFORMS:
        with heard(lambda _: _end_before_record, {stage.pipeline.source.name: "", stage.pipeline.target.name: ""}):
            ended = stage.run(platform)
        if ended.code is ResultCode.DONE:
            yield "nothing ended the job"
        with Watch.over(stage.pipeline.server) as watch:  # the server may not know yet that the session is gone
            until(watch.is_deserted(stage.pipeline.source, stage.pipeline.target))
        result = stage.run(platform)
        if result.code is not ResultCode.DONE:
            yield f"the next job: {result.error}"
    yield from _not_as_without(engine, "a kill")


def _end_before_record(moment: Moment, session: HeardConnection) -> None:
    if moment.when is When.BEFORE and "SET status = 'COMMITTED'" in moment.statement:
        session.close()


def _reset(engine: Engine) -> Iterator[str]:
    """What was staged and given up leaves nothing, and the batch is that of what the source holds then."""
    stage = engine.stage
    stage.put({TABLE: [("9", "given up")]})
    for platform in PLATFORMS:
        if stage.run(platform, budget=0.0).code is not ResultCode.KEEP_WORKING:
            yield "nothing was staged"
        number = stage.pipeline.runtime(platform).reset(STORE).batch
        if number in stage.staged_batches(platform, TABLE):
            yield "a reset leaves what was staged"
    for result in engine.batch(_LAST):
        if result.code is not ResultCode.DONE:
            yield f"the batch after a reset: {result.error}"
    yield from _not_as_without(engine, "a reset")


def _not_as_without(engine: Engine, what: str) -> Iterator[str]:
    """Both tables against those that the oracle makes of what the source held."""
    layout = engine.stage.layout(TABLE)
    live, forensic = LiveTable(), ForensicTable()
    for batch, (rows, _) in enumerate(engine.sources, start=1):
        live, _ = merge(live, rows, layout, batch, allow_deletes=True)
        forensic, _ = merge(forensic, rows, layout, batch, allow_deletes=True)
    for platform, expected in ((LIVE, live), (FORENSIC, forensic)):
        if Counter(engine.versions(platform)) != Counter(expected.versions):
            yield f"after {what} the table of {platform} is another one"


def _rollback(engine: Engine) -> Iterator[str]:
    """Three batches are taken back, replayed from their staging, taken back again, and read again from the source."""
    runtime, layout, last = engine.stage.pipeline.runtime(FORENSIC), engine.stage.layout(TABLE), len(engine.sources)
    to, table = last - 3, ForensicTable()
    for batch, (rows, _) in enumerate(engine.sources, start=1):
        table, _ = merge(table, rows, layout, batch, allow_deletes=True)
    back = rollback(table, to)

    runtime.rollback(STORE, to)
    yield from _is_not(engine, back, "after a rollback")
    runtime.replay(STORE)
    for batch, (rows, _) in enumerate(engine.sources[to:], start=last + 1):
        back, _ = merge(back, rows, layout, batch, allow_deletes=True)
    yield from _is_not(engine, back, "after a replay")
    runtime.rollback(STORE, to)
    if engine.stage.run(FORENSIC).code is not ResultCode.DONE:
        yield "no batch after a rollback"
    again, _ = merge(rollback(table, to), engine.sources[-1][0], layout, last + 4, allow_deletes=True)
    yield from _is_not(engine, again, "a batch after a rollback")


def _is_not(engine: Engine, expected: ForensicTable, when: str) -> Iterator[str]:
    if Counter(engine.versions(FORENSIC)) != Counter(expected.versions):
        yield f"{when} the table is another one"
    if not all(check.holds for check in engine.stage.verify(FORENSIC)):
        yield f"{when} verify complains"


CHECKS: Sequence[LawCheck] = (
    LawCheck(laws.ONE_LIVE, _forensic(laws.one_live_version)),
    LawCheck(laws.NO_OVERLAP, _forensic(laws.no_overlap)),
    LawCheck(laws.ORDERED_ENDS, _forensic(laws.ordered_ends)),
    LawCheck(laws.REAL_CHANGES, _forensic(laws.adjacent_versions_differ)),
    LawCheck(laws.AS_OF_IS_SOURCE, _as_of),
    LawCheck(laws.LIVE_IS_FORENSIC, _live_is_forensic),
    LawCheck(laws.TRUE_COUNTS, _counts),
    LawCheck(laws.RECEIPT, _fingerprints),
    LawCheck(laws.CHANGES_CONNECT, _changes),
    LawCheck(laws.IDEMPOTENT, _again),
    LawCheck(laws.CRASH_SAFE, _killed),
    LawCheck(laws.TRACELESS, _reset),
    LawCheck(laws.TRACELESS, _rollback),
)
"""In the order in which they are made: the last ones go on with the course."""

LAW_IDS = [law.id for law in laws.LAWS if law is not laws.COUNTS_ADD_UP]


def markdown(rows: Iterable[str]) -> str:
    """The matrix of mutations and laws, as a table."""
    return "\n".join([f"| mutation | {' | '.join(LAW_IDS)} |", "| --- " * (len(LAW_IDS) + 1) + "|", *rows])

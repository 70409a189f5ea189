"""Plays a sequence of snapshots into the engine and into the oracle, and compares them after every batch."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from attrs import define, field, frozen

from datasurface.milestoning.oracle import (
    ForensicTable,
    LiveTable,
    Reason,
    RefusedSnapshot,
    Table,
    live_rows,
    merge,
)
from datasurface.milestoning.rows import Version
from datasurface.results import DatasetCounts, JobResult, ResultCode
from tests.postgres.merge.differences import (
    Difference,
    as_of_differs,
    counts_differ,
    fingerprint_differs,
    hashes_differ,
    laws_broken,
    rewritten,
    rows_differ,
    verify_complains,
)
from tests.support.pipeline import FORENSIC, LIVE
from tests.support.stage import PLATFORMS, LoggedFingerprint, Rows, Stage, Stored

KEPT_STAGING = 3
"""Batches that keep their staging, unless a model says otherwise."""

Snapshot = Mapping[str, Rows]
Place = tuple[str, str]
"""Platform and dataset."""

_WORDS = {
    Reason.NULL_KEY: "key column ",
    Reason.NULL_VALUE: " is NULL in ",
    Reason.DUPLICATE_KEY: "has more than one row for a key",
    Reason.EMPTY_SNAPSHOT: "has 0 rows where there were",
    Reason.TOO_MANY_DELETES: "would delete",
}


@frozen
class Step:
    """What the source holds, by dataset, and how the batch that reads it is run.

    Attributes:
        in_two_jobs: one job stages; the next, which finds nothing in the source, merges.
    """

    snapshot: Snapshot
    allow_deletes: bool = True
    in_two_jobs: bool = False


@define
class _Game:
    """The engine's stage beside the oracle's tables, and what was seen of the engine's last."""

    stage: Stage
    live: dict[str, LiveTable]
    forensic: dict[str, ForensicTable]
    stored: dict[Place, list[Stored]]
    snapshots: list[Snapshot] = field(factory=list)
    counts: list[Mapping[str, DatasetCounts]] = field(factory=list)
    fingerprints: dict[Place, LoggedFingerprint | None] = field(factory=dict)

    @property
    def batch(self) -> int:
        """The last committed batch."""
        return len(self.snapshots)

    @property
    def names(self) -> list[str]:
        return [dataset.name for dataset in self.stage.datasets]

    def expected(self, place: Place) -> Sequence[Version]:
        """What the oracle's table holds."""
        return (self.live if place[0] == LIVE else self.forensic)[place[1]].versions

    def look(self) -> dict[Place, list[Stored]]:
        """All merge tables as they are; returns them as they were."""
        before = self.stored
        self.stored = {place: self.stage.stored(*place) for place in before}
        return before


def play(stage: Stage, steps: Sequence[Step]) -> list[Difference]:
    """Everything that is not as the oracle says, up to the first batch where something is not; else nothing.

    At the end every law is checked, every batch is asked for as of itself, and the last batch is run again.
    """
    names = [dataset.name for dataset in stage.datasets]
    game = _Game(
        stage,
        {name: LiveTable() for name in names},
        {name: ForensicTable() for name in names},
        {(platform, name): [] for platform in PLATFORMS for name in names},
    )
    differences: list[Difference] = []
    for step in steps:
        differences += _batch(game, step)
        if differences:
            break
    return [*differences, *_end(game, again=not differences)]


def _batch(game: _Game, step: Step) -> Iterator[Difference]:
    _put(game.stage, step.snapshot)
    results = _run(game.stage, step)
    before = game.look()
    refused = _ask_oracle(game, step)
    for platform in PLATFORMS:
        yield from _result_differs(game, step, platform, results[platform], refused)
    for place, now in game.stored.items():
        yield from rows_differ(place[0], now, game.expected(place))
        yield from rewritten(place[0], before[place], now)
        if refused is None:
            yield from _log_differs(game, place)


def _put(stage: Stage, snapshot: Snapshot) -> None:
    stage.put(snapshot)
    if stage.other is not None:
        return  # another kind of database does not print its cells as PostgreSQL does
    for name, rows in snapshot.items():
        held = stage.source_rows(name)
        assert Counter(held) == Counter(rows), f"the source of {name} prints {held}, the test gave it {rows}"


def _run(stage: Stage, step: Step) -> dict[str, JobResult]:
    budget = 0.0 if step.in_two_jobs else None
    results = {platform: stage.run(platform, allow_deletes=step.allow_deletes, budget=budget) for platform in PLATFORMS}
    if any(result.code is ResultCode.KEEP_WORKING for result in results.values()):
        stage.put(dict.fromkeys(step.snapshot, ()))
    return {
        platform: stage.run(platform) if result.code is ResultCode.KEEP_WORKING else result
        for platform, result in results.items()
    }


def _ask_oracle(game: _Game, step: Step) -> RefusedSnapshot | None:
    """Merge into the oracle's tables, all of them or, where one dataset is refused, none."""
    try:
        live, forensic = _merged(game, step, game.live), _merged(game, step, game.forensic)
    except RefusedSnapshot as refused:
        return refused
    game.live = {name: table for name, (table, _) in live.items()}
    game.forensic = {name: table for name, (table, _) in forensic.items()}
    game.snapshots.append(step.snapshot)
    game.counts.append({name: counts for name, (_, counts) in forensic.items()})
    return None


def _merged(game: _Game, step: Step, tables: Mapping[str, Table]) -> dict[str, tuple[Table, DatasetCounts]]:
    return {
        name: merge(
            table,
            step.snapshot[name],
            game.stage.layout(name),
            game.batch + 1,
            max_delete_fraction=game.stage.dataset(name).max_delete_fraction,
            allow_deletes=step.allow_deletes,
        )
        for name, table in tables.items()
    }


def _result_differs(
    game: _Game, step: Step, platform: str, result: JobResult, refused: RefusedSnapshot | None
) -> Iterator[Difference]:
    if refused is not None:
        if not _refuses(result, _reasons(refused.reason, step)):
            said = result.error or result.code.name
            yield Difference("refusal", platform, f"the oracle refused ({refused.reason.value}), the engine: {said}")
    elif result.code is not ResultCode.DONE or result.error is not None:
        kind = result.error.type if result.error else result.code.name
        yield Difference(f"error {kind}", platform, str(result.error))
    else:
        if result.batch != game.batch:
            yield Difference("batch number", platform, f"{result.batch} is batch {game.batch}")
        yield from counts_differ(platform, result.datasets, game.counts[-1])


def _reasons(reason: Reason, step: Step) -> set[Reason]:
    """A snapshot with two faults may be refused for either: the engine counts deletes before it fetches rows."""
    if reason is Reason.NULL_VALUE and not step.allow_deletes:
        return {reason, Reason.TOO_MANY_DELETES}
    return {reason}


def _refuses(result: JobResult, reasons: set[Reason]) -> bool:
    if result.code is not ResultCode.ERROR or result.error is None or result.error.type != "RefusedData":
        return False
    return any(_WORDS[reason] in result.error.message for reason in reasons)


def _log_differs(game: _Game, place: Place) -> Iterator[Difference]:
    platform, name = place
    former_rows = game.snapshots[-2][name] if game.batch > 1 else ()
    logged = game.stage.fingerprint(platform, name, game.batch)
    former = game.fingerprints.get(place)
    yield from fingerprint_differs(platform, former, logged, former_rows, game.snapshots[-1][name])
    game.fingerprints[place] = logged
    staged = game.stage.staged_batches(platform, name)
    if any(not game.batch - KEPT_STAGING <= number <= game.batch for number in staged):
        yield Difference("staging", platform, f"batch {game.batch} leaves staging of the batches {sorted(staged)}")


def _end(game: _Game, *, again: bool) -> Iterator[Difference]:
    for name in game.names:
        layout = game.stage.layout(name)
        live, forensic = game.stored[LIVE, name], game.stored[FORENSIC, name]
        counts = {number: counts[name] for number, counts in enumerate(game.counts, start=1)}
        yield from laws_broken(live, forensic, layout, counts)
        yield from hashes_differ([*live, *forensic], layout)
        for number, snapshot in enumerate(game.snapshots, start=1):
            yield from as_of_differs(number, game.stage.as_of(name, number), snapshot[name])
    for platform in PLATFORMS:
        yield from verify_complains(platform, game.stage.verify(platform))
    if again and game.snapshots:
        yield from _again(game)


def _again(game: _Game) -> Iterator[Difference]:
    """The last snapshot once more: another batch, which changes nothing."""
    game.stage.put(game.snapshots[-1])
    for platform in PLATFORMS:
        result = game.stage.run(platform, allow_deletes=False)
        expected = {}
        for name in game.names:
            rows = len(live_rows(game.live[name]))
            expected[name] = DatasetCounts(read=rows, unchanged=rows)
            if Counter(game.stage.stored(platform, name)) != Counter(game.stored[platform, name]):
                yield Difference("again", platform, f"the same snapshot again changed table {name}")
        if result.code is not ResultCode.DONE or result.datasets != expected:
            yield Difference("again", platform, f"the same snapshot again: {result.error or result.datasets}")

"""What stands in a merge database: all its tables, and what its records say of a run."""

import json
from collections.abc import Mapping, Sequence
from typing import cast

from psycopg2.sql import SQL, Identifier

from datasurface.results import DatasetCounts, JobResult, ResultCode
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.queries import fetch, rows_of

Tables = dict[str, list[str]]

_NAMES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname LIKE %s ORDER BY 1"""


def tables(pipeline: Pipeline, like: str = "%") -> Tables:
    """The rows of every table of the merge database whose name is like the pattern, as text, by table."""
    return rows_of(pipeline.target, "public", [str(name) for (name,) in fetch(pipeline.target, _NAMES, like)])


def merge_tables(pipeline: Pipeline, platform: str) -> Tables:
    """The merge tables of a platform, with their partitions."""
    return tables(pipeline, f"{platform.lower()}\\_%\\_merge%")


def staged_rows(pipeline: Pipeline, platform: str, batch: int) -> int:
    """How many rows are staged under a batch's number, in all datasets."""
    names = [str(name) for (name,) in fetch(pipeline.target, _NAMES, f"{platform.lower()}\\_%\\_staging")]
    query = SQL("SELECT count(*) FROM {} WHERE ds_surf_batch = %s")
    counts = [fetch(pipeline.target, query.format(Identifier(name)), batch) for name in names]
    return sum(cast(int, count) for [(count,)] in counts)


def counter(pipeline: Pipeline, platform: str) -> int:
    """The current batch's number in the counter row; 0 without a row."""
    query = SQL("SELECT coalesce(max(batch), 0) FROM {} WHERE stream = 'Store1'")
    [(batch,)] = fetch(pipeline.target, query.format(_own_table(platform, "batch_counter")))
    return cast(int, batch)


def batch_log(pipeline: Pipeline, platform: str) -> list[tuple[object, ...]]:
    """Number, status, counts and error of every batch."""
    query = SQL("SELECT batch, status, datasets, error FROM {} WHERE stream = 'Store1' ORDER BY 1")
    return fetch(pipeline.target, query.format(_own_table(platform, "batch_metrics")))


def stored_result(pipeline: Pipeline, platform: str, run_id: str) -> dict[str, object] | None:
    """The result record that is stored under a run id."""
    query = SQL("SELECT document FROM {} WHERE run_id = %s")
    found = fetch(pipeline.target, query.format(_own_table(platform, "job_result")), run_id)
    return cast(dict[str, object], found[0][0]) if found else None


def said(pipeline: Pipeline, platform: str, result: JobResult) -> str:
    """All that was said of a run, anywhere: its document, the stored one, and the errors of the batch log."""
    stored = stored_result(pipeline, platform, result.run_id)
    return json.dumps([result.document(), stored, batch_log(pipeline, platform)], ensure_ascii=False)


def assert_done(result: JobResult) -> None:
    """The run did its batch."""
    assert result.code is ResultCode.DONE, result.error


def assert_laws_hold(pipeline: Pipeline, platform: str) -> None:
    """Every law that the engine can check on its real tables holds."""
    broken = [check for check in pipeline.runtime(platform).verify("Store1") if not check.holds]
    assert not broken, broken


def is_copied(pipeline: Pipeline, platform: str, dataset: str) -> bool:
    """Whether consumers see of a dataset what the producer has, in every column of theirs."""
    group = "LiveDSG" if platform.endswith("Live") else "ForensicDSG"
    view = Identifier("consumer1", f"{platform}_Consumer1_{group}_{dataset}_view".lower())
    theirs = SQL("SELECT ROW({})::text FROM {} ORDER BY 1")
    columns = SQL(", ").join(
        Identifier(column.name) for each in pipeline.datasets if each.name == dataset for column in each.columns
    )
    seen = fetch(pipeline.target, theirs.format(columns, view))
    return seen == fetch(pipeline.source, theirs.format(columns, Identifier(dataset)))


def follow(pipeline: Pipeline, *changes: Sequence[str]) -> list[Mapping[str, DatasetCounts]]:
    """Let both platforms copy the producer as it is, and after each of the changes, and check that they do; what the
    batches did, which is the same for both.
    """
    counts = []
    for statements in ((), *changes):
        pipeline.producer(*statements)
        results = [pipeline.run(platform) for platform in (LIVE, FORENSIC)]
        for result in results:
            assert_done(result)
            for dataset in pipeline.datasets:
                assert is_copied(pipeline, result.platform, dataset.name), dataset.name
        assert results[0].datasets == results[1].datasets
        counts.append(results[0].datasets)
    for platform in (LIVE, FORENSIC):
        assert_laws_hold(pipeline, platform)
    return counts


def _own_table(platform: str, name: str) -> Identifier:
    return Identifier(f"{platform.lower()}_{name}")

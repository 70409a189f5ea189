"""Housekeeping after a batch: records that are older than the platform keeps them go, in steps that are bounded."""

from datasurface.model import Milestoning
from datasurface_yellow.batch.records import Records
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store.connection import execute
from datasurface_yellow.store.statements import statement

MOST = 10_000
"""Rows of a table in one step: some tenths of a second, and more than any stream writes in an hour."""


def prune(records: Records, platform: YellowDataPlatform) -> None:
    """One step, in a transaction of its own. Nothing depends on it: what a step leaves, a later one takes."""
    keeps_past = platform.milestoning is Milestoning.FORENSIC
    names = records.names
    execute(
        records.session,
        statement("batch", "housekeeping.sql.j2", "prune", names=names, schema=names.schema, keeps_past=keeps_past),
        {
            "stream": records.stream,
            "keep_metrics": platform.keep_metrics,
            "keep_results": platform.keep_results,
            "most": MOST,
        },
    )
    records.session.commit()

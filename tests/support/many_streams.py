"""As many streams and batches as a large company has: their records as jobs write them, made by the server itself."""

from attrs import evolve
from psycopg2.extensions import connection as Connection

from datasurface.deployment import Deployment
from datasurface_yellow.store.catalog import platform_names
from datasurface_yellow.store.connection import execute
from datasurface_yellow.store.quoting import qualified

_BATCHES = """
INSERT INTO {batches} (stream, batch, status, run_id, generation, schema_hash, schema_columns, started_at, ingested_at,
    committed_at, datasets, seconds)
SELECT stream, batch, 'COMMITTED', 'run-' || batch, 1, '', '{{}}', at, at + interval '1 second',
    at + interval '2 seconds', jsonb_build_object('people', jsonb_build_object('read', 100, 'inserted', batch %% 7,
        'updated', 3, 'deleted', 1, 'unchanged', 90,
        'fingerprint', jsonb_build_object('rows', 1000 + batch, 'xor', '0', 'recipe', ''))),
    '{{"wait": 0.01, "source": 0.2, "transfer": 0.1, "merge": 0.3}}'
FROM (
    SELECT 's' || lpad(s::text, 5, '0') AS stream, batch,
        clock_timestamp() - (%(batches)s - batch) * interval '5 minutes' AS at
    FROM generate_series(1, %(streams)s) s, generate_series(1, %(batches)s) batch
) made
"""
_RESULTS = """
INSERT INTO {results} (stream, run_id, batch, code, document, at)
SELECT stream, run_id, batch, 0, jsonb_build_object('seconds', seconds, 'error', NULL), committed_at FROM {batches}
WHERE stream LIKE 's%%' AND batch > %(batches)s - 300
"""
"""Of a day and an hour: older ones are pruned in time."""


def many_streams(deployment: Deployment, count: int) -> Deployment:
    """A deployment with so many streams as its first is, each with views for the same workspaces."""
    first, views = deployment.streams[0], deployment.views
    keys = [f"s{number:05}" for number in range(1, count + 1)]
    return evolve(
        deployment,
        streams=tuple(evolve(first, key=key, store=key) for key in keys),
        views=tuple(
            evolve(view, stream=key, store=key, workspace=f"{view.workspace}x{number % 40}")
            for number, key in enumerate(keys)
            for view in views
        ),
    )


def fill_batches(session: Connection, deployment: Deployment, *, streams: int, batches: int) -> None:
    """Write the records of so many batches of each stream, one every five minutes until now; commits."""
    names = platform_names(deployment.platform.name, "public")
    tables = {
        "batches": qualified("public", names.batch_metrics),
        "results": qualified("public", names.job_result),
    }
    with session:
        for text in (_BATCHES, _RESULTS):
            execute(session, text.format(**tables), {"streams": streams, "batches": batches})
    session.autocommit = True
    for table in tables.values():
        execute(session, f"ANALYZE {table}")

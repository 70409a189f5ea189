"""Mutations of the engine's statements, each with the law that its test must kill it by."""

from attrs import frozen

from datasurface.milestoning import laws
from datasurface_yellow.merge.changed_keys import changed_keys
from datasurface_yellow.merge.descent import descend
from datasurface_yellow.merge.postgres import PostgresMerge
from datasurface_yellow.merge.receipt import check_merge, counts_of
from tests.postgres.merge.mutations import CodeEdit, Edit, SqlEdit
from tests.postgres.merge.variant import in_merge, in_stage, in_verify

_CLOSE = "SET {{ BATCH_OUT }} = %(batch)s - 1"
_CHANGED = "WHERE s.{{ ALL_HASH }} IS DISTINCT FROM m.{{ ALL_HASH }}"
_MATCHED = '{{ match(t.keys, "m", "s") }}'
_OPEN = 's.{{ ALL_HASH }}, %(batch)s{{ ", " ~ LIVE if t.is_forensic }}'
_COUNTED = "DatasetCounts(read, inserted, updated, deleted, read - inserted - updated)"
_NOT_UNIQUE = in_merge("CREATE UNIQUE INDEX", "CREATE INDEX")
_CLEAR = "DELETE FROM {{ qualified(t.schema, t.staging) }} WHERE {{ BATCH }} = %(batch)s"
_RESET = "SET status = 'STARTED', ingested_at = NULL, datasets = '{}', error = NULL,\n    receipt_failures = 0"


_GONE = "DELETE FROM {{ qualified(t.schema, t.history) }} WHERE {{ BATCH_OUT }} >= %(to)s AND {{ BATCH_IN }} > %(to)s"


@frozen
class Mutation:
    """A mistake and the law whose test finds it; others may, too."""

    law: laws.Law
    name: str
    edits: tuple[Edit, ...]


def _mutation(law: laws.Law, name: str, *edits: Edit) -> Mutation:
    return Mutation(law, name, edits)


MUTATIONS = (
    _mutation(
        laws.ONE_LIVE,
        "updated rows stay live, and no index minds",
        _NOT_UNIQUE,
        in_merge(_MATCHED, f"s.{{{{ OPERATION }}}} = 'D' AND {_MATCHED}", 2),
    ),
    _mutation(laws.NO_OVERLAP, "a version ends with the batch that closes it", in_merge(_CLOSE, _CLOSE[:-4])),
    _mutation(laws.ORDERED_ENDS, "a version ends a batch too early", in_merge(_CLOSE, _CLOSE.replace("- 1", "- 2"))),
    _mutation(laws.REAL_CHANGES, "unchanged rows are closed and opened", in_stage(_CHANGED, "WHERE true")),
    _mutation(
        laws.AS_OF_IS_SOURCE,
        "deletes are forgotten",
        in_stage(_CHANGED, f"{_CHANGED} AND s.{{{{ ALL_HASH }}}} IS NOT NULL"),
    ),
    _mutation(
        laws.LIVE_IS_FORENSIC,
        "a live row says it began a batch earlier",
        in_merge(_OPEN, _OPEN.replace("%(batch)s", "%(batch)s{{ '' if t.is_forensic else ' - 1' }}")),
    ),
    _mutation(
        laws.IDEMPOTENT,
        "equal rows are written again",
        CodeEdit(
            PostgresMerge._merge,
            "opened = cast(",
            'rows = f\'"{table.schema}"."{table.live}"\'\n'
            '    execute(self.session, f"UPDATE {rows} SET ds_surf_batch_in = ds_surf_batch_in")\n'
            "    opened = cast(",
        ),
    ),
    _mutation(
        laws.CRASH_SAFE,
        "what is merged is committed before the batch is",
        CodeEdit(
            PostgresMerge.prepare,
            "self._merge(table, batch, found.counts, former.rows)\n",
            "self._merge(table, batch, found.counts, former.rows)\n        self.session.commit()\n",
        ),
    ),
    _mutation(laws.TRACELESS, "a reset keeps what was staged", in_merge(_CLEAR, f"{_CLEAR} AND false")),
    _mutation(
        laws.TRACELESS,
        "a reset lets the next job merge",
        SqlEdit("batch/records.sql.j2", _RESET, "SET receipt_failures = 0"),
    ),
    _mutation(
        laws.TRACELESS,
        "a rollback leaves the history that later batches made",
        SqlEdit("merge/rollback.sql.j2", _GONE, f"{_GONE} AND false"),
    ),
    _mutation(
        laws.TRACELESS,
        "a rollback opens what was closed a batch before",
        SqlEdit("merge/rollback.sql.j2", "m.{{ BATCH_OUT }} >= %(to)s AND", "m.{{ BATCH_OUT }} >= %(to)s - 1 AND"),
    ),
    _mutation(
        laws.TRACELESS,
        "a replay merges what nobody staged",
        SqlEdit("merge/rollback.sql.j2", "WHERE {{ BATCH }} = %(former)s", "WHERE {{ BATCH }} = -%(former)s"),
    ),
    _mutation(
        laws.TRUE_COUNTS,
        "updates are counted as inserts",
        CodeEdit(counts_of, _COUNTED, "DatasetCounts(read, inserted + updated, 0, deleted, read - inserted - updated)"),
    ),
    _mutation(
        laws.RECEIPT,
        "the fingerprint keeps what was closed",
        CodeEdit(check_merge, "merged.closed_xor)", "0)"),
    ),
    _mutation(
        laws.RECEIPT,
        "verify does not compute hashes again",
        in_verify('{{ ALL_HASH }} <> {{ row_hash(t.columns, "m") }} OR ', ""),
    ),
    _mutation(
        laws.AS_OF_IS_SOURCE,
        "one bucket that differs is not looked at",
        CodeEdit(descend, "part, whole = ", "differing = differing[1:]\n    part, whole = "),
    ),
    _mutation(
        laws.AS_OF_IS_SOURCE,
        "as many rows pass for the same rows",
        CodeEdit(changed_keys, "if found == former:", "if found.rows == former.rows:"),
    ),
    _mutation(
        laws.CHANGES_CONNECT,
        "inserts are forgotten",
        in_stage(_CHANGED, f"{_CHANGED} AND m.{{{{ ALL_HASH }}}} IS NOT NULL"),
    ),
)

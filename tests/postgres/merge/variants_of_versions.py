"""Variants that close and open other versions than they should, count them wrong, or prove them wrong."""

from datasurface_yellow.merge.postgres import PostgresMerge
from datasurface_yellow.merge.receipt import check_merge, counts_of
from datasurface_yellow.merge.verify import _as_of, _receipt
from tests.postgres.merge.incidents import STAGING, TABLES
from tests.postgres.merge.mutations import RECEIPTS_IGNORED, CodeEdit
from tests.postgres.merge.scenarios import LIFE, SWAPS
from tests.postgres.merge.variant import Variant, in_merge, in_source, in_verify, variant

_CLOSE = "SET {{ BATCH_OUT }} = %(batch)s - 1"
_OPEN = 's.{{ ALL_HASH }}, %(batch)s{{ ", " ~ LIVE if t.is_forensic }}'
_COUNTED = "DatasetCounts(read, inserted, updated, deleted, read - inserted - updated)"
_FORENSIC_CLOSE = """UPDATE {{ qualified(t.schema, t.merge) }} m SET {{ BATCH_OUT }} = %(batch)s - 1
    FROM {{ qualified(t.schema, t.staging) }} s"""
_MATCHED = '{{ match(t.keys, "m", "s") }}'
_BEGAN_BEFORE = (
    "{% if t.is_forensic %}coalesce((SELECT min(x.{{ BATCH_IN }}) FROM {{ qualified(t.schema, t.merge) }} x "
    'WHERE {{ match(t.keys, "x", "s") }} HAVING max(x.{{ BATCH_OUT }}) < %(batch)s - 1), %(batch)s)'
    "{% else %}%(batch)s{% endif %}"
)

VARIANTS = (
    variant("a version ends with the batch that closes it", in_merge(_CLOSE, _CLOSE.replace(" - 1", "")), LIFE),
    variant("a version ends a batch too early", in_merge(_CLOSE, _CLOSE.replace("- 1", "- 2")), LIFE),
    variant("a version begins a batch too late", in_merge(_OPEN, _OPEN.replace("%(batch)s", "%(batch)s + 1")), LIFE),
    variant(
        "the first load is of batch 0",
        in_source('%(batch)s::int{{ ", " ~ LIVE if forensic }}', '%(batch)s::int - 1{{ ", " ~ LIVE if forensic }}'),
        LIFE,
    ),
    variant(
        "closing takes the closed versions of a key too",
        in_merge("m.{{ BATCH_OUT }} = {{ LIVE }} AND ", ""),
        LIFE,
    ),
    variant(
        "a closed version is deleted",
        in_merge(
            _FORENSIC_CLOSE,
            "DELETE FROM {{ qualified(t.schema, t.merge) }} m\n    USING {{ qualified(t.schema, t.staging) }} s",
        ),
        LIFE,
    ),
    variant(
        "updated keys are not closed",
        in_merge(_MATCHED, f"s.{{{{ OPERATION }}}} = 'D' AND {_MATCHED}", 2),
        LIFE,
    ),
    variant(
        "a key that comes back continues its old version",
        in_merge(_OPEN, _OPEN.replace("%(batch)s", _BEGAN_BEFORE)),
        LIFE,
    ),
    variant(
        "what older batches staged is merged again",
        in_merge("WHERE s.{{ BATCH }} = %(batch)s AND s.{{ OPERATION }} = 'U'", "WHERE s.{{ OPERATION }} = 'U'"),
        LIFE,
    ),
    Variant(
        "what older batches staged closes again",
        (
            in_merge(f"= %(batch)s AND {_MATCHED}", f"<= %(batch)s AND {_MATCHED}"),
            in_merge("= %(batch)s AND m.{{ BATCH_OUT }}", "<= %(batch)s AND m.{{ BATCH_OUT }}"),
        ),
        (LIFE,),
    ),
    variant(
        "columns change places on their way out of staging",
        in_merge('{{ column_list(t.columns, "s") }}', '{{ column_list(t.columns[:1] + t.columns[:0:-1], "s") }}'),
        SWAPS,
    ),
    variant(
        "equal rows are written again",
        CodeEdit(
            PostgresMerge._merge,
            "opened = cast(",
            'rows = f\'"{table.schema}"."{table.live}"\'\n'
            '    execute(self.session, f"UPDATE {rows} SET ds_surf_batch_in = ds_surf_batch_in")\n'
            "    opened = cast(",
        ),
        LIFE,
    ),
    variant(
        "updates are counted as inserts",
        CodeEdit(counts_of, _COUNTED, "DatasetCounts(read, inserted + updated, 0, deleted, read - inserted - updated)"),
        LIFE,
    ),
    variant(
        "unchanged counts the updates too",
        CodeEdit(counts_of, _COUNTED, "DatasetCounts(read, inserted, updated, deleted, read - inserted)"),
        LIFE,
    ),
    variant(
        "the rows that were opened count as inserted",
        CodeEdit(check_merge, "merged.opened - merged.replaced,", "merged.opened,"),
        LIFE,
    ),
    variant(
        "deletes are not reported",
        CodeEdit(
            check_merge,
            "return counts, ",
            "return counts_of(counts.read, counts.inserted, counts.updated, 0), ",
        ),
        LIFE,
    ),
    variant(
        "the fingerprint keeps what was closed",
        CodeEdit(check_merge, "merged.closed_xor)", "0)"),
        LIFE,
    ),
    variant(
        "the receipt takes the hashes that came instead of its own",
        in_merge('RETURNING {{ row_hash(t.columns, "m") }} AS hash', "RETURNING m.{{ ALL_HASH }} AS hash"),
        STAGING,
    ),
    Variant("receipts are ignored", RECEIPTS_IGNORED, (STAGING,)),
    variant(
        "verify does not compute hashes again",
        in_verify('{{ ALL_HASH }} <> {{ row_hash(t.columns, "m") }} OR ', ""),
        TABLES,
    ),
    variant(
        "verify looks at the last batch only",
        CodeEdit(_as_of, "committed if checker.table.is_forensic else committed[-1:]", "committed[-1:]"),
        TABLES,
    ),
    variant(
        "verify does not mind when live rows began",
        CodeEdit(_receipt, "live.versions != last.versions", "False"),
        TABLES,
    ),
)

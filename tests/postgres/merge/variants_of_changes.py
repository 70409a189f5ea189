# ruff: noqa: S608 the statements of the engine, with its own placeholders
"""Variants that find other changes than there are, or fetch other rows than those that changed."""

from datasurface_yellow.merge.changed_keys import _compare, _fetch_pieces, changed_keys
from datasurface_yellow.merge.descent import descend
from datasurface_yellow.merge.postgres import PostgresMerge
from datasurface_yellow.merge.receipt import check_deletes
from tests.postgres.merge.incidents import MOVING_PRODUCER, STAGING
from tests.postgres.merge.mutations import CodeEdit
from tests.postgres.merge.scenarios import GUARD, GUARD_AT_ITS_LINE, LIFE, MANY_ROWS, REFUSED
from tests.postgres.merge.variant import in_source, in_stage, variant

_CHANGED = "WHERE s.{{ ALL_HASH }} IS DISTINCT FROM m.{{ ALL_HASH }}"
_KEYS = "SELECT {{ casts(keys, 't') }}, {{ row_hash(columns, 't') }} FROM {{ table }} t"
_KEY_IS_WHOLE = "ROW({{ column_list(keys, 't') }}) IS NOT NULL"
_WANTED = "ds_surf_number > %(after)s AND ds_surf_number <= %(up_to)s"
_OLD_STAGING = "WHERE {{ BATCH }} >= %(batch)s OR {{ BATCH }} < %(keep_from)s"

VARIANTS = (
    variant("deletes are forgotten", in_stage(_CHANGED, f"{_CHANGED} AND s.{{{{ ALL_HASH }}}} IS NOT NULL"), LIFE),
    variant(
        "deletes are counted and not staged",
        in_stage(
            "FROM pg_temp.ds_surf_changes WHERE {{ OPERATION }} = 'D'",
            "FROM pg_temp.ds_surf_changes WHERE false",
        ),
        LIFE,
    ),
    variant(
        "updates are forgotten",
        in_stage(_CHANGED, f"{_CHANGED} AND (s.{{{{ ALL_HASH }}}} IS NULL OR m.{{{{ ALL_HASH }}}} IS NULL)"),
        LIFE,
    ),
    variant("inserts are forgotten", in_stage(_CHANGED, f"{_CHANGED} AND m.{{{{ ALL_HASH }}}} IS NOT NULL"), LIFE),
    variant("unchanged rows count as changed", in_stage(_CHANGED, "WHERE true"), LIFE),
    variant(
        "equal counts pass for no change",
        in_stage(
            _CHANGED,
            f"{_CHANGED} AND (SELECT count(*) FROM pg_temp.ds_surf_incoming) <> "
            "(SELECT count(*) FROM {{ qualified(t.schema, t.live) }})",
        ),
        LIFE,
    ),
    variant(
        "the source is compared with all versions, not the live ones",
        in_stage(
            "{{ ALL_HASH }} FROM {{ qualified(t.schema, t.live) }}",
            "{{ ALL_HASH }} FROM {{ qualified(t.schema, t.merge) }}",
        ),
        LIFE,
    ),
    variant(
        "duplicate keys of the source become one",
        in_source(_KEYS, _KEYS.replace("SELECT", "SELECT DISTINCT ON ({{ column_list(keys, 't') }})"), times=2),
        REFUSED,
    ),
    variant(
        "rows with NULL in the key are left out",
        in_source(
            _KEYS, _KEYS.replace("{{ table }}", f"(SELECT * FROM {{{{ table }}}} t WHERE {_KEY_IS_WHOLE})"), times=2
        ),
        REFUSED,
    ),
    variant(
        "the fingerprint is its count alone",
        CodeEdit(
            changed_keys,
            "Fingerprint(*source.fingerprint(table.name), table.recipe) == former",
            "source.fingerprint(table.name).rows == former.rows",
        ),
        LIFE,
    ),
    variant(
        "the sums of buckets are their counts alone",
        CodeEdit(
            descend, "there.get(number) != here.get(number)", "there.get(number, [0])[0] != here.get(number, [0])[0]"
        ),
        LIFE,
    ),
    variant("the delete guard is off", CodeEdit(_compare, "if not guard.allow_deletes:", "if False:"), GUARD),
    variant("the delete guard cannot be lifted", CodeEdit(_compare, "if not guard.allow_deletes:", "if True:"), GUARD),
    variant("no rows are too few deletes", CodeEdit(check_deletes, "if before and not read:", "if False:"), GUARD),
    variant("the guard is for large tables", CodeEdit(check_deletes, "before > GUARDED_ROWS", "before > 200"), GUARD),
    variant(
        "the guard refuses what is exactly allowed",
        CodeEdit(check_deletes, "deleted / before > fraction", "deleted / before >= fraction"),
        GUARD_AT_ITS_LINE,
    ),
    variant(
        "the guard's line is off by a rounding error",
        CodeEdit(check_deletes, "before and deleted / before > fraction", "deleted > fraction * before"),
        GUARD_AT_ITS_LINE,
    ),
    variant("the last key of a piece is not asked for", in_stage(_WANTED, _WANTED.replace("<=", "<")), MANY_ROWS),
    variant("the first key of a piece is asked for twice", in_stage(_WANTED, _WANTED.replace(">", ">=")), MANY_ROWS),
    variant(
        "the first piece of keys is not asked for",
        CodeEdit(_fetch_pieces, "range(0, last, PIECE)", "range(PIECE, last, PIECE)"),
        MANY_ROWS,
    ),
    variant(
        "all rows that came are staged, not those that changed",
        in_stage(
            'JOIN pg_temp.ds_surf_changes c ON {{ match(t.keys, "f", "c") }}\nWHERE c.{{ OPERATION }} <> \'D\'',
            "WHERE true",
        ),
        LIFE,
    ),
    variant(
        "the staging of an earlier try is not cleared",
        in_stage(_OLD_STAGING, "WHERE {{ BATCH }} < %(keep_from)s"),
        STAGING,
    ),
    variant("old staging is kept for ever", in_stage(_OLD_STAGING, "WHERE {{ BATCH }} >= %(batch)s"), LIFE),
    variant(
        "every read sees another moment of the source",
        in_source("ISOLATION LEVEL REPEATABLE READ", "ISOLATION LEVEL READ COMMITTED"),
        MOVING_PRODUCER,
    ),
    variant(
        "each table is merged in a transaction of its own",
        CodeEdit(
            PostgresMerge.prepare,
            "self._merge(table, batch, found.counts, former.rows)\n",
            "self._merge(table, batch, found.counts, former.rows)\n        self.session.commit()\n",
        ),
        STAGING,
    ),
)

"""Mistakes in the engine that the state machine must find: two of merging, and those that only changes of the model
reveal.
"""

from collections.abc import Mapping

from datasurface_yellow.batch.state import decide
from datasurface_yellow.batch.store import refuse_older_model
from tests.postgres.merge.law_mutations import MUTATIONS
from tests.postgres.merge.mutations import CodeEdit, Edit, SqlEdit

_HASHES = "ALTER COLUMN {{ KEY_HASH }} TYPE bigint"
_EMPTIED = "ALTER COLUMN {{ column.quoted }} TYPE {{ column.type.base }} USING NULL, "
_OF_MERGING = ("a rollback leaves the history that later batches made", "deletes are forgotten")

MISTAKES: Mapping[str, tuple[Edit, ...]] = {
    **{mutation.name: mutation.edits for mutation in MUTATIONS if mutation.name in _OF_MERGING},
    "a rewrite empties columns that the model has no longer": (
        SqlEdit("deploy/alter.sql.j2", _HASHES, f"{{% for column in t.retired %}}{_EMPTIED}{{% endfor %}}{_HASHES}"),
    ),
    "what was staged under other columns is merged": (
        CodeEdit(decide, "    if last.schema_hash != schema_hash:\n", "    if False:\n"),
    ),
    "a late job of an older model empties columns": (
        CodeEdit(refuse_older_model, "if has_read(", "if False and has_read("),
    ),
}

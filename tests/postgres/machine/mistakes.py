"""Mistakes in the engine that the state machine must find: two of merging, and those that only changes of the model
reveal.
"""

from collections.abc import Mapping

from attrs import frozen

from datasurface_yellow.batch.state import decide
from datasurface_yellow.batch.store import refuse_older_model
from tests.postgres.merge.law_mutations import MUTATIONS
from tests.postgres.merge.mutations import CodeEdit, Edit, SqlEdit

_HASHES = "ALTER COLUMN {{ KEY_HASH }} TYPE bigint"
_EMPTIED = "ALTER COLUMN {{ column.quoted }} TYPE {{ column.type.base }} USING NULL, "
_OF_MERGING = ("a rollback leaves the history that later batches made", "deletes are forgotten")


@frozen
class Mistake:
    """A mistake, and the rules of the machine whose steps reveal it."""

    edits: tuple[Edit, ...]
    rules: tuple[str, ...]


MISTAKES: Mapping[str, Mistake] = {
    **{
        mutation.name: Mistake(mutation.edits, ("batch", "rollback"))
        for mutation in MUTATIONS
        if mutation.name in _OF_MERGING
    },
    "a rewrite empties columns that the model has no longer": Mistake(
        (SqlEdit("deploy/alter.sql.j2", _HASHES, f"{{% for column in t.retired %}}{_EMPTIED}{{% endfor %}}{_HASHES}"),),
        ("batch", "the_model_changes"),
    ),
    "what was staged under other columns is merged": Mistake(
        (CodeEdit(decide, "    if last.schema_hash != schema_hash:\n", "    if False:\n"),),
        ("batch_whose_time_is_up", "the_model_changes"),
    ),
    "a late job of an older model empties columns": Mistake(
        (CodeEdit(refuse_older_model, "if has_read(", "if False and has_read("),),
        ("batch", "job_of_an_older_model"),
    ),
}

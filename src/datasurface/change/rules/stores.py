"""Datastores: whether they stay, who relies on them, and how they are read."""

from datetime import timedelta
from typing import cast

from datasurface.change.consequences import impossible, lost, seen, span, tables_in, tables_of
from datasurface.change.consumption import Consumer, Models
from datasurface.change.diff import Change, ChangeKind
from datasurface.change.verdicts import Opinion, compatible, rule, worst
from datasurface.model import (
    Capture,
    Datastore,
    ProductionStatus,
    SqlCapture,
    SqlSnapshot,
    SqlWatermark,
    Workspace,
)

_ADDED, _REMOVED = ChangeKind.ADDED, ChangeKind.REMOVED


@rule("CC301", "A datastore is added", (Datastore, _ADDED))
def added(change: Change, models: Models) -> Opinion:
    """Nobody consumes it yet. One that the old model had elsewhere has moved: what differs is judged where it went."""
    store = cast(Datastore, change.new)
    if store.name in models.old.stores:
        return compatible(f"datastore {store.name} stands here now")
    return compatible(f"datastore {store.name} is new")


@rule("CC302", "A datastore is removed, or has another owner", (Datastore, _REMOVED))
def removed(change: Change, models: Models) -> Opinion:
    """A datastore goes with all its datasets, which must not vanish while they are consumed. One that the new model has
    in another place stays what it is, since consumers name it by its own name; they are told who answers for it, and
    what else differs is judged as ever."""
    return gone(models, cast(Datastore, change.old))


def gone(models: Models, store: Datastore) -> Opinion:
    """What it means that a datastore is not where it was."""
    after = models.new.stores.get(store.name)
    if after is not None:
        owner = next(element.key() for element in reversed(after[:-1]) if not isinstance(element, Datastore))
        return seen(models, tables_in(store), f"datastore {store.name} belongs to {owner} now")
    return lost(models, tables_in(store), f"datastore {store.name} goes")


@rule("CC303", "A datastore has another name", (Datastore, "name"))
def renamed(change: Change, models: Models) -> Opinion:
    """Consumers, tables and streams are called after the datastore. Under another name it is another one."""
    old = cast(Datastore, change.before[-1])
    return lost(models, tables_in(old), f"datastore {old.name} is called {change.new} and is another one by that")


@rule("CC304", "A datastore goes into production, or out of it", (Datastore, "production_status"))
def other_status(change: Change, models: Models) -> Opinion:
    """Who is in production may use only what is in production, so a datastore cannot leave it while production
    consumers are there."""
    store = cast(Datastore, change.after[-1])
    if change.new is ProductionStatus.PRODUCTION:
        return compatible(f"datastore {store.name} is in production now")

    def is_in_production(consumer: Consumer) -> bool:
        after = models.new.workspaces.get(consumer.workspace.name)
        workspace = after[-1] if after is not None and isinstance(after[-1], Workspace) else consumer.workspace
        return workspace.production_status is ProductionStatus.PRODUCTION

    what = f"datastore {store.name} is not in production any more"
    return lost(models, tables_of(change), what, among=is_in_production)


@rule("CC305", "A datastore is captured in another way", (Datastore, "capture"))
def other_capture(change: Change, models: Models) -> Opinion:
    """Rows are found by other means. By a watermark, rows that are deleted stay and changes without a new watermark are
    not seen; by a snapshot, everything that was missed is found at once, in one batch. Consumers are told. A datastore
    that is cut into streams otherwise is another one for its tables."""
    old, new, tables = cast(Capture, change.old), cast(Capture, change.new), tables_of(change)
    opinions = [seen(models, tables, f"it is a {type(new).__name__} instead of a {type(old).__name__}{_promise(new)}")]
    if old.consistency is not new.consistency:
        opinions.append(_other_streams(models, change))
    return worst(opinions, opinions[0])


def _promise(capture: Capture) -> str:
    if isinstance(capture, SqlWatermark):
        return ", so deletes and changes under an old watermark are not seen any more"
    if isinstance(capture, SqlSnapshot):
        return ", so the next batch finds deletes and whatever was missed"
    return ""


@rule("CC306", "A datastore is cut into streams otherwise", (Capture, "consistency"))
def other_consistency(change: Change, models: Models) -> Opinion:
    """One stream for all datasets, or one for each: the numbers of batches, which versions carry, are those of a
    stream. Those of another would count from 1 again, so tables that stand cannot follow."""
    return _other_streams(models, change)


def _other_streams(models: Models, change: Change) -> Opinion:
    what = "its streams are cut otherwise (consistency=), and batches would count from 1 again"
    return impossible(
        models, tables_of(change), what, "take it back, or model it as a new datastore beside the old one"
    )


@rule("CC307", "Rows come from another container", (Capture, "container"))
def other_container(change: Change, models: Models) -> Opinion:
    """Whether another database has the same rows is not for the model to say: the next batch takes the difference as
    changes, inserts and deletes, which are guarded as ever. Consumers are told."""
    return seen(models, tables_of(change), "its rows come from a container of another kind")


@rule("CC308", "Rows come from other tables", (SqlCapture, "schema"), (SqlCapture, "tables"))
def other_tables(change: Change, models: Models) -> Opinion:
    """The same as with another container, for the datasets whose table is another one."""
    old, new = cast(SqlCapture, change.before[-1]), cast(SqlCapture, change.after[-1])
    tables = [
        (store, dataset)
        for store, dataset in tables_of(change)
        if change.attribute == "schema" or old.table_of(dataset) != new.table_of(dataset)
    ]
    if not tables:
        return compatible("the tables are written otherwise, and are the same")
    places = (
        f"schema {new.schema}" if change.attribute == "schema" else ", ".join(new.table_of(name) for _, name in tables)
    )
    return seen(models, tables, f"their rows come from {places}, and the next batch takes what differs for changes")


@rule("CC309", "The producer does more or less of the work", (SqlCapture, "hash_at_source"))
def other_work(change: Change, _models: Models) -> Opinion:
    """Who computes the hashes changes the load and no row."""
    return compatible(
        "the producer computes the hashes of its rows" if change.new else "the producer only sends its rows"
    )


@rule("CC310", "Another column is the watermark", (SqlWatermark, "column"))
def other_watermark(change: Change, models: Models) -> Opinion:
    """The mark that was reached is one of the old column, so the next batch reads every row once. From then on other
    rows count as changed: consumers are told, because a column that rises less often hides changes."""
    old, new = cast(SqlWatermark, change.before[-1]), cast(SqlWatermark, change.after[-1])
    tables = [table for table in tables_of(change) if old.column_of(table[1]) != new.column_of(table[1])]
    if not tables:
        return compatible("the watermarks are written otherwise, and are the same")
    return seen(models, tables, "another column says which rows are due; the next batch reads every row once")


@rule("CC311", "A row may be later or less late", (SqlWatermark, "window"))
def other_window(change: Change, models: Models) -> Opinion:
    """A longer window reads more rows and misses fewer. A shorter one, or one in other units, can miss rows that were
    found before, and consumers are told."""
    old, new = change.old, change.new
    is_longer = (isinstance(old, timedelta) and isinstance(new, timedelta) and new >= old) or (
        isinstance(old, int) and isinstance(new, int) and new >= old
    )
    if is_longer:
        return compatible(f"rows may come as late as {_span(new)}")
    return seen(models, tables_of(change), f"rows that come later than {_span(new)} are missed; it was {_span(old)}")


def _span(window: object) -> str:
    return span(window) if isinstance(window, timedelta) else str(window)


@rule("CC312", "A batch reads more or fewer rows", (SqlWatermark, "rows_per_batch"))
def other_part(_change: Change, _models: Models) -> Opinion:
    """A backlog comes in other parts, and is the same in the end."""
    return compatible("a backlog is read in other parts")


@rule("CC313", "A datastore has its datasets in another order", (Datastore, "datasets"))
def other_order(_change: Change, _models: Models) -> Opinion:
    """The order of datasets means nothing."""
    return compatible("the order of datasets means nothing")

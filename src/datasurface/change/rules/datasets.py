"""Datasets: whether they stay, and what their owner promises of them."""

from typing import cast

from datasurface.change.consequences import DEPRECATE, lost, names, seen, tables_of
from datasurface.change.consumption import Consumer, Models, Table
from datasurface.change.diff import Change, ChangeKind
from datasurface.change.verdicts import Opinion, breaking, compatible, notice, rule, worst
from datasurface.model import Approval, Dataset, Datastore, Deprecation, ForeignKey

_ADDED, _REMOVED = ChangeKind.ADDED, ChangeKind.REMOVED
_DEFAULT_DELETES = 0.5


@rule("CC201", "A dataset is added", (Dataset, _ADDED))
def added(change: Change, _models: Models) -> Opinion:
    """Nobody consumes it yet, and nothing is read before somebody does."""
    return compatible(f"dataset {cast(Dataset, change.new).name} is new")


@rule("CC202", "A dataset is removed", (Dataset, _REMOVED))
def removed(change: Change, models: Models) -> Opinion:
    """What is consumed must not vanish before its deprecation has run out, in a model that was in force. Consumers that
    withdraw their sinks in the same change have said that they can do without."""
    return lost(models, tables_of(change), f"dataset {cast(Dataset, change.old).name} goes")


@rule("CC203", "A foreign key is added or removed", (ForeignKey, _ADDED), (ForeignKey, _REMOVED))
def other_foreign_key(change: Change, models: Models) -> Opinion:
    """A new foreign key promises more than before. Without one consumers can rely on it no longer, so they are told;
    tables and views stay as they are."""
    key = cast(ForeignKey, change.element)
    what = f"the reference {', '.join(key.columns)} to {key.dataset}"
    if change.kind is _ADDED:
        return compatible(f"{what} is promised")
    return seen(models, tables_of(change), f"{what} is not promised any more")


@rule(
    "CC204",
    "A foreign key says otherwise what it is",
    (Dataset, "foreign_keys"),
    (ForeignKey, "columns"),
    (ForeignKey, "dataset"),
)
def foreign_keys_written_otherwise(_change: Change, _models: Models) -> Opinion:
    """Another order of the foreign keys means the same."""
    return compatible("foreign keys are written otherwise")


@rule("CC205", "A batch may delete more or fewer rows", (Dataset, "max_delete_fraction"))
def other_delete_guard(change: Change, models: Models) -> Opinion:
    """`max_delete_fraction` guards consumers against a source that is half empty. Where it lets more pass than before,
    they are told; a stricter guard refuses a batch at most."""
    old, new = (_DEFAULT_DELETES if value is None else cast(float, value) for value in (change.old, change.new))
    if new <= old:
        return compatible(f"a batch may delete {new:.0%} of the live rows, and could delete {old:.0%}")
    return seen(models, tables_of(change), f"a batch may delete {new:.0%} of the live rows, and could delete {old:.0%}")


@rule("CC206", "Values of added columns arrive in another way", (Dataset, "on_add"))
def other_fill(_change: Change, _models: Models) -> Opinion:
    """`on_add` says how rows of before get the values of columns that are added: consumers see new versions, or find
    that the rows always had them. It says nothing of the columns that are there."""
    return compatible("columns that are added from now on get their values in another way")


@rule(
    "CC207",
    "A deprecation is set, changed or taken back",
    (Deprecation, _ADDED),
    (Deprecation, _REMOVED),
    (Deprecation, "until"),
    (Dataset, "deprecation"),
    (Datastore, "deprecation"),
)
def other_deprecation(change: Change, models: Models) -> Opinion:
    """A deprecation is a promise: what it is of stays until that day. So consumers are told of it, of a later day, and
    when it is taken back. Refused while somebody consumes the dataset are an earlier day than the one that was
    promised, and a first one that is not after today: it could vanish without notice. Who takes a promise back can set
    an earlier day in a second change, which consumers are told of twice, and which is to come, too."""
    return worst(
        (_promise(models, table) for table in tables_of(change) if models.old.consumers.get(table)),
        compatible(f"no group sinks anything of {change.before[-1].key() or change.before[-2].key()}"),
    )


def _promise(models: Models, table: Table) -> Opinion:
    old, new, dataset = models.old.deprecation(table), models.new.deprecation(table), ".".join(table)
    consumers = names(models.old.consumers[table])
    stays = bool(models.staying(table))
    if new is None:
        if old is None:
            return compatible(f"{dataset} is as it was")
        return notice(f"{dataset} stays; it can be relied on again by {consumers}")
    until = new.until.isoformat()
    if old is None:
        if stays and models.today >= new.until:
            hint = "give a day after today, so that they can find something else"
            return breaking(
                f"{dataset} is deprecated until {until}, which is not after today, and is consumed by {consumers}", hint
            )
        return notice(f"{dataset} goes, and can be relied on until {until}; consumed by {consumers}")
    if new.until < old.until and stays and not models.deprecation_ran_out(table):
        what = (
            f"{dataset} was promised until {old.until.isoformat()}, and now until {until} only; consumed by {consumers}"
        )
        return breaking(what, "keep the day, or give a later one")
    if new.until == old.until:
        return compatible(f"{dataset} can be relied on until {until}, as before")
    return notice(
        f"{dataset} can be relied on until {until} instead of {old.until.isoformat()}; consumed by {consumers}"
    )


@rule("CC208", "A deprecation names something else instead", (Deprecation, "replacement"))
def other_replacement(change: Change, models: Models) -> Opinion:
    """Consumers that have begun to move to the replacement are told."""
    return seen(
        models, tables_of(change), f"its replacement is {change.new or 'nothing'} instead of {change.old or 'nothing'}"
    )


@rule("CC209", "A dataset may be sunk by anybody, or by approval", (Dataset, "requires_approval"))
def other_approval_duty(change: Change, models: Models) -> Opinion:
    """With approvals, only the workspaces that have one may consume: refused while others do. Without, everybody may,
    and whoever consumes is told, because that was not what they were promised."""
    (table,), dataset = tables_of(change), cast(Dataset, change.after[-1])
    if not change.new:
        return seen(
            models, [table], f"dataset {dataset.name} asks for no approval any more: every workspace may sink it"
        )
    what = f"dataset {dataset.name} asks for an approval that they have not"
    approved = {approval.workspace for approval in dataset.approvals}
    if all(consumer.workspace.name in approved for consumer in models.old.consumers.get(table, ())):
        return compatible(f"dataset {dataset.name} asks for approval, and all its consumers have it")
    return lost(
        models,
        [table],
        what,
        "approve them in the same change: approvals=[Approval(workspace, reason=...)]",
        among=lambda consumer: consumer.workspace.name not in approved,
    )


@rule("CC210", "An approval is given or withdrawn", (Approval, _ADDED), (Approval, _REMOVED), (Approval, "workspace"))
def other_approval(change: Change, models: Models) -> Opinion:
    """An approval that is withdrawn while its workspace consumes the dataset takes it away at once, so it is refused
    like a removal. Where the dataset asks for none any more, it means nothing."""
    (table,), approval = tables_of(change), cast(Approval, change.element)
    if change.kind is _ADDED:
        return compatible(f"{approval.workspace} may sink dataset {table[1]}")
    what = f"{approval.workspace} may not sink dataset {table[1]} any more"
    dataset = models.new.dataset(table)
    if dataset is None or not dataset.requires_approval:
        return compatible(f"{approval.workspace} has no approval any more, and dataset {table[1]} asks for none")

    def is_of_it(consumer: Consumer) -> bool:
        return consumer.workspace.name == approval.workspace

    if approval.workspace not in models.old.readers.get(table, ()):
        return compatible(f"{what}, and does not")
    return lost(
        models, [table], what, f"let {approval.workspace} withdraw its sinks first, or {DEPRECATE}", among=is_of_it
    )

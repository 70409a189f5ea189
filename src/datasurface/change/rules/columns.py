"""Columns: what happens to the values that consumers read, and to the tables that hold them."""

from typing import cast

from datasurface.change.consequences import impossible, lost, names, seen, tables_of
from datasurface.change.consumption import Models, Table
from datasurface.change.diff import Change, ChangeKind
from datasurface.change.same import rename_of
from datasurface.change.type_change import TypeChange, type_change
from datasurface.change.verdicts import Opinion, compatible, notice, rule
from datasurface.classification import Classification
from datasurface.model import Column, Dataset
from datasurface.types import DataType

_ADDED, _REMOVED = ChangeKind.ADDED, ChangeKind.REMOVED
NEW_DATASET = "model it as a new dataset or column beside the old one, and deprecate that"


@rule("CC101", "A column is renamed", (Column, _REMOVED), (Column, _ADDED))
def renamed(change: Change, models: Models) -> Opinion | None:
    """A column that says `renamed_from=` keeps its values and its history, and views show it under its new name:
    queries that name the old one must follow, so consumers are told. It is allowed, because the producer's column has
    its new name whatever the model says, and a batch that looks for the old one is refused for everybody. What else
    differs between the two columns is judged as if they had one name."""
    found = rename_of(change, models)
    if found is None:
        return None
    before, after = found[0][-1].key(), found[1][-1].key()
    what = f"column {before} is called {after} from now on, with its values and its history"
    return seen(models, tables_of(change), what)


@rule("CC102", "A column is added", (Column, _ADDED))
def added(change: Change, models: Models) -> Opinion:
    """A column that may be NULL can be added at any time: rows that were merged before have no value in it until one
    arrives. One that may not be NULL is allowed, too, and consumers are told: rows and history of before have no value
    in it all the same, only the source must. A column of the key changes what a row is, so no table can follow."""
    column, tables = cast(Column, change.new), tables_of(change)
    if column.primary_key:
        return impossible(models, tables, f"column {column.name} joins the key", NEW_DATASET)
    if not column.nullable:
        return seen(models, tables, f"column {column.name} is new, and rows of before have no value in it")
    return compatible(f"column {column.name} is new, and may be NULL")


@rule("CC103", "A column is removed", (Column, _REMOVED))
def removed(change: Change, models: Models) -> Opinion:
    """Views lose the column with all its history, so it must not go while somebody consumes its dataset, before the
    dataset's deprecation has run out. Without the key column no table can follow at any time. A column that was renamed
    must say so with `renamed_from=`: otherwise it is one that goes, and another one that comes without its values."""
    column = cast(Column, change.old)
    (table,) = tables_of(change)
    if column.primary_key:
        return impossible(models, [table], f"column {column.name} leaves the key", _hint(models, table, column))
    return lost(models, [table], f"column {column.name} goes", _hint(models, table, column))


def _hint(models: Models, table: Table, gone: Column) -> str:
    """The declaration to write, where a column came that can be the one that went; else to deprecate."""
    had = models.old.columns(table)
    for column in models.new.columns(table).values():
        follows = type_change(gone.type, column.type) in (TypeChange.SAME, TypeChange.WIDENED)
        if column.name not in had and follows and column.primary_key == gone.primary_key and not column.renamed_from:
            return (
                f'if it is called {column.name} now, say so: Column("{column.name}", ..., renamed_from="{gone.name}")'
            )
    return (
        NEW_DATASET
        if gone.primary_key
        else "keep it, or deprecate the dataset and offer one without the column beside it"
    )


@rule("CC104", "A column has another type", (Column, "type"))
def other_type(change: Change, models: Models) -> Opinion:
    """A wider type of the same family holds every value, so types may widen: whole numbers and floats to more bytes,
    texts to more characters or no limit, decimals to more digits before the point. A type with other blanks (`Char`) or
    more digits after the point writes every value otherwise, so every row gets a new version. A narrower one does not
    hold what the source and the history may have. Another family is a conversion, which no table can follow."""
    column, tables = cast(Column, change.after[-1]), tables_of(change)
    old, new = cast(DataType, change.old), cast(DataType, change.new)
    what = f"column {column.name} was {old!r} and is {new!r}"
    match type_change(old, new):
        case TypeChange.SAME | TypeChange.WIDENED:
            return compatible(f"{what}, which holds every value of before")
        case TypeChange.RESHAPED:
            return seen(models, tables, f"{what}: every value is written otherwise, so every row gets a new version")
        case TypeChange.NARROWED:
            return lost(models, tables, f"{what}, which does not hold every value of before", NEW_DATASET)
    return impossible(models, tables, f"{what}, another family of types", NEW_DATASET)


@rule("CC105", "A column may be NULL, or may not", (Column, "nullable"))
def other_nullability(change: Change, models: Models) -> Opinion:
    """Consumers are told both ways. Where NULL is allowed, queries meet it that never did. Where it is not any more,
    a batch that finds one at the source is refused, and rows of before may still have it."""
    column = cast(Column, change.after[-1])
    if change.new:
        what = f"column {column.name} may be NULL from now on"
    else:
        what = f"column {column.name} may not be NULL any more: a batch with one is refused, rows of before keep theirs"
    return seen(models, tables_of(change), what)


@rule("CC106", "A column joins or leaves the key", (Column, "primary_key"))
def other_key(change: Change, models: Models) -> Opinion:
    """The key says which rows of two batches are the same. With another one the history of every row would be
    another's, so a dataset that somebody consumes keeps its key."""
    column = cast(Column, change.after[-1])
    what = f"column {column.name} {'joins' if change.new else 'leaves'} the key"
    return impossible(models, tables_of(change), what, NEW_DATASET)


@rule("CC107", "A column or dataset is classified otherwise", (Column, "classification"), (Dataset, "classification"))
def other_classification(change: Change, models: Models) -> Opinion:
    """Protection never waits for consumers, so no classification is refused here; the policies decide by lint what may
    be. A higher one takes the values from workspaces whose `clearance=` does not name it; a lower one, or the first,
    shows them to more. Both are told. A dataset's own counts for columns that have none."""
    old, new = cast("Classification | None", change.old), cast("Classification | None", change.new)
    (table,), element = tables_of(change), change.after[-1]
    what = f"{type(element).__name__.lower()} {element.key()}"
    if isinstance(element, Dataset) and all(column.classification for column in element.columns):
        return compatible(f"{what} is classified {_word(new)}, and every column has a classification of its own")
    consumers = models.old.consumers.get(table, ())
    blind = [consumer for consumer in consumers if _reads(consumer.workspace.clearance, old)]
    blind = [consumer for consumer in blind if not _reads(consumer.workspace.clearance, new)]
    if blind:
        return notice(
            f"{what} was {_word(old)}, is {_word(new)}; not readable any more, without clearance, by {names(blind)}",
            "let the owner of those workspaces ask for the clearance before",
        )
    direction = "more" if _rank(new) > _rank(old) else "less"
    return seen(models, [table], f"{what} was {_word(old)} and is {_word(new)}: its values are protected {direction}")


def _reads(clearance: tuple[Classification, ...] | None, classification: Classification | None) -> bool:
    return clearance is None or classification in clearance


def _rank(classification: Classification | None) -> int:
    """What is not classified is hidden as if it were the most protected."""
    ranks = list(Classification)
    return ranks.index(classification) if classification is not None else len(ranks)


def _word(classification: Classification | None) -> str:
    return classification.name if classification is not None else "unclassified"


@rule("CC108", "A column that stays says that it was renamed", (Column, "renamed_from"))
def other_origin(change: Change, models: Models) -> Opinion:
    """`renamed_from=` has done its work once the model was applied; it may stay, and go. On a column that was there
    before, it must not name one that goes in the same change: two columns cannot become one."""
    column = cast(Column, change.after[-1])
    (table,) = tables_of(change)
    if change.new in models.old.columns(table) and change.new not in models.new.columns(table):
        what = f"column {column.name} takes the place of {change.new}, and both were there"
        return impossible(models, [table], what, "give the renamed column a name that the dataset did not have")
    return compatible(f"column {column.name} says otherwise what it was called once, and nothing is renamed")


@rule("CC109", "The columns of a dataset are in another order", (Dataset, "columns"))
def other_order(change: Change, models: Models) -> Opinion:
    """Views have the columns in the order of the model. Whoever reads them by position, or by `SELECT *`, sees another
    one; tables, hashes and history stay as they are."""
    return seen(models, tables_of(change), f"the columns of {change.after[-1].key()} are in another order")

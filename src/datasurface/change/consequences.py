"""What it comes to when something goes or changes that consumers see: the same for everything that they can see."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from datasurface.change.consumption import Consumer, Models, Served, Table
from datasurface.change.diff import Change, ChangeKind
from datasurface.change.verdicts import Opinion, breaking, compatible, notice, worst
from datasurface.hints import listed
from datasurface.model import Dataset, Datastore, Element, ProductionStatus

DEPRECATE = (
    "say first that it goes, with deprecation=Deprecation(until=...) on the dataset or its datastore, and offer what "
    "replaces it beside it"
)
_MOST_NAMES = 3


def names(consumers: Iterable[Consumer]) -> str:
    """The groups of consumers, for a sentence."""
    return listed({consumer.name for consumer in consumers}, _MOST_NAMES)


def chain_of(change: Change) -> tuple[Element, ...]:
    """The elements down to the one that a change is of, under the names that consumers know: those of before where
    there was something before."""
    return change.after if change.kind is ChangeKind.ADDED else change.before


def tables_of(change: Change) -> list[Table]:
    """The dataset that a change is within, or every dataset of the datastore that it is within."""
    chain = chain_of(change)
    store = next((element for element in reversed(chain) if isinstance(element, Datastore)), None)
    dataset = next((element for element in reversed(chain) if isinstance(element, Dataset)), None)
    if store is None:
        return []
    return [(store.name, dataset.name)] if dataset is not None else tables_in(store)


def tables_in(store: Datastore) -> list[Table]:
    """Every dataset of a datastore."""
    return [(store.name, dataset.name) for dataset in store.datasets]


def lost(
    models: Models,
    tables: Iterable[Table],
    what: str,
    hint: str = DEPRECATE,
    *,
    among: Callable[[Consumer], bool] = lambda _: True,
) -> Opinion:
    """Something goes that consumers of datasets rely on, ``among`` whom are those that are told apart.

    Refused, unless nobody sinks the dataset, all its consumers withdraw in the same change, its datastore is not in
    production, or the deprecation that the old model has of it has run out.
    """
    tables = list(tables)
    consumed = [table for table in tables if models.old.consumers.get(table)]
    if not consumed:
        return compatible(f"{what}; no group sinks {_words(tables)}")
    opinions = [_lost(models, table, hint, among) for table in consumed]
    found = worst(opinions, opinions[0])
    return Opinion(found.verdict, f"{what}; {found.reason}", found.hint)


def _lost(models: Models, table: Table, hint: str, among: Callable[[Consumer], bool]) -> Opinion:
    """The same for one dataset, without the words for what goes."""
    consumers = [consumer for consumer in models.old.consumers[table] if among(consumer)]
    staying = [consumer for consumer in models.staying(table) if among(consumer)]
    dataset = ".".join(table)
    if not consumers:
        return notice(f"seen by {names(models.old.consumers[table])}")
    if not staying:
        return notice(f"{dataset} is given up in the same change by {names(consumers)}")
    store = models.old.store(table[0])
    if store is not None and store.production_status is ProductionStatus.NOT_PRODUCTION:
        return notice(f"{store.name} is not in production, so nobody relies on it; seen by {names(staying)}")
    deprecation = models.old.deprecation(table)
    if deprecation is None:
        return breaking(f"{dataset} is consumed by {names(staying)}", hint)
    until = deprecation.until.isoformat()
    if models.deprecation_ran_out(table):
        return notice(f"the deprecation of {dataset} ran out on {until}; seen by {names(staying)}")
    return breaking(
        f"{dataset}, whose deprecation runs until {until}, is consumed by {names(staying)}",
        "wait until that day has passed, or until nobody sinks it any more",
    )


def impossible(models: Models, tables: Iterable[Table], what: str, hint: str) -> Opinion:
    """The tables that stand cannot follow: refused where somebody consumed a dataset, whose rows are there then, and
    somebody does now, whoever that is."""
    tables = list(tables)
    consumers = [consumer for table in tables for consumer in models.consumers_of_stored(table)]
    if consumers:
        return breaking(f"{what}, which stored rows cannot follow; they are consumed by {names(consumers)}", hint)
    return seen(models, tables, what)


def seen(models: Models, tables: Iterable[Table], what: str, hint: str = "") -> Opinion:
    """Consumers of datasets see something; nothing where there are none."""
    tables = list(tables)
    consumers = [consumer for table in tables for consumer in models.old.consumers.get(table, ())]
    if consumers:
        return notice(f"{what}; seen by {names(consumers)}", hint)
    return compatible(f"{what}; no group sinks {_words(tables)}")


def group_names(groups: Iterable[Served]) -> str:
    """Groups that a platform serves, for a sentence."""
    return listed({served.name for served in groups}, _MOST_NAMES)


def seen_by_groups(models: Models, platform: str, what: str, hint: str = "") -> Opinion:
    """The groups that a platform serves see something; nothing where it serves none."""
    groups = models.old.served.get(platform, ())
    if groups:
        return notice(f"{what}; seen by {group_names(groups)}", hint)
    return compatible(f"{what}; platform {platform} serves no group")


def span(value: timedelta) -> str:
    """A span of time, for a sentence."""
    return str(value).removesuffix(", 0:00:00")


def _words(tables: Iterable[Table]) -> str:
    found = sorted({".".join(table) for table in tables})
    if len(found) > _MOST_NAMES:
        return f"any of its {len(found)} datasets"
    return listed(found) or "anything of it"

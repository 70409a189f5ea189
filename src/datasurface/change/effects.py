"""What a change of the model makes platforms do: from the deployments before and after, without asking a database."""

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import TypeVar

from attrs import frozen

from datasurface.change.diff import ChangeKind
from datasurface.deployment import Deployment, StreamConfig, ViewConfig
from datasurface.graph import deployments
from datasurface.model import Column, Dataset, Ecosystem

K = TypeVar("K")

_ADDED, _REMOVED, _CHANGED = ChangeKind.ADDED, ChangeKind.REMOVED, ChangeKind.CHANGED
_Table = tuple[str, str]
"""Names of a datastore and of one of its datasets."""


class Thing(Enum):
    """What an effect is on."""

    STREAM = "stream"
    MERGE_TABLE = "merge table"
    COLUMN = "column"
    VIEW = "view"
    CONFIGURATION_ROW = "configuration row"


@frozen
class Effect:
    """One thing that comes, goes or changes on a platform.

    Attributes:
        name: in the words of the model: ``Store1``, ``Store1.customers``, ``Store1.customers.email``, a view as
            ``Consumer1.LiveDSG.customers``; a configuration row is called as its stream.
        detail: what about it, in words; empty where that is plain.
    """

    kind: ChangeKind
    thing: Thing
    name: str
    detail: str = ""


@frozen
class PlatformEffects:
    """All effects on one platform."""

    platform: str
    effects: tuple[Effect, ...]


def effects(old: Ecosystem | None, new: Ecosystem) -> tuple[PlatformEffects, ...]:
    """What differs between what the two models have running, by platform in the order of the new model; platforms that
    nothing happens to are left out. ``old`` is None where nothing runs yet."""
    before = {deployment.platform.name: deployment for deployment in deployments(old)} if old is not None else {}
    after = {deployment.platform.name: deployment for deployment in deployments(new)}
    found = (
        PlatformEffects(name, tuple(_on_platform(before.get(name), after.get(name)))) for name in {**after, **before}
    )
    return tuple(platform for platform in found if platform.effects)


def _on_platform(old: Deployment | None, new: Deployment | None) -> Iterator[Effect]:
    before = {stream.key: stream for stream in old.streams} if old else {}
    after = {stream.key: stream for stream in new.streams} if new else {}
    yield from _streams(before, after)
    yield from _tables(_datasets(before.values()), _datasets(after.values()))
    yield from _views(_by_name(old.views if old else ()), _by_name(new.views if new else ()))
    same_platform = old is not None and new is not None and old.platform == new.platform
    for key in _union(before, after):
        was, now = before.get(key), after.get(key)
        if was is None or now is None:
            yield Effect(_ADDED if was is None else _REMOVED, Thing.CONFIGURATION_ROW, key)
        elif not same_platform or was != now:
            yield Effect(_CHANGED, Thing.CONFIGURATION_ROW, key)


def _streams(before: Mapping[str, StreamConfig], after: Mapping[str, StreamConfig]) -> Iterator[Effect]:
    for key in _union(before, after):
        was, now = before.get(key), after.get(key)
        if now is None:
            yield Effect(_REMOVED, Thing.STREAM, key, "stops; its tables stay")
        elif was is None:
            yield Effect(_ADDED, Thing.STREAM, key, f"starts with {_named(now)}")
        else:
            read_otherwise = ["is read in another way"] if was.capture != now.capture else []
            others = ["carries other datasets"] if _named(was) != _named(now) else []
            if read_otherwise or others:
                yield Effect(_CHANGED, Thing.STREAM, key, " and ".join([*read_otherwise, *others]))


def _tables(before: Mapping[_Table, Dataset], after: Mapping[_Table, Dataset]) -> Iterator[Effect]:
    for table in _union(before, after):
        was, now, name = before.get(table), after.get(table), ".".join(table)
        if now is None:
            yield Effect(_REMOVED, Thing.MERGE_TABLE, name, "is written no more; it stays, with its rows")
        elif was is None:
            count = len(now.columns)
            yield Effect(_ADDED, Thing.MERGE_TABLE, name, f"{count} column{'' if count == 1 else 's'}")
        elif was is not now:
            yield from _columns(name, was, now)


def _columns(table: str, old: Dataset, new: Dataset) -> Iterator[Effect]:
    before, after = ({column.name: column for column in dataset.columns} for dataset in (old, new))
    renamed = {
        column.renamed_from: column.name
        for column in new.columns
        if column.renamed_from in before and column.renamed_from not in after and column.name not in before
    }
    for column in new.columns:
        name = f"{table}.{column.name}"
        was = before.get(column.name)
        if was is not None:
            kind, words = _CHANGED, _how(was, column)
        elif column.renamed_from in renamed:
            kind, words = _CHANGED, [f"renamed from {column.renamed_from}", *_how(before[column.renamed_from], column)]
        else:
            kind, words = _ADDED, [repr(column.type)]
        if words:
            yield Effect(kind, Thing.COLUMN, name, ", ".join(words))
    for column in old.columns:
        if column.name not in after and column.name not in renamed:
            yield Effect(
                _REMOVED, Thing.COLUMN, f"{table}.{column.name}", "is filled no more; it stays, with its values"
            )


def _how(old: Column, new: Column) -> list[str]:
    """What differs between two columns as far as tables show it, in words."""
    words = [f"{old.type!r} to {new.type!r}"] if old.type != new.type else []
    if old.nullable != new.nullable:
        words.append("may be NULL" if new.nullable else "may not be NULL")
    if old.primary_key != new.primary_key:
        words.append("part of the key" if new.primary_key else "no part of the key")
    return words


def _views(before: Mapping[str, ViewConfig], after: Mapping[str, ViewConfig]) -> Iterator[Effect]:
    for name in _union(before, after):
        was, now = before.get(name), after.get(name)
        if was is None or now is None:
            yield Effect(_ADDED if was is None else _REMOVED, Thing.VIEW, name)
        elif (was.store, was.dataset.name) != (now.store, now.dataset.name):
            yield Effect(_CHANGED, Thing.VIEW, name, f"shows {now.store}.{now.dataset.name}")
        elif was.milestoning is not now.milestoning:
            yield Effect(_CHANGED, Thing.VIEW, name, f"{was.milestoning.value} to {now.milestoning.value}")
        elif _shown(was.dataset) != _shown(now.dataset):
            yield Effect(_CHANGED, Thing.VIEW, name, "shows other columns")
        elif was.container != now.container:
            yield Effect(_CHANGED, Thing.VIEW, name, "is read in another place")


def _shown(dataset: Dataset) -> tuple[tuple[str, object], ...]:
    return tuple((column.name, column.type) for column in dataset.columns)


def _datasets(streams: Iterable[StreamConfig]) -> dict[_Table, Dataset]:
    return {(stream.store, dataset.name): dataset for stream in streams for dataset in stream.datasets}


def _by_name(views: Iterable[ViewConfig]) -> dict[str, ViewConfig]:
    return {f"{view.workspace}.{view.group}.{view.name}": view for view in views}


def _named(stream: StreamConfig) -> str:
    return ", ".join(dataset.name for dataset in stream.datasets)


def _union(before: Mapping[K, object], after: Mapping[K, object]) -> list[K]:
    return list(dict(after) | dict(before))

"""The history browser: every version of one key, and what changed between them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from attrs import frozen

from datasurface.deployment import Deployment, StreamConfig
from datasurface.model import Milestoning
from datasurface.observing import KeyHistory, KeyVersion
from datasurface.results import JobFailure
from datasurface_monitor.views.pages import Part, part_of


@frozen
class DatasetRow:
    """A dataset whose keys can be looked up."""

    platform: str
    stream: str
    dataset: str
    keeps: str


@frozen
class DatasetsPage:
    """The datasets whose names hold the words of ``query``."""

    query: str
    part: Part[DatasetRow]


@frozen
class CellOfVersion:
    """A value of a version. ``text`` is None for NULL; of a masked one it says nothing."""

    text: str | None
    is_masked: bool
    is_changed: bool


@frozen
class VersionRow:
    """What the row was for a while, and how it ended. ``is_gone``: nothing came at once after it."""

    batch_in: int
    batch_out: int | None
    valid_from: datetime | None
    valid_to: datetime | None
    changed: tuple[str, ...]
    is_first: bool
    is_gone: bool
    cells: tuple[CellOfVersion, ...]


@frozen
class HistoryPage:
    """One key of a dataset. ``asked``: the columns of the key and the values asked for; ``failure``: why there is no
    answer."""

    platform: str
    stream: str
    dataset: str
    asked: tuple[tuple[str, str], ...]
    is_asked: bool
    found: KeyHistory | None
    versions: tuple[VersionRow, ...]
    failure: JobFailure | None


def datasets_page(deployments: Iterable[Deployment], query: str, page: int) -> DatasetsPage:
    """The list of datasets, by stream."""
    words = query.lower().split()
    rows = [
        DatasetRow(deployment.platform.name, stream.key, dataset.name, _keeps(deployment))
        for deployment in deployments
        for stream in deployment.streams
        for dataset in stream.datasets
        if all(word in f"{stream.key} {dataset.name} {deployment.platform.name}".lower() for word in words)
    ]
    rows.sort(key=lambda row: (row.stream, row.dataset, row.platform))
    return DatasetsPage(query, part_of(rows, page))


def _keeps(deployment: Deployment) -> str:
    is_forensic = deployment.platform.milestoning is Milestoning.FORENSIC
    return "every version" if is_forensic else "the row as it is now"


def key_columns(config: StreamConfig, dataset: str) -> tuple[str, ...] | None:
    """The columns of a dataset's key; None where the stream has no such dataset."""
    for found in config.datasets:
        if found.name == dataset:
            return tuple(column.name for column in found.columns if column.primary_key)
    return None


def history_page(
    platform: str,
    stream: str,
    dataset: str,
    asked: Sequence[tuple[str, str]],
    is_asked: bool,
    found: KeyHistory | None,
    failure: JobFailure | None = None,
) -> HistoryPage:
    """The page of one key. ``found``: what the platform has of it; None before it is asked."""
    versions = found.versions if found is not None else ()
    masked = set(found.masked) if found is not None else set()
    rows = []
    for index, version in enumerate(versions):
        later = versions[index - 1] if index else None
        is_first = index == len(versions) - 1 and found is not None and found.is_whole
        columns = found.columns if found is not None else ()
        rows.append(_row(version, later, columns, masked, is_first))
    return HistoryPage(platform, stream, dataset, tuple(asked), is_asked, found, tuple(rows), failure)


def _row(
    version: KeyVersion, later: KeyVersion | None, columns: Sequence[str], masked: set[str], is_first: bool
) -> VersionRow:
    ends = version.batch_out
    return VersionRow(
        batch_in=version.batch_in,
        batch_out=ends,
        valid_from=version.valid_from,
        valid_to=version.valid_to,
        changed=version.changed,
        is_first=is_first,
        is_gone=ends is not None and (later is None or later.batch_in > ends + 1),
        cells=tuple(
            CellOfVersion(version.values.get(name), name in masked, name in version.changed) for name in columns
        ),
    )

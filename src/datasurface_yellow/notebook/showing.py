"""How notebooks show what can be read: plain HTML, in which every text is escaped."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from datasurface.drawing.parts import visible
from datasurface.errors import DataSurfaceError
from datasurface.model.showing import table
from datasurface_yellow.store.connection import Row

if TYPE_CHECKING:
    from datasurface_yellow.notebook.dataset import ReadDataset
    from datasurface_yellow.notebook.offers import Offer
    from datasurface_yellow.notebook.rows import Rows

_LONGEST = 200
"""Characters of a value."""


def offers_as_html(title: str, offers: Iterable["Offer"]) -> str:
    """What there is to be read, one line for each dataset."""
    lines = [
        (
            offer.group,
            offer.name,
            "now and the past" if offer.is_forensic else "now",
            offer.dataset,
            offer.owner,
            offer.platform,
            visible(offer.description),
        )
        for offer in offers
    ]
    return _titled(title) + table(("group", "dataset", "has", "of", "owner", "platform", "description"), lines)


def dataset_as_html(dataset: "ReadDataset") -> str:
    """A dataset with its columns, whose it is, and how new it is."""
    offer = dataset.offer
    lines = [
        (
            column.name,
            column.type or column.sql_type,
            "key" if column.is_key else "",
            column.classification,
            column.mask and f"masked: {column.mask}",
            visible(column.description),
        )
        for column in offer.columns
    ]
    told = [offer.description, f"{offer.dataset}, served by {offer.platform}"]
    told += [f"owned by {offer.owner}"] if offer.owner else []
    told += [_freshness(dataset)]
    head = "".join(f"<p>{escape(visible(line))}</p>" for line in told if line)
    return (
        _titled(f"{offer.group}/{offer.name}")
        + head
        + table(("column", "type", "key", "classification", "shown", "description"), lines)
    )


def rows_as_html(rows: "Rows", found: Sequence[Row], *, there_are_more: bool) -> str:
    """The first rows, as a table."""
    cells = ([_cell(value) for value in row] for row in found)
    more = "<p>… and more</p>" if there_are_more else ""
    return _titled(rows.title) + table([column.name for column in rows.columns], cells) + more


def _titled(title: str) -> str:
    return f"<p><strong>{escape(visible(title))}</strong></p>"


def _cell(value: object) -> str:
    if value is None:
        return "NULL"
    text = bytes(value).hex() if isinstance(value, memoryview) else str(value)
    return visible(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def _freshness(dataset: "ReadDataset") -> str:
    if not dataset.offer.is_forensic:
        return "live rows; the group asks for no history, so it has no record of batches"
    try:
        newest = dataset.freshness()
    except DataSurfaceError as error:  # what is known is shown
        return f"the newest batch is not known: {error.message}"
    return "no batch yet" if newest.batch is None else f"newest batch {newest.batch}, of {newest.committed_at}"

"""How commands speak of what nothing uses."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from datasurface.cli.output import counted, say

if TYPE_CHECKING:
    from datasurface.operations.apply import ApplyReport
    from datasurface.operations.unused import Found
    from datasurface.unused import UnusedDataset, UnusedTable


def pruned_lines(found: "Found") -> Iterator[str]:
    """What is to be dropped: each table with its rows and its size, and who reads it until then."""
    for platform, dataset in _each(found):
        yield f"{platform}: nothing uses {dataset.name}; with its records would go"
        for table in dataset.tables:
            yield f"  table {table.name}: {_rows(table)}{size_text(table.bytes)}"
        readers = [f"{it.workspace}/{it.group} ({', '.join(it.views)})" for it in dataset.consumers]
        yield f"  merged for {dataset.owner}; read in the generation in force by {' and '.join(readers) or 'nobody'}"


def say_unused(report: "ApplyReport") -> None:
    """Tell what nothing uses and stays, and how it goes."""
    for platform, dataset in _each(report.unused):
        size = size_text(sum(table.bytes for table in dataset.tables))
        tables = " and ".join(table.name for table in dataset.tables) or "records"
        say(f"{platform}: nothing uses {dataset.name}, which stays: {tables}, {size}, merged for {dataset.owner}")
    if report.unused:
        say("hint: `datasurface apply --prune` lists rows and consumers of what nothing uses, asks, and drops it")


def found_document(found: "Found") -> Mapping[str, Sequence[Mapping[str, object]]]:
    """Datasets by platform, as plain JSON values."""
    return {platform: [dataset.document() for dataset in of_platform] for platform, of_platform in found.items()}


def size_text(size: int) -> str:
    """Bytes in the largest unit that they are one of, as PostgreSQL counts them."""
    amount = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}"
        amount /= 1024
    return f"{amount:,.0f} TB"


def _each(found: "Found") -> "Iterator[tuple[str, UnusedDataset]]":
    for platform, of_platform in found.items():
        for dataset in of_platform:
            yield platform, dataset


def _rows(table: "UnusedTable") -> str:
    return "" if table.rows is None else f"{counted(table.rows, 'row')}, "

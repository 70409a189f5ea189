"""The datastores: every fifth is read by a watermark, the others whole."""

from itertools import pairwise

from catalog import LEAST_COLUMNS, dataset
from datasurface import Credential, Dataset, Datastore, PostgresDatabase, SqlSnapshot, SqlWatermark
from size import SIZE, shares


def datastores() -> list[Datastore]:
    """All datastores, in order."""
    columns = shares(SIZE["columns"], SIZE["datasets"], LEAST_COLUMNS)
    bounds = [0]
    for share in shares(SIZE["datasets"], SIZE["datastores"], 1):
        bounds.append(bounds[-1] + share)
    return [datastore(number, columns[start:end], start) for number, (start, end) in enumerate(pairwise(bounds))]


def datastore(number: int, columns: list[int], start: int) -> Datastore:
    """A datastore with a dataset for each number of columns, counted on from ``start``."""
    source = PostgresDatabase(
        f"Source{number}",
        host=f"db{number}.example.com",
        database="data",
        credential=Credential(f"source-{number}"),
    )
    datasets: list[Dataset] = []
    for position, share in enumerate(columns, start):
        first = datasets[0] if datasets else None
        datasets.append(dataset(position, share, first, with_more=position == SIZE["changed"]))
    return Datastore(
        f"Store{number}",
        description=f"System **{number}**.",
        capture=SqlWatermark(source, column="updatedAt") if number % 5 == 0 else SqlSnapshot(source),
        datasets=datasets,
    )

"""What the consumer reads: only its views, only as its own role."""

from collections.abc import Sequence
from typing import cast

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.model import Dataset
from datasurface_yellow.local.databases import WORKSPACE
from datasurface_yellow.store import naming
from datasurface_yellow.store.connection import Row, rows
from datasurface_yellow.store.rowhash import stored_columns
from datasurface_yellow.store.statements import statement

LIVE_VIEWS = {"YellowLive": "LiveDSG", "YellowForensic": "ForensicDSG"}
"""Each platform with the group that it serves."""


@frozen
class ConsumerViews:
    """The consumer's session, in its own database."""

    session: Connection

    def live(self, platform: str, dataset: Dataset) -> Sequence[Row]:
        """The live rows of a dataset, columns in the order of the model."""
        name = naming.consumers_name(platform, WORKSPACE, LIVE_VIEWS[platform], dataset.name, "view")
        return rows(self.session, _sql("live", dataset, name))

    def history(self, dataset: Dataset) -> Sequence[Row]:
        """All versions of a dataset: its columns, then batch_in and batch_out."""
        return rows(self.session, _sql("history", dataset, history_name(dataset)))

    def most_changed(self, dataset: Dataset) -> str | None:
        """The key with the most versions."""
        found = rows(self.session, _sql("most_changed", dataset, history_name(dataset)))
        return cast(str, found[0][0]) if found else None

    def versions(self, dataset: Dataset, key: str) -> Sequence[Row]:
        """The versions of one key, oldest first: its columns, then from and to as times."""
        return rows(self.session, _sql("versions", dataset, history_name(dataset)), {"key": key})

    def batches(self, dataset: Dataset) -> Sequence[int]:
        """The batches that can be asked for, in order."""
        found = rows(
            self.session, _sql("batches_there_are", dataset, naming.consumers_name(*_forensic(dataset), "batches"))
        )
        return [cast(int, batch) for (batch,) in found]

    def as_of(self, dataset: Dataset, batch: int) -> int:
        """How many rows there were at a batch."""
        sql = _sql("as_of", dataset, as_of_name(dataset))
        return cast(int, rows(self.session, sql, {"batch": batch})[0][0])


def history_name(dataset: Dataset) -> str:
    """The consumer's history view of a dataset."""
    return naming.consumers_name(*_forensic(dataset), "history")


def as_of_name(dataset: Dataset) -> str:
    """The consumer's function of a dataset's rows as of a batch."""
    return naming.consumers_name(*_forensic(dataset), "as_of_batch")


def _forensic(dataset: Dataset) -> tuple[str, str, str, str]:
    return "YellowForensic", WORKSPACE, LIVE_VIEWS["YellowForensic"], dataset.name


def _sql(name: str, dataset: Dataset, view: str) -> str:
    columns = stored_columns(dataset)
    return statement(
        "demo",
        "consumer.sql.j2",
        name,
        columns=columns,
        keys=[column for column in columns if column.is_key],
        view=view,
        schema=naming.workspace_schema(WORKSPACE),
    )

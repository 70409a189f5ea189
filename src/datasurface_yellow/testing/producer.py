"""A producer's tables, whatever rows they hold."""

from collections.abc import Sequence

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.milestoning.kit import Snapshot
from datasurface.model import Dataset
from datasurface_yellow.store.connection import execute
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.types import source_type


@frozen
class Producer:
    """The source tables of a stream in one schema; ``session`` is in autocommit."""

    session: Connection
    schema: str
    datasets: Sequence[Dataset]

    def create(self) -> None:
        """Make the tables, each with its dataset's name."""
        for dataset in self.datasets:
            columns = [(column.name, source_type(column.type)) for column in dataset.columns]
            execute(self.session, self._sql("create_source", dataset, columns=columns))

    def put(self, snapshot: Snapshot) -> None:
        """Let the tables hold these rows and no others."""
        for dataset in self.datasets:
            held, width = snapshot[dataset.name], len(dataset.columns)
            execute(self.session, self._sql("truncate_source", dataset))
            if held:
                cells = {f"c{number}": cell for number, cell in enumerate(cell for row in held for cell in row)}
                execute(self.session, self._sql("fill_source", dataset, count=len(held), width=width), cells)

    def _sql(self, name: str, dataset: Dataset, **context: object) -> str:
        return statement("testing", "kit.sql.j2", name, schema=self.schema, table=dataset.name, **context)

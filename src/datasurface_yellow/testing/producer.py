"""A producer's tables, whatever rows they hold."""

from collections.abc import Mapping, Sequence

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface import types
from datasurface.milestoning.kit import Snapshot
from datasurface.model import Dataset
from datasurface_yellow.store.connection import execute
from datasurface_yellow.store.statements import statement

_PLAIN_TYPES: Mapping[type[types.DataType], str] = {
    types.TinyInt: "smallint",
    types.SmallInt: "smallint",
    types.Integer: "integer",
    types.BigInt: "bigint",
    types.Float32: "real",
    types.Float64: "double precision",
    types.Boolean: "boolean",
    types.Text: "text",
    types.Date: "date",
    types.Time: "time",
    types.Interval: "interval",
    types.Binary: "bytea",
    types.Uuid: "uuid",
    types.Json: "jsonb",
}


def source_type(declared: types.DataType) -> str:
    """The SQL type that a producer would give such a column, with its length."""
    match declared:
        case types.Decimal(precision=None):
            return "numeric"
        case types.Decimal(precision=precision, scale=scale):
            return f"numeric({precision}, {scale or 0})"
        case types.Char(length=length):
            return f"character({length})"
        case types.VarChar(length=length) | types.NVarChar(length=length):
            return f"character varying({length})"
        case types.Timestamp(timezone=timezone):
            return "timestamptz" if timezone else "timestamp"
        case types.Array(element=element):
            return f"{source_type(element)}[]"
        case _:
            return _PLAIN_TYPES[type(declared)]


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

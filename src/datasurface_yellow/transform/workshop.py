"""Where a transformer writes: names and columns of its tables, decided from the deployment alone."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from attrs import field, frozen

from datasurface.deployment import Deployment, TransformerConfig
from datasurface.errors import ApplyRefused
from datasurface.model import Dataset, PostgresDatabase
from datasurface.model.datastore import DEFAULT_SCHEMA
from datasurface.results import PhysicalObject
from datasurface_yellow.store import naming
from datasurface_yellow.store.types import source_type


@frozen
class OutputColumn:
    """A column of an output: its SQL type with its length, and whether the model says that it is never NULL."""

    name: str
    type: str
    is_key: bool
    is_required: bool


@frozen
class Output:
    """A table that a transformer makes. It is called as its dataset, so that a snapshot reads it."""

    dataset: Dataset
    number: int

    @property
    def name(self) -> str:
        """Of the dataset and of the table."""
        return self.dataset.name

    @cached_property
    def columns(self) -> tuple[OutputColumn, ...]:
        """The dataset's, in order."""
        return tuple(
            OutputColumn(
                column.name, source_type(column.type), column.primary_key, column.primary_key or not column.nullable
            )
            for column in self.dataset.columns
        )

    @property
    def keys(self) -> tuple[OutputColumn, ...]:
        """Those of the key, in its order."""
        by_name = {column.name: column for column in self.columns}
        return tuple(by_name[column.name] for column in self.dataset.key_columns)

    @property
    def required(self) -> tuple[OutputColumn, ...]:
        """Those that are never NULL."""
        return tuple(column for column in self.columns if column.is_required)


@frozen
class Workshop:
    """The tables of one transformer.

    Attributes:
        ecosystem: whose it is: a table of another's is in the way.
        schema: of its outputs.
    """

    config: TransformerConfig
    ecosystem: str
    schema: str = field(default=DEFAULT_SCHEMA, init=False)

    @classmethod
    def of(cls, deployment: Deployment, config: TransformerConfig) -> "Workshop":
        """That of a transformer of a deployment."""
        return cls(config, deployment.ecosystem)

    @property
    def name(self) -> str:
        """Of the transformer."""
        return self.config.name

    @property
    def container(self) -> PostgresDatabase:
        """Where it writes; ApplyRefused where that is no database of PostgreSQL's, which lint says before."""
        container = self.config.container
        if not isinstance(container, PostgresDatabase):
            raise ApplyRefused(
                f"transformer {self.name} cannot write to {container.name}", hint="use a PostgresDatabase"
            )
        return container

    @property
    def work_schema(self) -> str:
        """Of its state, and of what its runs write; called as the datastore, which outlasts another name of the
        transformer."""
        return naming.transform_schema(self.config.store)

    @property
    def mark(self) -> str:
        """The comment of its outputs, by which they are known; of the datastore, as the schema."""
        return f"datasurface output of {self.config.store} of {self.ecosystem}"

    @cached_property
    def outputs(self) -> Sequence[Output]:
        """Its tables, in the order of its datastore."""
        return [Output(dataset, number) for number, dataset in enumerate(self.config.outputs)]

    @property
    def names(self) -> dict[str, object]:
        """What statements call its parts."""
        return {"schema": self.schema, "work": self.work_schema, "state": naming.TRANSFORM_STATE}

    def objects(self) -> Iterator[PhysicalObject]:
        """What stands of it where it writes, while it does not run."""
        database, path = self.config.container.name, self.config.path
        yield PhysicalObject("schema", database, None, self.work_schema, path)
        yield PhysicalObject("catalogue table", database, self.work_schema, naming.TRANSFORM_STATE, path)
        for output in self.outputs:
            yield PhysicalObject("table", database, self.schema, output.name, f"{path}/produces/datasets/{output.name}")

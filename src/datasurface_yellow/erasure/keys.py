"""Keys that somebody names: checked, and as statements and messages have them."""

from collections.abc import Mapping, Sequence

import psycopg2
from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.erasure import Key
from datasurface.errors import OperationRefused
from datasurface_yellow.store.connection import rows
from datasurface_yellow.store.masking import MASK, shown_keys
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable


@frozen
class GivenKeys:
    """Keys of a dataset.

    Attributes:
        parameters: of ``given_keys`` in statements.
        texts: the different ones, as the server prints them.
    """

    table: MergeTable
    parameters: Mapping[str, object]
    texts: Sequence[Key]

    @classmethod
    def read(cls, session: Connection, table: MergeTable, keys: Sequence[Key]) -> "GivenKeys":
        """OperationRefused where one is none of the dataset's."""
        columns = ", ".join(column.name for column in table.keys)
        if not keys or any(len(key) != len(table.keys) for key in keys):
            raise OperationRefused(
                f"a key of {table.name} has {len(table.keys)} value{'s' * (len(table.keys) > 1)}: {columns}",
                hint="give each key with a value for each of these columns, in this order",
                dataset=table.name,
            )
        parameters = {f"keys{number}": list(values) for number, values in enumerate(zip(*keys, strict=True))}
        try:
            found = rows(session, statement("erasure", "forget.sql.j2", "as_text", t=table), parameters)
        except psycopg2.DataError as error:
            session.rollback()
            types = ", ".join(f"{column.name} {column.type.declared}" for column in table.keys)
            raise OperationRefused(
                f"a key that was given is none of {table.name}: its columns are {types}",
                hint="write values as PostgreSQL reads them: numbers with digits, dates as 2026-01-31",
                dataset=table.name,
            ) from error
        return cls(table, parameters, [tuple(map(str, row)) for row in found])

    @property
    def shown(self) -> Sequence[str]:
        """The keys as messages show them; those that are masked whole say nothing, and are left out."""
        found = (shown_keys(self.table.dataset, [key]) for key in self.texts)
        return [text for text in found if text != self.mask]

    @property
    def mask(self) -> str:
        """What stands in their place."""
        return "(" + ", ".join([MASK] * len(self.table.keys)) + ")"

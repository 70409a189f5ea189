"""Row hashes: 64 bits that differ when the stored bytes of any column differ.

``hash_record_extended(ROW(columns))`` would not do: the types' own hash functions say equal for 100 and -100 (numeric),
0 and 2^32+1
(bigint) or 5 and -5 (jsonb), and some types have none. So the columns are sent to their binary form first and those
bytes are hashed.
``record_send`` writes each column's type id, length and bytes; NULL has length -1, so that NULL, '' and shifted values
differ. The type
ids are those of built-in types on every server, because each column is cast to its declared base type first. PostgreSQL
14 or later.
"""

from collections.abc import Iterable
from hashlib import blake2b

from attrs import frozen

from datasurface.errors import ApplyRefused
from datasurface.model import Column, Dataset
from datasurface_yellow.store import naming
from datasurface_yellow.store.quoting import identifier
from datasurface_yellow.store.types import StoreType, store_type

SEED = 0
RECIPE_VERSION = 1
"""Raised when the expression below changes; hashes of two recipes are never compared."""


@frozen
class StoredColumn:
    """A column as the store has it: name, and the base type of every cast."""

    name: str
    type: StoreType
    is_key: bool
    nullable: bool

    @property
    def quoted(self) -> str:
        """The name, quoted."""
        return identifier(self.name)


def stored_columns(dataset: Dataset) -> tuple[StoredColumn, ...]:
    """The dataset's columns as the store has them."""
    return tuple(_stored(dataset, column) for column in dataset.columns)


def _stored(dataset: Dataset, column: Column) -> StoredColumn:
    kind = store_type(column.type)
    if kind is None:
        raise ApplyRefused(
            f"dataset {dataset.name}, column {column.name}: Yellow cannot store {column.type!r}",
            hint="`datasurface validate` finds this before anything is applied",
        )
    return StoredColumn(column.name, kind, column.primary_key, column.nullable)


def casts(columns: Iterable[StoredColumn], alias: str) -> str:
    """Each column cast to its base type, as a select list."""
    return ", ".join(f"{alias}.{column.quoted}::{column.type.base}" for column in columns)


def row_hash(columns: Iterable[StoredColumn], alias: str) -> str:
    """The expression of the row hash of these columns of ``alias``.

    In the order of their names: a model that lists them in another order has the same hashes.
    """
    return f"hash_record_extended(ROW(record_send(ROW({casts(_by_name(columns), alias)}))), {SEED})"


def version_hash(alias: str) -> str:
    """The expression of a stored row's hash bound to the batch that the row began in."""
    return f"hashint8extended({alias}.{naming.ALL_HASH}, {alias}.{naming.BATCH_IN})"


BUCKETS = 4096
"""Buckets that a dataset's rows are counted in, by the first bits of their hash. With so many a few changed rows leave
nearly all alone, and the aggregates of all are small beside the scan that makes them."""


def bucket(hash_expression: str) -> str:
    """The expression of the bucket of a row hash: 0 to ``BUCKETS`` - 1."""
    return f"(({hash_expression} >> 52) & {BUCKETS - 1})::int"


def recipe(columns: Iterable[StoredColumn]) -> str:
    """The recipe id of a dataset's hashes: fingerprints compare only within one."""
    content = ",".join(f"{column.quoted}:{column.type.base}" for column in _by_name(columns))
    return f"{RECIPE_VERSION}:{blake2b(content.encode(), digest_size=8).hexdigest()}"


def _by_name(columns: Iterable[StoredColumn]) -> list[StoredColumn]:
    return sorted(columns, key=lambda column: column.name)

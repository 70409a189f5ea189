"""Row hashes: 64 bits that differ when the stored bytes of any column differ.

``hash_record_extended(ROW(columns))`` would not do: the types' own hash functions say equal for 100 and -100 (numeric),
0 and 2^32+1 (bigint) or 5 and -5 (jsonb), some types have none, and it adds up the columns' hashes. Here each column is
hashed by a function that looks at all of its bytes, with a seed of its own, so that shifted values differ; a NULL
takes no part, so that it is not ''. The exclusive or of these hashes is hashed once more: otherwise values that change
places between two rows would leave the sum of the rows' hashes as it was. (A. Zobrist, "A New Hashing Method with
Application for Game Playing", 1970, hashes so without the end.)

Two servers have one hash for one row where their databases keep text in one encoding. PostgreSQL 14 or later.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import count

from attrs import evolve, frozen

from datasurface.errors import JobError
from datasurface.model import Dataset
from datasurface_yellow.store import naming
from datasurface_yellow.store.layout import TableLayout, first_layout, type_of
from datasurface_yellow.store.quoting import identifier
from datasurface_yellow.store.types import StoreType, unfilled

SEED = 0
RECIPE_VERSION = 3
"""Raised when an expression below changes; hashes of two recipes are never compared."""


@frozen
class StoredColumn:
    """A column as the store has it: name, and the base type of every cast.

    Attributes:
        source: its name at the source, which is the model's.
        origin: the name that it was made under.
        layer, position: its place in the table's layout.
    """

    name: str
    type: StoreType
    is_key: bool
    nullable: bool
    source: str
    origin: str
    layer: int
    position: int

    @property
    def quoted(self) -> str:
        """The name, quoted."""
        return identifier(self.name)

    def of(self, alias: str) -> str:
        """The column of a relation, or of the only one there is where the alias is empty."""
        return f"{alias}.{self.quoted}" if alias else self.quoted


def stored_columns(dataset: Dataset, layout: TableLayout | None = None) -> tuple[StoredColumn, ...]:
    """The dataset's columns as the store has them, in the order of the model; in a table that is made for the dataset
    unless a layout is given.

    Columns that the table has retired are left out. A model may lack columns that were added after it; JobError where
    the table was changed for another model otherwise.
    """
    layout = layout or first_layout(dataset)
    places = {
        column.name: (layer, position)
        for layer, columns in enumerate(layout.layers)
        for position, column in enumerate(columns)
    }
    names = {column.name for column in dataset.columns}
    found = []
    for column in dataset.columns:
        laid = layout.of_model(column.name, names)
        if laid is None:
            raise _of_another_model(dataset, f"it has no column {column.name}")
        if not laid.is_retired:
            kind = evolve(type_of(dataset, column), base=laid.base)
            place = places[laid.name]
            found.append(StoredColumn(laid.name, kind, laid.is_key, column.nullable, column.name, laid.origin, *place))
    _refuse_parts_of_layers(dataset, layout, {column.name for column in found})
    return tuple(found)


def _refuse_parts_of_layers(dataset: Dataset, layout: TableLayout, known: Collection[str]) -> None:
    """JobError where a layer has columns that are known and others that are not: its hashes would be others."""
    for number, layer in enumerate(layout.layers):
        active = [column.name for column in layer if not column.is_retired]
        unknown = [name for name in active if name not in known]
        if unknown and (number == 0 or len(unknown) < len(active)):
            raise _of_another_model(dataset, f"it has the column {unknown[0]}, too")


def _of_another_model(dataset: Dataset, how: str) -> JobError:
    return JobError(
        f"the merge table of dataset {dataset.name} was changed for another model than the one in force: {how}",
        hint="an apply is at work, or failed after this table: the next trigger tries again; apply the model again "
        "if it stays",
        dataset=dataset.name,
    )


def retired_columns(layout: TableLayout) -> tuple[StoredColumn, ...]:
    """The columns that the table keeps and the model has no longer."""
    return tuple(_laid_columns(layout, retired=True))


def hashed_columns(layout: TableLayout) -> tuple[StoredColumn, ...]:
    """The columns that rows are hashed by, without a model."""
    return tuple(_laid_columns(layout, retired=False))


def _laid_columns(layout: TableLayout, *, retired: bool) -> Iterator[StoredColumn]:
    for layer, columns in enumerate(layout.layers):
        for position, column in enumerate(columns):
            if column.is_retired == retired:
                kind, is_key = unfilled(column.base), column.is_key
                yield StoredColumn(column.name, kind, is_key, not is_key, column.name, column.origin, layer, position)


def casts(columns: Iterable[StoredColumn], alias: str) -> str:
    """Each column cast to its base type, as a select list."""
    return ", ".join(_cast(column, alias) for column in columns)


def _cast(column: StoredColumn, alias: str) -> str:
    return f"{column.of(alias)}::{column.type.base}"


def row_hash(columns: Iterable[StoredColumn], alias: str) -> str:
    """The expression of the row hash of these columns of ``alias``, which have the key among them.

    The hash of the first layer; and of each later one, together with the key, unless all its columns are NULL. So a row
    keeps its hash when columns are added, until it has a value in one of them.
    """
    layers = _layers(columns)
    keys = [column for column in layers[0] if column.is_key]
    later = [_later_hash(number, keys, layer, alias) for number, layer in enumerate(layers) if number and layer]
    first = layer_hash(layers[0], alias)
    return f"({' # '.join([first, *later])})" if later else first


def layer_hash(columns: Sequence[StoredColumn], alias: str, layer: int = 0) -> str:
    """The expression of the hash of some columns. Each layer has seeds of its own: hashes of the same values in two
    layers would take each other away."""
    seeds = count(SEED + (layer << 16))
    hashes = [
        f"coalesce({function.format(_cast(column, alias), next(seeds))}, 0)"
        for column in columns
        for function in _FUNCTIONS.get(column.type.base, ())
    ]
    if sent := [column for column in columns if column.type.base not in _FUNCTIONS]:
        hashes.append(f"hash_record_extended(ROW(record_send(ROW({casts(sent, alias)}))), {next(seeds)})")
    return f"hashtextextended(({' # '.join(hashes)})::text{_BYTEWISE}, {next(seeds)})"


_BYTEWISE = ' COLLATE "C"'

_OF_TEXT = (f"hashtextextended({{}}{_BYTEWISE}, {{}})",)
_OF_INTEGER = ("hashint4extended({}, {})",)
_OF_BOOLEAN = ("hashint4extended({}::integer, {})",)
_OF_HALVES = ("hashint4extended(({} >> 32)::integer, {})", "hashint4extended(({} << 32 >> 32)::integer, {})")
_BY_TYPE = ("hash_record_extended(ROW({}), {})",)
_FUNCTIONS = {
    "text": _OF_TEXT,
    "varchar": _OF_TEXT,
    "smallint": _OF_INTEGER,
    "integer": _OF_INTEGER,
    "boolean": _OF_BOOLEAN,
    "bigint": _OF_HALVES,
    "date": _BY_TYPE,
    "uuid": _BY_TYPE,
    "bytea": _BY_TYPE,
}
"""How a value of a type is hashed with a seed, where there are functions that look at all of its bytes: that of bigint
looks at the exclusive or of its halves. Values of the other types are sent to their binary form, and that is hashed."""


def _later_hash(number: int, keys: Sequence[StoredColumn], layer: Sequence[StoredColumn], alias: str) -> str:
    values = ", ".join(column.of(alias) for column in layer)
    return f"CASE WHEN num_nonnulls({values}) = 0 THEN 0 ELSE {layer_hash([*keys, *layer], alias, number)} END"


def key_hash(keys: Iterable[StoredColumn], alias: str) -> str:
    """The expression of the hash of a key, which says in which bucket a row is counted.

    By the types' own hash functions, which cost little: a key's types are those where what is equal is the same bytes,
    and nothing is proved by this hash. Text is hashed bytewise, whatever its collation.
    """
    values = ", ".join(
        f"{key.of(alias)}::{key.type.base}{_BYTEWISE if key.type.base == 'varchar' else ''}"
        for key in sorted(keys, key=lambda key: key.position)
    )
    return f"hash_record_extended(ROW({values}), {SEED})"


def version_hash(alias: str) -> str:
    """The expression of a stored row's hash bound to the batch that the row began in."""
    return f"hashint8extended({alias}.{naming.ALL_HASH}, {alias}.{naming.BATCH_IN})"


BUCKETS = 4096
"""Buckets that a dataset's rows are counted in, by the last bits of their key's hash. With so many a few changed rows
leave nearly all alone, and the aggregates of all are small beside the scan that makes them."""


def bucket(hash_expression: str) -> str:
    """The expression of the bucket of a key's hash: 0 to ``BUCKETS`` - 1."""
    return f"({hash_expression} & {BUCKETS - 1})::int"


def recipe(columns: Iterable[StoredColumn]) -> str:
    """The recipe id of a dataset's hashes: fingerprints compare only within one. Later layers take no part, because
    they leave hashes as they are, nor do names that columns got later."""
    first = _layers(columns)[0]
    content = ",".join(f"{identifier(column.origin)}:{column.type.base}" for column in first)
    return f"{RECIPE_VERSION}:{blake2b(content.encode(), digest_size=8).hexdigest()}"


def _layers(columns: Iterable[StoredColumn]) -> list[list[StoredColumn]]:
    """The columns by layer, in the order in which they are hashed."""
    in_order = sorted(columns, key=lambda column: (column.layer, column.position))
    last = in_order[-1].layer if in_order else 0
    return [[column for column in in_order if column.layer == layer] for layer in range(last + 1)]

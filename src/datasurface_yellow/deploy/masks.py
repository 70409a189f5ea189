"""What a masked column shows: an expression in SQL that never raises an error and never holds a secret."""

from hashlib import blake2b

from datasurface.deployment import ColumnMask, MaskKind
from datasurface_yellow.store.rowhash import StoredColumn
from datasurface_yellow.store.statements import statement

TEXT = "text"


def masked(column: StoredColumn, value: str, mask: ColumnMask, keys: str) -> tuple[str, str]:
    """The SQL type and the expression of a masked column.

    Args:
        value: the column as it is.
        keys: the table of the keys of hashes, quoted.
    """
    context = {"type": column.type.base, "value": value}
    match mask.kind:
        case MaskKind.HASH:
            return TEXT, _sql("hash", keys=keys, id=key_id(mask.credential or ""), **context)
        case MaskKind.PARTIAL:
            return TEXT, _sql("partial", first=mask.first, last=mask.last, **context)
        case MaskKind.YEAR:
            return column.type.base, _sql(f"year_{column.type.base}", **context)
        case MaskKind.NULL:
            return column.type.base, _sql("null", **context)


def key_id(credential: str) -> str:
    """What the key of a credential is called in definitions: hexadecimal digits, which need no quotes and tell nobody
    which secret it is."""
    return blake2b(credential.encode(), digest_size=8).hexdigest()


def _sql(block: str, /, **context: object) -> str:
    return statement("deploy", "masks.sql.j2", block, **context)

"""The datasets: keys, foreign keys, and columns of the usual kinds."""

from collections.abc import Callable, Sequence

from datasurface import Column, Dataset, ForeignKey
from datasurface.classification import CONFIDENTIAL, INTERNAL, PII, PUBLIC, Classification
from datasurface.types import (
    BigInt,
    Boolean,
    DataType,
    Date,
    Decimal,
    Float64,
    Integer,
    Json,
    SmallInt,
    Text,
    Timestamp,
    Uuid,
    VarChar,
)

SUBJECTS = ("customers", "orders", "items", "payments", "addresses", "products", "visits", "claims", "ledger", "stock")

LEAST_COLUMNS = 3
"""A key, a watermark, and a reference to the first dataset of the store."""

KINDS: Sequence[tuple[str, Callable[[], DataType], Classification]] = (
    ("firstName", lambda: VarChar(100), PII),
    ("amount", lambda: Decimal(12, 2), CONFIDENTIAL),
    ("currency", lambda: VarChar(3), PUBLIC),
    ("bornOn", Date, PII),
    ("quantity", Integer, INTERNAL),
    ("isActive", Boolean, PUBLIC),
    ("remark", Text, CONFIDENTIAL),
    ("email", lambda: VarChar(254), PII),
    ("score", Float64, INTERNAL),
    ("createdAt", lambda: Timestamp(timezone=True), PUBLIC),
    ("correlation", Uuid, INTERNAL),
    ("details", Json, CONFIDENTIAL),
    ("level", SmallInt, PUBLIC),
)


def dataset(number: int, columns: int, first: Dataset | None, *, with_more: bool) -> Dataset:
    """A dataset of so many columns, which refers to the first one of its store; ``with_more`` adds one to them."""
    own: list[Column] = [
        Column("id", BigInt(), primary_key=True, classification=PUBLIC),
        Column("updatedAt", Timestamp(), nullable=False, classification=INTERNAL),
        Column("owner", BigInt(), classification=PUBLIC),
    ]
    for position in range(columns - len(own)):
        turn, kind = divmod(number + position, len(KINDS))
        name, type_, classification = KINDS[kind]
        own.append(
            Column(
                f"{name}{turn % 10}_{position}",
                type_(),
                nullable=position % 3 != 0,
                classification=classification,
                description="As the source has it." if position % 5 == 0 else "",
            )
        )
    if with_more:
        own.append(Column("addedLater", VarChar(40), classification=INTERNAL))
    return Dataset(
        f"{SUBJECTS[number % len(SUBJECTS)]}_{number}",
        columns=own,
        foreign_keys=[ForeignKey(["owner"], first.name)] if first else [],
        description=f"Number {number} of the catalogue.",
    )

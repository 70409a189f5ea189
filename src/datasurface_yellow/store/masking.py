"""Keys in messages, which show no more than the columns' classification allows."""

from collections.abc import Iterable, Sequence

from datasurface.model import Dataset

MASK = "•••"
SHOWN_KEYS = 5
"""Keys that an error message shows at most."""


def shown_keys(dataset: Dataset, keys: Iterable[Sequence[object]]) -> str:
    """Keys for a message, each value masked unless its column is open to all."""
    open_columns = []
    for column in dataset.key_columns:
        classification = dataset.classification_of(column)
        open_columns.append(classification is not None and classification.is_open)
    return ", ".join(
        "(" + ", ".join(_shown(value, is_open) for value, is_open in zip(key, open_columns, strict=True)) + ")"
        for key in keys
    )


def _shown(value: object, is_open: bool) -> str:
    if value is None:
        return "NULL"
    return str(value) if is_open else MASK

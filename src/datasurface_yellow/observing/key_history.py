"""The past of one key, with no value that is not open to all."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import cast

from psycopg2.extensions import connection as Connection

from datasurface.errors import OperationRefused
from datasurface.model import Column, Dataset
from datasurface.observing import KeyHistory, KeyVersion
from datasurface_yellow.erasure.forget import table_of
from datasurface_yellow.erasure.keys import GivenKeys
from datasurface_yellow.store.catalog import PlatformNames
from datasurface_yellow.store.connection import rows
from datasurface_yellow.store.masking import MASK
from datasurface_yellow.store.naming import LIVE
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable

_Version = tuple[int, int, datetime | None, datetime | None, Mapping[str, str | None]]
"""Both batches, both times, and the values as they are."""


def key_history(
    session: Connection,
    names: PlatformNames,
    stream: str,
    tables: Sequence[MergeTable],
    dataset: str,
    key: Sequence[str],
    last: int,
) -> KeyHistory:
    """The newest so many versions of a key.

    Raises:
        OperationRefused: the stream has no such dataset, the key is none of it, or has a column that is not open.
    """
    table = table_of(tables, stream, dataset)
    _refuse_closed_keys(table.dataset)
    given = GivenKeys.read(session, table, [tuple(key)])
    columns = tuple(column.name for column in table.columns)
    parameters = {**given.parameters, "stream": stream, "last": last + 1}
    sql = statement("observing", "observing.sql.j2", "versions", names=names, schema=names.schema, t=table)
    found: list[_Version] = [
        (*cast("tuple[int, int, datetime | None, datetime | None]", row[:4]), _values(columns, row[4:]))
        for row in rows(session, sql, parameters)
    ]
    masked = tuple(column.name for column in table.dataset.columns if not _is_open(table.dataset, column))
    return KeyHistory(
        stream=stream,
        dataset=dataset,
        key=given.texts[0],
        columns=columns,
        masked=masked,
        is_forensic=table.is_forensic,
        versions=tuple(_shown(found, frozenset(masked)))[:last],
        is_whole=len(found) <= last,
    )


def _refuse_closed_keys(dataset: Dataset) -> None:
    closed = [column.name for column in dataset.key_columns if not _is_open(dataset, column)]
    if closed:
        raise OperationRefused(
            f"the key of {dataset.name} is not open to all (column {', '.join(closed)}): nobody may find out here "
            "whether a key is known",
            hint="consumers who are cleared for it read the views of their workspace; a column that everybody may see "
            "is classified as PUBLIC",
            dataset=dataset.name,
        )


def _is_open(dataset: Dataset, column: Column) -> bool:
    classification = dataset.classification_of(column)
    return classification is not None and classification.is_open


def _values(columns: Sequence[str], texts: Sequence[object]) -> Mapping[str, str | None]:
    return dict(zip(columns, cast("Sequence[str | None]", texts), strict=True))


def _shown(newest_first: Sequence[_Version], masked: frozenset[str]) -> Iterator[KeyVersion]:
    """Each version with what changed since the one before it, if that was live until it came."""
    for version, before in zip_longest(newest_first, newest_first[1:]):
        batch_in, batch_out, valid_from, valid_to, values = version
        follows = before is not None and before[1] + 1 == batch_in
        yield KeyVersion(
            batch_in,
            None if batch_out == LIVE else batch_out,
            valid_from,
            valid_to,
            {name: MASK if name in masked else value for name, value in values.items()},
            tuple(name for name, value in values.items() if value != before[4][name]) if before and follows else (),
        )

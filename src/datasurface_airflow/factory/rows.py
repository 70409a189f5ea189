"""The configuration rows of a platform: as the control database has them, else as they were when it last answered."""

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import psycopg2
from psycopg2.sql import SQL, Identifier

from .databases import NoSecret, database_of, opened

_FORMAT = 1
_ALL = "SELECT stream, config -> 'job' FROM {table}"
# By the name of the DAG: of two rows with one name one file makes both, and tells.
_SHARE = (
    "SELECT stream, config -> 'job' FROM {table}, "
    "sha256(convert_to(coalesce(config #>> '{{job,dag}}', stream), 'UTF8')) AS hash "
    "WHERE (256 * get_byte(hash, 0) + get_byte(hash, 1)) %% %s = %s"
)
_ONE = "SELECT stream, config -> 'job' FROM {table} WHERE stream = ANY(%s) AND config #>> '{{job,dag}}' = %s"
_OF_DAG = "SELECT stream, config -> 'job' FROM {table} WHERE config #>> '{{job,dag}}' = %s"


class NoRows(Exception):
    """Neither the control database nor what was kept of it can be read: which DAGs there should be is not known."""


class Rows(NamedTuple):
    """Rows by stream, in the order of their names.

    Attributes:
        problems: what an operator should know of how they were read, in words.
    """

    by_stream: Mapping[str, object]
    problems: tuple[str, ...] = ()


def read_rows(installation: Mapping[str, object], fetch: Callable[[], Mapping[str, object]] | None = None) -> Rows:
    """All rows, or the share of them that one DAG file makes. What was read is kept on disk, for when the database is
    away.

    ``fetch`` reads them; by default from the control database.

    Raises:
        NoRows: with the reasons.
    """
    kept = Kept.of(installation)
    try:
        rows = (fetch or (lambda: fetch_all(installation)))()
    except (psycopg2.Error, NoSecret, OSError) as error:
        away = f"the control database cannot be read: {_words(error)}"
        try:
            return Rows(kept.load(), (f"{away}; the rows of {kept.path} are used",))
        except (OSError, ValueError) as unreadable:
            raise NoRows(f"{away}; and there are no rows of before: {_words(unreadable)}") from error
    try:
        kept.store(rows)
    except OSError as error:
        return Rows(_sorted(rows), (f"the rows cannot be kept for when the database is away: {_words(error)}",))
    return Rows(_sorted(rows))


def read_row(installation: Mapping[str, object], dag: str) -> Rows:
    """The row of one DAG, however many there are; else as ``read_rows``."""
    try:
        found = fetch_one(installation, dag)
    except (psycopg2.Error, NoSecret, OSError) as error:
        kept = Kept.of(installation)
        try:
            return Rows(kept.load(), (f"the control database cannot be read: {_words(error)}",))
        except (OSError, ValueError) as unreadable:
            raise NoRows(f"{_words(error)}; and there are no rows of before: {_words(unreadable)}") from error
    return Rows(found) if found else read_rows(installation)  # a row that is broken is found by none of its names


def fetch_all(installation: Mapping[str, object]) -> Mapping[str, object]:
    """The rows that stand in the control database; of several DAG files the share of one."""
    files, file = installation["files"], installation["file"]
    return _fetch(installation, _ALL) if files == 1 else _fetch(installation, _SHARE, files, file)


def fetch_one(installation: Mapping[str, object], dag: str) -> Mapping[str, object]:
    """The row of one DAG: by the primary key where the DAG's name tells it, so that it costs the same among many."""
    guess = dag.partition("__")[2].rpartition("_")[0]
    return _fetch(installation, _ONE, [guess, f"@transform {guess}", f"@copies {guess}"], dag) or _fetch(
        installation, _OF_DAG, dag
    )


def _fetch(installation: Mapping[str, object], statement: str, *values: object) -> Mapping[str, object]:
    table = Identifier(str(installation["schema"]), str(installation["table"]))
    with (
        opened(database_of(str(installation["store"])), f"airflow {installation['platform']}") as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(SQL(statement).format(table=table), values)
        return dict(cursor.fetchall())


class Kept(NamedTuple):
    """The file with the rows of one platform as they were last read; it holds no secret, as they do not."""

    path: Path
    place: str

    @classmethod
    def of(cls, installation: Mapping[str, object]) -> "Kept":
        """Named after the place that the rows are of: two installations may share a folder."""
        home = os.environ.get("AIRFLOW_HOME") or os.path.expanduser("~/airflow")
        folder = Path(str(installation.get("cache") or Path(home) / "datasurface"))
        place = f"{installation['store']} {installation['schema']}.{installation['table']}"
        if installation["files"] != 1:
            place += f" {installation['file']} of {installation['files']}"
        return cls(folder / f"{installation['table']}-{sha256(place.encode()).hexdigest()[:8]}.json", place)

    def load(self) -> Mapping[str, object]:
        """The rows. OSError where there are none; ValueError where the file is torn, or of something else."""
        text = self.path.read_text(encoding="utf-8")
        digest, _, content = text.partition("\n")
        if digest != _digest(content):
            raise ValueError(f"{self.path} is torn")
        document = json.loads(content)
        if document["format"] != _FORMAT or document["place"] != self.place:
            raise ValueError(f"{self.path} is of another version or place")
        return _sorted(document["rows"])

    def store(self, rows: Mapping[str, object]) -> None:
        """Keep the rows, whole or not at all; a file that is so already is left alone."""
        content = json.dumps({"format": _FORMAT, "place": self.place, "rows": rows}, sort_keys=True)
        text = f"{_digest(content)}\n{content}"
        with suppress(OSError, UnicodeDecodeError):
            if self.path.read_text(encoding="utf-8") == text:
                return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, new = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, self.path)
        except BaseException:
            with suppress(OSError):
                os.unlink(new)
            raise


def _sorted(rows: Mapping[str, object]) -> Mapping[str, object]:
    return dict(sorted(rows.items()))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _words(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__

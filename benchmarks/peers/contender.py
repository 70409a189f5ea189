"""What takes part: a product at work on some tables, run after run, and the history that it ends with."""

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Protocol
from urllib.parse import urlsplit

from attrs import frozen

from benchmarks.peers.tables import Table

WORKERS = 2
"""At most so many may run at once."""


@frozen
class Site:
    """Where a contender works.

    Attributes:
        source_url: the database of the tables.
        source_schema: of the tables.
        target_url: the database that it writes to.
        folder: of its own, for projects and state.
    """

    source_url: str
    source_schema: str
    target_url: str
    folder: Path
    tables: tuple[Table, ...]

    def table(self, name: str) -> Table:
        """One of the tables."""
        return next(table for table in self.tables if table.name == name)


@frozen
class Run:
    """One run over some tables.

    Attributes:
        seconds: of the process, from its start to its end.
        inside: seconds of the work alone, by the product's own report; None where it gives none.
        errors: by table, what the product said when it failed.
        finished: False when it was stopped at the time limit.
        moment: the latest time that the product can have noted for this run, by its own clock; None where it counts
            runs instead.
    """

    seconds: float
    inside: float | None
    errors: Mapping[str, str]
    finished: bool = True
    moment: datetime | None = None


@frozen
class Kept:
    """How to read what a contender keeps of a table: a relation, and the columns (or expressions) that say from when to
    when a row was live. ``opened`` is empty where it keeps live rows only; ``live`` is a condition."""

    relation: str
    opened: str = ""
    closed: str = ""
    live: str = "true"


class Contender(Protocol):
    """One product with one way of using it."""

    @property
    def name(self) -> str:
        """In the JSON document."""
        ...

    @property
    def title(self) -> str:
        """For people."""
        ...

    @property
    def keeps_past(self) -> bool:
        """Whether it is asked for a history, or for the live rows."""
        ...

    @property
    def reads_own_database(self) -> bool:
        """Whether it reads only what is in the database that it writes to."""
        ...

    @property
    def notes(self) -> Sequence[str]:
        """Its settings, and where its documentation recommends them."""
        ...

    def prepare(self, site: Site) -> None:
        """Once, before the first run."""
        ...

    def run(self, site: Site, number: int, tables: Sequence[str], limit: float, worker: int = 0) -> Run:
        """Take the tables in as they are now. ``number`` counts the runs from 1; workers with different numbers may
        run at once, as on two machines."""
        ...

    def kept(self, table: str) -> Kept:
        """How its result is read."""
        ...


@frozen
class Ended:
    """A process that ended, or was stopped."""

    seconds: float
    code: int | None
    output: str
    error: str


def connection_of(url: str, database: str) -> dict[str, object]:
    """A server's URL as the peers' projects write it down; ``database``: what they call that part."""
    parts = urlsplit(url)
    return {
        "type": "postgres",
        "host": parts.hostname,
        "port": parts.port,
        "user": parts.username,
        "password": parts.password,
        database: parts.path[1:],
    }


def run_process(
    command: Sequence[str], order: object, variables: Mapping[str, str], folder: Path, limit: float
) -> Ended:
    """Run a program with its order as JSON on standard input; ``code`` is None when it had to be stopped."""
    begun = monotonic()
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, **variables},
        start_new_session=True,
    ) as process:
        try:
            output, error = process.communicate(json.dumps(order), timeout=limit)
            code: int | None = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, error = process.communicate()
            code = None
    return Ended(monotonic() - begun, code, output, error)


def last_document(ended: Ended) -> dict[str, object]:
    """The JSON object on the last line of what a program printed; empty where there is none."""
    for line in reversed(ended.output.strip().splitlines()):
        if line.startswith("{"):
            document: dict[str, object] = json.loads(line)
            return document
    return {}


def first_line(text: str) -> str:
    """What an error says, in one line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it said nothing"

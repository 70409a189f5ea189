"""The tables that one run of a transformer writes, as its code sees them."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import BinaryIO, NoReturn

import psycopg2
from attrs import field, frozen
from psycopg2.extensions import connection as Connection

from datasurface.errors import TransformFailed
from datasurface_yellow.store.connection import primary_message
from datasurface_yellow.store.copy_text import copy_lines, line
from datasurface_yellow.store.quoting import identifier
from datasurface_yellow.transform.cells import cell
from datasurface_yellow.transform.reading import fetched
from datasurface_yellow.transform.request import OutputRequest

_COLUMN = re.compile(r', column (?P<name>.+?)(?:: (?:".*|null input))?$', re.MULTILINE)
"""In what the server says of a COPY that fails; a value may stand behind it."""


@frozen
class RunTables:
    """``datasurface.transform.Outputs`` in a session of the database that is written."""

    session: Connection
    outputs: Sequence[OutputRequest]
    _written: set[str] = field(factory=set, init=False)
    _numbers: "count[int]" = field(factory=lambda: count(1), init=False)

    def names(self) -> Sequence[str]:
        """What has to be made."""
        return [output["dataset"] for output in self.outputs]

    def write(self, name: str, rows: Iterable[Mapping[str, object]]) -> int:
        """Add rows."""
        output = self._begun(name)
        try:
            columns = [_raw(column) for column, _ in output["columns"]]
            return copy_lines(self.session, _raw_name(output["table"]), columns, _lines(output, rows))
        except psycopg2.Error as error:
            _refuse(output, error)

    def copy_from(self, name: str, file: BinaryIO) -> int:
        """Add the rows of a CSV file, by the names in its header."""
        output = self._begun(name)
        header = _header(file)
        known = {column for column, _ in output["columns"]}
        _refuse_unknown(output, (column for column in header if column not in known))
        columns = ", ".join(_raw(column) for column in header)
        try:
            with self.session.cursor() as cursor:
                cursor.copy_expert(f"COPY {_raw_name(output['table'])} ({columns}) FROM STDIN (FORMAT csv)", file)
                return cursor.rowcount
        except psycopg2.Error as error:
            _refuse(output, error)

    def keep(self, name: str) -> int:
        """Begin with what the last good run left."""
        output = self._begun(name)
        columns = ", ".join(identifier(column) for column, _ in output["columns"])
        return self.execute(f"INSERT INTO {output['table']} ({columns}) SELECT {columns} FROM {output['last']}")  # noqa: S608 quoted names of ours

    def table(self, name: str) -> str:
        """The quoted name of what is written, for SQL that is bound."""
        return self._begun(name)["table"]

    def execute(self, sql: str, parameters: Mapping[str, object] | None = None) -> int:
        """Run a statement on these tables."""
        with self.session.cursor() as cursor:
            cursor.execute(sql, parameters or {})
            return cursor.rowcount

    def query(self, sql: str, parameters: Mapping[str, object] | None = None) -> Iterator[Mapping[str, object]]:
        """The rows of a query on what is written so far."""
        return fetched(self.session, f"output_{next(self._numbers)}", sql, parameters)

    def refuse_unwritten(self) -> None:
        """TransformFailed where the code left a table out: its rows would all go."""
        left = [name for name in self.names() if name not in self._written]
        if left:
            raise TransformFailed(
                f"the code wrote nothing to {', '.join(left)}",
                hint="write each output, be it with no row: outputs.write(name, [])",
                dataset=left[0],
            )

    def _begun(self, name: str) -> OutputRequest:
        for output in self.outputs:
            if output["dataset"] == name:
                self._written.add(name)
                return output
        raise KeyError(f"the datastore has no dataset {name}; it has {', '.join(self.names())}")


def _header(file: BinaryIO) -> list[str]:
    """The names in the first line of a CSV file, which is read then."""
    return next(csv.reader([file.readline().decode()]), [])


def _lines(output: OutputRequest, rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    columns = output["columns"]
    known = {column for column, _ in columns}
    for row in rows:
        if not row.keys() <= known:
            _refuse_unknown(output, (str(column) for column in row if column not in known))
        yield line(cell(row.get(column), type_) for column, type_ in columns)


def _refuse_unknown(output: OutputRequest, unknown: Iterable[str]) -> None:
    names = ", ".join(sorted(unknown))
    if names:
        dataset = output["dataset"]
        raise TransformFailed(
            f"{dataset} has no column {names}",
            hint=f"its columns are {', '.join(column for column, _ in output['columns'])}",
            dataset=dataset,
        )


def _refuse(output: OutputRequest, error: psycopg2.Error) -> NoReturn:
    column = _COLUMN.search(error.diag.context or "")
    where = f" column {column['name']}" if column else ""
    raise TransformFailed(
        f"what was written to {output['dataset']}{where} does not fit: {primary_message(error)}",
        hint="the model says which types and lengths its columns have",
        dataset=output["dataset"],
    ) from error


def _raw(name: str) -> str:
    """A quoted name for statements that nothing is bound in."""
    return _raw_name(identifier(name))


def _raw_name(quoted: str) -> str:
    return quoted.replace("%%", "%")

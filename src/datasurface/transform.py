"""What the code of a data transformer works with: the views of its workspace, and the tables that it makes.

    from datasurface.transform import Inputs, Outputs

    def totals(inputs: Inputs, outputs: Outputs) -> None:
        orders = inputs.rows("orders")
        outputs.write("totals", ({"id": row["id"], "cents": row["euros"] * 100} for row in orders))

Both are open for as long as the function runs. All inputs are seen as they were at one moment. What is written takes
the place of the tables' rows when the function has returned: all of it, or nothing where it raised an error.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO, Protocol

Row = Mapping[str, object]
"""Values by the names of their columns."""


class Inputs(Protocol):
    """The views of the workspace. One is named by its dataset (or what the sink calls it), and as ``Group/dataset``
    where two groups have one of that name. KeyError where there is none.

    >>> def unpaid(inputs: Inputs) -> Iterator[Row]:
    ...     '''The rows of a view, and of a query on it.'''
    ...     yield from (row for row in inputs.rows("orders") if not row["isPaid"])
    ...     yield from inputs.query(f"SELECT * FROM {inputs.table('returns')} WHERE year > %(year)s", {"year": 2030})
    """

    def names(self) -> Sequence[str]:
        """What there is, as ``Group/dataset``."""
        ...

    def rows(self, name: str) -> Iterator[Row]:
        """The live rows of a dataset, in no order, fetched bit by bit."""
        ...

    def table(self, name: str) -> str:
        """The quoted name of the view, to be put into SQL."""
        ...

    def query(self, sql: str, parameters: Mapping[str, object] | None = None) -> Iterator[Row]:
        """The rows of a query, fetched bit by bit. Parameters are written ``%(name)s``, and a percent sign ``%%``."""
        ...

    def copy_to(self, sql: str, file: BinaryIO) -> int:
        """The rows of a query without parameters as CSV with a header; their number."""
        ...


class Outputs(Protocol):
    """The tables that the code makes, by their datasets. They are empty when the function begins; each of them has to
    be written, be it with no row. KeyError where there is none of a name.

    >>> def copy(inputs: Inputs, outputs: Outputs) -> None:
    ...     '''The old rows, of which some go, and new ones.'''
    ...     outputs.keep("totals")
    ...     outputs.execute(f"DELETE FROM {outputs.table('totals')} WHERE year < %(year)s", {"year": 2030})
    ...     outputs.write("totals", [{"id": "1", "year": 2031, "cents": 250}])
    """

    def names(self) -> Sequence[str]:
        """What has to be made."""
        ...

    def write(self, name: str, rows: Iterable[Row]) -> int:
        """Add rows; their number. They are sent bit by bit as they come, by COPY. A column that a row has not is NULL;
        one that the dataset has not ends the run. May be called several times."""
        ...

    def copy_from(self, name: str, file: BinaryIO) -> int:
        """Add the rows of a CSV file, whose header names their columns; their number. By COPY."""
        ...

    def keep(self, name: str) -> int:
        """Begin with the rows that the last good run left, to change them; their number."""
        ...

    def table(self, name: str) -> str:
        """The quoted name of the table that is written, to be put into SQL; who asks for it is taken to write it."""
        ...

    def execute(self, sql: str, parameters: Mapping[str, object] | None = None) -> int:
        """Run a statement on these tables; the number of rows that it touched. Parameters as in ``Inputs.query``."""
        ...

    def query(self, sql: str, parameters: Mapping[str, object] | None = None) -> Iterator[Row]:
        """The rows of a query on what is written so far."""
        ...

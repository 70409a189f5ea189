"""How far a dataset was read by its watermark: values that the batch log keeps and the next batch begins with."""

from collections.abc import Mapping

from attrs import asdict, evolve, field, frozen


@frozen
class Mark:
    """How far a dataset was read. A mark says nothing of another table, column or type: there all is read anew.

    Attributes:
        table: where the rows are, in words: database, schema and table.
        column: the watermark's.
        type: the SQL type that its values are compared in.
        value: the greatest watermark that was read, as the source prints it; None where no row had one.
        has_more: whether rows with greater watermarks were left to the next batch.
    """

    table: str
    column: str
    type: str
    value: str | None
    has_more: bool = field(default=False)

    def since(self, last: "Mark | None") -> "Mark":
        """This mark with the value of the last one, where that is of the same table, column and type."""
        if last is None or (last.table, last.column, last.type) != (self.table, self.column, self.type):
            return self
        return evolve(self, value=last.value)


def mark_document(mark: Mark) -> dict[str, object]:
    """A mark in the batch log."""
    return asdict(mark)


def mark_of(document: Mapping[str, object]) -> Mark | None:
    """The mark in a dataset's logged document; None where all of its rows were read."""
    match document.get("watermark"):
        case {
            "table": str(table),
            "column": str(column),
            "type": str(kind),
            "value": None | str() as value,
            "has_more": bool(has_more),
        }:
            return Mark(table, column, kind, value, has_more)
    return None

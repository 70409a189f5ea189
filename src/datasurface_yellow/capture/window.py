"""How far a dataset was read by its watermark: values that the batch log keeps and the next batch begins with."""

from collections.abc import Mapping

from attrs import field, frozen


@frozen
class Mark:
    """How far a dataset was read.

    Attributes:
        column: the watermark's.
        type: the SQL type that its values are compared in. A mark says nothing of another column or type.
        value: the greatest watermark that was read, as the source prints it; None where no row had one.
        has_more: whether rows with greater watermarks were left to the next batch.
    """

    column: str
    type: str
    value: str | None
    has_more: bool = field(default=False)

    def since(self, last: "Mark | None") -> "Mark":
        """This mark with the value of the last one, where that is of the same column and type."""
        is_known = last is not None and (last.column, last.type) == (self.column, self.type)
        return Mark(self.column, self.type, last.value if last is not None and is_known else None)


def mark_document(mark: Mark) -> dict[str, object]:
    """A mark in the batch log."""
    return {"column": mark.column, "type": mark.type, "value": mark.value, "has_more": mark.has_more}


def mark_of(document: Mapping[str, object]) -> Mark | None:
    """The mark in a dataset's logged document; None where all of its rows were read."""
    match document.get("watermark"):
        case {"column": str(column), "type": str(kind), "value": None | str() as value, "has_more": bool(has_more)}:
            return Mark(column, kind, value, has_more)
    return None

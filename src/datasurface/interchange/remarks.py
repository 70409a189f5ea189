"""What an import has to tell whoever reads its text: what it chose, and what it left out."""

from attrs import frozen


@frozen
class Remark:
    """One thing that the imported text does not say as its source did.

    Attributes:
        where: in the source, as ``customers.email``.
        message: what is there, and what became of it.
        hint: what to do about it.
    """

    where: str
    message: str
    hint: str

    def document(self) -> dict[str, str]:
        """The remark as plain JSON values."""
        return {"where": self.where, "message": self.message, "hint": self.hint}

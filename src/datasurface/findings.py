"""Findings: what lint and the loader have to say about a user's model."""

from enum import Enum

from attrs import frozen


class Severity(Enum):
    """How much a finding weighs: an error refuses the model, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@frozen(order=True)
class SourceLine:
    """A place in the user's own files: ``file`` as the user would open it, ``line`` counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@frozen
class Finding:
    """One thing that is wrong or doubtful in a model.

    Attributes:
        code: stable name of the rule, as ``DS101``.
        severity: error or warning.
        path: where in the model, as ``zones/USA/teams/team1/datastores/Store1``; empty where there is no object yet.
        message: what is wrong, in one sentence.
        hint: what to do about it.
        source: the user's file and line, where known.
    """

    code: str
    severity: Severity
    path: str
    message: str
    hint: str
    source: SourceLine | None = None

    @property
    def is_error(self) -> bool:
        """True when this finding alone refuses the model."""
        return self.severity is Severity.ERROR

    def document(self) -> dict[str, str | int | None]:
        """The finding as plain JSON values."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "path": self.path,
            "file": self.source.file if self.source else None,
            "line": self.source.line if self.source else None,
            "message": self.message,
            "hint": self.hint,
        }

"""How a command that ran a job ends: with its result, what went wrong, and the exit code."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from datasurface.cli.output import print_document, print_error
from datasurface.errors import JobError
from datasurface.results import JobFailure, ResultCode


class Result(Protocol):
    """What every job's result has."""

    @property
    def code(self) -> ResultCode:
        """How it ended."""
        ...

    @property
    def error(self) -> JobFailure | None:
        """What went wrong; None where nothing did."""
        ...

    def document(self) -> dict[str, object]:
        """The result record."""
        ...


R = TypeVar("R", bound=Result)


def ended(result: R, show: Callable[[R], None], *, as_json: bool) -> int:
    """Print a result, for machines or by ``show``, and its error; the exit code."""
    if as_json:
        print_document(result.document())
    else:
        show(result)
    if result.error is not None:
        print_error(JobError(result.error.message, hint=result.error.hint))
    return 1 if result.code is ResultCode.ERROR else 0

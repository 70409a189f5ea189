"""What crosses between a job and the process of a transformer's code, as JSON: plain values, and no secret but the
login's own."""

from typing import TypedDict


class PlaceRequest(TypedDict):
    """A database; the login opens each of them."""

    name: str
    host: str
    port: int
    database: str
    sslmode: str | None
    sslrootcert: str | None


class OutputRequest(TypedDict):
    """A table to be made: quoted names of what the run writes and of what the last one left, columns with types."""

    dataset: str
    table: str
    last: str
    columns: list[tuple[str, str]]


class Request(TypedDict):
    """What the process does.

    ``path``: Python's search path; ``folder``: of the code; ``parent``: the process that waits for it; ``inputs``:
    quoted names of views by ``Group/dataset``; ``snapshot``: of the inputs; ``may_show``: whether values may be in
    messages.
    """

    path: list[str]
    parent: int
    folder: str
    function: str
    application: str
    user: str | None
    password: str | None
    merge: PlaceRequest
    store: PlaceRequest
    snapshot: str
    inputs: dict[str, str]
    outputs: list[OutputRequest]
    may_show: bool


class Answer(TypedDict):
    """How the code ended: ``message`` is None where it returned, and everything is written."""

    message: str | None
    hint: str | None
    dataset: str | None


LONGEST_MESSAGE = 2000
"""Characters. An answer has to fit into a pipe, which nobody reads before the process has ended."""

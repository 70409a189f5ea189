"""URLs that name a database and the credential for it, and hold no secret."""

from collections.abc import Mapping, Sequence
from urllib.parse import SplitResult, parse_qsl, urlsplit

from attrs import frozen

from datasurface.errors import UsageError

_LOGIN = "holds a user or password: secrets come from the credential that it names, and an @ in a name is written %40"


@frozen
class DatabaseUrl:
    """What a URL says; ``port`` is None where it names none."""

    parts: SplitResult
    port: int | None
    options: Mapping[str, str]


def database_url(url: str, what: str, form: str) -> DatabaseUrl:
    """The parts of a URL; UsageError where it cannot be read. Nothing of it is repeated: where it is cut is not known
    before it is read, so any piece of it may be one of a password.

    Args:
        what: it is called, for messages.
        form: that it should have, as a hint.
    """
    _, _, behind = url.partition("://")
    if "@" in behind and not behind.startswith("/"):  # sqlite:///srv/a@b.db has no host, and so no login
        raise UsageError(f"{what} {_LOGIN}", hint=form)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        # What Python says repeats the text that it took for the port.
        raise UsageError(f"{what} cannot be read: its host or port is none", hint=form) from None
    return DatabaseUrl(parts, port, dict(parse_qsl(parts.query, keep_blank_values=True)))


def problem_of(url: DatabaseUrl, schemes: Sequence[str], known: set[str]) -> str | None:
    """What keeps a URL from naming a database."""
    if url.parts.scheme not in schemes:
        return f"does not begin with {schemes[0]}://"
    if not url.parts.hostname:
        return "names no host"
    if len(url.parts.path) < 2:
        return "names no database"
    if not url.options.get("credential"):
        return "names no credential"
    unknown = sorted(url.options.keys() - known)
    return f"has the unknown option {unknown[0]}" if unknown else None

"""A login's way into one database: everything that is asked there passes here, in sessions that only read."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import quote, urlencode

import psycopg2
from attrs import define, field
from psycopg2.extensions import connection as Connection

from datasurface_yellow.notebook.errors import ReadRefused
from datasurface_yellow.store.connection import CONNECT_TIMEOUT, SETTINGS, Place, Row, bound, closing, connect, rows

APPLICATION = "datasurface notebook"


@define(eq=False)
class Session:
    """One database, as one login sees it. A session that was lost while a notebook stood idle is made again."""

    where: Place
    _open: Connection | None = field(default=None, init=False, repr=False)

    def rows(self, sql: str, parameters: Mapping[str, object] | None = None) -> Sequence[Row]:
        """All rows of a query that returns few."""
        with explained(self.where):
            try:
                return rows(self.connection(), sql, parameters)
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                if self._open is None or not self._open.closed:
                    raise
            return rows(self.connection(), sql, parameters)  # it had been lost before, and nothing was done

    @contextmanager
    def streamed(self, sql: str, parameters: Mapping[str, object], at_once: int) -> Iterator[Iterator[Row]]:
        """The rows of a query that need not fit into memory, in a session of their own; so many at once."""
        with explained(self.where), closing(connect(self.where, APPLICATION)) as session:
            session.set_session(readonly=True)
            with session.cursor("rows") as cursor:
                cursor.itersize = at_once
                cursor.execute(sql, parameters)
                yield iter(cursor)

    def bound(self, sql: str, parameters: Mapping[str, object]) -> str:
        """The statement with its parameters written into it by the driver."""
        with explained(self.where):
            return bound(self.connection(), sql, parameters)

    def connection(self) -> Connection:
        """The session for what is small; each of its statements is a transaction."""
        if self._open is None or self._open.closed:
            self._open = connect(self.where, APPLICATION)
            self._open.set_session(readonly=True, autocommit=True)
        return self._open

    def url(self) -> str:
        """What opens a session of another driver, with the same settings. It holds the password."""
        container, secret = self.where.container, self.where.secret
        settings = {**SETTINGS, "default_transaction_read_only": "on", "standard_conforming_strings": "on"}
        options = {
            "application_name": APPLICATION,
            "connect_timeout": str(CONNECT_TIMEOUT),
            "client_encoding": "UTF8",
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
            "sslmode": container.sslmode,
            "sslrootcert": container.sslrootcert,
        }
        login = ":".join(quote(part, safe="") for part in (secret.user, secret.password) if part is not None)
        query = urlencode({name: value for name, value in options.items() if value is not None}, quote_via=quote)
        host = f"[{container.host}]" if ":" in container.host else quote(container.host, safe="")
        return f"postgresql://{login}@{host}:{container.port}/{quote(container.database, safe='')}?{query}"

    def close(self) -> None:
        """End the session; what is asked later opens another."""
        if self._open is not None:
            self._open.close()


@contextmanager
def explained(where: Place) -> Iterator[None]:
    """Turn the driver's errors into one that says what the server said, with its hint: readers see their own data."""
    try:
        yield
    except psycopg2.ProgrammingError as error:
        if error.pgcode is None:  # the driver's own: a value that it cannot send
            raise ReadRefused(str(error), hint="compare with a plain value of Python") from error
        raise _refused(where, error) from error
    except psycopg2.Error as error:
        raise _refused(where, error) from error


def _refused(where: Place, error: psycopg2.Error) -> ReadRefused:
    return refused(where, error.diag.message_primary or str(error).strip(), error.diag.message_hint, error.pgcode)


def refused(where: Place, message: str, hint: str | None, code: str | None) -> ReadRefused:
    """What a server says to a question, as an error of ours."""
    if hint is None and code == "42501":
        hint = "the login has to be a member of the workspace's reader role"
    if hint is None and code in ("42P01", "42883", "42703"):
        hint = "the model may have changed since you connected: connect again"
    return ReadRefused(f"{where} says: {message}", hint=hint)

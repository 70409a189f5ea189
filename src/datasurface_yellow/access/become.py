"""To be a role: by a login that lives as long as the check, or by SET ROLE."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import cast

from attrs import evolve, frozen
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import encrypt_password

from datasurface.credentials import Secret
from datasurface.errors import AccessUnchecked
from datasurface.hints import listed
from datasurface_yellow.store.connection import ConnectionFailed, Place, closing, connect, execute, one, rows
from datasurface_yellow.store.statements import statement

LOGIN, SET_ROLE = "login", "set role"
PREFIX = "datasurface_check_"
_LIFE = timedelta(minutes=30)
"""How long a login is good for that a killed check leaves behind; the next check takes it away then."""


@frozen
class Checker:
    """A session that may become others, and where it is."""

    session: Connection
    where: Place

    def way_to(self, role: str) -> str | None:
        """How it can become a role; None where it cannot."""
        may_make, may_set = cast("tuple[bool, bool]", one(self.session, _sql("ways"), {"role": role}))
        return LOGIN if may_make else SET_ROLE if may_set else None

    @contextmanager
    def as_role(self, role: str, way: str) -> Iterator[Connection]:
        """A session of a role, in which every statement stands alone and can change nothing."""
        if way == SET_ROLE:
            with closing(connect(self.where, "datasurface access check")) as session:
                session.autocommit = True
                execute(session, _sql("set_role", role=role))
                execute(session, _sql("read_only"))
                yield session
            return
        with (
            self._login(role) as secret,
            closing(connect(evolve(self.where, secret=secret), "datasurface access check")) as session,
        ):
            session.autocommit = True
            execute(session, _sql("read_only"))
            yield session

    @contextmanager
    def _login(self, role: str) -> Iterator[Secret]:
        """A login that is a member of the role alone. Its password is not in the statement that makes it."""
        for (stale,) in rows(self.session, _sql("stale"), {"prefix": PREFIX}):
            execute(self.session, _sql("drop_login", login=stale))
        login, password = f"{PREFIX}{token_hex(8)}", token_hex(24)
        verifier = encrypt_password(password, login, self.session, "scram-sha-256")
        parameters = {"verifier": verifier, "until": (datetime.now(UTC) + _LIFE).isoformat()}
        execute(self.session, _sql("create_login", login=login, role=role), parameters)
        try:
            yield Secret(login, password)
        finally:
            execute(self.session, _sql("drop_login", login=login))


@contextmanager
def checker(where: Place) -> Iterator[Checker]:
    """The session of a credential."""
    with closing(connect(where, "datasurface access check")) as session:
        session.autocommit = True
        yield Checker(session, where)


def may_not_connect(error: ConnectionFailed) -> bool:
    """Whether a login failed because it may not connect to the database."""
    return "permission denied for database" in str(error.__cause__)


def no_role(where: Place, roles: Sequence[str]) -> AccessUnchecked:
    """The error of roles that the model needs in a database and that do not exist."""
    return AccessUnchecked(
        f"{where} has no role {listed(roles)}: nothing was tried as such",
        hint="ask an administrator of that server to make what docs/privileges.md says, then apply again",
    )


def no_way(where: Place, roles: Sequence[str]) -> AccessUnchecked:
    """The error of roles that a check cannot become."""
    user = where.secret.user or "the login"
    return AccessUnchecked(
        f"{user} may not become {listed(roles)} in {where}: nothing was tried as such",
        hint="name a credential that may, by --credential: a superuser's, or one of a role that was granted them, "
        f"as by GRANT {', '.join(roles)} TO {user}",
    )


def _sql(block: str, /, **context: object) -> str:
    return statement("access", "access.sql.j2", block, **context)

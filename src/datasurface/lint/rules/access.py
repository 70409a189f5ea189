"""Encrypted connections: a database is opened as securely as the model says."""

from collections.abc import Iterator

from datasurface.findings import Severity
from datasurface.hints import did_you_mean
from datasurface.lint.registry import Problem, rule
from datasurface.model import Ecosystem, PostgresDatabase
from datasurface.model.containers import containers

_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_CHECKING = ("verify-ca", "verify-full")


@rule("DS611", "An sslmode is one that PostgreSQL knows")
def known_mode(ecosystem: Ecosystem) -> Iterator[Problem]:
    """`sslmode` is one of libpq's: `disable`, `allow`, `prefer`, `require`, `verify-ca`, `verify-full`. With any other
    word no job could connect."""
    for container in containers(ecosystem):
        if isinstance(container, PostgresDatabase) and container.sslmode not in (None, *_MODES):
            yield Problem(
                container,
                f"database '{container.name}' has sslmode '{container.sslmode}', which PostgreSQL does not know",
                did_you_mean(str(container.sslmode), _MODES),
            )


@rule("DS612", "A CA file is used", Severity.WARNING)
def used_certificate(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A database has an `sslrootcert`, the file of the authority that signs its server's certificate, and an `sslmode`
    that does not promise to check the certificate. Only `verify-ca` and `verify-full` do; `verify-full` checks the
    server's name, too."""
    for container in containers(ecosystem):
        if (
            isinstance(container, PostgresDatabase)
            and container.sslrootcert is not None
            and container.sslmode in (None, *_MODES)
            and container.sslmode not in _CHECKING
        ):
            mode = f"sslmode '{container.sslmode}'" if container.sslmode else "no sslmode"
            yield Problem(
                container,
                f"database '{container.name}' has a CA file and {mode}, with which its certificate may go unchecked",
                'add sslmode="verify-full"',
            )

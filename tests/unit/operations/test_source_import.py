"""Which URLs name a source, and that none of them holds a secret."""

import pytest

from datasurface.errors import UsageError
from datasurface.model import Container, Credential, MySqlDatabase, PostgresDatabase, SqliteDatabase
from datasurface.operations.source_import import source_container

CREDENTIAL = Credential("r")


@pytest.mark.parametrize(
    ("url", "container"),
    [
        ("postgresql://db/crm?credential=r", PostgresDatabase("D", host="db", database="crm", credential=CREDENTIAL)),
        (
            "postgres://db:5433/my%20crm?credential=r&sslmode=require",
            PostgresDatabase("D", host="db", port=5433, database="my crm", credential=CREDENTIAL, sslmode="require"),
        ),
        (
            "mysql://db/shop?credential=r&tls=true",
            MySqlDatabase("D", host="db", database="shop", credential=CREDENTIAL, tls=True),
        ),
        ("mariadb://db:1/s?credential=r", MySqlDatabase("D", host="db", port=1, database="s", credential=CREDENTIAL)),
        ("sqlite:///srv/a@b.db", SqliteDatabase("D", path="/srv/a@b.db")),
        ("sqlite:///srv/till.db", SqliteDatabase("D", path="/srv/till.db")),
        ("sqlite:////srv/my%20till.db", SqliteDatabase("D", path="/srv/my till.db")),
    ],
)
def test_a_url_names_a_container(url: str, container: Container) -> None:
    assert source_container(url, "D") == container


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("postgresql://joe:s3cret@db/crm?credential=r", "holds a user or password"),
        ("postgresql://joe:s3cret#1@db/crm?credential=r", "holds a user or password"),
        ("postgresql://joe:s3cret?1@db/crm?credential=r", "holds a user or password"),
        ("mysql://joe:s3cret/1@db/crm?credential=r", "holds a user or password"),
        ("sqlite://joe:s3cret/1@db/crm", "holds a user or password"),
        ("postgresql://joe:s3cret/crm?credential=r", "cannot be read"),
        ("postgresql://[s3cret/crm?credential=r", "cannot be read"),
        ("mysql://db/crm?credential=r&tls=require", "has a tls= that is neither yes nor no"),
        ("mysql://db/crm?credential=r&tls=", "has a tls= that is neither yes nor no"),
        ("mysql://db/crm?credential=r&tls=no&tls_ca=/ca.pem", "has tls_ca= and no TLS"),
        ("postgresql://db/crm", "names no credential"),
        ("postgresql:///crm?credential=r", "names no host"),
        ("postgresql://db?credential=r", "names no database"),
        ("postgresql://db/crm?credential=r&tls=1", "has the unknown option tls"),
        ("postgresql://db:x/crm?credential=r", "cannot be read"),
        ("mysql://db/crm?credential=r&sslmode=require", "has the unknown option sslmode"),
        ("oracle://db/crm?credential=r", "begins with none of postgresql://, mysql:// and sqlite://"),
        ("crm", "begins with none of"),
        ("sqlite://till.db", "names no file"),
        ("sqlite:///", "names no file"),
        ("sqlite:///till.db?mode=ro", "names no file"),
    ],
)
def test_any_other_url_is_wrong_usage(url: str, problem: str) -> None:
    with pytest.raises(UsageError) as refused:
        source_container(url, "D")
    assert problem in refused.value.message
    assert "s3cret" not in f"{refused.value.message}{refused.value.hint}"
    assert refused.value.__cause__ is None
    assert refused.value.hint is not None


@pytest.mark.parametrize(
    ("options", "tls"),
    [
        *((f"&tls={word}", True) for word in ("1", "true", "yes", "on", "Yes", "TRUE")),
        *((f"&tls={word}", False) for word in ("0", "false", "no", "off", "No", "FALSE")),
        ("", False),
        ("&tls_ca=/ca.pem", True),
    ],
)
def test_a_url_that_asks_for_tls_has_it(options: str, tls: bool) -> None:
    container = source_container(f"mysql://db/crm?credential=r{options}", "D")
    assert isinstance(container, MySqlDatabase)
    assert container.tls is tls

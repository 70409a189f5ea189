"""Places and access: where data may be, which repository may change what, which database holds it, which secret
opens it."""

from collections.abc import Iterable
from types import NoneType

from attrs import Attribute, field, frozen

from datasurface.errors import ModelValueError
from datasurface.git_url import normal_form, without_user
from datasurface.model.element import Element, all_of_type, as_tuple, not_empty, of_type


@frozen(repr=False)
class Credential(Element):
    """The name of a secret.

    The secret itself never enters a model: a credential store resolves the name at run time.

    >>> PostgresDatabase("CRM", host="db", database="crm", credential=Credential("crm-reader")).credential
    Credential("crm-reader")
    """

    name: str = field(validator=not_empty)


@frozen(repr=False)
class GitRepository(Element):
    """A git repository and branch that may change a part of the model.

    Attributes:
        url: ``owner/name`` is short for GitHub; any clone URL or path works.
        branch: whose commits count.

    >>> short = GitRepository("acme/model")
    >>> short.shown
    'acme/model@main'
    >>> short.is_same(GitRepository("git@github.com:acme/model.git"))
    True
    """

    url: str = field(validator=not_empty)
    branch: str = field(default="main", validator=not_empty, kw_only=True)

    @property
    def identity(self) -> tuple[str, str]:
        """The same for every spelling of one repository and branch."""
        return normal_form(self.url), self.branch

    @property
    def shown(self) -> str:
        """As ``acme/model@main``, without a user or password that the URL may have."""
        return f"{without_user(self.url)}@{self.branch}"

    @property
    def owner(self) -> str:
        """The same as one text, ``github.com/acme/model@main``: what is written down of who owns something."""
        return "@".join(self.identity)

    def is_same(self, other: "GitRepository") -> bool:
        """Whether the other names the same branch of the same repository, however it is spelled."""
        return self.identity == other.identity


def _as_locations(items: Iterable["Location"]) -> "tuple[Location, ...]":
    return as_tuple(items)


@frozen(repr=False)
class Location(Element):
    """A place of an infrastructure vendor; places nest (country, region, zone).

    Attributes:
        locations: inside it.

    >>> eu = Location("eu", locations=[Location("frankfurt"), Location("dublin")])
    >>> [place.name for place in eu.locations]
    ['frankfurt', 'dublin']
    """

    name: str = field(validator=not_empty)
    description: str = field(default="", kw_only=True, validator=of_type(str))
    locations: "tuple[Location, ...]" = field(default=(), converter=_as_locations, kw_only=True)

    @locations.validator
    def _are_locations(self, attribute: "Attribute[tuple[Location, ...]]", value: "tuple[Location, ...]") -> None:
        all_of_type(Location)(self, attribute, value)


@frozen(repr=False)
class InfrastructureVendor(Element):
    """Who runs the machines, and where.

    Attributes:
        locations: where they stand.

    >>> aws = InfrastructureVendor("aws", locations=[Location("eu", locations=[Location("frankfurt")])])
    >>> PostgresDatabase("CRM", host="db", database="crm", location="aws/eu/frankfurt").location
    'aws/eu/frankfurt'
    """

    name: str = field(validator=not_empty)
    description: str = field(default="", kw_only=True, validator=of_type(str))
    locations: tuple[Location, ...] = field(
        default=(), converter=_as_locations, validator=all_of_type(Location), kw_only=True
    )


@frozen(repr=False)
class Container(Element):
    """Base of everything that holds data.

    Attributes:
        location: where it stands, as ``vendor/location/…``, names of the ecosystem's vendors and locations.
        description: Markdown.

    >>> isinstance(SqliteDatabase("Till", path="/data/till.db"), Container)
    True
    """

    name: str = field(validator=not_empty)
    location: str | None = field(default=None, validator=of_type(str, NoneType), kw_only=True)
    description: str = field(default="", kw_only=True, validator=of_type(str))


@frozen(repr=False)
class PostgresDatabase(Container):
    """One database of a PostgreSQL server.

    Attributes:
        host, port, database: where to connect; an environment file can bind them to another place.
        credential: the name of the secret that opens it.
        sslmode: that of libpq, as ``verify-full``.
        sslrootcert: path of the CA file.

    >>> crm = PostgresDatabase(
    ...     "CRM", host="db.acme.com", database="crm", credential=Credential("crm-reader"), sslmode="verify-full"
    ... )
    >>> crm.port
    5432
    """

    host: str = field(kw_only=True, validator=not_empty)
    port: int = field(default=5432, kw_only=True, validator=of_type(int))
    database: str = field(kw_only=True, validator=not_empty)
    credential: Credential | None = field(default=None, kw_only=True, validator=of_type(Credential, NoneType))
    sslmode: str | None = field(default=None, kw_only=True, validator=of_type(str, NoneType))
    sslrootcert: str | None = field(default=None, kw_only=True, validator=of_type(str, NoneType))

    @port.validator
    def _a_port(self, _attribute: object, value: int) -> None:
        _check_port(self, value, "PostgreSQL listens on 5432 unless it was told otherwise")


@frozen(repr=False)
class MySqlDatabase(Container):
    """One database of a MariaDB or MySQL server: a source.

    Attributes:
        host, port, database: where to connect; an environment file can bind them to another place.
        credential: the name of the secret that opens it.
        tls: whether the connection must be encrypted.
        tls_ca: path of the CA file. With it the connection is encrypted, and the server's certificate and name are
            checked.

    >>> shop = MySqlDatabase(
    ...     "Shop", host="shop.acme.com", database="shop", credential=Credential("shop-reader"), tls=True
    ... )
    >>> shop.port
    3306
    """

    host: str = field(kw_only=True, validator=not_empty)
    port: int = field(default=3306, kw_only=True, validator=of_type(int))
    database: str = field(kw_only=True, validator=not_empty)
    credential: Credential | None = field(default=None, kw_only=True, validator=of_type(Credential, NoneType))
    tls: bool = field(default=False, kw_only=True, validator=of_type(bool))
    tls_ca: str | None = field(default=None, kw_only=True, validator=of_type(str, NoneType))

    @port.validator
    def _a_port(self, _attribute: object, value: int) -> None:
        _check_port(self, value, "MariaDB and MySQL listen on 3306 unless they were told otherwise")


@frozen(repr=False)
class SqliteDatabase(Container):
    """A SQLite database: a source, in one file. It has no credential: who may read the file may read the data.

    Attributes:
        path: of the file, absolute; an environment file can bind it to another place.

    >>> SqliteDatabase("Till", path="till.db")
    Traceback (most recent call last):
    datasurface.errors.ModelValueError: SqliteDatabase 'Till': path must be absolute, not 'till.db'
    """

    path: str = field(kw_only=True, validator=not_empty)

    @path.validator
    def _absolute(self, _attribute: object, value: str) -> None:
        if not value.startswith("/"):
            raise ModelValueError(
                f"SqliteDatabase {self.name!r}: path must be absolute, not {value!r}",
                hint="jobs run in folders of their own, where a relative path means another file",
            )


def _check_port(container: Container, value: int, hint: str) -> None:
    if isinstance(value, bool) or not 0 < value < 65536:
        kind = type(container).__name__
        raise ModelValueError(f"{kind} {container.name!r}: port must be between 1 and 65535, not {value!r}", hint=hint)


@frozen(repr=False)
class PlatformManaged(Element):
    """A workspace's container when the platform keeps it: a schema of the workspace's name in the merge database.

    >>> from datasurface import Workspace
    >>> Workspace("Reports", groups=[]).container
    PlatformManaged()
    """

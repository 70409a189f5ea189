"""The merge database as consumers' databases read it: its views, who may read them, and where it is read from."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import cast

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.errors import ApplyRefused
from datasurface.hints import listed
from datasurface.model import Credential, PostgresDatabase
from datasurface_yellow.consumer.locale import Locale, database_locale
from datasurface_yellow.consumer.site import Site
from datasurface_yellow.deploy.definition import columns_of
from datasurface_yellow.deploy.wanted import View
from datasurface_yellow.store.catalog import PlatformNames, relation_exists
from datasurface_yellow.store.connection import execute, one, rows
from datasurface_yellow.store.statements import statement

_TEXT = ("text", "varchar", "bpchar")


@frozen
class RemoteColumn:
    """A column of a view in the merge database. ``is_text``: whether it is sorted by a locale."""

    name: str
    type: str
    is_text: bool


@frozen
class MergeSide:
    """What the merge database has for a site.

    Attributes:
        columns: of its views that stand, by name.
        locale: how the merge database sorts.
    """

    columns: Mapping[str, tuple[RemoteColumn, ...]]
    locale: Locale


def merge_side(session: Connection, site: Site, coming: Collection[str] = ()) -> MergeSide:
    """What stands for a site. ``coming``: labels of views that a dry run would make or change: of these it is said what
    they would be."""
    found = {
        str(name): _columns(cast("Iterable[tuple[str, str, bool]]", zip(names, types, texts, strict=True)))
        for name, names, types, texts in cast(
            "Iterable[tuple[str, list[str], list[str], list[bool]]]",
            rows(session, _sql("view_columns"), {"schema": site.schema}),
        )
    }
    found |= {view.name: _coming_columns(view) for view in site.views if view.place.is_view and view.label in coming}
    names = {view.name for view in site.views if view.place.is_view and view.name in found}
    return MergeSide({name: found[name] for name in names}, database_locale(session))


def _columns(found: Iterable[tuple[str, str, bool]]) -> tuple[RemoteColumn, ...]:
    return tuple(RemoteColumn(*column) for column in found)


def _coming_columns(view: View) -> tuple[RemoteColumn, ...]:
    return _columns((name, kind, kind.removesuffix("[]") in _TEXT) for name, kind in columns_of(view))


def refuse_reader(session: Connection, site: Site, login: str) -> None:
    """ApplyRefused unless a login may read the site's views in this database and nothing else of it.

    Its password will stand in the consumer's database: whoever administers that database can be this login.
    """
    who = f"role {login}, by which {site.container.name} is to read the merge database for {site.workspace},"
    refuse_login(session, site.role, login, who, "give the workspace a reader of its own")


def refuse_login(session: Connection, role: str, login: str, who: str, cure: str) -> None:
    """ApplyRefused unless a login may do in this database what the role of a workspace may, and nothing else.

    ``who``: the login and what it is for; ``cure``: what to do where it may do more.
    """
    database = session.info.dbname
    found = one(session, _sql("login"), {"login": login, "database": database})
    if found is None:
        raise ApplyRefused(
            f"{who} does not exist",
            hint=f"ask an administrator of that server: CREATE ROLE {login} LOGIN PASSWORD '…'; "
            f"GRANT {role} TO {login}; GRANT CONNECT ON DATABASE {database} TO {login}",
        )
    is_special, may_connect, member_of, holds = cast("tuple[bool, bool, list[str], bool]", found)
    if role not in member_of:
        raise ApplyRefused(f"{who} may not read its views", hint=f"GRANT {role} TO {login}")
    if not may_connect:
        raise ApplyRefused(f"{who} may not connect", hint=f"GRANT CONNECT ON DATABASE {database} TO {login}")
    more = [f"a member of {other}" for other in member_of if other != role]
    more += ["a role with rights of an administrator"] if is_special else []
    more += ["an owner of objects, or has grants of its own"] if holds else []
    if more:
        raise ApplyRefused(
            f"{who} may do more than that: it is {listed(more)}",
            hint=f"{cure}: a login that is a member of {role} and of nothing else",
        )


def remembered_sites(session: Connection, names: PlatformNames) -> Iterator[Site]:
    """Where an apply has put something of this platform, or was about to; without views."""
    if not relation_exists(session, names.schema, names.consumer_database):
        return
    for workspace, name, host, port, database, credential, sslmode, sslrootcert in cast(
        "Iterable[tuple[str, str, str, int, str, str, str | None, str | None]]", rows(session, _sql("sites", names))
    ):
        container = PostgresDatabase(
            name,
            host=host,
            port=port,
            database=database,
            credential=Credential(credential),
            sslmode=sslmode,
            sslrootcert=sslrootcert,
        )
        yield Site(names.platform, workspace, container, "", ())


def remember(session: Connection, names: PlatformNames, site: Site) -> None:
    """Write down where something is about to stand, so that it is found when the model has it no longer."""
    container = site.container
    if container.credential is not None:
        values = {"container": container.name, "credential": container.credential.name, "sslmode": container.sslmode}
        more = {"sslrootcert": container.sslrootcert}
        execute(session, _sql("remember", names), {**_address(site), **values, **more})


def forget(session: Connection, names: PlatformNames, site: Site) -> None:
    """Nothing of the platform stands there any more."""
    execute(session, _sql("forget", names), _address(site))


def _address(site: Site) -> dict[str, object]:
    return dict(zip(("workspace", "host", "port", "database"), site.address, strict=True))


def _sql(block: str, names: PlatformNames | None = None) -> str:
    context = {} if names is None else {"table": names.consumer_database, "schema": names.schema}
    return statement("consumer", "merge_side.sql.j2", block, **context)

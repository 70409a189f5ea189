"""Separation: nobody reads what is not theirs with a secret that was given to somebody else."""

from collections.abc import Iterator

from attrs import frozen

from datasurface.git_url import normal_form
from datasurface.lint.addresses import Address, address
from datasurface.lint.parts import place_in_files, policies, stores_of
from datasurface.lint.registry import Problem, rule
from datasurface.model import (
    Container,
    Credential,
    Ecosystem,
    Element,
    MaskingPolicy,
    MySqlDatabase,
    PostgresDatabase,
    PythonCode,
    Team,
    walk,
)
from datasurface.model.containers import containers


@frozen(eq=False)
class _Use:
    """A database that a team names, with the credential that opens it."""

    team: str
    container: Container
    credential: str
    address: Address


def _of_the_ecosystem(ecosystem: Ecosystem) -> Iterator[Container]:
    """The containers of the platforms, and the control database."""
    for platform in ecosystem.platforms:
        yield from _containers_in(platform)
    if ecosystem.control_database is not None:
        yield ecosystem.control_database


def _of_team(team: Team) -> Iterator[Container]:
    """The containers that a team names: what its captures read, what its workspaces bring."""
    for store in stores_of(team):
        yield from _containers_in(store.capture)
    for workspace in team.workspaces:
        yield from _containers_in(workspace.container)


def _containers_in(root: Element) -> Iterator[Container]:
    for _, element in walk(root):
        if isinstance(element, Container):
            yield element


def _credential(container: Container) -> str | None:
    if isinstance(container, PostgresDatabase | MySqlDatabase) and container.credential is not None:
        return container.credential.name
    return None


def _uses(ecosystem: Ecosystem) -> Iterator[_Use]:
    for team in ecosystem.teams():
        for container in _of_team(team):
            credential, where = _credential(container), address(container)
            if credential is not None and where is not None:
                yield _Use(team.name, container, credential, where)


@rule("DS621", "No datastore is read from where platforms merge")
def reads_no_merge_database(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The container of a datastore is the merge database of a platform, or the control database. There the rows of all
    teams are, and what is in force; a team that names it could read them all, past approvals, policies and clearances.

    What a platform holds is consumed by a workspace; what a transformer makes of it is written elsewhere.
    """
    held = {address(container): container for container in _of_the_ecosystem(ecosystem)}
    held.pop(None, None)
    for store in ecosystem.datastores():
        for container in _containers_in(store.capture):
            if address(container) in held:
                yield Problem(
                    container,
                    f"datastore '{store.name}' is read from '{container.name}', where a platform merges or the "
                    "configuration is",
                    "name the producer's own database; what is merged is read by a workspace",
                )


@rule("DS622", "The ecosystem's credentials are for its own databases")
def keeps_its_credentials(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A team's container names a credential that opens a merge database or the control database. Jobs would send this
    secret to a server of the team's choice, and read with the rights of who may write everything."""
    kept = {_credential(container) for container in _of_the_ecosystem(ecosystem)}
    for use in _uses(ecosystem):
        if use.credential in kept:
            yield Problem(
                use.container,
                f"database '{use.container.name}' of team '{use.team}' names credential '{use.credential}', which "
                "opens a merge database or the control database",
                "give the team a credential of its own",
            )


@rule("DS623", "A team's credential is for its own databases")
def keeps_to_one_team(ecosystem: Ecosystem) -> Iterator[Problem]:
    """Two teams name one credential for different databases. Jobs of one team would send the secret of the other to a
    server that the other does not know, and one team could read the other's database.

    Teams may share a credential for one database that both of them read, and a team may use one for several databases.
    """
    by_credential: dict[str, list[_Use]] = {}
    for use in _uses(ecosystem):
        by_credential.setdefault(use.credential, []).append(use)
    for uses in by_credential.values():
        if len({use.team for use in uses}) > 1 and len({use.address for use in uses}) > 1:
            yield from _apart(sorted(uses, key=lambda use: (place_in_files(use.container), use.team, use.address)))


def _apart(uses: list[_Use]) -> Iterator[Problem]:
    """Of the uses of one credential those that are not the first one's: other team, other database."""
    first = uses[0]
    others = [use for use in uses if use.team != first.team and use.address != first.address]
    if not others:  # all other teams use it for the first one's database, and the first team for others besides
        others = [use for use in uses if use.address != first.address]
        first = next(use for use in uses if use.team != first.team)
    for use in others:
        yield Problem(
            use.container,
            f"database '{use.container.name}' of team '{use.team}' names credential '{use.credential}', which opens "
            f"'{first.container.name}' of team '{first.team}'",
            "give each team a credential of its own",
        )


@rule("DS624", "The reader of a workspace is for that workspace alone")
def keeps_readers_apart(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The `reader=` of a workspace, or the `credential=` of its transformer, names a credential that opens a database
    of the model, or that is the one of another workspace or transformer. The workspace's own database would hold that
    secret, or the transformer's code run with it, and read with rights that are not the workspace's.

    A reader is a login of the merge database that may read the views of one workspace. So is that of a transformer,
    which may also write what the transformer makes.
    """
    opened, first = _opened(ecosystem), dict[str, str]()
    for owner, credential in _logins(ecosystem):
        other = first.setdefault(credential.name, owner)
        use = opened.get(credential.name) or ("" if other == owner else f"is {other}")
        if use:
            yield Problem(
                credential,
                f"{owner} is credential '{credential.name}', which {use}",
                "give the workspace a reader of its own, and each transformer a login of its own",
            )


def _opened(ecosystem: Ecosystem) -> dict[str | None, str]:
    """What each credential opens, in words: of several databases the first in the files."""
    last_first = sorted(containers(ecosystem), key=lambda it: (place_in_files(it), it.name), reverse=True)
    return {_credential(container): f"opens '{container.name}'" for container in last_first}


def _logins(ecosystem: Ecosystem) -> Iterator[tuple[str, Credential]]:
    """The secrets by which workspaces and transformers read merge databases, and whose they are."""
    for workspace in sorted(ecosystem.workspaces(), key=lambda it: (place_in_files(it), it.name)):
        if workspace.reader is not None:
            yield f"the reader of workspace '{workspace.name}'", workspace.reader
        transformer = workspace.transformer
        if transformer is not None and transformer.credential is not None:
            yield f"the login of transformer '{transformer.name}'", transformer.credential


@rule("DS625", "The credential of a transformer's code opens its repository and nothing else")
def keeps_code_apart(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The `credential=` of a `PythonCode` opens a database of the model, is somebody's login or the key of a mask, or
    opens another repository of another team. Jobs would send this secret to a server of the team's choice.
    """
    taken = _opened(ecosystem) | {credential.name: f"is {owner}" for owner, credential in _logins(ecosystem)}
    for policy in sorted(policies(ecosystem, MaskingPolicy), key=lambda it: it.name):
        keys = (element for _, element in walk(policy) if isinstance(element, Credential))
        taken |= {key.name: f"is a key of policy '{policy.name}'" for key in keys}
    first: dict[str, tuple[str, str]] = {}
    for team, transformer, code, credential in _codes(ecosystem):
        repository = normal_form(code.repository.url)
        its_team, its_repository = first.setdefault(credential.name, (team, repository))
        is_anothers = its_team != team and its_repository != repository
        use = taken.get(credential.name) or (f"opens the code of team '{its_team}'" if is_anothers else "")
        if use:
            yield Problem(
                credential,
                f"the code of transformer '{transformer}' names credential '{credential.name}', which {use}",
                "give the repository a credential of its own, which may read it and nothing else",
            )


def _codes(ecosystem: Ecosystem) -> Iterator[tuple[str, str, PythonCode, Credential]]:
    """Team, transformer, its code and what opens that, in the order of the files."""
    found = [
        (team.name, made.name, made.code, made.code.credential)
        for team in ecosystem.teams()
        for workspace in team.workspaces
        if (made := workspace.transformer) is not None and made.code.credential is not None
    ]
    yield from sorted(found, key=lambda it: (place_in_files(it[3]), it[0], it[1]))

"""The way from a URL or a model's folder to what a login may read."""

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

from attrs import evolve

from datasurface.credentials import Secret
from datasurface.environment import Environment, credentials, read_environment
from datasurface.errors import ModelRefused, UsageError
from datasurface.hints import did_you_mean
from datasurface.loader import load
from datasurface.model import Credential, Ecosystem, PostgresDatabase
from datasurface.operations.database_url import database_url, problem_of
from datasurface_yellow.notebook.offers import find_offers, of_workspace
from datasurface_yellow.notebook.session import Session
from datasurface_yellow.notebook.workspace import ReadWorkspace
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store.connection import Place, place

_FORM = "write postgresql://host:port/database?credential=NAME, or give user= and password="
_OPTIONS = {"credential", "sslmode", "sslrootcert"}
_LOGIN = "login"
"""What the credential is called of those who say user and password."""


def connected(
    where: str | Path,
    workspace: str | None,
    credential: str | None,
    login: Secret | None,
    environment: str | Path | None,
) -> ReadWorkspace:
    """As ``datasurface_yellow.connect``. ``login``: user and password, in place of a credential."""
    named = environment or os.environ.get("DATASURFACE_ENVIRONMENT")
    bound = read_environment(Path(named) if named else None)
    model: Ecosystem | None = None
    containers: Sequence[PostgresDatabase]
    if isinstance(where, str) and "://" in where:
        containers = [_of_url(where, credential, is_open=login is not None)]
    else:
        model = _loaded(Path(where), bound)
        workspace, containers = _of_model(model, workspace, credential, is_open=login is not None)
    known = credentials(bound)
    places = [Place(each, login) if login is not None else place(each, known) for each in containers]
    offers = [offer for each in places for offer in find_offers(Session(each))]
    mine = of_workspace(offers, workspace, ", ".join(map(str, places)))
    return ReadWorkspace(mine[0].workspace, tuple(mine), model)


def _of_url(url: str, credential: str | None, *, is_open: bool) -> PostgresDatabase:
    read = database_url(url, "the URL", _FORM)
    name = credential or read.options.get("credential") or (_LOGIN if is_open else "")
    read = evolve(read, options={**read.options, "credential": name})
    problem = problem_of(read, ("postgresql", "postgres"), _OPTIONS)
    if problem:
        raise UsageError(f"the URL {problem}", hint=_FORM)
    database = unquote(read.parts.path[1:])
    return PostgresDatabase(
        database,
        host=str(read.parts.hostname),
        port=read.port or 5432,
        database=database,
        credential=Credential(name),
        sslmode=read.options.get("sslmode"),
        sslrootcert=read.options.get("sslrootcert"),
    )


def _loaded(folder: Path, environment: Environment) -> Ecosystem:
    loaded = load(folder, [YellowDataPlatform])
    if loaded.ecosystem is None:
        raise ModelRefused(loaded.findings)
    return environment.bind(loaded.ecosystem)


def _of_model(
    model: Ecosystem, workspace: str | None, credential: str | None, *, is_open: bool
) -> tuple[str, Sequence[PostgresDatabase]]:
    """The workspace, and where it is read: in its own database, else in those of the platforms that serve it."""
    by_name = {each.name: each for each in model.workspaces()}
    name = workspace or (next(iter(by_name)) if len(by_name) == 1 else "")
    if name not in by_name:
        what = f"the model has no workspace '{name}'" if name else "the model has several workspaces, and none is named"
        raise UsageError(what, hint=did_you_mean(name, by_name))
    if not credential and not is_open:
        raise UsageError("no login is named", hint='say credential="NAME", or user= and password=: those of a reader')
    own = by_name[name].container
    platforms = {platform.name: platform for platform in model.platforms}
    serving = [each.platform for group in model.assignments if group.workspace == name for each in group.assignments]
    found = [own] if isinstance(own, PostgresDatabase) else [platforms[each].merge_store for each in serving]
    as_reader = [
        evolve(each, name=each.database, credential=Credential(credential or _LOGIN))
        for each in found
        if isinstance(each, PostgresDatabase)
    ]
    return name, list(dict.fromkeys(as_reader))

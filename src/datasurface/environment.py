"""The environment file: binds the containers, platforms and credentials of a model to another place.

[containers.CustomerDB]
host = "127.0.0.1"
port = 54321
[credentials.customer-db-reader]
user = "reader"
password_file = "secrets/reader"      # relative to this file
[platforms.YellowLive]
schedule = "every 5 seconds"
[airflow]                             # a table of an emitter of that name
mode = "local"
[openlineage]                         # where jobs tell what they read and write
url = "https://lineage.acme.com"
"""

import os
import tomllib
from collections.abc import Collection, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TypeVar, get_args, get_type_hints

from attrs import field, fields, frozen

from datasurface.credentials import Credentials, CredentialStore, EnvironmentVariables, Secret, mounted_folder
from datasurface.errors import EnvironmentFileError
from datasurface.hints import did_you_mean, listed
from datasurface.model import Container, Credential, DataPlatform, Dataset, Ecosystem, Element
from datasurface.model.containers import containers
from datasurface.model.rebuild import evolved, rebuilt

E = TypeVar("E", bound=Element)
Table = Mapping[str, Mapping[str, object]]
"""The tables of one kind by name, each with its keys and values."""

_OPENLINEAGE = "openlineage"
_KINDS = ("containers", "credentials", "platforms")
_SECRET_KEYS = ("user", "password_file", "token_file")
_BINDABLE = (str, int, float, bool, timedelta, Credential)


@frozen
class Environment:
    """What an environment file says; the model as it is written without one.

    Attributes:
        path: the file.
        containers: new values of containers' fields, by container.
        platforms: the same for platforms.
        secrets: by credential ``user``, and the files that hold its ``password_file`` and ``token_file``.
        emitters: what an emitter of that name is told of the installation; each checks its own.
        openlineage: where jobs tell what they read and write; checked by who tells it.
    """

    path: Path | None = None
    containers: Table = field(factory=dict)
    platforms: Table = field(factory=dict)
    secrets: Mapping[str, Mapping[str, str]] = field(factory=dict)
    emitters: Table = field(factory=dict)
    openlineage: Mapping[str, object] = field(factory=dict)

    def bind(self, ecosystem: Ecosystem) -> Ecosystem:
        """The model with containers and platforms bound, wherever they are named.

        Raises:
            EnvironmentFileError: the model has no container, platform or field of a name, or the value does not fit.
        """
        self._check_names("containers", self.containers, {container.name for container in containers(ecosystem)})
        self._check_names("platforms", self.platforms, {platform.name for platform in ecosystem.platforms})
        return rebuilt(ecosystem, self._bound, leaves=(Dataset,)) if self.containers or self.platforms else ecosystem

    def credential_store(self) -> CredentialStore:
        """The credentials of the file."""
        return EnvironmentFile(self.path, self.secrets)

    def _check_names(self, kind: str, table: Table, known: set[str]) -> None:
        for name in table:
            if name not in known:
                raise _error(self.path, f"[{kind}.{name}]: the model has none of that name", did_you_mean(name, known))

    def _bound(self, element: Element) -> Element:
        if isinstance(element, Container) and element.name in self.containers:
            return self._with_values(element, f"containers.{element.name}", self.containers[element.name])
        if isinstance(element, DataPlatform) and element.name in self.platforms:
            return self._with_values(element, f"platforms.{element.name}", self.platforms[element.name])
        return element

    def _with_values(self, element: E, table: str, values: Mapping[str, object]) -> E:
        bindable = _bindable_fields(type(element))
        for key, value in values.items():
            if key not in bindable:
                what = f"[{table}] {key}: a {type(element).__name__} has nothing of that name that can be bound"
                raise _error(self.path, what, did_you_mean(key, bindable))
            try:
                new = _converted(value, bindable[key])
                if isinstance(new, Element):  # it stands where the element does, not in the caller of this function
                    new.with_source(element.source)
                element = evolved(element, **{key: new})
            except (TypeError, ValueError, OverflowError) as error:
                reason = error.args[0] if error.args else type(error).__name__
                raise _error(self.path, f"[{table}] {key}: {reason}", "write a value that fits the model") from error
        return element


@frozen
class EnvironmentFile:
    """The credential store of an environment file."""

    path: Path | None
    secrets: Mapping[str, Mapping[str, str]]

    def find(self, name: str) -> Secret | None:
        """The secret of that name; its files are read now."""
        keys = self.secrets.get(name)
        if keys is None:
            return None
        return Secret(keys.get("user"), self._content(name, "password_file"), self._content(name, "token_file"))

    def place(self, name: str) -> str:
        """The table of the file, or what would name a file."""
        return f"[credentials.{name}] in {self.path or 'an environment file (--environment FILE)'}"

    def _content(self, name: str, key: str) -> str | None:
        file = self.secrets[name].get(key)
        if file is None:
            return None
        path = self.path.parent / file if self.path else Path(file)
        try:
            return path.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            what = f"[credentials.{name}] {key}: {path} cannot be read: {type(error).__name__}"
            raise _error(self.path, what, "name a text file, relative to the environment file") from error


def read_environment(path: Path | None, emitters: Collection[str] = ()) -> Environment:
    """What the file says, checked as far as that needs no model; an empty environment without a file.

    ``emitters``: the names that may have a table of settings.
    """
    if path is None:
        return Environment()
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _error(path, f"it cannot be read: {error.strerror}", "name a file with --environment") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _error(path, f"it is no TOML: {error}", "see https://toml.io") from error
    for kind, table in content.items():
        _check_tables(path, kind, table, [*emitters, _OPENLINEAGE])
    secrets = content.get("credentials", {})
    for name, keys in secrets.items():
        _check_secret(path, name, keys)
    told = {name: content[name] for name in emitters if name in content}
    lineage = content.get(_OPENLINEAGE, {})
    return Environment(path, content.get("containers", {}), content.get("platforms", {}), secrets, told, lineage)


def credentials(environment: Environment, variables: Mapping[str, str] = os.environ) -> Credentials:
    """The three places of secrets, in their order: environment file, environment variables, mounted folder."""
    return Credentials((environment.credential_store(), EnvironmentVariables(variables), mounted_folder(variables)))


def _check_tables(path: Path, kind: str, table: object, emitters: Collection[str]) -> None:
    if kind in emitters:
        if not isinstance(table, dict):
            raise _error(path, f"{kind}: it must be a table", f"write [{kind}]")
        return
    if kind not in _KINDS:
        raise _error(path, f"[{kind}]: there is no such part", did_you_mean(kind, [*_KINDS, *emitters]))
    tables = table if isinstance(table, dict) else {"": None}
    for name, values in tables.items():
        if not isinstance(values, dict):
            raise _error(path, f"{kind}.{name}".rstrip(".") + ": it must be a table", f"write [{kind}.NAME]")


def _check_secret(path: Path, name: str, keys: Mapping[str, object]) -> None:
    table = f"[credentials.{name}]"
    for key, value in keys.items():
        if key in ("password", "token"):
            hint = f'put it into a file of its own and write {key}_file = "that file"'
            raise _error(path, f"{table} {key}: a secret must not stand in this file", hint)
        if key not in _SECRET_KEYS:
            raise _error(path, f"{table} {key}: there is no such key", did_you_mean(key, _SECRET_KEYS))
        if not isinstance(value, str):
            raise _error(path, f"{table} {key}: it must be a string", f"a credential has {listed(_SECRET_KEYS)}")


def _bindable_fields(cls: type[Element]) -> dict[str, tuple[object, ...]]:
    """The fields that take plain values, each with the types it takes; a name is what binding goes by."""
    hints = get_type_hints(cls)
    types = {item.name: get_args(hints[item.name]) or (hints[item.name],) for item in fields(cls) if item.init}
    return {name: taken for name, taken in types.items() if name != "name" and any(t in taken for t in _BINDABLE)}


def _converted(value: object, taken: tuple[object, ...]) -> object:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and timedelta in taken and isinstance(value, int | float):
        return timedelta(seconds=value)
    if isinstance(value, str) and Credential in taken:
        return Credential(value)
    if type(value) in taken or (number and float in taken):
        return value
    expected = " or ".join(
        "seconds" if t is timedelta else getattr(t, "__name__", str(t)) for t in taken if t in _BINDABLE
    )
    raise TypeError(f"it must be {expected}, not {value!r}")


def _error(path: Path | None, what: str, hint: str) -> EnvironmentFileError:
    return EnvironmentFileError(f"environment file {path}: {what}", hint=hint)

"""Secrets by name: an environment file, environment variables, or a mounted folder, in this order."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from attrs import field, frozen

from datasurface.errors import MissingCredential


@frozen
class Secret:
    """What a credential resolves to. Values never show in a repr."""

    user: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)


class CredentialStore(Protocol):
    """A place that may know secrets; ``place(name)`` tells a person where it looked."""

    def find(self, name: str) -> Secret | None:
        """The secret of that name, or None."""
        ...

    def place(self, name: str) -> str:
        """Where this store looks for the name, in words."""
        ...


@frozen
class EnvironmentVariables:
    """``<NAME>_USER``, ``<NAME>_PASSWORD``, ``<NAME>_TOKEN``; NAME in upper case, all but A-Z and 0-9 as ``_``."""

    variables: Mapping[str, str] = field(factory=lambda: os.environ, repr=False)

    def find(self, name: str) -> Secret | None:
        """The secret of the variables that start with the name."""
        # An empty variable is one that nobody has filled, as in a CI that has no such secret.
        values = [
            self.variables.get(f"{variable_prefix(name)}_{part}") or None for part in ("USER", "PASSWORD", "TOKEN")
        ]
        return None if values[1] is None and values[2] is None else Secret(*values)

    def place(self, name: str) -> str:
        """The names of the variables."""
        prefix = variable_prefix(name)
        return f"environment variables {prefix}_USER and {prefix}_PASSWORD (or {prefix}_TOKEN)"


@frozen
class MountedFolder:
    """``<root>/<name>/{username,password,token}``, as Kubernetes mounts a secret."""

    root: Path | None

    def find(self, name: str) -> Secret | None:
        """The secret of the files in the folder of that name."""
        if self.root is None:
            return None
        values = [_read(self.root / name / part) for part in ("username", "password", "token")]
        return None if values[1] is None and values[2] is None else Secret(*values)

    def place(self, name: str) -> str:
        """The folder, or the variable that would name one."""
        return f"files username and password in {self.root or '$DATASURFACE_CREDENTIALS'}/{name}/"


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n") if path.is_file() else None
    except (OSError, UnicodeDecodeError) as error:
        raise MissingCredential(
            f"the secret in {path} cannot be read: {type(error).__name__}", hint="it must be a readable text file"
        ) from error


def variable_prefix(name: str) -> str:
    """The credential's name as environment variables spell it."""
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


@frozen
class Credentials:
    """Several stores, asked in order."""

    stores: Sequence[CredentialStore]

    def secret(self, name: str) -> Secret:
        """The secret of that name; MissingCredential names all places that were searched."""
        for store in self.stores:
            secret = store.find(name)
            if secret is not None:
                return secret
        places = "; ".join(store.place(name) for store in self.stores)
        raise MissingCredential(f"no secret for credential '{name}'", hint=f"searched: {places}")


def mounted_folder(variables: Mapping[str, str]) -> MountedFolder:
    """The folder that ``$DATASURFACE_CREDENTIALS`` names."""
    root = variables.get("DATASURFACE_CREDENTIALS")
    return MountedFolder(Path(root) if root else None)

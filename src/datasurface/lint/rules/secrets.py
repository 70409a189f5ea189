"""Secrets: named in the model, kept elsewhere. No message repeats what may be one."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from attrs import fields

from datasurface.lint.parts import policies, repositories
from datasurface.lint.registry import Problem, rule
from datasurface.model import Credential, Ecosystem, Element, MaskingPolicy, MySqlDatabase, PostgresDatabase, walk
from datasurface.model.containers import containers, places

_CREDENTIAL_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,62}")
_TOKEN = re.compile(r"gh[a-z]_|github_pat_|glpat-|xox[a-z]-|sk-[A-Za-z0-9]{8}|AKIA[A-Z0-9]{8}|eyJ[A-Za-z0-9_-]{8}")
_LONG = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_]{20,}")
_RANDOM = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.{10})(?:[A-Za-z]+[0-9]+|[0-9]+[A-Za-z]+){3}")
"""Upper case, lower case and digits in turn, ten characters or more, as generators of passwords make them."""
_PASSWORD_IN_URL = re.compile(r"[^\s:@/]+:[^\s:@/]+@")
_USER_IN_URL = re.compile(r"https?://([^\s:@/]+):?@", re.IGNORECASE)
_PASSWORD_IN_QUERY = re.compile(r"(?:password|passwd|pwd|secret|token|api_?key)\s*=", re.IGNORECASE)


def _places_and_repositories(ecosystem: Ecosystem) -> Iterator[Element]:
    for place in places(ecosystem):
        yield from (element for _, element in walk(place))
    yield from repositories(ecosystem)
    for workspace in ecosystem.workspaces():
        made = workspace.transformer
        named = [workspace.reader, *((made.credential, made.code.credential) if made is not None else ())]
        yield from (each for each in named if each is not None)
    for policy in policies(ecosystem, MaskingPolicy):
        yield from (element for _, element in walk(policy) if isinstance(element, Credential))


def _looks_like_a_secret(name: str) -> bool:
    if not _CREDENTIAL_NAME.fullmatch(name) or _TOKEN.match(name):
        return True
    return any(map(_RANDOM.match, re.split(r"[._-]", name)))


def _holds_a_secret(text: str) -> bool:
    if _PASSWORD_IN_URL.search(text) or _PASSWORD_IN_QUERY.search(text):
        return True
    return any(_is_a_token(unquote(user)) for user in _USER_IN_URL.findall(text))


def _is_a_token(user: str) -> bool:
    """Whether the user of a URL is a token, as hosts of repositories take one there; names of people and of
    organisations stand there, too."""
    return bool(_TOKEN.match(user) or _LONG.fullmatch(user) or _RANDOM.match(user))


@rule("DS601", "A database names the credential that opens it")
def has_credential(ecosystem: Ecosystem) -> Iterator[Problem]:
    """Nobody could connect to a database server without a credential; a SQLite database is a file and has none. A
    `Credential` is the name of a secret, which is found at run time in the environment file, in environment variables,
    or in a mounted folder."""
    for container in containers(ecosystem):
        if isinstance(container, PostgresDatabase | MySqlDatabase) and container.credential is None:
            yield Problem(
                container,
                f"database '{container.name}' has no credential",
                'add credential=Credential("name-of-the-secret")',
            )


@rule("DS602", "Secrets are not in the model")
def no_secrets(ecosystem: Ecosystem) -> Iterator[Problem]:
    """Something in the model looks like a secret itself: a password or token in a URL or host (`user:password@`,
    `https://token@`, `password=`), or a credential whose name looks like a password or token.

    A model is in git, where everybody who may read it would have the secret for ever. Write the *name* of the secret,
    letters, digits, `-`, `_` and `.`, and change the secret if it was committed.
    """
    for element in _places_and_repositories(ecosystem):
        if isinstance(element, Credential):
            if _looks_like_a_secret(element.name):
                yield Problem(
                    element,
                    "the name of a credential looks like a secret itself",
                    "give the secret a name of letters, digits, - and _, and keep it in a credential store",
                )
            continue
        for attribute in fields(type(element)):
            value = getattr(element, attribute.name)
            if isinstance(value, str) and _holds_a_secret(value):
                yield Problem(
                    element,
                    f"the {attribute.name} of a {type(element).__name__} holds a literal secret",
                    "take it out and name a credential instead; change the secret if it was committed",
                )

"""Logging in to a repository with a secret that stands in no URL, no argument and no file: git asks a helper of ours,
which reads two variables of git's own environment."""

import os
from collections.abc import Mapping
from urllib.parse import SplitResult, unquote, urlsplit

from datasurface.credentials import Secret
from datasurface.errors import UsageError

_USER, _SECRET = "DATASURFACE_GIT_USER", "DATASURFACE_GIT_SECRET"
_HELPER = f"""!f() {{ test "$1" = get && printf 'username=%s\\npassword=%s\\n' "${_USER}" "${_SECRET}"; }}; f"""
"""Answers the question for a login and none else: git also tells helpers what to store and what to forget."""

_ANY_USER = "x-access-token"
"""Stands before a token that has no user; hosts that look only at the token take any."""

_NEAR = ("localhost", "127.0.0.1", "::1")


def login_variables(
    url: str, shown: str, secret: Secret | None, variables: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """What git's environment needs for a repository; nothing where there is no secret.

    The helper is for the host of the URL alone, in place of all others that may be configured, which could keep the
    secret: a redirect to another host is not told it.

    Args:
        shown: the URL, for messages.
        variables: of this process; git's own settings among them are kept.

    Raises:
        UsageError: the URL is no HTTPS one, so that the secret would not be used or could be read on its way; or the
            secret is none that git takes.
    """
    if secret is None:
        return {}
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _NEAR):
        raise UsageError(
            f"repository {shown} is not opened with a credential",
            hint="a credential is for an https:// URL; SSH has keys of its own, and a path needs none",
        )
    password = secret.token or secret.password or ""
    user = secret.user or unquote(parts.username or "") or _ANY_USER
    if not password or not f"{user}{password}".isprintable():
        raise UsageError(
            f"the credential for repository {shown} has no token or password in one line", hint="renew the secret"
        )
    key = f"credential.{parts.scheme}://{_place(parts)}.helper"
    settings = [(key, ""), (key, _HELPER)]  # an empty one forgets the helpers before it
    first = int(variables.get("GIT_CONFIG_COUNT") or 0)
    found = {"GIT_CONFIG_COUNT": str(first + len(settings)), _USER: user, _SECRET: password}
    for number, (name, value) in enumerate(settings, first):
        found |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return found


def _place(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]

"""Addresses of git repositories: the one form of all spellings of one, and what of it can be shown.

``owner/name`` is short for GitHub. Other words without a host are paths of this machine.
"""

import posixpath
import re
from urllib.parse import SplitResult, unquote, urlsplit

_SHORT = re.compile(r"(?![.~-])[A-Za-z0-9-]+/(?!\.{1,2}$)[\w.-]+")
_SSH = re.compile(r"(?:(?P<user>[^/@:\[\]]+)@)?(?P<host>[^/@:]+|\[[^\]/]+\]):(?P<path>.+)")
"""``git@host:path``: as git has it, a colon before the first slash."""
_LOGIN = re.compile(r"(?<=://)(?:(?!\[)[^/@]*:.*|[^/]*)@", re.DOTALL)
"""User and password: up to the last ``@`` where there is a password, as nothing tells what of it belongs to a path."""
_TO_HOST = re.compile(
    r"[a-z+]+://(?:(?!\[|[^/@]*:\d+/)[^/@]*:.*?@)?[^/]*/|(?:[^/@:]+@)?[^/@:]+:", re.IGNORECASE | re.DOTALL
)
"""What stands before the path, with a password that may hold ``/``; a number before the first of them is a port."""
_PARTING = re.compile(r"(%2F|%3F|%23|%25)", re.IGNORECASE)
_PORTS = {"ssh": 22, "git+ssh": 22, "https": 443, "http": 80, "git": 9418}
_GITHUB = "github.com"


def normal_form(url: str) -> str:
    """The same text for two addresses of one repository: ``github.com/acme/model`` for ``acme/model``,
    ``https://github.com/acme/model.git``, ``git@github.com:acme/model``.

    How it is fetched, who logs in, the usual port, ``.git`` and slashes at the end make no difference, nor does case in
    the host, or anywhere in an address at GitHub. An address that cannot be read is its own normal form.
    """
    if _SHORT.fullmatch(url.rstrip("/")):
        return _at_host(_GITHUB, url)
    if "://" in url:
        try:
            return _of_url(urlsplit(url))
        except ValueError:  # a port that is no number, brackets that do not match
            return url
    ssh = _SSH.fullmatch(url)
    return _of_ssh(ssh) if ssh else _local(url)


def clone_url(url: str) -> str:
    """What git takes for an address: ``https://github.com/acme/model`` for ``acme/model``, and any other as it is."""
    return f"https://{_GITHUB}/{url.rstrip('/')}" if _SHORT.fullmatch(url.rstrip("/")) else url


def without_user(url: str) -> str:
    """The address without user and password, fit for messages."""
    return _LOGIN.sub("", url)


def has_password(url: str) -> bool:
    """Whether a password stands in the address, or what could be one: it may hold ``/``, ``?``, ``#`` and ``@``."""
    login = _LOGIN.search(url)
    return login is not None and ":" in login[0]


def _of_url(parts: SplitResult) -> str:
    path = _http_path(parts.path) if parts.scheme in ("http", "https") else unquote(parts.path)
    if parts.scheme in ("ssh", "git+ssh", "ssh+git"):
        path = _in_home(parts.username, path.removeprefix("/")) if path.startswith("/~") else path
    path += "".join(f"{mark}{more}" for mark, more in zip("?#", parts[3:], strict=True) if more)
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme == "file" and host in ("", "localhost"):
        return _local(path)
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    return _at_host(f"{host}{port}", path)


def _of_ssh(parts: "re.Match[str]") -> str:
    user, path = parts["user"], parts["path"]
    if not path.startswith(("/", "~")):
        path = path if user in (None, "git") else f"~{user}/{path}"
    path = _in_home(user, path)
    return _at_host(parts["host"].lower().strip("[]").rstrip("."), path)


def _in_home(user: str | None, path: str) -> str:
    """``~`` is the folder of whoever logs in, which is another for each."""
    return f"~{user}{path[1:]}" if user not in (None, "git") and path.partition("/")[0] == "~" else path


def _http_path(path: str) -> str:
    """The path with its characters as they are, but for those that would part it otherwise."""
    return "".join(part.upper() if _PARTING.fullmatch(part) else unquote(part) for part in _PARTING.split(path))


def _at_host(host: str, path: str) -> str:
    path = posixpath.normpath(f"/{path.strip('/')}").removesuffix(".git").rstrip("/")
    return f"{host}{path.lower() if host == _GITHUB else path}"


def _local(path: str) -> str:
    """A path stands for itself: ``model`` and ``model.git`` may both be there."""
    return re.sub(r"^//", "/", posixpath.normpath(path))


def split_branch(text: str) -> tuple[str, str | None]:
    """Address and branch of ``REPOSITORY@BRANCH``: what follows the last ``@`` that is not part of a login; without one
    the branch is None."""
    login = _TO_HOST.match(text)
    start = login.end() if login else 0
    path, at, branch = text[start:].rpartition("@")
    return (text[:start] + path, branch) if at else (text, None)

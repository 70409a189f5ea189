"""Where events go: the table ``[openlineage]`` of the environment file, else variables that OpenLineage's own clients
read, too."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from attrs import field, frozen

from datasurface.credentials import Credentials
from datasurface.environment import Environment
from datasurface.errors import EnvironmentFileError
from datasurface.hints import did_you_mean, listed

TABLE = "openlineage"
_KEYS = ("url", "endpoint", "file", "credential", "namespace", "seconds")
_ENDPOINT = "api/v1/lineage"
_SECONDS = 5.0


@frozen
class LineageSettings:
    """Where the events of jobs go.

    Attributes:
        url: to which they are posted; None where they are written to ``file``, a line each.
        token: lets in.
        namespace: of jobs; None for the ecosystem's name.
        seconds: that one event may take, and that is waited for the last ones when the program ends.
    """

    url: str | None = None
    file: Path | None = None
    token: str | None = field(default=None, repr=False)
    namespace: str | None = None
    seconds: float = _SECONDS


def settings(
    environment: Environment, credentials: Credentials, variables: Mapping[str, str]
) -> LineageSettings | None:
    """The settings; None where events go nowhere.

    Raises:
        EnvironmentFileError: a key that there is none of, or a value that does not fit.
        MissingCredential: there is no secret of that name.
    """
    if environment.openlineage:
        return _of_file(environment, credentials)
    url = variables.get("OPENLINEAGE_URL")
    if not url:
        return None
    return LineageSettings(
        url=_joined(url, variables.get("OPENLINEAGE_ENDPOINT") or _ENDPOINT),
        token=variables.get("OPENLINEAGE_API_KEY") or None,
        namespace=variables.get("OPENLINEAGE_NAMESPACE") or None,
    )


def _of_file(environment: Environment, credentials: Credentials) -> LineageSettings:
    told = environment.openlineage
    for key, value in told.items():
        if key not in _KEYS:
            raise _refused(environment, key, "there is no such key", did_you_mean(key, _KEYS))
        if key == "seconds":
            if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= 60:
                raise _refused(environment, key, f"{value!r} is no number of seconds up to 60", "write a number")
        elif not isinstance(value, str) or not value:
            raise _refused(environment, key, "it must be a text", f"the keys are {listed(_KEYS)}")
    texts = {key: str(value) for key, value in told.items()}
    url, file, credential = texts.get("url"), texts.get("file"), texts.get("credential")
    if (url is None) == (file is None):
        raise _refused(environment, "url", "one of url and file has to be told", "events go to one place")
    if url is not None and urlsplit(url).scheme not in ("http", "https"):
        raise _refused(environment, "url", f"{url!r} is no address of HTTP", 'as in url = "https://lineage.acme.com"')
    folder = environment.path.parent if environment.path is not None else Path()
    secret = None if credential is None else credentials.secret(credential)
    return LineageSettings(
        url=None if url is None else _joined(url, texts.get("endpoint", _ENDPOINT)),
        file=None if file is None else folder / file,
        token=None if secret is None else secret.token or secret.password,
        namespace=texts.get("namespace"),
        seconds=float(texts.get("seconds", _SECONDS)),
    )


def _joined(url: str, endpoint: str) -> str:
    return f"{url.rstrip('/')}/{endpoint.lstrip('/')}"


def _refused(environment: Environment, key: str, what: str, hint: str) -> EnvironmentFileError:
    return EnvironmentFileError(f"environment file {environment.path}: [{TABLE}] {key}: {what}", hint=hint)

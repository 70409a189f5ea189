"""What the jobs of a platform need: the databases and git hosts that they connect to, and the secrets for that."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from attrs import field, frozen

from datasurface.deployment import Deployment, TransformerConfig
from datasurface.git_url import clone_url, normal_form
from datasurface.model import Container, Credential, PostgresDatabase, walk
from datasurface_airflow.kubernetes.places import Endpoint, endpoint_of

_PORTS = {"https": 443, "ssh": 22, "http": 80, "git": 9418}


@frozen
class Needs:
    """Databases, places that are none, and the names of secrets."""

    containers: tuple[Container, ...] = ()
    places: tuple[Endpoint, ...] = ()
    secrets: frozenset[str] = field(default=frozenset())

    def __or__(self, other: "Needs") -> "Needs":
        """What both need together."""
        return Needs((*self.containers, *other.containers), (*self.places, *other.places), self.secrets | other.secrets)

    @property
    def reaches(self) -> tuple[Endpoint, ...]:
        """All that is connected to, one for each host and port."""
        return unique((*endpoints(self.containers), *self.places))


def together(needs: Iterable[Needs]) -> Needs:
    """What all of them need."""
    found = Needs()
    for each in needs:
        found |= each
    return found


def view_needs(deployment: Deployment, control: Container) -> Needs:
    """Making and refreshing views. The control database is reached, and its secret is for who asks to add: jobs may
    have one of their own."""
    views = [view for view in deployment.views if isinstance(view.container, PostgresDatabase)]
    stores = [deployment.platform.merge_store]
    stores += [view.container for view in views if isinstance(view.container, PostgresDatabase)]
    readers = {view.reader.name for view in views if view.reader is not None}
    return Needs((control, *stores), secrets=frozenset(secrets(stores) | readers))


def batch_needs(deployment: Deployment, control: Container) -> Needs:
    """Batches, and what is done between them."""
    sources = tuple(stream.capture.container for stream in deployment.streams)
    return view_needs(deployment, control) | Needs(sources, secrets=frozenset(secrets(sources)))


def transformer_needs(deployment: Deployment, control: Container) -> Needs:
    """Runs of transformers: the merge database is read, and has the records; the code comes from git. Nothing where
    there are none."""
    merge = deployment.platform.merge_store
    return together(
        Needs((control, merge), secrets=frozenset(secrets([merge]))) | _of_code(config)
        for config in deployment.transformers
    )


def apply_needs(deployment: Deployment, control: Container) -> Needs:
    """Applying the model: tables of transformers are made and their logins looked at, and git says at which commit
    their code is. Of sources nothing is asked."""
    keys = {mask.credential for view in deployment.views for mask in view.masks if mask.credential is not None}
    return together(
        [
            view_needs(deployment, control),
            Needs((control,), secrets=frozenset({*keys, *secrets([control])})),
            *map(_of_code, deployment.transformers),
        ]
    )


def git_tokens(deployments: Iterable[Deployment]) -> set[str]:
    """The secrets that let git into the code of transformers."""
    configs = (config for deployment in deployments for config in deployment.transformers)
    return {config.code_credential.name for config in configs if config.code_credential is not None}


def git_endpoint(repository: str) -> Endpoint | None:
    """Where git connects to; None for a path."""
    if "://" in repository:
        parts = urlsplit(repository)
        host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme)
    else:
        host, port = (normal_form(repository).partition("/")[0], 22) if ":" in repository else (None, None)
    return Endpoint(host, port, "git") if host and port else None


def code_endpoint(config: TransformerConfig) -> Endpoint | None:
    """Where the code of a transformer comes from; None for a path."""
    return git_endpoint(clone_url(config.repository.url))


def containers_of(deployment: Deployment) -> Iterator[Container]:
    """Every database of a platform that something of ours connects to, in a stable order."""
    yield deployment.platform.merge_store
    yield from (stream.capture.container for stream in deployment.streams)
    yield from (view.container for view in deployment.views if isinstance(view.container, PostgresDatabase))
    yield from (config.container for config in deployment.transformers)


def endpoints(containers: Iterable[Container]) -> list[Endpoint]:
    """Where they listen."""
    return [endpoint for container in containers if (endpoint := endpoint_of(container)) is not None]


def unique(found: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    """One for each host and port, with the first name of what is there."""
    by_place: dict[tuple[str, int], Endpoint] = {}
    for each in found:
        by_place.setdefault((each.host.lower(), each.port), each)
    return tuple(by_place[key] for key in sorted(by_place))


def secrets(containers: Iterable[Container]) -> set[str]:
    """The names of what opens them."""
    return {each.name for container in containers for _, each in walk(container) if isinstance(each, Credential)}


def _of_code(config: TransformerConfig) -> Needs:
    """The outputs' database, the code's repository, and the login that the code runs as."""
    named = {each.name for each in (config.credential, config.code_credential) if each is not None}
    git = code_endpoint(config)
    return Needs(
        (config.container,),
        () if git is None else (git,),
        frozenset(secrets([config.container]) | named),
    )

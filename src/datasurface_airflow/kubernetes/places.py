"""Where the hosts of a model are, as pods see them, and what a network policy calls them."""

from ipaddress import ip_address

from attrs import frozen

from datasurface.model import Container, MySqlDatabase, PostgresDatabase
from datasurface_airflow.kubernetes.documents import Document
from datasurface_airflow.kubernetes.names import NAMESPACE, labels
from datasurface_airflow.kubernetes.settings import STATEFUL_SET, KubernetesSettings

SERVER = "postgres"
"""The server in the cluster: its service, its StatefulSet and the component of its pods."""
_SELF = ("localhost", "127.0.0.1", "::1")


@frozen(order=True)
class Endpoint:
    """A host and a port that pods connect to; ``what`` is there, for people."""

    host: str
    port: int
    what: str = ""


@frozen
class Service:
    """A service of the cluster."""

    namespace: str
    name: str


def endpoint_of(container: Container) -> Endpoint | None:
    """Where a database listens; None for what is no server."""
    if isinstance(container, PostgresDatabase | MySqlDatabase):
        return Endpoint(container.host, container.port, container.name)
    return None


def service_of(host: str, settings: KubernetesSettings, namespaces: frozenset[str]) -> Service | None:
    """The service of the cluster that a host name means in every pod; None for hosts outside.

    ``namespaces``: those that we make, whose services may go without ``svc``.
    """
    name = host.lower().removesuffix(".").removesuffix(f".{settings.cluster_domain}")
    parts = name.split(".")
    if parts[-1] == "svc" and len(parts) >= 3:
        return Service(parts[-2], parts[-3])
    return Service(parts[1], parts[0]) if len(parts) == 2 and parts[1] in namespaces else None


def problem_of_host(host: str) -> str | None:
    """What keeps a host name from meaning one place in all pods."""
    if host.lower() in _SELF:
        return "in a pod that is the pod itself"
    if host.startswith("/"):
        return "a socket is not there in a pod"
    if not _is_address(host) and "." not in host.rstrip("."):
        return "a name without a dot is another place in each namespace"
    return None


def is_server(service: Service | None, settings: KubernetesSettings) -> bool:
    """Whether that is the server which we emit."""
    return settings.database == STATEFUL_SET and service == Service(settings.namespace, SERVER)


def peers(host: str, settings: KubernetesSettings, namespaces: frozenset[str]) -> list[Document]:
    """What a network policy calls a host; nothing where its addresses are not known."""
    service = service_of(host, settings, namespaces)
    if service is not None:
        in_namespace: Document = {"namespaceSelector": {"matchLabels": {NAMESPACE: service.namespace}}}
        # What pods are behind the service of somebody else is not known.
        return [
            in_namespace | {"podSelector": {"matchLabels": labels(SERVER)}}
            if is_server(service, settings)
            else in_namespace
        ]
    cidrs = (f"{host}/{ip_address(host).max_prefixlen}",) if _is_address(host) else settings.addresses(host)
    return [{"ipBlock": {"cidr": cidr}} for cidr in cidrs]


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True

"""Who may connect to whom, as network policies are defined: what a cluster's network plugin would do, as values.

A pod that some policy selects for a direction is let to no more than what those policies name, taken together; a
connection needs the word of both ends. Addresses outside of the cluster have no policies.
"""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address, ip_network

from attrs import field, frozen

from datasurface_airflow.kubernetes.documents import (
    Document,
    items,
    kind_of,
    name_of,
    namespace_of,
    table,
    tables,
    text,
)
from datasurface_airflow.kubernetes.names import NAMESPACE
from datasurface_airflow.kubernetes.selectors import matches


@frozen
class Pod:
    """A pod of the cluster.

    Attributes:
        name: for people.
    """

    name: str
    namespace: str
    labels: Mapping[str, object] = field(factory=dict)


@frozen
class Outside:
    """An address outside of the cluster."""

    name: str
    address: str


Place = Pod | Outside


@frozen
class Network:
    """The policies of a cluster, and its namespaces with their labels."""

    policies: Sequence[Document]
    namespaces: Mapping[str, Mapping[str, object]]

    @classmethod
    def of(cls, manifests: Sequence[Document], *others: str) -> "Network":
        """The network of some manifests, in a cluster that has other namespaces."""
        made = {name_of(each): table(each, "metadata", "labels") for each in manifests if kind_of(each) == "Namespace"}
        labels = {name: {**found, NAMESPACE: name} for name, found in made.items()}
        return cls(
            [each for each in manifests if kind_of(each) == "NetworkPolicy"],
            labels | {name: {NAMESPACE: name} for name in others},
        )

    def allows(self, source: Place, target: Place, port: int, protocol: str = "TCP") -> bool:
        """Whether a connection can be made."""
        return self._lets(source, target, port, protocol, "Egress") and self._lets(
            target, source, port, protocol, "Ingress"
        )

    def _lets(self, one: Place, other: Place, port: int, protocol: str, direction: str) -> bool:
        """Whether the policies of one end allow a connection in its direction."""
        if not isinstance(one, Pod):
            return True
        rules = [self._rules(policy, direction) for policy in self._of(one, direction)]
        if not rules:
            return True
        side = "to" if direction == "Egress" else "from"
        return any(
            _has_port(rule, port, protocol) and self._names(one, items(rule, side), other)
            for found in rules
            for rule in found
        )

    def _of(self, pod: Pod, direction: str) -> Iterator[Document]:
        for policy in self.policies:
            types = items(policy, "spec", "policyTypes") or [
                "Ingress",
                *(["Egress"] if "egress" in table(policy, "spec") else []),
            ]
            if (
                namespace_of(policy) == pod.namespace
                and direction in types
                and matches(table(policy, "spec", "podSelector"), pod.labels)
            ):
                yield policy

    def _rules(self, policy: Document, direction: str) -> list[Document]:
        return list(tables(policy, "spec", direction.lower()))

    def _names(self, one: Pod, peers: Sequence[object], other: Place) -> bool:
        """Whether a rule of a pod names the other end; a rule without peers names all."""
        return not peers or any(isinstance(peer, dict) and self._is(one, peer, other) for peer in peers)

    def _is(self, one: Pod, peer: Document, other: Place) -> bool:
        if "ipBlock" in peer:
            block = table(peer, "ipBlock")
            return isinstance(other, Outside) and _within(other.address, block)
        if not isinstance(other, Pod):
            return False
        if "namespaceSelector" in peer:
            in_namespace = matches(table(peer, "namespaceSelector"), self.namespaces.get(other.namespace, {}))
        else:
            in_namespace = other.namespace == one.namespace
        return in_namespace and matches(table(peer, "podSelector"), other.labels)


def _has_port(rule: Document, port: int, protocol: str) -> bool:
    found = list(tables(rule, "ports"))
    return not found or any(
        text(each, "protocol") in ("", protocol)
        and (each.get("port") in (None, port) or _in_range(each.get("port"), each.get("endPort"), port))
        for each in found
    )


def _in_range(first: object, last: object, port: int) -> bool:
    return isinstance(first, int) and isinstance(last, int) and first <= port <= last


def _within(address: str, block: Document) -> bool:
    found = ip_address(address)
    return found in ip_network(text(block, "cidr")) and not any(
        found in ip_network(str(cidr)) for cidr in items(block, "except")
    )

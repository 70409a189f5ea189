"""Manifests that are applied together, as checks look at them."""

from collections.abc import Callable, Iterator, Sequence

from attrs import field, frozen

from datasurface_airflow.kubernetes.documents import (
    Document,
    kind_of,
    name_of,
    namespace_of,
    pod_template,
    table,
    tables,
)


@frozen
class Around:
    """What the manifests may take for granted: made by hand, or by somebody else.

    Attributes:
        secrets, config_maps, accounts: by namespace and name.
        pods: labels of pods that no workload of ours makes, by namespace.
    """

    secrets: frozenset[tuple[str, str]] = frozenset()
    config_maps: frozenset[tuple[str, str]] = frozenset()
    accounts: frozenset[tuple[str, str]] = frozenset()
    pods: tuple[tuple[str, dict[str, str]], ...] = ()


@frozen
class Manifests:
    """All manifests that are applied together, and what is around them."""

    all: Sequence[Document]
    around: Around = field(factory=Around)

    def of(self, *kinds: str) -> Iterator[Document]:
        """Those of some kinds."""
        return (each for each in self.all if kind_of(each) in kinds)

    def has(self, kind: str, namespace: str, name: str) -> bool:
        """Whether there is one of that kind and name."""
        return any(namespace_of(each) == namespace and name_of(each) == name for each in self.of(kind))

    def templates(self) -> Iterator[tuple[Document, Document]]:
        """Every workload with its pod template."""
        for each in self.all:
            template = pod_template(each)
            if template is not None:
                yield each, template

    def containers(self) -> Iterator[tuple[Document, Document]]:
        """Every workload with each of its containers."""
        for workload, template in self.templates():
            for group in ("initContainers", "containers"):
                for container in tables(template, "spec", group):
                    yield workload, container

    def pods(self) -> Iterator[tuple[str, Document]]:
        """The labels of all pods, by their namespaces."""
        for workload, template in self.templates():
            yield namespace_of(workload), table(template, "metadata", "labels")
        for namespace, labels in self.around.pods:
            yield namespace, dict(labels)


Found = Iterator[tuple[Document, str]]
Check = Callable[[Manifests], Found]

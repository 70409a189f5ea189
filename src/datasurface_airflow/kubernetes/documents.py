"""Manifests as plain values, and as the YAML that Kubernetes reads."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

import yaml

from datasurface_airflow.kubernetes.names import MANAGED_BY, OURS

Document = dict[str, object]
"""A manifest, or a part of one: what JSON can say."""

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*")
_MEANS_MORE = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def document(
    version: str,
    kind: str,
    name: str,
    namespace: str | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    **more: object,
) -> Document:
    """A manifest that says who made it."""
    metadata: Document = {"name": name}
    if namespace is not None:
        metadata["namespace"] = namespace
    metadata["labels"] = {**(labels or {}), MANAGED_BY: OURS}
    if annotations:
        metadata["annotations"] = dict(annotations)
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **more}


def yaml_text(documents: Iterable[object], about: str = "") -> str:
    """Documents as one YAML file. A text is quoted unless it is a word that no reader of YAML takes for anything else,
    so that nothing in a model can end a value."""
    said = "".join(f"# {line}\n" for line in about.splitlines())
    return said + yaml.dump_all(
        documents,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        explicit_start=True,
        width=1 << 20,
    )


class _Dumper(yaml.SafeDumper):
    """Writes every value out where it stands: readers of manifests know no anchors."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 a method of the base
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if _PLAIN.fullmatch(text) and text.lower() not in _MEANS_MORE:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text)
    style = "|" if "\n" in text and text.isascii() and not text[:1].isspace() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def part(value: object, *keys: str) -> object:
    """What stands below some keys; None where there is nothing."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def table(value: object, *keys: str) -> Document:
    """The same where it is a table; an empty one else."""
    found = part(value, *keys)
    return found if isinstance(found, dict) else {}


def items(value: object, *keys: str) -> Sequence[object]:
    """The same where it is a list; an empty one else."""
    found = part(value, *keys)
    return found if isinstance(found, list) else []


def tables(value: object, *keys: str) -> Iterator[Document]:
    """The tables in a list."""
    return (cast(Document, each) for each in items(value, *keys) if isinstance(each, dict))


def text(value: object, *keys: str) -> str:
    """The same where it is a text; an empty one else."""
    found = part(value, *keys)
    return found if isinstance(found, str) else ""


def kind_of(value: Document) -> str:
    """The kind of a manifest."""
    return text(value, "kind")


def name_of(value: Document) -> str:
    """The name of a manifest."""
    return text(value, "metadata", "name")


def namespace_of(value: Document) -> str:
    """The namespace of a manifest; empty where it has none."""
    return text(value, "metadata", "namespace")


def pod_template(value: Document) -> Document | None:
    """The pod template of a workload: its metadata and spec; None for what starts no pods."""
    match kind_of(value):
        case "Deployment" | "StatefulSet" | "Job":
            return table(value, "spec", "template")
        case "CronJob":
            return table(value, "spec", "jobTemplate", "spec", "template")
        case _:
            return None

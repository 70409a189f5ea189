"""Names that Kubernetes takes, and those that we give."""

import re
from hashlib import blake2b

_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")

NAME, COMPONENT, INSTANCE = "app.kubernetes.io/name", "app.kubernetes.io/component", "app.kubernetes.io/instance"
MANAGED_BY = "app.kubernetes.io/managed-by"
OURS = "datasurface"
NAMESPACE = "kubernetes.io/metadata.name"
"""The label that every namespace has of itself."""


def is_label(text: str) -> bool:
    """Whether a namespace or a service may have this name (DNS-1123 label)."""
    return _LABEL.fullmatch(text) is not None


def is_subdomain(text: str) -> bool:
    """Whether most objects may have this name (DNS-1123 subdomain)."""
    return len(text) <= 253 and all(map(is_label, text.split(".")))


def is_label_value(text: str) -> bool:
    """Whether a label may have this value."""
    return _VALUE.fullmatch(text) is not None


def as_label(text: str, most: int = 63) -> str:
    """A name of the model as a DNS-1123 label; one that is another then gets a hash of what it was."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    if plain == text.lower() and plain[:1].isalpha() and len(plain) <= most:
        return plain
    digest = blake2b(text.encode(), digest_size=4).hexdigest()
    return f"{plain[: most - 9]}-{digest}".lstrip("-") if plain else f"x-{digest}"


def labels(component: str, instance: str | None = None) -> dict[str, str]:
    """What tells pods of ours apart."""
    found = {NAME: OURS, COMPONENT: component}
    return found | ({INSTANCE: instance} if instance is not None else {})

"""Names of contracts and databases as names of a model."""

import re

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def plain_name(name: str) -> str:
    """A letter, then letters, digits and ``_``: what datastores and datasets are called in a model."""
    if _NAME.fullmatch(name):
        return name
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")
    return plain if plain[:1].isalpha() else f"n_{plain}".rstrip("_")

"""Names of contracts and databases as names of a model."""

import re
from collections.abc import Sequence

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def plain_name(name: str) -> str:
    """A letter, then letters, digits and ``_``: what datastores and datasets are called in a model."""
    if _NAME.fullmatch(name):
        return name
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")
    return plain if plain[:1].isalpha() else f"n_{plain}".rstrip("_")


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """What each of these is called in a model: plain, and not as another, in upper or lower case.

    Those that can keep their names keep them, whatever the others are called.
    """
    chosen = [""] * len(names)
    used: set[str] = set()
    numbers: dict[str, int] = {}
    for at in sorted(range(len(names)), key=lambda at: (plain_name(names[at]) != names[at], names[at])):
        plain = plain_name(names[at])
        number = numbers.get(plain.lower(), 1)
        chosen[at] = plain
        while chosen[at].lower() in used:
            number += 1
            chosen[at] = f"{plain}_{number}"
        used.add(chosen[at].lower())
        numbers[plain.lower()] = number
    return tuple(chosen)

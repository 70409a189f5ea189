"""A datastore as the Python text of a module, as a person would have written it: its container, its datasets, and
itself, each under a name of its own."""

import builtins
import keyword
import re
from collections.abc import Iterator, Sequence

from attrs import frozen

from datasurface.interchange.remarks import Remark
from datasurface.model import Dataset, Datastore
from datasurface.python_text import as_python, imports_of

_WIDTH = 120
_TODO = "TODO: classify every column, or the dataset: classification=PUBLIC, INTERNAL, CONFIDENTIAL or PII"


@frozen
class EcoPart:
    """A module's text, and the name of the variable in it that is the datastore."""

    variable: str
    text: str


def eco_part(store: Datastore, heading: str, remarks: Sequence[Remark] = ()) -> EcoPart:
    """The module that builds a datastore.

    Args:
        heading: where it comes from, in a sentence.
        remarks: stand above as comments.
    """
    imports = imports_of([store])
    names = _names(store, {name for found in imports.values() for name in found})
    comments = [heading, *(f"{remark.where}: {remark.message}; {remark.hint}" for remark in remarks)]
    sections = ["\n".join(_comment(comment) for comment in comments), "\n".join(_import_lines(imports))]
    known: dict[object, str] = {}
    for part in (store.capture.container, *store.datasets, store):
        if part in known:
            continue
        todo = f"{_comment(_TODO)}\n" if isinstance(part, Dataset) and _lacks_classification(part) else ""
        name = names[part]
        indent = len(name) + len(" = ")
        # The first line begins behind the name, and the others at the margin.
        text = as_python(part, None, names=known)
        if indent + len(text) > _WIDTH:
            text = as_python(part, min(_WIDTH, len(text) - 1), names=known)
        sections.append(f"{todo}{name} = {text}")
        known[part] = name
    return EcoPart(names[store], "\n\n".join(sections) + "\n")


def _names(store: Datastore, taken: set[str]) -> dict[object, str]:
    """A variable for each part, none of them twice and none that means something else."""
    used = {*taken, *keyword.kwlist, *keyword.softkwlist, *dir(builtins)}
    names: dict[object, str] = {}
    for part, name in (
        (store, store.name),
        (store.capture.container, store.capture.container.name),
        *((dataset, dataset.name) for dataset in store.datasets),
    ):
        if part in names:
            continue
        wanted, number = _snake_case(name), 1
        chosen = wanted
        while chosen in used:
            number += 1
            chosen = f"{wanted}_{number}"
        used.add(chosen)
        names[part] = chosen
    return names


def _snake_case(name: str) -> str:
    """``CustomerDB`` is ``customer_db``."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    plain = re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")
    return plain if plain[:1].isalpha() else f"part_{plain}".rstrip("_")


def _comment(text: str) -> str:
    """A comment of as many lines as it needs, whatever characters the text has."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    lines, line = [], "#"
    for word in words.split(" "):
        if len(line) + 1 + len(word) > _WIDTH and line != "#":
            lines.append(line)
            line = "#  "
        line += f" {word}"
    return "\n".join([*lines, line])


def _import_lines(imports: dict[str, set[str]]) -> Iterator[str]:
    """In the order that formatters give them: the standard library first."""
    ours = sorted(module for module in imports if module.partition(".")[0] not in ("datetime",))
    standard = sorted(imports.keys() - {*ours})
    for module in standard:
        yield _import_line(module, imports[module])
    if standard:
        yield ""
    for module in ours:
        yield _import_line(module, imports[module])


def _import_line(module: str, names: set[str]) -> str:
    ordered = sorted(names)
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= _WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in ordered), ")"])


def _lacks_classification(dataset: Dataset) -> bool:
    return any(dataset.classification_of(column) is None for column in dataset.columns)

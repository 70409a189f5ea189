"""Visit every object of a model with its path."""

from collections.abc import Iterator

from attrs import fields

from datasurface.model.element import Element


def walk(root: Element, path: str = "") -> Iterator[tuple[str, Element]]:
    """Every element below and with ``root``, parents first, in the order of the fields; the order is the same for equal
    models.

    A path is made of field and name, as ``zones/USA/teams/team1/datastores/Store1``; an object without a name has its
    field's name alone.
    """
    yield path, root
    for attribute in fields(type(root)):
        value = getattr(root, attribute.name)
        if isinstance(value, Element):
            yield from walk(value, _join(path, attribute.name))
        elif isinstance(value, tuple):
            for index, item in enumerate(value):
                if isinstance(item, Element):
                    yield from walk(item, _join(path, f"{attribute.name}/{item.key() or index}"))


def _join(path: str, step: str) -> str:
    return f"{path}/{step}" if path else step

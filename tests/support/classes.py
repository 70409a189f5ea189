"""The classes of the language."""

from collections.abc import Iterator

from datasurface.model import Element


def classes_of_models(cls: type[Element] = Element) -> Iterator[type[Element]]:
    """The classes of our packages that models are made of: those that no other of ours is derived from."""
    ours = [sub for sub in cls.__subclasses__() if sub.__module__.partition(".")[0].startswith("datasurface")]
    for sub in ours:
        yield from classes_of_models(sub)
    if not ours:
        yield cls

"""The plugin classes that a model may use, by names that another process can import."""

from collections.abc import Mapping, Sequence
from importlib import import_module

from attrs import fields, frozen

from datasurface.errors import DataSurfaceError
from datasurface.interchange.canonical import Canonical
from datasurface.model import Capture, Container, DataPlatform


class NotImportable(DataSurfaceError):
    """A class that another process cannot import by name."""


@frozen
class Classes:
    """Classes beyond those of ``datasurface.model``."""

    platforms: tuple[type[DataPlatform], ...] = ()
    containers: tuple[type[Container], ...] = ()
    captures: tuple[type[Capture], ...] = ()

    def canonical(self) -> Canonical:
        """The JSON form that knows them, as it goes from one process to another: without what is default."""
        return Canonical(self.platforms, self.containers, self.captures, omit_defaults=True)

    def names(self) -> dict[str, list[str]]:
        """Each kind's classes as ``module:Class``."""
        return {kind.name: [_name_of(cls) for cls in getattr(self, kind.name)] for kind in fields(Classes)}

    @classmethod
    def of(cls, names: Mapping[str, Sequence[str]]) -> "Classes":
        """The classes of these names; imports their modules."""
        return cls(**{kind: tuple(map(_class_of, members)) for kind, members in names.items()})


def _name_of(cls: type) -> str:
    if cls.__module__ == "__main__" or "<locals>" in cls.__qualname__:
        raise NotImportable(
            f"{cls.__qualname__} of {cls.__module__} cannot be imported by the process that loads a model",
            hint="define the class at the top of a module",
        )
    return f"{cls.__module__}:{cls.__qualname__}"


def _class_of(name: str) -> type:
    module, _, path = name.partition(":")
    found: object = import_module(module)
    for step in path.split("."):
        found = getattr(found, step)
    if not isinstance(found, type):
        raise NotImportable(f"{name} is no class", hint="define the class at the top of a module")
    return found

"""What is known of an installed plugin, and the judgement of a module that wants to be one."""

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum

from attrs import field, frozen

from datasurface.errors import DataSurfaceError, MissingExtra
from datasurface.hints import did_you_mean
from datasurface.plugins.hookspecs import OLDEST, PROJECT, VERSION, Renamed

_MARK = f"{PROJECT}_impl"
"""The attribute that ``hookimpl`` gives a function."""


class BrokenPlugin(DataSurfaceError):
    """An installed plugin does not load, has hooks that this version does not know, or breaks their promises; or there
    is none for what was asked."""


class PluginStatus(Enum):
    """How a plugin takes part."""

    LOADED = "loaded"
    INCOMPLETE = "lacks an extra"
    """It needs one of our extras, for all of its hooks or some."""
    BROKEN = "broken"
    """Something of it was left out; all else works."""


@frozen
class PluginState:
    """One installed plugin.

    Attributes:
        name: of its entry point.
        module: that the entry point leads to.
        distribution, version: that it came with; None where none says so.
        hooks: that it implements, by their names now.
        written_for: the version of the hooks that it announces; None where it announces none.
        problems: why it, or a part of it, was left out.
        deprecated: what of it will not work any longer one day, and what to write instead.
        remarks: what its author may have meant otherwise.
    """

    name: str
    module: str
    distribution: str | None
    version: str | None
    hooks: tuple[str, ...] = ()
    written_for: int | None = None
    problems: tuple[DataSurfaceError, ...] = field(default=(), eq=False)
    deprecated: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The plugin in words: ``plugin 'mine' of my-package 1.0``."""
        return f"plugin '{self.name}'" + (f" of {self.distribution} {self.version}" if self.distribution else "")

    @property
    def status(self) -> PluginStatus:
        """How it takes part."""
        if all(isinstance(problem, MissingExtra) for problem in self.problems):
            return PluginStatus.INCOMPLETE if self.problems else PluginStatus.LOADED
        return PluginStatus.BROKEN

    def document(self) -> dict[str, object]:
        """As plain JSON values."""
        return {
            "name": self.name,
            "module": self.module,
            "distribution": self.distribution,
            "version": self.version,
            "state": self.status.value,
            "written_for": self.written_for,
            "hooks": list(self.hooks),
            "problems": [{"message": problem.message, "hint": problem.hint} for problem in self.problems],
            "deprecated": list(self.deprecated),
            "remarks": list(self.remarks),
        }


@frozen
class Judgement:
    """A module as a plugin. ``faults`` are why it cannot be one, in words; else as in PluginState."""

    hooks: tuple[str, ...] = ()
    written_for: int | None = None
    faults: tuple[str, ...] = ()
    deprecated: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def judged(plugin: object, hooks: Mapping[str, Sequence[str]], renamed: Mapping[str, Renamed]) -> Judgement:
    """A module, or object, as a plugin. ``hooks``: the parameters of each hook by its name."""
    faults, deprecated, found = [], [], []
    for name, function, options in _marked(plugin):
        announced = str(options.get("specname") or name)
        current = renamed[announced].now if announced in renamed else announced
        if announced in renamed:
            deprecated.append(f"hook {announced} is {current} now; from hooks {renamed[announced].until} on only that")
        if current not in hooks:
            if not options.get("optionalhook"):
                faults.append(_unknown("hook", announced, hooks))
            continue
        if options.get("wrapper") or options.get("hookwrapper"):
            faults.append(f"{announced} wraps what others give; a plugin answers for itself only")
        faults += [
            _unknown(f"parameter of hook {announced}", parameter, hooks[current])
            for parameter in _needed(function)
            if parameter not in hooks[current]
        ]
        found.append(current)
    version = getattr(plugin, "HOOKS", None)
    return Judgement(
        tuple(found),
        version if isinstance(version, int) else None,
        (*_wrong_version(version), *faults),
        tuple(deprecated),
        (*_unmarked(plugin, hooks), *_without_version(version)),
    )


def _marked(plugin: object) -> Iterator[tuple[str, object, Mapping[str, object]]]:
    for name in dir(plugin):
        function = getattr(plugin, name)
        options = getattr(function, _MARK, None) if inspect.isroutine(function) else None
        if isinstance(options, Mapping):
            yield name, function, options


def _needed(function: object) -> Iterator[str]:
    """The parameters that a hook has to be called with: those that have no default."""
    if callable(function):
        for name, parameter in inspect.signature(function).parameters.items():
            if parameter.default is parameter.empty and parameter.kind not in (
                parameter.VAR_POSITIONAL,
                parameter.VAR_KEYWORD,
            ):
                yield name


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    return f"there is no {what} named {name}; {did_you_mean(name, known)}"


def _wrong_version(version: object) -> Iterator[str]:
    if version is not None and not isinstance(version, int):
        yield f"HOOKS is {version!r}, and not the number of a version"
    elif version is not None and version > VERSION:
        yield f"it was written for hooks {version}; this version of datasurface has hooks {VERSION}"
    elif version is not None and version < OLDEST:
        yield f"it was written for hooks {version}; this version of datasurface works with {OLDEST} to {VERSION}"


def _without_version(version: object) -> Iterator[str]:
    if version is None:
        yield f"it does not say which hooks it was written for: HOOKS = {VERSION}"


def _unmarked(plugin: object, hooks: Mapping[str, object]) -> Iterator[str]:
    for name in sorted(hooks):
        function = getattr(plugin, name, None)
        is_its_own = getattr(function, "__module__", None) == getattr(plugin, "__name__", "")
        if inspect.isfunction(function) and is_its_own and not hasattr(function, _MARK):
            yield f"{name} is not marked by hookimpl, and never called"

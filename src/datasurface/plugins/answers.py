"""What plugins answer when a hook is called: each asked by itself, so that one that fails takes nothing from others."""

from collections.abc import Callable, Iterator, Mapping
from inspect import getmembers, isfunction
from typing import TypeVar

from attrs import field, frozen

from datasurface.errors import DataSurfaceError, MissingExtra
from datasurface.plugins.discovery import HookManager
from datasurface.plugins.extras import extra_named
from datasurface.plugins.states import BrokenPlugin

T = TypeVar("T")

_HINT = "upgrade or uninstall it, or tell who wrote it; `datasurface plugin list` shows all"

Tell = Callable[[str, DataSurfaceError], None]
"""What is called with a plugin, by its name in the manager, and why something of it was left out."""


@frozen
class Answer:
    """What one plugin, by its name in the manager, gave; ``error`` where it gave nothing that could be used."""

    plugin: str
    value: object
    error: BrokenPlugin | MissingExtra | None = field(default=None, eq=False)


@frozen
class Asked:
    """Plugins that can be asked. ``tell``: hears what was left out."""

    manager: HookManager
    tell: Tell

    def each(self, hook: str, /, **arguments: object) -> Iterator[Answer]:
        """Every plugin's answer, first ours, then by the names of distributions."""
        for implementation in getattr(self.manager.hook, hook).get_hookimpls():
            plugin = implementation.plugin_name
            try:
                with extra_named(titled(plugin)):
                    value = implementation.function(*(arguments[name] for name in implementation.argnames))
                    value = tuple(value) if isinstance(value, Iterator) else value
            except MissingExtra as error:
                yield Answer(plugin, None, error)
            except DataSurfaceError:
                raise
            except Exception as error:
                yield Answer(plugin, None, broken(plugin, hook, f"failed: {type(error).__name__}: {error}", error))
            else:
                yield Answer(plugin, value)

    def all(
        self,
        hook: str,
        what: str,
        fits: Callable[[object], T | None],
        name: Callable[[T], str] | None = None,
        taken: Mapping[str, str] | None = None,
    ) -> Iterator[tuple[str, T]]:
        """Each thing of the sequences that the plugins give, with the plugin.

        Args:
            what: one thing, in words.
            fits: the thing, or None where it is nothing of the kind.
            name: by what things must differ; of two the first stays.
            taken: names that are not to be had, each with whose it is.
        """
        owners = dict(taken or {})
        for answer in self.each(hook):
            if answer.error:
                self.tell(answer.plugin, answer.error)
            for thing in self._things(hook, what, fits, answer):
                called = name(thing) if name else ""
                if name and called in owners:
                    of_others = f"gave {called}, a name that {owners[called]} has already, and theirs stays"
                    self.tell(answer.plugin, broken(answer.plugin, hook, of_others))
                    continue
                owners[called] = titled(answer.plugin)
                yield answer.plugin, thing

    def _things(self, hook: str, what: str, fits: Callable[[object], T | None], answer: Answer) -> Iterator[T]:
        if answer.error:
            return
        if isinstance(answer.value, str) or not isinstance(answer.value, list | tuple):
            self.tell(answer.plugin, broken(answer.plugin, hook, f"gave {shown(answer.value)}, and no list or tuple"))
            return
        for each in answer.value:
            thing = fits(each)
            if thing is None:
                self.tell(answer.plugin, broken(answer.plugin, hook, f"gave {shown(each)}, which is no {what}"))
            else:
                yield thing

    def first(self, hook: str, fits: Callable[[object], T | str], /, **arguments: object) -> T | None:
        """The first answer that is not None; None where no plugin has one.

        Args:
            fits: the answer, or what is wrong with it.

        Raises:
            MissingExtra, BrokenPlugin: no plugin has one, and one lacks an extra, or failed.
        """
        errors: list[tuple[str, MissingExtra | BrokenPlugin]] = []
        for answer in self.each(hook, **arguments):
            if answer.error:
                errors.append((answer.plugin, answer.error))
            elif answer.value is not None:
                found = fits(answer.value)
                if not isinstance(found, str):
                    for plugin, error in errors:
                        self.tell(plugin, error)
                    return found
                errors.append((answer.plugin, broken(answer.plugin, hook, f"gave {shown(answer.value)}, {found}")))
        for plugin, error in errors[1:]:
            self.tell(plugin, error)
        if errors:
            raise errors[0][1]
        return None


def titled(plugin: str) -> str:
    """A plugin in words, by its name in the manager: that of an installed one says it all."""
    return plugin if plugin.startswith("plugin ") else f"plugin '{plugin}'"


def has_methods_of(protocol: type) -> Callable[[object], object]:
    """A judge of objects: the object, or which methods of the protocol it lacks."""
    wanted = [name for name, _ in getmembers(protocol, isfunction) if not name.startswith("_")]

    def fits(value: object) -> object:
        missing = [name for name in wanted if not callable(getattr(value, name, None))]
        return f"without {', '.join(missing)}" if missing else value

    return fits


def broken(plugin: str, hook: str, what: str, cause: Exception | None = None) -> BrokenPlugin:
    """The error of a plugin whose hook did what it must not."""
    error = BrokenPlugin(f"{titled(plugin)}: {hook} {what}", hint=_HINT)
    error.__cause__ = cause
    return error


def shown(value: object) -> str:
    """A value with its class, on a part of a line."""
    text = repr(value)
    return f"{text if len(text) <= 60 else text[:57] + '...'} ({type(value).__name__})"

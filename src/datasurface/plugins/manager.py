"""One typed face over the hooks of all plugins, for the rest of the program."""

import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar, cast

from attrs import evolve, field, frozen

from datasurface.credentials import Credentials
from datasurface.deployment import Deployment
from datasurface.errors import DataSurfaceError
from datasurface.interchange.canonical import CONTAINERS, Canonical
from datasurface.model import Container, DataPlatform, Ecosystem
from datasurface.plugins.answers import Asked, Tell, broken, has_methods_of, shown
from datasurface.plugins.discovery import HookManager, find_plugins
from datasurface.plugins.states import BrokenPlugin, PluginState
from datasurface.results import PhysicalObject
from datasurface.runtime import ControlStore, Generation, PlatformRuntime

if TYPE_CHECKING:
    from click import Command

    from datasurface.change.verdicts import CompatibilityRule
    from datasurface.emitting import Emitter
    from datasurface.findings import Finding
    from datasurface.interchange.source_tables import FoundSource
    from datasurface.lint.registry import Rule
    from datasurface.milestoning.kit import StrategyKit

T = TypeVar("T")

_UPGRADE = "install the plugin that brings the class, in a version that has the hook {hook}"


class PluginWarning(UserWarning):
    """Something of a plugin was left out, and nobody else was there to hear it."""


def _warn(_plugin: str, error: DataSurfaceError) -> None:
    warnings.warn(error.message, PluginWarning, stacklevel=2)


def installed_plugins(tell: Tell = _warn) -> "Plugins":
    """All installed plugins that work. ``tell`` hears why one, or a part of it, was left out; now and later."""
    found = find_plugins()
    for title, state in found.states.items():
        for problem in state.problems:
            tell(title, problem)
    return Plugins(found.manager, tuple(found.states.values()), tell)


@frozen
class Plugins:
    """What all plugins of one manager bring together.

    Attributes:
        states: of the installed ones, also of those that were left out.
        tell: hears what else is left out when it is asked for.
    """

    manager: HookManager
    states: tuple[PluginState, ...] = ()
    tell: Tell = field(default=_warn, eq=False)

    def platform_classes(self) -> tuple[type[DataPlatform], ...]:
        """Every platform class that a model may use."""
        return tuple(cls for _, cls in self._platform_classes())

    def container_classes(self) -> tuple[type[Container], ...]:
        """Every container class beyond ours."""
        taken = {cls.__name__: "datasurface" for cls in CONTAINERS}
        found = self._asked.all("container_classes", "subclass of Container", _subclass(Container), _name, taken)
        return tuple(cls for _, cls in found)

    def merge_strategies(self) -> "tuple[tuple[str, StrategyKit], ...]":
        """Every merge strategy that the conformance kit can try, each with its plugin."""
        from datasurface.milestoning.kit import StrategyKit

        return tuple(self._asked.all("merge_strategies", "StrategyKit", _a(StrategyKit), lambda kit: kit.name))

    def canonical(self) -> Canonical:
        """The JSON form that knows all these classes."""
        return Canonical(self.platform_classes(), self.container_classes())

    def rules(self) -> "tuple[Rule, ...]":
        """Lint rules beside ours."""
        from datasurface.lint.registry import Rule

        return tuple(rule for _, rule in self._asked.all("lint_rules", "Rule", _a(Rule)))

    def compatibility_rules(self) -> "tuple[CompatibilityRule, ...]":
        """Rules of compatibility beside ours."""
        from datasurface.change.verdicts import CompatibilityRule

        found = self._asked.all("compatibility_rules", "CompatibilityRule", _a(CompatibilityRule))
        return tuple(rule for _, rule in found)

    def emitters(self) -> "tuple[Emitter, ...]":
        """Every emitter, by the order of plugins."""
        from datasurface.emitting import Emitter

        found = self._asked.all("emitters", "Emitter", _a(Emitter), lambda emitter: emitter.name)
        return tuple(emitter for _, emitter in found)

    def findings(self, ecosystem: Ecosystem) -> "tuple[Finding, ...]":
        """What the plugins cannot execute of the work that the model assigns to their platforms.

        Raises:
            BrokenPlugin, MissingExtra: a plugin cannot say it of a platform of its own.
        """
        owners = {cls: plugin for plugin, cls in self._platform_classes()}
        return tuple(
            finding
            for platform in ecosystem.platforms
            for finding in self._findings(platform, ecosystem, owners.get(type(platform)))
        )

    def _findings(self, platform: DataPlatform, ecosystem: Ecosystem, owner: str | None) -> "Iterator[Finding]":
        for answer in self._asked.each("platform_findings", platform=platform, ecosystem=ecosystem):
            error = answer.error
            if error is None and not _are_findings(answer.value):
                error = broken(answer.plugin, "platform_findings", f"gave {shown(answer.value)}, and no findings")
            if error is None:
                yield from cast("Sequence[Finding]", answer.value)
            elif answer.plugin == owner:
                raise error
            else:
                self.tell(answer.plugin, error)

    def runtime(
        self, deployment: Deployment, generation: Generation | None, credentials: Credentials
    ) -> PlatformRuntime:
        """The platform at work on its deployment; ``generation`` is None while apply prepares the next."""
        platform = deployment.platform
        return self._needed(
            "open_runtime",
            f"no plugin runs platform {platform.name} of class {type(platform).__name__}",
            cast("Callable[[object], PlatformRuntime | str]", has_methods_of(PlatformRuntime)),
            deployment=deployment,
            generation=generation,
            credentials=credentials,
        )

    def control_store(self, container: Container, credentials: Credentials) -> ControlStore:
        """The control store that stands in a container."""
        return self._needed(
            "open_control_store",
            f"no plugin keeps a control store in {container.name} of class {type(container).__name__}",
            cast("Callable[[object], ControlStore | str]", has_methods_of(ControlStore)),
            container=container,
            credentials=credentials,
            canonical=self.canonical(),
        )

    def control_objects(self, container: Container, platforms: Sequence[str]) -> Sequence[PhysicalObject]:
        """What the control store in a container keeps for platforms."""
        return self._needed(
            "control_objects",
            f"no plugin says what the control store in {container.name} of class {type(container).__name__} keeps",
            _sequence,
            container=container,
            platforms=platforms,
        )

    def catalogue(
        self, container: Container, schema: str | None, tables: Sequence[str], credentials: Credentials
    ) -> "FoundSource":
        """The tables in a database: those that are named, or all of the schema."""
        from datasurface.interchange.source_tables import FoundSource

        return self._needed(
            "read_catalogue",
            f"no plugin reads the tables of {container.name} of class {type(container).__name__}",
            lambda found: found if isinstance(found, FoundSource) else "which is no FoundSource",
            container=container,
            schema=schema,
            tables=tables,
            credentials=credentials,
        )

    def commands(self) -> "Mapping[str, Command]":
        """Commands beyond ours by name."""
        from click import Command

        found = self._asked.all("commands", "click command", _a(Command), lambda command: str(command.name))
        return {str(command.name): command for _, command in found}

    def checked(self) -> tuple[PluginState, ...]:
        """The states of the installed plugins once every hook that only lists things was called."""
        told: dict[str, list[DataSurfaceError]] = defaultdict(list)
        asking = evolve(self, tell=lambda plugin, problem: told[plugin].append(problem))
        asking.container_classes()
        asking.platform_classes()
        asking.merge_strategies()
        asking.rules()
        asking.compatibility_rules()
        asking.emitters()
        asking.commands()
        return tuple(evolve(state, problems=(*state.problems, *told[state.title])) for state in self.states)

    @property
    def _asked(self) -> Asked:
        return Asked(self.manager, self.tell)

    def _platform_classes(self) -> Iterator[tuple[str, type[DataPlatform]]]:
        return self._asked.all("platform_classes", "subclass of DataPlatform", _subclass(DataPlatform), _name)

    def _needed(self, hook: str, otherwise: str, fits: Callable[[object], T | str], **arguments: object) -> T:
        """The answer of the plugin whose the class is; BrokenPlugin where it has none."""
        found = self._asked.first(hook, fits, **arguments)
        if found is None:
            raise BrokenPlugin(otherwise, hint=_UPGRADE.format(hook=hook))
        return found


def _a(kind: type[T]) -> Callable[[object], T | None]:
    return lambda value: value if isinstance(value, kind) else None


def _subclass(base: type[T]) -> Callable[[object], type[T] | None]:
    return lambda value: value if isinstance(value, type) and issubclass(value, base) else None


def _name(cls: type) -> str:
    return cls.__name__


def _are_findings(value: object) -> bool:
    from datasurface.findings import Finding

    return isinstance(value, list | tuple) and all(isinstance(each, Finding) for each in value)


def _sequence(found: object) -> Sequence[PhysicalObject] | str:
    if isinstance(found, list | tuple) and all(isinstance(each, PhysicalObject) for each in found):
        return found
    return "and no list of PhysicalObject"

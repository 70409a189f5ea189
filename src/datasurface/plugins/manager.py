"""Finds the plugins, and gives the rest of the program one typed face over their hooks."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from traceback import walk_tb
from typing import TYPE_CHECKING, cast

import pluggy
from attrs import frozen

from datasurface.credentials import Credentials
from datasurface.deployment import Deployment
from datasurface.errors import DataSurfaceError, MissingExtra
from datasurface.interchange.canonical import Canonical
from datasurface.model import Container, DataPlatform, Ecosystem
from datasurface.plugins import hookspecs
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

_EXTRA = re.compile(r"([A-Za-z0-9._-]+).*;.*\bextra\s*==\s*['\"]([^'\"]+)['\"]")
_NAMED_OTHERWISE = {"yaml": "pyyaml"}
"""Modules whose distribution has a name that does not begin with theirs."""
_UPGRADE = "install the plugin that brings the class, in a version that has the hook {hook}"


class BrokenPlugin(DataSurfaceError):
    """An installed plugin cannot be loaded, or has hooks that this version does not know."""


def plugin_manager() -> pluggy.PluginManager:
    """A manager with every installed plugin; BrokenPlugin names the distribution of the first that does not load."""
    manager = empty_manager()
    for entry in metadata.entry_points(group=hookspecs.PROJECT):
        _register(manager, entry)
    return manager


def empty_manager() -> pluggy.PluginManager:
    """A manager that knows the hooks and no plugin."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    return manager


def _register(manager: pluggy.PluginManager, entry: metadata.EntryPoint) -> None:
    brought_by = f" of {entry.dist.name} {entry.dist.version}" if entry.dist else ""
    plugin = f"plugin '{entry.name}'{brought_by}"
    try:
        with extra_named(plugin):
            manager.register(entry.load(), entry.name)
        manager.check_pending()
    except DataSurfaceError:
        raise
    except Exception as error:
        raise BrokenPlugin(
            f"{plugin} does not load: {type(error).__name__}: {error}",
            hint=f"install a version that fits, or uninstall {entry.dist.name if entry.dist else entry.name}",
        ) from error


@contextmanager
def extra_named(feature: str) -> Iterator[None]:
    """Turn the import of a module that one of our extras brings into MissingExtra; ``feature`` is what needs it."""
    try:
        yield
    except ModuleNotFoundError as error:
        missing = missing_extra(error, feature)
        if missing is None:
            raise
        raise missing from error


def missing_extra(error: ModuleNotFoundError, feature: str) -> MissingExtra | None:
    """The error that names the extra with the module that was not found; None when none of our extras brings it."""
    extra = _extra_with((error.name or "").partition(".")[0], _importers(error))
    return None if extra is None else MissingExtra(feature, extra)


def _importers(error: ModuleNotFoundError) -> list[str]:
    """The names of the modules on the way to an import that failed, the one that has it first."""
    names = [str(frame.f_globals.get("__name__", "")) for frame, _ in walk_tb(error.__traceback__)]
    return names[::-1]


def _extra_with(module: str, importers: Sequence[str]) -> str | None:
    """The extra of this distribution that brings a top-level module, as psycopg2-binary brings psycopg2. Of several the
    one that a part of an importer's name is, as datasurface_airflow has ``airflow``; else the smallest."""
    try:
        requirements = metadata.requires("datasurface") or ()
    except metadata.PackageNotFoundError:
        return None
    brought: dict[str, list[str]] = defaultdict(list)
    for requirement in filter(None, map(_EXTRA.match, requirements)):
        brought[requirement[2]].append(re.sub(r"[-_.]+", "_", requirement[1]).lower())
    start = f"{_NAMED_OTHERWISE.get(module, module).lower()}_"
    fitting = [extra for extra, names in brought.items() if any(f"{name}_".startswith(start) for name in names)]
    parts = (part for name in importers for part in re.split(r"[._]", name))
    named = next((part for part in parts if part in fitting), None)
    return (named or min(fitting, key=lambda extra: len(brought[extra]), default=None)) if module else None


@frozen
class Plugins:
    """What all plugins of one manager bring together."""

    manager: pluggy.PluginManager

    def platform_classes(self) -> tuple[type[DataPlatform], ...]:
        """Every platform class that a model may use."""
        return tuple(cls for classes in self.manager.hook.platform_classes() for cls in classes)

    def merge_strategies(self) -> "tuple[StrategyKit, ...]":
        """Every merge strategy that the conformance kit can try."""
        return tuple(kit for kits in self.manager.hook.merge_strategies() for kit in kits)

    def container_classes(self) -> tuple[type[Container], ...]:
        """Every container class beyond ours."""
        return tuple(cls for classes in self.manager.hook.container_classes() for cls in classes)

    def canonical(self) -> Canonical:
        """The JSON form that knows all these classes."""
        return Canonical(self.platform_classes(), self.container_classes())

    def rules(self) -> "tuple[Rule, ...]":
        """Lint rules beside ours."""
        return tuple(rule for rules in self.manager.hook.lint_rules() for rule in rules)

    def compatibility_rules(self) -> "tuple[CompatibilityRule, ...]":
        """Rules of compatibility beside ours."""
        return tuple(rule for rules in self.manager.hook.compatibility_rules() for rule in rules)

    def emitters(self) -> "tuple[Emitter, ...]":
        """Every emitter, by the order of plugins."""
        return tuple(emitter for emitters in self.manager.hook.emitters() for emitter in emitters)

    def findings(self, ecosystem: Ecosystem) -> "tuple[Finding, ...]":
        """What the plugins cannot execute of the work that the model assigns to their platforms."""
        return tuple(
            finding
            for platform in ecosystem.platforms
            for findings in self.manager.hook.platform_findings(platform=platform, ecosystem=ecosystem)
            for finding in findings
        )

    def runtime(
        self, deployment: Deployment, generation: Generation | None, credentials: Credentials
    ) -> PlatformRuntime:
        """The platform at work on its deployment; ``generation`` is None while apply prepares the next."""
        platform = deployment.platform
        with extra_named(f"platform {platform.name}"):
            runtime: PlatformRuntime | None = self.manager.hook.open_runtime(
                deployment=deployment, generation=generation, credentials=credentials
            )
        if runtime is None:
            raise BrokenPlugin(
                f"no plugin runs platform {platform.name} of class {type(platform).__name__}",
                hint=_UPGRADE.format(hook="open_runtime"),
            )
        return runtime

    def control_store(self, container: Container, credentials: Credentials) -> ControlStore:
        """The control store that stands in a container."""
        with extra_named(f"the control store in {container.name}"):
            store: ControlStore | None = self.manager.hook.open_control_store(
                container=container, credentials=credentials, canonical=self.canonical()
            )
        if store is None:
            raise BrokenPlugin(
                f"no plugin keeps a control store in {container.name} of class {type(container).__name__}",
                hint=_UPGRADE.format(hook="open_control_store"),
            )
        return store

    def control_objects(self, container: Container, platforms: Sequence[str]) -> Sequence[PhysicalObject]:
        """What the control store in a container keeps for platforms."""
        with extra_named(f"the control store in {container.name}"):
            found: Sequence[PhysicalObject] | None = self.manager.hook.control_objects(
                container=container, platforms=platforms
            )
        if found is None:
            raise BrokenPlugin(
                f"no plugin says what the control store in {container.name} of class {type(container).__name__} keeps",
                hint=_UPGRADE.format(hook="control_objects"),
            )
        return found

    def catalogue(
        self, container: Container, schema: str | None, tables: Sequence[str], credentials: Credentials
    ) -> "FoundSource":
        """The tables in a database: those that are named, or all of the schema."""
        with extra_named(f"reading the tables of {container.name}"):
            found: FoundSource | None = self.manager.hook.read_catalogue(
                container=container, schema=schema, tables=tables, credentials=credentials
            )
        if found is None:
            raise BrokenPlugin(
                f"no plugin reads the tables of {container.name} of class {type(container).__name__}",
                hint=_UPGRADE.format(hook="read_catalogue"),
            )
        return found

    def commands(self) -> "tuple[dict[str, Command], tuple[DataSurfaceError, ...]]":
        """Commands beyond ours by name, and why the commands of some plugins are missing."""
        commands: dict[str, Command] = {}
        problems: list[DataSurfaceError] = []
        for implementation in self.manager.hook.commands.get_hookimpls():
            try:
                with extra_named(f"plugin '{implementation.plugin_name}'"):
                    commands |= {
                        str(command.name): command for command in cast("Sequence[Command]", implementation.function())
                    }
            except DataSurfaceError as problem:
                problems.append(problem)
        return commands, tuple(problems)

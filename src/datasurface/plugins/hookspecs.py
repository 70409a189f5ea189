"""Every hook on one page. A plugin is a module with functions of these names, marked by ``hookimpl``, announced as an
entry point of group ``datasurface``:

    [project.entry-points.datasurface]
    mine = "my_package.plugin"

Hooks are called with what they name in their signature; a plugin may leave out parameters it does not need. It says by
``HOOKS = 1`` which version of this page it was written for.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import pluggy
from attrs import frozen

from datasurface.credentials import Credentials
from datasurface.deployment import Deployment
from datasurface.interchange.canonical import Canonical
from datasurface.model import Container, DataPlatform, Ecosystem
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

PROJECT = "datasurface"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

VERSION = 1
"""Of this page. A new hook, or a parameter more, changes nothing for a plugin and leaves it as it is; what a plugin has
to be changed for raises it."""

OLDEST = 1
"""The oldest version of this page whose plugins still work."""


@frozen
class Renamed:
    """A hook under a name that it no longer has. Plugins that use it are called and named, with what to do.

    Attributes:
        now: its name.
        until: the version of this page that knows the old name no longer.
    """

    now: str
    until: int


RENAMED: Mapping[str, Renamed] = {}
"""By old name."""


@hookspec
def platform_classes() -> Sequence[type[DataPlatform]]:
    """The platform classes that a model may use. They must load without any driver.

    >>> @hookimpl
    ... def platform_classes() -> Sequence[type[DataPlatform]]:
    ...     from my_package.platform import LakePlatform
    ...     return [LakePlatform]
    """


@hookspec
def container_classes() -> Sequence[type[Container]]:
    """The container classes, beyond ours, that a model may use.

    >>> @hookimpl
    ... def container_classes() -> Sequence[type[Container]]:
    ...     from my_package.platform import Lake
    ...     return [Lake]
    """


@hookspec
def platform_findings(platform: DataPlatform, ecosystem: Ecosystem) -> "Iterable[Finding]":
    """What of the work assigned to this platform it cannot execute: a capture, a type, a name. Called for every
    platform of a model; a plugin answers for its own classes only.

    >>> @hookimpl
    ... def platform_findings(platform: DataPlatform, ecosystem: Ecosystem) -> "Iterable[Finding]":
    ...     from my_package.platform import LakePlatform, what_it_cannot_store
    ...     return what_it_cannot_store(platform, ecosystem) if isinstance(platform, LakePlatform) else []
    """


@hookspec(firstresult=True)
def open_runtime(
    deployment: Deployment, generation: Generation | None, credentials: Credentials
) -> PlatformRuntime | None:
    """The runtime of a deployment, or None when its platform's class is another plugin's. ``generation`` is the one in
    force, or None while apply prepares the next; nothing is connected before it is needed.

    >>> @hookimpl
    ... def open_runtime(deployment: Deployment, credentials: Credentials) -> PlatformRuntime | None:
    ...     from my_package.runtime import LakePlatform, LakeRuntime
    ...     is_ours = isinstance(deployment.platform, LakePlatform)
    ...     return LakeRuntime(deployment, credentials) if is_ours else None
    """


@hookspec(firstresult=True)
def open_control_store(container: Container, credentials: Credentials, canonical: Canonical) -> ControlStore | None:
    """The control store in this container, or None when the container is of another plugin's kind. ``canonical`` reads
    and writes the deployments of every plugin's platforms.

    >>> @hookimpl
    ... def open_control_store(container: Container, canonical: Canonical) -> ControlStore | None:
    ...     from my_package.control import Lake, LakeControlStore
    ...     return LakeControlStore(container, canonical) if isinstance(container, Lake) else None
    """


@hookspec(firstresult=True)
def control_objects(container: Container, platforms: Sequence[str]) -> Sequence[PhysicalObject] | None:
    """What the control store in this container keeps for platforms of these names, and for all; or None when the
    container is of another plugin's kind. Nothing is connected.

    >>> @hookimpl
    ... def control_objects(container: Container) -> Sequence[PhysicalObject] | None:
    ...     from my_package.control import Lake
    ...     if not isinstance(container, Lake):
    ...         return None
    ...     return [PhysicalObject("folder", container.name, None, "generations", path="")]
    """


@hookspec(firstresult=True)
def read_catalogue(
    container: Container, schema: str | None, tables: Sequence[str], credentials: Credentials
) -> "FoundSource | None":
    """The tables in a database, for `import sql`: those that are named, or all of the schema; or None when the
    container is of another plugin's kind.

    >>> @hookimpl
    ... def read_catalogue(container: Container, tables: Sequence[str]) -> "FoundSource | None":
    ...     from my_package.catalogue import Lake, found_in
    ...     return found_in(container, tables) if isinstance(container, Lake) else None
    """


@hookspec
def merge_strategies() -> "Sequence[StrategyKit]":
    """The merge strategies that ``pytest --datasurface-strategy=NAME`` can try, each with what the conformance kit
    needs to open it. Called only for that; kits must load without any driver.

    >>> @hookimpl
    ... def merge_strategies() -> "Sequence[StrategyKit]":
    ...     from datasurface.milestoning.kit import StrategyKit
    ...     from datasurface.model import Milestoning
    ...     from my_package.workshop import open_workshop
    ...     return [StrategyKit("lake-forensic", Milestoning.FORENSIC, open_workshop)]
    """


@hookspec
def lint_rules() -> "Sequence[Rule]":
    """Rules that every model is checked with, beside ours.

    >>> @hookimpl
    ... def lint_rules() -> "Sequence[Rule]":
    ...     from my_package.rules import described
    ...     return [described]
    """


@hookspec
def compatibility_rules() -> "Sequence[CompatibilityRule]":
    """Rules that say what changes of the plugin's own classes mean for consumers, beside ours. What no rule knows is
    told to them as a notice.

    >>> @hookimpl
    ... def compatibility_rules() -> "Sequence[CompatibilityRule]":
    ...     from my_package.rules import lake_moved
    ...     return [lake_moved]
    """


@hookspec
def commands() -> "Sequence[Command]":
    """Commands for the command line that are special to this plugin. They load only when the command line runs.

    >>> @hookimpl
    ... def commands() -> "Sequence[Command]":
    ...     from my_package.command import compact
    ...     return [compact]
    """


@hookspec
def emitters() -> "Sequence[Emitter]":
    """What renders files for other programs, as ``datasurface emit NAME``. Names are those of the emitters' tables in
    an environment file. What a renderer needs loads when it renders.

    >>> @hookimpl
    ... def emitters() -> "Sequence[Emitter]":
    ...     from datasurface.emitting import Emitter
    ...     from my_package.dags import render
    ...     return [Emitter("dagster", "assets for Dagster", render)]
    """

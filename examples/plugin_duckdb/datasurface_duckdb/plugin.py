"""The hooks: how the platform arrives in DataSurface. DuckDB loads inside the functions that need it."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from datasurface.deployment import Deployment
from datasurface.interchange.canonical import Canonical
from datasurface.model import Container, DataPlatform, Ecosystem, Milestoning, SqliteDatabase
from datasurface.plugins.hookspecs import hookimpl
from datasurface.results import PhysicalObject
from datasurface.runtime import ControlStore, Generation, PlatformRuntime
from datasurface.types import DataType
from datasurface_duckdb.platform import DuckDbDataPlatform, DuckDbFile

if TYPE_CHECKING:
    from click import Command

    from datasurface.change.verdicts import CompatibilityRule
    from datasurface.emitting import EmitRequest, Emitter
    from datasurface.findings import Finding
    from datasurface.interchange.source_tables import FoundSource
    from datasurface.lint.registry import Rule
    from datasurface.milestoning.kit import StrategyKit, Workshop

HOOKS = 1


@hookimpl
def platform_classes() -> Sequence[type[DataPlatform]]:
    """The one that keeps its tables in a file."""
    return [DuckDbDataPlatform]


@hookimpl
def container_classes() -> Sequence[type[Container]]:
    """The file."""
    return [DuckDbFile]


@hookimpl
def platform_findings(platform: DataPlatform, ecosystem: Ecosystem) -> "Iterable[Finding]":
    """What it cannot execute of the work that it is assigned."""
    if not isinstance(platform, DuckDbDataPlatform):
        return []
    from datasurface_duckdb.lint import findings

    return findings(platform, ecosystem)


@hookimpl
def open_runtime(deployment: Deployment, generation: Generation | None) -> PlatformRuntime | None:
    """The runtime; a file needs no credentials."""
    if not isinstance(deployment.platform, DuckDbDataPlatform):
        return None
    from datasurface_duckdb.runtime import DuckDbRuntime

    return DuckDbRuntime(deployment, generation, deployment.platform)


@hookimpl
def open_control_store(container: Container, canonical: Canonical) -> ControlStore | None:
    """The generations in a file."""
    if not isinstance(container, DuckDbFile):
        return None
    from datasurface_duckdb.control import DuckDbControlStore

    return DuckDbControlStore(container, canonical)


@hookimpl
def control_objects(container: Container) -> Sequence[PhysicalObject] | None:
    """The table of generations."""
    if not isinstance(container, DuckDbFile):
        return None
    from datasurface_duckdb.control import control_objects

    return control_objects(container.name)


@hookimpl
def read_catalogue(container: Container, tables: Sequence[str]) -> "FoundSource | None":
    """The tables of a SQLite file, which is what the platform reads."""
    if not isinstance(container, SqliteDatabase):
        return None
    from datasurface_duckdb.catalogue import found_source

    return found_source(container, tables)


@hookimpl
def merge_strategies() -> "Sequence[StrategyKit]":
    """Both milestonings."""
    return [_kit("duckdb-live", Milestoning.LIVE_ONLY), _kit("duckdb-forensic", Milestoning.FORENSIC)]


def _kit(name: str, milestoning: Milestoning) -> "StrategyKit":
    from datasurface.milestoning.kit import StrategyKit

    def open_workshop() -> "AbstractContextManager[Workshop]":
        from datasurface_duckdb.kit import DuckDbWorkshop

        return DuckDbWorkshop(milestoning)

    def stores(type_: DataType) -> bool:
        from datasurface_duckdb.kit import stores

        return stores(type_)

    return StrategyKit(name, milestoning, open_workshop, stores)


@hookimpl
def lint_rules() -> "Sequence[Rule]":
    """What a model with a file should have."""
    from datasurface_duckdb.lint import absolute_path

    return [absolute_path]


@hookimpl
def compatibility_rules() -> "Sequence[CompatibilityRule]":
    """What changes of its settings mean."""
    from datasurface_duckdb.compatibility import RULES

    return RULES


@hookimpl
def commands() -> "Sequence[Command]":
    """What stands in a file."""
    from datasurface_duckdb.command import command

    return [command]


@hookimpl
def emitters() -> "Sequence[Emitter]":
    """Scripts for the shell of DuckDB."""
    from datasurface.emitting import Emitter

    def render(request: "EmitRequest") -> Mapping[str, str]:
        from datasurface_duckdb.emitter import render

        return render(request)

    return [Emitter("duckdb", "scripts for the shell of DuckDB", render)]

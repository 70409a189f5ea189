"""Yellow's hooks: how the platform arrives in DataSurface. Drivers load inside the functions that need them."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from datasurface.credentials import Credentials
from datasurface.deployment import Deployment
from datasurface.interchange.canonical import Canonical
from datasurface.model import (
    Container,
    DataPlatform,
    Ecosystem,
    Milestoning,
    MySqlDatabase,
    PostgresDatabase,
    SqliteDatabase,
)
from datasurface.plugins.hookspecs import hookimpl
from datasurface.results import PhysicalObject
from datasurface.runtime import ControlStore, Generation, PlatformRuntime
from datasurface_yellow.platform import YellowDataPlatform

if TYPE_CHECKING:
    from click import Command

    from datasurface.change.verdicts import CompatibilityRule
    from datasurface.findings import Finding
    from datasurface.interchange.source_tables import FoundSource
    from datasurface.milestoning.kit import StrategyKit, Workshop

HOOKS = 1
"""The version of the hooks that it was written for."""


@hookimpl
def platform_classes() -> Sequence[type[DataPlatform]]:
    """The one class that an ``eco.py`` names."""
    return [YellowDataPlatform]


@hookimpl
def platform_findings(platform: DataPlatform, ecosystem: Ecosystem) -> "Iterable[Finding]":
    """What Yellow cannot execute of the work that it is assigned."""
    if not isinstance(platform, YellowDataPlatform):
        return []
    from datasurface_yellow.lint import findings

    return findings(platform, ecosystem)


@hookimpl
def open_runtime(
    deployment: Deployment, generation: Generation | None, credentials: Credentials
) -> PlatformRuntime | None:
    """Yellow's runtime, for its own platforms."""
    if not isinstance(deployment.platform, YellowDataPlatform):
        return None
    from datasurface_yellow.runtime import YellowRuntime

    return YellowRuntime(deployment, deployment.platform, generation, credentials)


@hookimpl
def open_control_store(container: Container, credentials: Credentials, canonical: Canonical) -> ControlStore | None:
    """The control store of a PostgreSQL database."""
    if not isinstance(container, PostgresDatabase):
        return None
    from datasurface_yellow.store.connection import place
    from datasurface_yellow.store.control import PostgresControlStore

    return PostgresControlStore(place(container, credentials), canonical)


@hookimpl
def control_objects(container: Container, platforms: Sequence[str]) -> Sequence[PhysicalObject] | None:
    """The tables of the control store of a PostgreSQL database."""
    if not isinstance(container, PostgresDatabase):
        return None
    from datasurface_yellow.store.control import control_objects

    return control_objects(container.name, platforms)


@hookimpl
def read_catalogue(
    container: Container, schema: str | None, tables: Sequence[str], credentials: Credentials
) -> "FoundSource | None":
    """The tables of a database that a snapshot can be taken of."""
    if not isinstance(container, PostgresDatabase | MySqlDatabase | SqliteDatabase):
        return None
    from datasurface_yellow.catalogue.read import found_source

    return found_source(container, schema, tables, credentials)


@hookimpl
def merge_strategies() -> "Sequence[StrategyKit]":
    """The one that keeps live rows, and the one that keeps every version."""
    from datasurface.milestoning.kit import StrategyKit

    def kit(name: str, milestoning: Milestoning) -> "StrategyKit":
        def open_workshop() -> "AbstractContextManager[Workshop]":
            from datasurface_yellow.testing.kit import workshop

            return workshop(milestoning)

        return StrategyKit(name, milestoning, open_workshop)

    return [kit("yellow-live", Milestoning.LIVE_ONLY), kit("yellow-forensic", Milestoning.FORENSIC)]


@hookimpl
def compatibility_rules() -> "Sequence[CompatibilityRule]":
    """What changes of Yellow's own settings mean for consumers."""
    from datasurface_yellow.compatibility import RULES

    return RULES


@hookimpl
def commands() -> "Sequence[Command]":
    """The simulator of the example, and the demonstration."""
    from datasurface_yellow.demo.command import demo
    from datasurface_yellow.simulator.command import simulate

    return [simulate, demo]

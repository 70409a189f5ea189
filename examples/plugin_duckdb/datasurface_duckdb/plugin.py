"""The hooks: how the platform arrives in DataSurface. DuckDB loads inside the functions that need it."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

from datasurface.milestoning.kit import StrategyKit, Workshop
from datasurface.model import Milestoning
from datasurface.plugins.hookspecs import hookimpl
from datasurface.types import DataType

HOOKS = 1


@hookimpl
def merge_strategies() -> Sequence[StrategyKit]:
    """Both milestonings."""
    return [_kit("duckdb-live", Milestoning.LIVE_ONLY), _kit("duckdb-forensic", Milestoning.FORENSIC)]


def _kit(name: str, milestoning: Milestoning) -> StrategyKit:
    def open_workshop() -> AbstractContextManager[Workshop]:
        from datasurface_duckdb.kit import DuckDbWorkshop

        return DuckDbWorkshop(milestoning)

    def stores(type_: DataType) -> bool:
        from datasurface_duckdb.kit import stores

        return stores(type_)

    return StrategyKit(name, milestoning, open_workshop, stores)

"""How the strategies arrive in DataSurface."""

from collections.abc import Sequence

from datasurface.milestoning.kit import StrategyKit
from datasurface.model import Milestoning
from datasurface.plugins.hookspecs import hookimpl


@hookimpl
def merge_strategies() -> Sequence[StrategyKit]:
    """Both milestonings."""
    from memory_strategy.kit import MemoryWorkshop

    return [
        StrategyKit("memory-live", Milestoning.LIVE_ONLY, lambda: MemoryWorkshop(Milestoning.LIVE_ONLY)),
        StrategyKit("memory-forensic", Milestoning.FORENSIC, lambda: MemoryWorkshop(Milestoning.FORENSIC)),
    ]

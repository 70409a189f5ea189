"""What the parts of a runtime in memory have in common."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from datasurface.deployment import Deployment
from datasurface.results import BatchState

if TYPE_CHECKING:
    from tests.unit.cli.memory_platform import MemoryPlugin


class MemoryPart(Protocol):
    """A part of a runtime in memory: the platform that it is of, and what it knows from the others."""

    world: "MemoryPlugin"
    deployment: Deployment

    @property
    def name(self) -> str:
        return self.deployment.platform.name

    def status(self, stream: str, *, last: int = 10) -> Sequence[BatchState]: ...

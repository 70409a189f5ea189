"""Builders: generations with streams, for the scheduler's tests."""

from datetime import UTC, datetime

from attrs import field, frozen

from datasurface.deployment import Deployment, StreamConfig
from datasurface.model import Container, DataPlatform, Milestoning, SqlSnapshot
from datasurface.runtime import Generation

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)


def deployment(platform: str, schedule: str, *streams: str) -> Deployment:
    """A deployment of a platform with these streams, which have no datasets."""
    capture = SqlSnapshot(Container("Producer"))
    return Deployment(
        "Test",
        DataPlatform(platform, milestoning=Milestoning.LIVE_ONLY, schedule=schedule),
        tuple(StreamConfig(key, key, capture, (), f"datastores/{key}") for key in streams),
        (),
    )


def generation(*deployments: Deployment, number: int = 1) -> Generation:
    """A generation in force since midnight."""
    return Generation(number, deployments, None, MIDNIGHT, "tester")


@frozen
class StoredPlatform(DataPlatform):
    """A platform that says where its merge tables stand, and no more."""

    store: Container = field(kw_only=True)

    @property
    def merge_store(self) -> Container:
        return self.store

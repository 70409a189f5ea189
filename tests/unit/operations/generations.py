"""Builders: generations with streams, for the scheduler's tests."""

from datetime import UTC, datetime

from attrs import evolve, field, frozen

from datasurface.deployment import Deployment, Maker, StreamConfig, TransformerConfig, ViewConfig
from datasurface.model import (
    Column,
    Container,
    Copied,
    Credential,
    DataPlatform,
    Dataset,
    GitRepository,
    Milestoning,
    PostgresDatabase,
    SqlSnapshot,
)
from datasurface.runtime import Generation
from datasurface.types import BigInt

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


def with_copies(deployment: Deployment, **schedules: str | None) -> Deployment:
    """The deployment with groups of workspace W that are copied by these schedules, of its first stream."""
    stream = deployment.streams[0].key
    container = PostgresDatabase("Own", host="own", database="own", credential=Credential("own"))
    dataset = Dataset("things", columns=[Column("id", BigInt(), primary_key=True)])
    views = [
        ViewConfig(
            "W",
            group,
            stream,
            stream,
            dataset,
            Milestoning.LIVE_ONLY,
            "things",
            "",
            container=container,
            copied=Copied(schedule=schedule),
        )
        for group, schedule in schedules.items()
    ]
    return evolve(deployment, views=tuple(views))


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


def with_transformer(deployment: Deployment, *, makes: str) -> Deployment:
    """The deployment with transformer T, which reads all of its streams but the one of what it makes."""
    database = PostgresDatabase("Own", host="own", database="own", credential=Credential("own"))
    dataset = Dataset("things", columns=[Column("id", BigInt(), primary_key=True)])
    views = [
        ViewConfig("W", "G", stream.key, stream.key, dataset, Milestoning.LIVE_ONLY, stream.key, "")
        for stream in deployment.streams
        if stream.store != makes
    ]
    config = TransformerConfig(
        "T", "W", GitRepository("acme/code"), "code:run", makes, database, (dataset,), Credential("code"), ""
    )
    maker = Maker(deployment.platform.name, "T")
    streams = tuple(evolve(stream, maker=maker) if stream.store == makes else stream for stream in deployment.streams)
    return evolve(deployment, streams=streams, views=tuple(views), transformers=(config,))

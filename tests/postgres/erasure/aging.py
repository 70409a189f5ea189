# ruff: noqa: S608 names of tests
"""Batches that were long ago, and consumers that need history for a while."""

from datetime import timedelta

from attrs import evolve

from datasurface.deployment import DatasetRetention
from tests.support.pipeline import Pipeline

KEEP = timedelta(days=5)
_LONG_AGO = "10 days"


def need_history_for(pipeline: Pipeline, keep: timedelta = KEEP) -> None:
    """Let no consumer need history for longer, as an apply would."""
    for name, deployment in pipeline.by_name.items():
        streams = tuple(
            evolve(stream, retention=tuple(DatasetRetention(dataset.name, keep) for dataset in stream.datasets))
            for stream in deployment.streams
        )
        pipeline.by_name = {**pipeline.by_name, name: evolve(deployment, streams=streams)}


def grow_old(log: str, up_to: int) -> str:
    """The statement that lets a log's batches up to a number have been committed long ago."""
    return f"UPDATE {log} SET committed_at = committed_at - '{_LONG_AGO}'::interval WHERE batch <= {up_to}"

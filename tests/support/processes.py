"""Jobs as processes of their own: ``datasurface ingest`` on the generation in force, as pods and tasks run it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import PIPE, Popen

from datasurface.interchange.canonical import Canonical
from datasurface.runtime import Generation
from datasurface_yellow import YellowDataPlatform
from datasurface_yellow.store.connection import place
from datasurface_yellow.store.control import PostgresControlStore
from tests.support.pipeline import Pipeline


def control_store(pipeline: Pipeline) -> PostgresControlStore:
    """The control store in a pipeline's merge database."""
    where = place(pipeline.container(pipeline.target, "writer"), pipeline.access.credentials)
    return PostgresControlStore(where, Canonical([YellowDataPlatform]))


def publish(pipeline: Pipeline) -> Generation:
    """Put what is applied in force, so that processes find it."""
    return control_store(pipeline).publish(pipeline.model, list(pipeline.by_name.values()), None)


@contextmanager
def job_process(pipeline: Pipeline, platform: str, run_id: str) -> Iterator["Popen[str]"]:
    """A process that runs one batch of the store; killed at the end if it still runs."""
    container = pipeline.container(pipeline.target, "writer")
    store = f"postgresql://{container.host}:{container.port}/{container.database}?credential=writer"
    command = [sys.executable, "-m", "datasurface", "ingest", "--store", store, "--platform", platform]
    command += ["--stream", "Store1", "--run-id", run_id, "--allow-deletes", "--json"]
    variables = os.environ | pipeline.access.variables
    with Popen(command, env=variables, stdout=PIPE, stderr=PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()

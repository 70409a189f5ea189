"""The monitor at work: the command itself, in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.support.pipeline import Pipeline


@contextmanager
def monitor(*words: str, variables: Mapping[str, str] | None = None) -> Iterator[str]:
    """The address of a page; the process has to end by itself when it is asked to."""
    process = subprocess.Popen(
        [sys.executable, "-m", "datasurface", "monitor", *words, "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(variables or {})},
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first, "the monitor ended"
        yield json.loads(first)["url"]
    finally:
        process.terminate()
        code = process.wait(20)
        assert process.stdout is not None
        process.stdout.close()
    assert code == 0


@contextmanager
def monitor_of(pipeline: Pipeline, *words: str) -> Iterator[str]:
    """A page on what a pipeline has in force."""
    container = pipeline.container(pipeline.target, "writer")
    store = f"postgresql://{container.host}:{container.port}/{container.database}?credential=writer"
    with monitor("--store", store, *words, variables=pipeline.access.variables) as home:
        yield home

"""Prometheus' own programs, as far as they are installed."""

import json
import shutil
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen, run
from time import monotonic, sleep
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from attrs import frozen

from tests.conftest import missing_ring


def program(name: str) -> Path:
    """``prometheus`` or ``promtool``; without it the test is skipped."""
    found = shutil.which(name)
    if found is None:
        missing_ring(f"no {name} on this machine: Debian's package is prometheus")
    return Path(found)


def promtool(*words: str | Path) -> str:
    """What promtool prints; an AssertionError with that where it ends otherwise than well."""
    return _run([program("promtool"), *words])


def _run(words: Sequence[str | Path]) -> str:
    done = run([str(word) for word in words], stdout=PIPE, stderr=STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return done.stdout


@frozen
class PrometheusServer:
    """A server over a folder of blocks; it scrapes nothing."""

    port: int

    @classmethod
    @contextmanager
    def over(cls, blocks: Path) -> Iterator["PrometheusServer"]:
        """Serve what a folder holds until the end."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        configuration = blocks.parent / "prometheus.yml"
        configuration.write_text("scrape_configs: []\n")
        words = [
            program("prometheus"),
            f"--config.file={configuration}",
            f"--storage.tsdb.path={blocks}",
            "--storage.tsdb.retention.time=100y",
            f"--web.listen-address=127.0.0.1:{port}",
        ]
        with (blocks.parent / "prometheus.log").open("w") as log:
            server = Popen([str(word) for word in words], stdout=log, stderr=log)
        try:
            found = cls(port)
            found._wait(server)
            yield found
        finally:
            server.terminate()
            server.wait()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def over_time(self, expression: str, begin: float, end: float, step: float) -> dict[str, set[float]]:
        """The times at which an expression has a value, by the label ``stream``."""
        words = {"query": expression, "start": begin, "end": end, "step": step}
        with urlopen(f"{self.url}/api/v1/query_range?{urlencode(words)}") as answer:  # noqa: S310 our own server
            found = json.load(answer)["data"]["result"]
        return {series["metric"]["stream"]: {float(at) for at, _ in series["values"]} for series in found}

    def _wait(self, server: "Popen[bytes]") -> None:
        end = monotonic() + 60
        while monotonic() < end and server.poll() is None:
            with suppress(URLError, ConnectionError), urlopen(f"{self.url}/-/ready"):  # noqa: S310 our own server
                return
            sleep(0.05)
        raise AssertionError(f"Prometheus does not answer at {self.url}")

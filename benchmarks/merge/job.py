"""The measured process: one batch as ``datasurface ingest --store`` runs it, and what it cost, as one JSON line.

Reads its order, one JSON object, from standard input: ``store``, ``platform``, ``stream``, ``run_id``, and
``spawned``, the monotonic clock just before the process was made.
"""

import json
import sys
from pathlib import Path
from time import monotonic

import datasurface.cli.ingest
import datasurface.cli.main  # noqa: F401 what the command loads is part of its start-up and its memory
from datasurface.credentials import Credentials, EnvironmentVariables
from datasurface.operations.control import container_of_url
from datasurface.operations.jobs import InForce
from datasurface.plugins.manager import installed_plugins


def main() -> None:
    """Run the batch that was ordered."""
    order = json.load(sys.stdin)
    plugins = installed_plugins()
    credentials = Credentials([EnvironmentVariables()])
    control = plugins.control_store(container_of_url(order["store"]), credentials)
    started = monotonic()
    generation = control.current()
    assert generation is not None
    runtime = InForce(control, generation, plugins, credentials).runtime(order["platform"])
    configured, before = monotonic(), _memory("VmRSS")
    result = runtime.run_batch(order["stream"], order["run_id"])
    ended = monotonic()
    document = {
        "start": started - order["spawned"],
        "configuration": configured - started,
        "seconds": ended - configured,
        "memory_before": before,
        "memory_peak": _memory("VmHWM"),
        "result": result.document(),
    }
    print(json.dumps(document))


def _memory(name: str) -> int:
    """Bytes of resident memory by Linux' account of this process.

    ``getrusage`` would not do: its maximum begins with what the parent held when it made this process.
    """
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"/proc/self/status has no {name}")


if __name__ == "__main__":
    main()

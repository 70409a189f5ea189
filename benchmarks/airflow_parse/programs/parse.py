"""Reads DAG files as the DAG processor does and writes them into the metadata, in the interpreter of an Airflow, and
prints what that took as a line of JSON. A process of its own for each look: what one has loaded, the next one finds.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# The DAG processor has them loaded before it forks a process for each file.
import airflow.providers.standard.operators.bash
import airflow.providers.standard.operators.empty
import airflow.providers.standard.operators.python
import airflow.providers.standard.operators.trigger_dagrun
import airflow.providers.standard.sensors.date_time  # noqa: F401

try:
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db
    from airflow.serialization.serialized_objects import DagSerialization

    BUNDLE = "dags-folder"

    def dag_bag(path: str, root: str) -> Any:
        return BundleDagBag(path, bundle_path=Path(root), bundle_name=BUNDLE)

    def write(bag: Any) -> None:
        DagBundlesManager().sync_bundles_to_db()
        sync_bag_to_db(bag, BUNDLE, bundle_version=None)

except ImportError:
    from airflow.models.dagbag import DagBag
    from airflow.serialization.serialized_objects import SerializedDAG as DagSerialization

    def dag_bag(path: str, root: str) -> Any:  # noqa: ARG001 as the other one
        return DagBag(path)

    def write(bag: Any) -> None:
        bag.sync_to_db()


def timed(work: Callable[[], object]) -> dict[str, float]:
    """The seconds that it takes: by the clock, and of the processor."""
    begun, worked = time.perf_counter(), time.process_time()
    work()
    return {"seconds": time.perf_counter() - begun, "processor": time.process_time() - worked}


def main() -> None:
    root, path, writes = sys.argv[1:]
    bags: list[Any] = []
    parsing = timed(lambda: bags.append(dag_bag(path, root)))
    [bag] = bags
    steps = {"parsing": parsing, "serialising": timed(lambda: list(map(DagSerialization.to_dict, bag.dags.values())))}
    if writes == "write":
        steps["writing"] = timed(lambda: write(bag))
    found = {"dags": len(bag.dags), "errors": dict(bag.import_errors), "steps": steps}
    print(f"\nthe answer: {json.dumps(found)}", flush=True)


if __name__ == "__main__":
    main()

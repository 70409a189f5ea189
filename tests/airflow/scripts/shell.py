"""Airflow's side of tests that need no scheduler: answers requests, each a line of JSON, with a line after a mark.

{"do": "parse", "path": …, "times": 1, "dag": null}     DAG files as the DAG processor reads them; with a DAG's name, as
                                                        a worker does that is about to run it
{"do": "pod", "path": …, "dag": …, "run": …}            the pod of a DAG's job, as the API server would get it
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

try:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.serialization.serialized_objects import DagSerialization
except ImportError:
    from airflow.models.dagbag import DagBag
    from airflow.serialization.serialized_objects import SerializedDAG as DagSerialization

MARK = "the answer: "
_ONE_DAG = "_AIRFLOW_PARSING_CONTEXT_DAG_ID"


def parse(path: str, times: int, dag: str | None) -> Mapping[str, object]:
    """The DAGs with a hash of what is serialised of each and the import errors, of the last time; and of each time the
    seconds and a hash of all."""
    os.environ.pop(_ONE_DAG, None)
    if dag is not None:
        os.environ[_ONE_DAG] = dag
    found = [_parse_once(path) for _ in range(times)]
    os.environ.pop(_ONE_DAG, None)
    bag, dags, _ = found[-1]
    seconds, hashes = [each for _, _, each in found], [_hash(each) for _, each, _ in found]
    texts = {name: each.doc_md for name, each in bag.dags.items() if "broken" in each.tags}
    return {"dags": dags, "errors": bag.import_errors, "seconds": seconds, "hashes": hashes, "broken": texts}


def _parse_once(path: str) -> tuple[Any, Mapping[str, str], float]:
    begun = time.perf_counter()
    bag = DagBag(path)
    seconds = time.perf_counter() - begun
    return bag, {name: _hash(DagSerialization.to_dict(each)) for name, each in sorted(bag.dags.items())}, seconds


def pod(path: str, dag: str, run: str) -> object:
    """The pod, built without a cluster."""
    from kubernetes.client import ApiClient

    bag = DagBag(path)
    if bag.import_errors:
        raise ValueError(str(bag.import_errors))
    task = bag.dags[dag].get_task("job")
    now = datetime.now(UTC)
    of_run = SimpleNamespace(run_id=run, logical_date=now, execution_date=now, dag_id=dag, conf={})
    names = {"dag_id": dag, "task_id": "job", "run_id": run, "try_number": 1, "map_index": -1}
    instance = SimpleNamespace(**names, execution_date=now, logical_date=now)
    context = {"ti": instance, "task_instance": instance, "dag_run": of_run, "run_id": run, "dag": bag.dags[dag]}
    context |= {"task": task, "params": {}, "ts": now.isoformat(), "logical_date": now}
    type(task).hook = SimpleNamespace(is_in_cluster=True, get_namespace=lambda: None)
    return ApiClient().sanitize_for_serialization(task.build_pod_request_obj(context))


def _hash(document: object) -> str:
    return sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]


DOES: Mapping[str, Callable[..., object]] = {"parse": parse, "pod": pod}


def main() -> None:
    for line in sys.stdin:
        request: dict[str, Any] = json.loads(line)
        answer: dict[str, object]
        try:
            answer = {"answer": DOES[request.pop("do")](**request)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(f"{MARK}{json.dumps(answer)}", flush=True)  # noqa: T201 what the test reads


if __name__ == "__main__":
    main()

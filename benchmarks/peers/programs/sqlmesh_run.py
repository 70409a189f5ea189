"""Runs in the environment of SQLMesh: a plan (the first time) or a run of each table's project, a day after the last.

Written by SQLMesh's public documentation of its Python interface and of SCD Type 2 models.
"""

import contextlib
import json
import sys
from time import perf_counter

from sqlmesh import Context


def main() -> None:
    order = json.load(sys.stdin)
    errors = {}
    begun = perf_counter()
    for name, project in order["projects"].items():
        with contextlib.redirect_stdout(sys.stderr):
            try:
                work(project, order)
            except (Exception, SystemExit) as error:
                errors[name] = f"{type(error).__name__}: {' '.join(str(error).split())[:600]}"
    print(json.dumps({"inside": perf_counter() - begun, "errors": errors}))


def work(project: str, order: dict) -> None:  # type: ignore[type-arg]
    context = Context(paths=[project])
    if order["first"]:
        context.plan(auto_apply=True, no_prompts=True, execution_time=order["execution_time"])
        return
    status = context.run(execution_time=order["execution_time"])
    if getattr(status, "is_failure", False):
        raise RuntimeError(f"the run ended with {status}")


main()

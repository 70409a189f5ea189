"""The emitters' hooks. A renderer, with the libraries that it needs, loads when it renders."""

from collections.abc import Mapping, Sequence

from datasurface.emitting import EmitRequest, Emitter
from datasurface.plugins.hookspecs import hookimpl

HOOKS = 1
"""The version of the hooks that it was written for."""


@hookimpl
def emitters() -> Sequence[Emitter]:
    """DAG files for Airflow, and manifests for Kubernetes."""
    return [
        Emitter("airflow", "DAG files for Apache Airflow", _airflow),
        Emitter("kubernetes", "manifests for Kubernetes", _kubernetes),
    ]


def _airflow(request: EmitRequest) -> Mapping[str, str]:
    from datasurface_airflow.dag_files import render

    return render(request)


def _kubernetes(request: EmitRequest) -> Mapping[str, str]:
    from datasurface_airflow.kubernetes.render import render

    return render(request)

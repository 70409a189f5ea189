"""The emitters' hooks. A renderer, with the libraries that it needs, loads when it renders."""

from collections.abc import Mapping, Sequence

from datasurface.emitting import EmitRequest, Emitter
from datasurface.plugins.hookspecs import hookimpl


@hookimpl
def emitters() -> Sequence[Emitter]:
    """Rules for Prometheus, and a dashboard for Grafana."""
    return [
        Emitter("prometheus", "recording and alert rules for Prometheus", _prometheus),
        Emitter("grafana", "a dashboard for Grafana", _grafana),
    ]


def _prometheus(request: EmitRequest) -> Mapping[str, str]:
    from datasurface_prometheus.rules import render

    return render(request)


def _grafana(request: EmitRequest) -> Mapping[str, str]:
    from datasurface_prometheus.dashboard import render

    return render(request)

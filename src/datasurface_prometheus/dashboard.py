"""A dashboard: who gets data that are too old, which jobs fail, where the time goes, how many rows there are."""

import json
from collections.abc import Iterable, Mapping, Sequence

from datasurface.emitting import EmitRequest, read_settings
from datasurface.monitoring import definitions as metric
from datasurface.monitoring.definitions import Metric
from datasurface_prometheus.about import about
from datasurface_prometheus.rules import LATE
from datasurface_prometheus.settings import GrafanaSettings

FILE = "datasurface.json"
_SCHEMA = 39
"""Of the dashboard's JSON: that of Grafana 11, which later versions bring forward."""
_SOURCE = {"type": "prometheus", "uid": "${source}"}
_WIDTH = 24
_CHOSEN = '{platform=~"$platform"}'

Panel = dict[str, object]


def render(request: EmitRequest) -> Mapping[str, str]:
    """The dashboard's file.

    Raises:
        EnvironmentFileError: a setting under ``[grafana]`` cannot be used.
    """
    settings = read_settings(request, "grafana", GrafanaSettings)
    document = {
        "uid": settings.uid,
        "title": settings.title,
        "description": f"What the platforms of {request.ecosystem.name} do, and for whom.",
        "tags": ["datasurface"],
        "timezone": "browser",
        "editable": True,
        "graphTooltip": 1,
        "refresh": "1m",
        "schemaVersion": _SCHEMA,
        "time": {"from": "now-24h", "to": "now"},
        "templating": {"list": _variables()},
        "panels": _placed(_rows(request)),
    }
    return {FILE: json.dumps(document, indent=2, ensure_ascii=False) + "\n"}


def _variables() -> Sequence[dict[str, object]]:
    platforms: dict[str, object] = {
        "type": "query",
        "name": "platform",
        "label": "Platform",
        "datasource": _SOURCE,
        "query": {"query": f"label_values({metric.UP.name}, platform)", "refId": "platform"},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "current": {"text": ["All"], "value": ["$__all"]},
    }
    source: dict[str, object] = {"type": "datasource", "name": "source", "label": "Data source", "query": "prometheus"}
    return [source, platforms]


def _rows(request: EmitRequest) -> Sequence[tuple[int, Sequence[Panel]]]:
    """Rows of panels of one height, each with the panels that share its width."""
    read, allowed = _of(metric.CONSUMER_READ_AT), _of(metric.CONSUMER_ALLOWED)
    verify = f'{metric.TASK_FAILED.name}{{platform=~"$platform", task="verify"}}'
    consumer, stream = "{{workspace}}/{{group}} {{stream}}", "{{platform}} {{stream}}"
    return [
        (
            4,
            [
                _number("Consumers whose data are late", f"count({LATE}{_CHOSEN} == 1) or vector(0)"),
                _number("Streams whose last job failed", f"count({_of(metric.FAILURES)} > 0) or vector(0)"),
                _number("Platforms with a broken law", f"count({verify} == 1) or vector(0)"),
                _number("Platforms that cannot be read", f"count({_of(metric.UP)} == 0) or vector(0)"),
            ],
        ),
        (
            9,
            [
                _series(
                    "Age of data, as a share of what is allowed",
                    f"topk(20, (time() - {read}) / {allowed})",
                    consumer,
                    "percentunit",
                    "Late is more than 100 %. The 20 that are nearest to it, or beyond.",
                ),
                _series(
                    "Share of the last hour in which data were late",
                    f"topk(20, avg_over_time({LATE}{_CHOSEN}[1h]) > 0)",
                    consumer,
                    "percentunit",
                    "What alerts are made of. Empty while nobody's data are late.",
                ),
            ],
        ),
        (
            9,
            [
                _series("Jobs that failed in a row", f"topk(20, {_of(metric.FAILURES)} > 0)", stream, "short", ""),
                _series(
                    "Share of jobs that failed, last day",
                    f"topk(20, {_of(metric.FAILED_JOBS, '1d')} / ({_of(metric.JOBS, '1d')} > 0))",
                    stream,
                    "percentunit",
                    "",
                ),
            ],
        ),
        (
            9,
            [
                _series(
                    "Where the time of jobs goes",
                    f"sum by (step) ({_of(metric.JOB_SECONDS)})",
                    "{{step}}",
                    "s",
                    "Of the newest job of every stream, taken together.",
                ),
                _series(
                    "Longest jobs",
                    f"topk(20, sum by (platform, stream) ({_of(metric.JOB_SECONDS)}))",
                    stream,
                    "s",
                    "Of the newest job of each stream.",
                ),
            ],
        ),
        (
            9,
            [
                _series("Live rows", f"topk(20, {_of(metric.LIVE_ROWS)})", stream, "short", ""),
                _series(
                    "Rows that batches changed",
                    f'sum by (change) ({metric.CHANGED_ROWS.name}{{platform=~"$platform", change!="read"}})',
                    "{{change}}",
                    "short",
                    "By the newest batch of every stream, taken together.",
                ),
            ],
        ),
        (10, [_text("What this model promises", about(request.deployments))]),
    ]


def _of(found: Metric, span: str | None = None) -> str:
    return f'{found.name}{{platform=~"$platform", span="{span}"}}' if span else found.name + _CHOSEN


def _number(title: str, expression: str) -> Panel:
    steps = [{"value": None, "color": "green"}, {"value": 1, "color": "red"}]
    return {
        **_panel("stat", title, ""),
        "targets": [_target(expression, "", instant=True)],
        "fieldConfig": {
            "defaults": {"unit": "short", "thresholds": {"mode": "absolute", "steps": steps}},
            "overrides": [],
        },
    }


def _series(title: str, expression: str, legend: str, unit: str, description: str) -> Panel:
    return {
        **_panel("timeseries", title, description),
        "targets": [_target(expression, legend, instant=False)],
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
    }


def _text(title: str, markdown: str) -> Panel:
    return {"type": "text", "title": title, "options": {"mode": "markdown", "content": markdown}}


def _panel(kind: str, title: str, description: str) -> Panel:
    told = {"description": description} if description else {}
    return {"type": kind, "title": title, **told, "datasource": _SOURCE}


def _target(expression: str, legend: str, *, instant: bool) -> dict[str, object]:
    named = {"legendFormat": legend} if legend else {}
    return {"refId": "A", "expr": expression, "instant": instant, "range": not instant, **named}


def _placed(rows: Iterable[tuple[int, Sequence[Panel]]]) -> Sequence[Panel]:
    """The panels with their numbers and places, row below row."""
    placed: list[Panel] = []
    top = 0
    for height, panels in rows:
        width = _WIDTH // len(panels)
        for number, panel in enumerate(panels):
            place = {"x": number * width, "y": top, "w": width, "h": height}
            placed.append({"id": len(placed) + 1, **panel, "gridPos": place})
        top += height
    return placed

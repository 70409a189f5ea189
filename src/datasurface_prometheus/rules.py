"""Recording and alert rules for the platforms of a model."""

import re
from collections.abc import Mapping, Sequence

import yaml

from datasurface.emitting import EmitRequest, read_settings
from datasurface.monitoring import definitions as metric
from datasurface_prometheus.burn import BURNS, Burn
from datasurface_prometheus.settings import PrometheusSettings

FILE = "datasurface.rules.yml"
LATE = "datasurface:consumer_late:bool"
"""The recorded series: 1 while the data of a group are late, else 0; reckoned at the moment of the evaluation."""

Rule = dict[str, object]


def render(request: EmitRequest) -> Mapping[str, str]:
    """The file of rules: one group, of the model's platforms and no others.

    Raises:
        EnvironmentFileError: a setting under ``[prometheus]`` cannot be used.
    """
    settings = read_settings(request, "prometheus", PrometheusSettings)
    platforms = [deployment.platform.name for deployment in request.deployments]
    chosen = f"platform=~{_quoted('|'.join(map(re.escape, platforms)))}"
    group = {
        "name": f"datasurface {request.ecosystem.name}",
        "interval": f"{settings.interval_seconds}s",
        "rules": [
            _late(chosen),
            *(_freshness(chosen, burn, settings) for burn in BURNS),
            *_trouble(chosen, settings),
            *(_missing(platform, settings) for platform in platforms),
        ],
    }
    return {FILE: yaml.safe_dump({"groups": [group]}, sort_keys=False, allow_unicode=True, width=1000)}


def _late(chosen: str) -> Rule:
    read, allowed = metric.CONSUMER_READ_AT.name, metric.CONSUMER_ALLOWED.name
    return {"record": LATE, "expr": f"(time() - {read}{{{chosen}}}) > bool {allowed}{{{chosen}}}"}


def _freshness(chosen: str, burn: Burn, settings: PrometheusSettings) -> Rule:
    most = burn.threshold(settings.objective)
    windows = (f"avg_over_time({LATE}{{{chosen}}}[{window}]) > {most:g}" for window in (burn.long, burn.short))
    return _alert(
        "DataSurfaceFreshnessBurns",
        " and ".join(windows),
        settings.page if burn.is_urgent else settings.ticket,
        "{{ $labels.workspace }}/{{ $labels.group }} gets data of {{ $labels.stream }} that are too old",
        f"They were late in {{{{ $value | humanizePercentage }}}} of the last {burn.long}. An objective "
        f"of {settings.objective:.6g} allows for {1 - settings.objective:.6g}; at {burn.factor:g} times that, "
        f"{burn.share} of what 30 days allow is used up in {burn.long}. `datasurface batch status` with `--platform "
        "{{ $labels.platform }} --stream {{ $labels.stream }}` shows why batches fail or do not start.",
        window=burn.long,
    )


def _trouble(chosen: str, settings: PrometheusSettings) -> Sequence[Rule]:
    return [
        _alert(
            "DataSurfaceJobsFail",
            f"{metric.FAILURES.name}{{{chosen}}} >= {settings.failures}",
            settings.ticket,
            "The jobs of {{ $labels.stream }} on {{ $labels.platform }} fail",
            "{{ $value }} failed one after the other. `datasurface batch status` of the stream shows why.",
        ),
        _alert(
            "DataSurfaceReceiptFails",
            f"{metric.MISMATCHES.name}{{{chosen}}} > 0",
            settings.page,
            "A merge table of {{ $labels.stream }} on {{ $labels.platform }} was not what its source had sent",
            "The batch was not committed. `datasurface verify` says what holds; `datasurface batch repair` mends it.",
        ),
        _alert(
            "DataSurfaceLawBroken",
            f'{metric.TASK_FAILED.name}{{{chosen}, task="verify"}} > 0',
            settings.page,
            "A law does not hold on tables of {{ $labels.platform }}, or could not be checked",
            "`datasurface verify --platform {{ $labels.platform }}` lists the laws, tables and keys.",
        ),
        _alert(
            "DataSurfaceUpkeepFails",
            f'{metric.TASK_FAILED.name}{{{chosen}, task!~"verify|freshness"}} > 0',
            settings.ticket,
            "{{ $labels.task }} of {{ $labels.platform }} failed when it last ran",
            "Its result record says why; so does running it by hand.",
        ),
    ]


def _missing(platform: str, settings: PrometheusSettings) -> Rule:
    its = f"{{platform={_quoted(platform)}}}"
    up, seen, span = metric.UP.name, metric.OBSERVED_AT.name, settings.missing_minutes
    return _alert(
        "DataSurfaceMetricsMissing",
        f"absent({up}{its}) or {up}{its} == 0 or time() - {seen}{its} > {60 * span}",
        settings.page,
        "Nobody knows how {{ $labels.platform }} is",
        "Its metrics are missing or old, or its merge database cannot be read: do not trust that its other alerts are "
        "silent. See whether `datasurface metrics` runs, and what it prints.",
        held=f"{span}m",
        platform=_untemplated(platform),
    )


def _alert(
    name: str, expression: str, severity: str, summary: str, description: str, *, held: str | None = None, **labels: str
) -> Rule:
    return {
        "alert": name,
        "expr": expression,
        **({} if held is None else {"for": held}),
        "labels": {"severity": severity, **labels},
        "annotations": {"summary": summary, "description": description},
    }


def _quoted(text: str) -> str:
    """A string of PromQL, which are those of Go."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _untemplated(text: str) -> str:
    """A label of an alert is a template of Go: what begins an action there is made a string of one."""
    return text.replace("{{", '{{ "{{" }}')

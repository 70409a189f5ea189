"""The example's notebook of the model, run as a reader runs it."""

import pytest

from tests.support.notebooks import NOTEBOOKS, outputs_of, source_of


@pytest.fixture(scope="module")
def shown() -> list[str]:
    return outputs_of(NOTEBOOKS / "model.ipynb")


@pytest.mark.parametrize("name", ["model.ipynb", "analyst.ipynb"])
def test_notebooks_are_kept_without_outputs(name: str) -> None:
    cells = source_of(NOTEBOOKS / name).cells
    assert [cell.outputs for cell in cells if cell.cell_type == "code" and cell.outputs] == []


def test_it_shows_the_flow_as_a_picture(shown: list[str]) -> None:
    [picture] = [output for output in shown if "<svg" in output]
    for name in ("Store1", "YellowLive", "YellowForensic", "Consumer1", "LiveDSG", "ForensicDSG"):
        assert f">{name}</text>" in picture


def test_it_shows_datasets_and_groups_as_tables(shown: list[str]) -> None:
    tables = [output for output in shown if "<table" in output]
    for name in ("customers", "billingAddressId", "Date of birth", "FORENSIC, latency 0:10:00, kept 2557 days"):
        assert any(name in table for table in tables), name


def test_it_shows_a_group_as_python(shown: list[str]) -> None:
    [text] = [output for output in shown if output.startswith("DatasetGroup(\n")]
    assert "sinks=[" in text


def test_it_shows_a_plan_that_says_what_is_refused_and_for_whom(shown: list[str]) -> None:
    plan = shown[-1]
    for words in ("Customer360: refused", "column dob goes", "affects 1 workspace of 1 team: Consumer1 (team1)"):
        assert words in plan

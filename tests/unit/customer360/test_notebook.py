"""The example's notebook, run as a reader runs it."""

import warnings

import pytest

from tests.unit.docs.markdown import REPOSITORY

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # theirs, at import
    import nbformat
    from nbclient import NotebookClient

NOTEBOOK = REPOSITORY / "examples" / "customer360" / "notebook" / "model.ipynb"


def source() -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


@pytest.fixture(scope="module")
def shown() -> list[str]:
    """What the notebook shows, cell by cell: HTML where there is some, else text."""
    notebook = source()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return [output["data"].get("text/html", "") if "data" in output else output["text"] for output in outputs]


def test_it_is_kept_without_outputs() -> None:
    assert [cell.outputs for cell in source().cells if cell.cell_type == "code" and cell.outputs] == []


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

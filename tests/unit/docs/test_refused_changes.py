"""The refusals that the pages on ownership and the mapping file show are those that are printed."""

from datetime import date

import pytest
from attrs import evolve

from datasurface.change.lines import refusal_text
from datasurface.change.ownership import change_source
from datasurface.change.plan import plan
from datasurface.cli.output import print_error
from datasurface.errors import ChangeRefused
from datasurface.findings import SourceLine
from datasurface.loader import load
from datasurface.mapping import MAPPING_FILE
from datasurface.model import AssignmentStatus, Ecosystem
from datasurface_yellow import YellowDataPlatform
from tests.unit.docs.markdown import blocks, page
from tests.unit.mistakes.mistake import EXAMPLE


@pytest.fixture(scope="module")
def example() -> Ecosystem:
    ecosystem = load(EXAMPLE, [YellowDataPlatform]).ecosystem
    assert ecosystem is not None
    return ecosystem


def test_a_change_of_somebody_else(example: Ecosystem, capsys: pytest.CaptureFixture[str]) -> None:
    changed = evolve(example, zones=[evolve(example.zones[0], description="The west")])
    assert printed(example, changed, "acme/team1@main", capsys) == shown("ownership.md")


def test_a_status_that_jumps(example: Ecosystem, capsys: pytest.CaptureFixture[str]) -> None:
    entry, *others = example.assignments
    stopped = evolve(entry.assignments[0], status=AssignmentStatus.DECOMMISSIONED)
    stopped.with_source(SourceLine(MAPPING_FILE, 3))
    changed = evolve(example, assignments=[evolve(entry, assignments=[stopped]), *others])
    assert printed(example, changed, "acme/model@main", capsys) == shown("mapping.md")


def printed(old: Ecosystem, new: Ecosystem, source: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What ``apply`` says of a change."""
    refusals = plan(old, new, today=date(2026, 1, 1), change_source=change_source(source)).refusals
    print_error(ChangeRefused([(refusal_text(refusal), refusal.hint) for refusal in refusals]))
    return capsys.readouterr().err


def shown(name: str) -> str:
    [block] = [block for block in blocks(page(name)) if "\nerror: the model in force stays: " in block.text]
    return block.text

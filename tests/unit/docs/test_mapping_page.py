"""The page on the mapping file: its table is what the code does, its example can be applied step by step."""

import json
from pathlib import Path

from datasurface.change.diff import diff
from datasurface.change.transitions import allowed_next, forbidden
from datasurface.mapping import MAPPING_FILE, read_mapping
from datasurface.model import AssignmentStatus
from tests.unit.docs.markdown import blocks, page, table, words
from tests.unit.lint.models import model

PAGE = page("mapping.md")


def test_the_table_says_what_each_status_does() -> None:
    rows = {
        words(status)[0]: (runs, shows, after) for status, runs, shows, after in table(PAGE, "## What a status does")
    }
    assert list(rows) == [status.value for status in AssignmentStatus]
    for status in AssignmentStatus:
        runs, shows, after = rows[status.value]
        assert (runs == "yes", shows == "yes") == (status.runs, status.shows)
        assert words(after) == [each.value for each in allowed_next(status) if each is not None]
        assert (after == "taken out of the file") == (None in allowed_next(status))


def test_the_move_is_allowed_from_step_to_step(tmp_path: Path) -> None:
    steps = [json.loads(block.text) for block in blocks(PAGE, "json")]
    assert len(steps) == 4
    before = model(assignments=[])
    for entries in steps:
        file = tmp_path / MAPPING_FILE
        file.write_text(json.dumps(entries), encoding="utf-8")
        assignments, findings = read_mapping(file)
        assert not findings
        after = model(assignments=assignments)
        assert forbidden(diff(before, after)) == ()
        before = after

"""The tests can fail: every variant of the engine with one mistake in it is caught, and by which check stands in the
matrix, a Markdown table at the end of ``pytest tests/postgres/merge/test_mutations.py``.
"""

import pytest

from tests.postgres.merge import variants_of_changes, variants_of_values, variants_of_versions
from tests.postgres.merge.matrix import catch
from tests.postgres.merge.mutations import CodeEdit, NothingToBreak, SqlEdit, broken
from tests.postgres.merge.report import MATRIX, show
from tests.postgres.merge.scenarios import LIFE
from tests.postgres.merge.variant import Variant
from tests.support.arena import Arena

VARIANTS = (*variants_of_values.VARIANTS, *variants_of_changes.VARIANTS, *variants_of_versions.VARIANTS)


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS, ids=[variant.name for variant in VARIANTS])
def test_a_variant_with_this_mistake_is_caught(arena: Arena, variant: Variant, request: pytest.FixtureRequest) -> None:
    caught = catch(arena, variant)
    show(request, MATRIX, caught.row)
    for scenario, checks in caught.with_receipts.items():
        assert checks, f"on the engine with its receipts, nothing in {scenario!r} shows it"
    for scenario, checks in caught.without_receipts.items():
        assert checks, f"where receipts are ignored, nothing in {scenario!r} shows it"


def test_a_variant_that_no_longer_finds_its_text_fails_loudly() -> None:
    for edit in (SqlEdit("merge/merge.sql.j2", "no such text", ""), CodeEdit(catch, "no such text", "")):
        with pytest.raises(NothingToBreak, match="has 0 times, not 1: 'no such text'"), broken([edit]):
            pass


def test_the_engine_is_whole_again_after_a_variant(arena: Arena) -> None:
    with broken(VARIANTS[0].edits):
        pass
    assert LIFE.run(arena) == []

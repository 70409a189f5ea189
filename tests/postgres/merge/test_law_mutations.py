"""For each law a mistake that its test finds; the matrix of mistakes and laws stands at the end of the output."""

import pytest

from tests.postgres.merge.law_checks import CHECKS, LAW_IDS, broken_laws
from tests.postgres.merge.law_mutations import MUTATIONS, Mutation
from tests.postgres.merge.mutations import RECEIPTS_IGNORED, broken
from tests.postgres.merge.report import LAWS, show
from tests.support.arena import Arena


def test_the_engine_keeps_every_law(arena: Arena) -> None:
    assert broken_laws(arena) == {}


def test_each_law_has_a_check_and_a_mutation_that_it_kills() -> None:
    assert {check.law.id for check in CHECKS} == {mutation.law.id for mutation in MUTATIONS} == set(LAW_IDS)


@pytest.mark.slow
@pytest.mark.parametrize("mutation", MUTATIONS, ids=[f"{mutation.law.id} {mutation.name}" for mutation in MUTATIONS])
def test_the_test_of_its_law_kills_the_mutation(
    arena: Arena, mutation: Mutation, request: pytest.FixtureRequest
) -> None:
    alone = [edit for edit in RECEIPTS_IGNORED if getattr(edit, "function", None) not in _functions(mutation)]
    with broken((*mutation.edits, *alone)):
        found = broken_laws(arena)

    cells = ["x" if law in found else "" for law in LAW_IDS]
    show(request, LAWS, f"| {mutation.name} | {' | '.join(cells)} |")
    assert mutation.law.id in found


def _functions(mutation: Mutation) -> list[object]:
    return [getattr(edit, "function", None) for edit in mutation.edits]

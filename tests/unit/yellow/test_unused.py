"""Which tables nothing uses, and which streams end with them."""

import pytest

from datasurface.graph import deployments
from datasurface_yellow.deploy.owners import Kept, Origin, Owned
from datasurface_yellow.deploy.unused import streams_that_end, unused
from tests.unit.lint.models import model

DEPLOYMENT = deployments(model(assignments=[]))[0]
OURS = DEPLOYMENT.ecosystem


def kept(stream: str, dataset: str, ecosystem: str = OURS) -> Kept:
    return Kept(Owned("Store9", "us"), Origin(ecosystem, stream, dataset))


OLD = Kept(Owned("Store9", "us"), None)


def test_only_what_is_known_to_be_ours_and_is_not_used_is_unused() -> None:
    tables = {"a": kept("Store9", "A"), "b": kept("Store9", "B"), "c": kept("Store9", "C", "Another"), "d": OLD}
    assert [each.merge for each in unused(tables, DEPLOYMENT, {"b", "x"})] == ["a"]


@pytest.mark.parametrize(
    ("others", "ends"),
    [
        ({}, True),
        ({"b": kept("Store9", "B")}, False),
        ({"b": kept("Store9", "B", "Another")}, False),
        ({"b": kept("Store9.B", "B")}, True),
        ({"b": OLD}, False),
    ],
)
def test_a_stream_ends_when_no_table_can_be_of_it(others: dict[str, Kept], *, ends: bool) -> None:
    tables = {"a": kept("Store9", "A"), **others}
    [going] = unused({"a": tables["a"]}, DEPLOYMENT, set())
    assert streams_that_end(tables, DEPLOYMENT, [going]) == (frozenset({"Store9"}) if ends else frozenset())

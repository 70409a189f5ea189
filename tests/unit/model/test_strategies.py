"""The strategies that draw models leave nothing out: every field of every class takes part in the property tests."""

from collections import defaultdict
from collections.abc import Sequence

from attrs import fields
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from datasurface.model import Element, walk
from tests.support.classes import classes_of_models
from tests.support.models import captures, datastores, ecosystems, policies, workspaces, zones

ROOTS: Sequence[st.SearchStrategy[Element]] = (ecosystems, zones, workspaces, datastores, captures, policies())
ROUNDS = 10
"""So many times, with other seeds each, is looked for a field that was not varied yet."""


def test_every_field_of_every_class_is_varied() -> None:
    seen: dict[tuple[type, str], set[object]] = defaultdict(set)
    never = [""]
    for number in range(ROUNDS):
        for roots in ROOTS:
            _look(roots, number, seen)
        never = sorted(
            f"{cls.__name__}.{attribute.name}"
            for cls in set(classes_of_models())
            for attribute in fields(cls)
            if attribute.init and len(seen[cls, attribute.name]) < 2
        )
        if not never:
            break
    assert never == [], "tests/support/models.py draws only one value, or none, for these"


def _look(roots: st.SearchStrategy[Element], number: int, seen: dict[tuple[type, str], set[object]]) -> None:
    """Note the values of every field in a few examples."""

    @seed(number)
    @settings(
        max_examples=20,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(roots)
    def look(root: Element) -> None:
        for _, element in walk(root):
            for attribute in fields(type(element)):
                if attribute.init:
                    seen[type(element), attribute.name].add(getattr(element, attribute.name))

    look()

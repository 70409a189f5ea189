"""Words and order that change."""

from collections.abc import Sequence

from tests.unit.change.cases.case import (
    COMPATIBLE,
    ORDERS,
    REPORTS,
    Case,
)
from tests.unit.change.edits import backwards, with_values

WORDS: Sequence[Case] = [
    Case(
        "a description is written otherwise",
        COMPATIBLE,
        "CC901",
        "its description is written otherwise",
        [with_values(ORDERS, description="What was sold.")],
    ),
    Case(
        "groups are in another order",
        COMPATIBLE,
        "CC902",
        "the order of groups means nothing",
        [backwards(REPORTS, "groups")],
    ),
]

"""Verdicts on columns are what the tables of the Yellow platform can do."""

from functools import cache
from itertools import combinations

from attrs import frozen

from datasurface.change.compatibility import Judgement, Verdict, judge
from datasurface.change.diff import diff
from datasurface.model import Dataset, Ecosystem
from datasurface_yellow.deploy.evolution import Evolution, Standing, plan_evolution
from datasurface_yellow.store.layout import first_layout
from tests.support.length import long_or
from tests.unit.change.cases.case import ORDERS
from tests.unit.change.cases.columns import COLUMNS
from tests.unit.change.company import COMPANY, TODAY
from tests.unit.change.edits import edited

SINGLE = [case.edits for case in COLUMNS]
PAIRS = [(*one, *other) for one, other in combinations(SINGLE, 2)][:: long_or(1, 9)]
CANNOT_FOLLOW = "which stored rows cannot follow"


def orders(model: Ecosystem) -> Dataset:
    (found,) = (
        dataset
        for store in model.datastores()
        if store.name == "Shop"
        for dataset in store.datasets
        if dataset.name == "orders"
    )
    return found


@frozen
class Outcome:
    """What is said of a change of the orders, and what becomes of their tables."""

    judgements: tuple[Judgement, ...]
    evolution: Evolution


@cache
def outcomes() -> list[Outcome]:
    old = orders(COMPANY)
    layout = first_layout(old)
    types = {column.name: column.base for column in layout.columns}
    merge = {column.name: (types[column.name], column.nullable) for column in old.columns}
    staging = {column.name: (types[column.name], not column.primary_key) for column in old.columns}
    required = frozenset(column.name for column in old.columns if not column.nullable and not column.primary_key)
    standing = Standing(merge, staging, required, is_new=False)
    found = []
    for edits in (*SINGLE, *PAIRS):
        new = edited(edits, COMPANY)
        changes = [change for change in diff(COMPANY, new) if change.path.startswith(ORDERS)]
        names = [column.name for column in orders(new).columns]
        if changes and orders(new).key_columns and len(names) == len({*names}):
            judgements = judge(changes, COMPANY, new, today=TODAY)
            found.append(Outcome(judgements, plan_evolution(layout, standing, orders(new))))
    return found


def test_what_the_tables_refuse_is_refused_and_nothing_else_is_said_to_be_beyond_them() -> None:
    seen = outcomes()
    assert len(seen) > 100
    for outcome in seen:
        said = [it.reason for judgement in outcome.judgements for it in judgement.distinct]
        beyond = [reason for reason in said if CANNOT_FOLLOW in reason]
        assert bool(outcome.evolution.refusals) == bool(beyond), outcome
        assert not beyond or any(judgement.verdict is Verdict.BREAKING for judgement in outcome.judgements)


def test_columns_that_the_tables_retire_are_refused() -> None:
    retiring = [outcome for outcome in outcomes() if outcome.evolution.retired]
    assert retiring
    assert all(Verdict.BREAKING in {judgement.verdict for judgement in outcome.judgements} for outcome in retiring)

"""The verdicts on changes: the table of cases, and what holds for any change."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from random import Random

import pytest
from attrs import evolve, frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasurface.change.compatibility import RULES, UNKNOWN, Judgement, Verdict, judge
from datasurface.change.consumption import Indexed, Models
from datasurface.change.diff import Change, diff
from datasurface.change.same import inside
from datasurface.change.verdicts import Opinion, breaking, rule
from datasurface.classification import PUBLIC
from datasurface.model import (
    AssignmentStatus,
    Column,
    DatasetGroup,
    Datastore,
    Deprecation,
    Ecosystem,
    GitRepository,
    GovernanceZone,
    SqlSnapshot,
    Team,
    Workspace,
)
from datasurface.types import Char, Integer
from datasurface_yellow.compatibility import RULES as YELLOW_RULES
from tests.support.length import long_or
from tests.support.models import ecosystems
from tests.unit.change.cases import CASES
from tests.unit.change.cases.case import DAILY, EVENTS, INPUT, ORDERS, REPORTS, SALES, SHOP, Case
from tests.unit.change.company import COMPANY, TODAY, assigned, database, needs, sinks, small
from tests.unit.change.edits import Edit, edited, moved, with_more, with_values, without

EXAMPLES = settings(
    max_examples=long_or(2000, 20),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def judged(old: Ecosystem, new: Ecosystem) -> tuple[Judgement, ...]:
    return judge(diff(old, new), old, new, today=TODAY, rules=(*RULES, *YELLOW_RULES))


def worst(judgements: Iterable[Judgement]) -> Verdict:
    return max((judgement.verdict for judgement in judgements), key=lambda verdict: verdict.rank)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_a_change_has_the_verdict_of_the_table(case: Case) -> None:
    judgements = judged(COMPANY, edited(case.edits, COMPANY))
    assert worst(judgements) is case.verdict
    gravest = [(judgement.rule, judgement.reason) for judgement in judgements if judgement.verdict is case.verdict]
    assert (case.rule, case.reason) in gravest
    assert all(judgement.hint for judgement in judgements if judgement.verdict is Verdict.BREAKING)


def test_the_table_has_a_row_for_every_rule_and_at_least_80() -> None:
    only_by_plugins = {"CC655", "CC805", "CC903"}  # names that stand alone, and classes that only a plugin can bring
    assert {case.rule for case in CASES} == {rule.code for rule in (*RULES, *YELLOW_RULES)} - only_by_plugins
    assert len({case.title for case in CASES}) == len(CASES) >= 80


def test_without_changes_there_is_no_judgement() -> None:
    assert judge((), COMPANY, COMPANY, today=TODAY) == ()
    assert judged(COMPANY, evolve(COMPANY)) == ()


edits = st.lists(st.sampled_from([edit for case in CASES for edit in case.edits]), max_size=6)


def in_judgements(judgements: Iterable[Judgement]) -> list[Change]:
    return [change for judgement in judgements for change in judgement.changes]


def by_identity(changes: Iterable[Change]) -> list[int]:
    return sorted(id(change) for change in changes)


def assert_hidden_differences_are_kept(judgements: Iterable[Judgement], old: Ecosystem, new: Ecosystem) -> None:
    """Each once, with a verdict of its own that is no graver than the one above it."""
    models = Models(Indexed(old), Indexed(new), TODAY)
    for judgement in judgements:
        hidden = [(it.path, it.attribute, it.kind) for change in judgement.changes for it in inside(change, models)]
        beside = [it for it in judgement.also if it.changes != judgement.changes]
        assert [(it.path, it.attribute, it.kind) for beside_ in beside for it in beside_.changes] == hidden
        assert all(it.verdict.rank <= judgement.verdict.rank for it in judgement.also)


@EXAMPLES
@given(ecosystems, ecosystems)
def test_any_two_models_are_judged_whole_and_without_an_error(old: Ecosystem, new: Ecosystem) -> None:
    changes = diff(old, new)
    judgements = judge(changes, old, new, today=TODAY, rules=(*RULES, *YELLOW_RULES))
    assert by_identity(in_judgements(judgements)) == by_identity(changes)
    assert not [judgement for judgement in judgements if "failed on this change" in judgement.reason]
    assert UNKNOWN not in {judgement.rule for judgement in judgements}
    assert_hidden_differences_are_kept(judgements, old, new)


@EXAMPLES
@given(edits, st.randoms(use_true_random=False))
def test_every_change_is_in_one_judgement_and_their_order_means_nothing(chosen: Sequence[Edit], random: Random) -> None:
    new = edited(chosen, COMPANY)
    changes = list(diff(COMPANY, new))
    expected = judge(changes, COMPANY, new, today=TODAY)
    assert by_identity(in_judgements(expected)) == by_identity(changes)
    assert_hidden_differences_are_kept(expected, COMPANY, new)
    random.shuffle(changes)
    assert {*judge(changes, COMPANY, new, today=TODAY)} == {*expected}


TABLES = [f"{store.name}.{dataset.name}" for store in COMPANY.datastores() for dataset in store.datasets]


def one_more_consumer(table: str, platform: str) -> Edit:
    """Somebody else consumes a dataset, served by a platform."""
    group = DatasetGroup("All", sinks=sinks(table), requires=needs())
    team = Team("Extra", repository=GitRepository("acme/extra"), workspaces=[Workspace("Extra", groups=[group])])
    zone = GovernanceZone("Extra", repository=GitRepository("acme/extra"), teams=[team])

    def edit(model: Ecosystem) -> Ecosystem:
        entry = assigned("Extra.All", **{platform: AssignmentStatus.PROVISIONED})
        return evolve(model, zones=(*model.zones, zone), assignments=(*model.assignments, entry))

    return edit


@EXAMPLES
@given(edits, st.sampled_from(TABLES), st.sampled_from([platform.name for platform in COMPANY.platforms]))
def test_one_more_consumer_never_makes_a_change_less_grave(chosen: Sequence[Edit], table: str, platform: str) -> None:
    more = one_more_consumer(table, platform)
    old, new = COMPANY, edited(chosen, COMPANY)
    before = {judgement.changes: judgement for judgement in judged(old, new)}
    after = {judgement.changes: judgement for judgement in judged(more(old), more(new))}
    assert before.keys() == after.keys()
    assert all(after[changes].verdict.rank >= judgement.verdict.rank for changes, judgement in before.items())


def verdicts(*chosen: Edit) -> list[tuple[str, Verdict]]:
    return [(judgement.rule, judgement.verdict) for judgement in judged(COMPANY, edited(chosen, COMPANY))]


def test_both_halves_of_a_rename_are_one_judgement() -> None:
    renamed = Column("remark", Integer(), renamed_from="customer", nullable=False)
    new = edited([without(f"{ORDERS}/columns/customer"), with_more(f"{ORDERS}/columns", renamed)], COMPANY)
    (judgement,) = (judgement for judgement in judged(COMPANY, new) if judgement.rule.startswith("CC1"))
    assert [change.kind.value for change in judgement.changes] == ["removed", "added"]


def test_a_deprecation_counts_from_when_it_was_in_force() -> None:
    past = with_values(f"{SHOP}/datasets/returns/deprecation", until=TODAY.replace(year=2029))
    assert ("CC202", Verdict.BREAKING) in verdicts(
        past, without(f"{SHOP}/datasets/returns"), without(f"{SHOP}/datasets/orders")
    )


def test_a_promised_day_comes_nearer_in_two_changes_only_and_never_without_notice() -> None:
    def promised(until: date | None) -> Ecosystem:
        deprecation = Deprecation(until) if until else None
        return with_values(ORDERS, deprecation=deprecation)(COMPANY)

    def verdict(old: date | None, new: date | None) -> Verdict:
        return worst(judged(promised(old), promised(new)))

    tomorrow, later = TODAY + timedelta(days=1), TODAY + timedelta(days=90)
    assert verdict(later, tomorrow) is Verdict.BREAKING
    assert verdict(later, None) is Verdict.NOTICE
    assert verdict(None, tomorrow) is Verdict.NOTICE
    assert verdict(None, TODAY) is Verdict.BREAKING


def test_a_workspace_that_sinks_it_in_another_group_has_not_given_it_up() -> None:
    other_group = with_more(f"{REPORTS}/groups/Now/sinks", *sinks("Shop.orders"))
    gone = [without(f"{DAILY}/sinks/Shop.orders"), without(f"{INPUT}/sinks/Shop.orders")]
    assert ("CC103", Verdict.BREAKING) in verdicts(without(f"{ORDERS}/columns/note"), *gone, other_group)
    assert ("CC103", Verdict.NOTICE) in verdicts(without(f"{ORDERS}/columns/note"), *gone)


def test_what_a_moved_datastore_hides_is_judged() -> None:
    assert ("CC103", Verdict.BREAKING) in verdicts(
        without(f"{EVENTS}/datasets/clicks/columns/at"), moved(EVENTS, f"{SALES}/datastores")
    )
    assert ("CC302", Verdict.NOTICE) in verdicts(moved(EVENTS, f"{SALES}/datastores"))


def test_a_datastore_that_a_transformer_makes_is_judged_as_any_other() -> None:
    store = Datastore("Refined", capture=SqlSnapshot(database("RefinedDB")), datasets=[small("totals")])
    ours = without("zones/Europe/teams/Analysts/workspaces/Refine/transformer")
    assert verdicts(ours, with_more(f"{SALES}/datastores", store))[0] == ("CC301", Verdict.COMPATIBLE)
    assert ("CC103", Verdict.BREAKING) in verdicts(ours, with_more(f"{SALES}/datastores", store))


@frozen(repr=False)
class Streamed(SqlSnapshot):
    """A capture of a plugin."""

    topic: str = ""


def test_what_no_rule_knows_is_a_notice() -> None:
    old = with_values(SHOP, capture=Streamed(database("ShopDB")))(COMPANY)
    new = with_values(SHOP, capture=Streamed(database("ShopDB"), topic="orders"))(COMPANY)
    (judgement,) = judged(old, new)
    assert (judgement.rule, judgement.verdict) == (UNKNOWN, Verdict.NOTICE)
    assert "Streamed topic" in judgement.reason


def test_a_rule_of_a_plugin_judges_its_own_fields_and_one_that_fails_refuses() -> None:
    old = with_values(SHOP, capture=Streamed(database("ShopDB")))(COMPANY)
    new = with_values(SHOP, capture=Streamed(database("ShopDB"), topic="orders"))(COMPANY)
    changes = diff(old, new)

    @rule("XX101", "Another topic", (Streamed, "topic"))
    def other_topic(change: Change, _models: Models) -> Opinion:
        return breaking(f"topic {change.new}", "keep it")

    @rule("XX100", "Broken", (Streamed, "topic"))
    def broken(_change: Change, _models: Models) -> Opinion:
        raise ZeroDivisionError("no")

    assert [j.rule for j in judge(changes, old, new, today=TODAY, rules=(*RULES, other_topic))] == ["XX101"]
    (failed,) = judge(changes, old, new, today=TODAY, rules=(*RULES, other_topic, broken))
    assert (failed.rule, failed.verdict) == ("XX100", Verdict.BREAKING)
    assert "ZeroDivisionError: no" in failed.reason


def test_a_row_filter_that_follows_a_renamed_column_changes_no_rows() -> None:
    status = Column("status", Char(4), renamed_from="state", classification=PUBLIC)
    edits = [
        without(f"{ORDERS}/columns/state"),
        with_more(f"{ORDERS}/columns", status),
        with_values("zones/Europe/policies/rows/filters/Shop.orders.state but for Refine", column="status"),
    ]

    reasons = {judgement.reason for judgement in judged(COMPANY, edited(edits, COMPANY)) if judgement.rule == "CC761"}

    assert reasons == {"nobody who consumes what is filtered sees other rows"}

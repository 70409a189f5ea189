"""The plan of a change: what is in it, when it is refused, and what people and programs see of it."""

import json
from datetime import date
from html.parser import HTMLParser

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from markdown_it.token import Token

from datasurface.change.compatibility import Verdict
from datasurface.change.document import SCHEMA_FILE
from datasurface.change.lines import Line, Look, lines
from datasurface.change.markdown import _fenced, as_markdown
from datasurface.change.plan import Outcome, Plan, Reason, RowImpact
from datasurface.change.plan import plan as plan_of
from datasurface.change.wording import printable
from datasurface.classification import PUBLIC
from datasurface.model import (
    AssignmentStatus,
    Column,
    Ecosystem,
    GitRepository,
    GovernanceZone,
    Team,
    Workspace,
    walk,
)
from datasurface.types import VarChar
from tests.support.edits_of_models import edited_models
from tests.support.length import long_or
from tests.support.models import ecosystems
from tests.unit.change.cases.case import EVENTS, ORDERS, SALES
from tests.unit.change.company import COMPANY
from tests.unit.change.edits import edited, moved, with_more, with_values, without
from tests.unit.lint.models import REPOSITORY, assign, column, dataset, group, model, store

TODAY = date(2026, 6, 1)
DATASET = "zones/zone/teams/team/datastores/Store1/datasets/customers"
COLUMN = f"{DATASET}/columns/email"
SCHEMA = Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
any_two = settings(
    max_examples=long_or(500, 20), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def plan(old: Ecosystem | None, new: Ecosystem, source: GitRepository | None = None) -> Plan:
    return plan_of(old, new, today=TODAY, change_source=source)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA.schema)


def text(found: Plan) -> str:
    return "\n".join(line.text for line in lines(found))


WITH_EMAIL = model(stores=[store("Store1", dataset("customers", column(key=True), column("email", VarChar(100))))])
WITHOUT = model()


def test_a_column_more_is_a_plan_of_one_change() -> None:
    found = plan(WITHOUT, WITH_EMAIL)
    assert found.outcome is Outcome.CHANGES
    assert [change.path for change in found.changes] == [COLUMN]
    assert text(found).splitlines()[0] == "E: can be applied"
    assert "  + datasets/customers/columns/email  Column VarChar(100)" in text(found)
    assert "  + column Store1.customers.email: VarChar(100)" in text(found)


def test_a_consumed_column_that_goes_is_refused_first_with_a_hint_and_who_is_affected() -> None:
    found = plan(WITH_EMAIL, WITHOUT)
    assert (found.outcome, found.is_refused) == (Outcome.REFUSED, True)
    (refusal,) = found.refusals
    assert (refusal.reason, refusal.paths) == (Reason.BREAKING, (COLUMN,))
    assert refusal.hint
    shown = list(lines(found))
    first = next(number for number, line in enumerate(shown) if line.text.startswith("breaking CC"))
    assert first < next(number for number, line in enumerate(shown) if line.look is Look.OBJECT)
    assert shown[first].look is Look.REFUSED
    assert "affects 1 workspace of 1 team: Work (team)" in text(found)
    assert found.without_breaking().outcome is Outcome.CHANGES


def test_what_the_source_does_not_own_is_refused() -> None:
    other = GitRepository("acme/other")
    found = plan(WITHOUT, WITH_EMAIL, other)
    (refusal,) = found.refusals
    assert (refusal.reason, refusal.paths) == (Reason.UNAUTHORISED, (COLUMN,))
    assert [consent.owner for consent in found.consents] == [REPOSITORY]
    assert "acme/model@main  1 change" in text(found)


def test_the_source_need_not_approve_what_it_asks_for() -> None:
    found = plan(WITHOUT, WITH_EMAIL, REPOSITORY)
    assert (found.outcome, found.consents) == (Outcome.CHANGES, ())
    assert [consent.owner for consent in plan(WITHOUT, WITH_EMAIL).consents] == [REPOSITORY]


def test_a_status_that_skips_a_step_is_refused() -> None:
    skipped = model(assignments=[assign("Work", "Group", "Live", status=AssignmentStatus.DECOMMISSIONED)])
    found = plan(WITHOUT, skipped)
    assert Reason.TRANSITION in {refusal.reason for refusal in found.refusals}


def test_a_first_check_in_says_so() -> None:
    found = plan(None, WITHOUT, REPOSITORY)
    assert found.outcome is Outcome.CHANGES
    assert text(found).splitlines()[0] == "E, first check-in: can be applied"
    assert "zones/zone  (GovernanceZone, acme/model@main)" in text(found)
    assert "  + GovernanceZone with 1 team, 1 datastore, 1 dataset, 1 column, 1 workspace, 1 group, 1 sink" in text(
        found
    )


def test_a_first_check_in_leaves_no_generations_behind() -> None:
    found = plan(None, COMPANY).judged
    assert [it.judgement.reason for it in found if it.judgement.rule == "CC404"] == [
        "the generations are to stand there; there are none yet"
    ]


def test_a_new_name_of_the_ecosystem_lets_no_status_jump() -> None:
    jump = with_values("assignments/Lab.Try/assignments/Live", status=AssignmentStatus.DECOMMISSIONED)
    refusals = plan(COMPANY, edited([with_values("", name="Apex"), jump], COMPANY)).refusals
    assert [refusal.reason for refusal in refusals] == [Reason.BREAKING, Reason.TRANSITION]
    assert refusals[0].rule == "CC707"


def test_renamed_columns_are_one_judgement_and_both_paths_are_shown() -> None:
    renamed = evolve(column("mail", VarChar(100)), renamed_from="email")
    found = plan(WITH_EMAIL, model(stores=[store("Store1", dataset("customers", column(key=True), renamed))]))
    assert not found.is_refused
    assert [(len(it.changes), it.judgement.verdict) for it in found.judged] == [(2, Verdict.NOTICE)]


def test_what_a_rename_or_a_move_hides_is_shown_everywhere() -> None:
    """A renamed column is less protected; a moved datastore reads from another host, and loses a column."""
    email = Column("mail", VarChar(100), renamed_from="email", classification=PUBLIC)
    new = edited(
        [
            without(f"{ORDERS}/columns/email"),
            with_more(f"{ORDERS}/columns", email),
            with_values(f"{EVENTS}/capture/container", host="elsewhere"),
            without(f"{EVENTS}/datasets/clicks/columns/at"),
            moved(EVENTS, f"{SALES}/datastores"),
        ],
        COMPANY,
    )
    found = plan(COMPANY, new)
    hidden = [
        "CC107: column mail was PII and is PUBLIC: its values are protected less",
        "CC401: EventsDB has host elsewhere instead of eventsdb.acme.example",
        "CC302: datastore Events belongs to Sales now",
    ]
    document = json.dumps(found.document())
    for it in hidden:
        assert any(it in line.text for line in lines(found)), it
        assert it in as_markdown(found)
        assert it.partition(": ")[2] in document
    assert [refusal.rule for refusal in found.refusals if refusal.reason is Reason.BREAKING] == ["CC103"]
    assert "classification Classification.PII to Classification.PUBLIC" in document


def test_rows_are_told_where_a_database_was_asked() -> None:
    found = plan(WITHOUT, WITH_EMAIL)
    assert "stored rows" not in text(found)
    assert "stored rows: none is touched" in text(evolve(found, rows=()))
    asked = evolve(found, rows=(RowImpact("Live", "added column customers.email", 40, "up to 40 live rows"),))
    assert "stored rows\n  Live: added column customers.email\n      up to 40 live rows" in text(asked)
    for each in (evolve(found, rows=()), asked):
        assert_document_is_valid(each)
        assert_markdown_holds_the_model_in_code(each)


@any_two
@given(ecosystems)
def test_a_model_has_no_plan_against_itself(ecosystem: Ecosystem) -> None:
    found = plan(ecosystem, ecosystem)
    assert (found.is_empty, found.outcome, found.effects, found.consents) == (True, Outcome.EMPTY, (), ())
    assert text(found) == f"{printable(ecosystem.name)}: no changes"


@any_two
@given(ecosystems)
def test_a_first_check_in_names_everything_once(ecosystem: Ecosystem) -> None:
    found = plan(None, ecosystem, ecosystem.repository)
    assert not found.is_refused
    changed = [change.path for change in found.changes if change.attribute is None]
    for path, element in walk(ecosystem):
        if element in (ecosystem, ecosystem.repository):
            continue
        assert sum(path == it or path.startswith(f"{it}/") for it in changed) >= 1
    assert len(changed) == len(set(changed))
    assert_text_mentions_every_path(found)


@any_two
@given(edited_models())
def test_everything_that_can_be_seen_of_a_plan_holds(models: tuple[Ecosystem, Ecosystem]) -> None:
    found = plan(*models)
    assert found.is_empty == (models[0] == models[1])
    assert len(found.changes) == len(set(found.changes))
    assert_text_mentions_every_path(found)
    assert_document_is_valid(found)
    assert_markdown_holds_the_model_in_code(found)
    assert_html_is_lines(found)


@any_two
@given(ecosystems, ecosystems)
def test_the_same_for_two_models_that_have_nothing_in_common(old: Ecosystem, new: Ecosystem) -> None:
    found = plan(old, new, new.repository)
    assert_text_mentions_every_path(found)
    assert_document_is_valid(found)
    assert_markdown_holds_the_model_in_code(found)


def assert_text_mentions_every_path(found: Plan) -> None:
    """A path is the title of its object and what stands under it."""
    under: dict[str, list[str]] = {}
    title = ""
    for line in lines(found):
        if line.look is Look.OBJECT:
            title = line.text
        elif line.look in (Look.ADDED, Look.REMOVED, Look.CHANGED):
            under.setdefault(title, []).append(line.text[4:])
    for judged in found.judged:
        for it in judged.judgement.also:
            said = f"{it.verdict.value} {it.rule}"
            reason = ", as above" if it.verdict is Verdict.BREAKING else f": {printable(it.reason)}"
            assert any(line.text.strip() == f"{said}{reason}" for line in lines(found)), it
    for change in found.changes:
        path = printable(change.path)
        cuts = [number for number, character in enumerate(path) if character == "/"]
        ways = [(path or printable(found.ecosystem), ""), *((path[:cut], f"{path[cut + 1 :]}  ") for cut in cuts)]
        ways.append((printable(found.ecosystem), f"{path}  "))
        assert any(
            title.startswith(f"{outer}  (") and line.startswith(inner)
            for outer, inner in ways
            for title, texts in under.items()
            for line in texts
        ), path


def assert_document_is_valid(found: Plan) -> None:
    document = json.loads(json.dumps(found.document()))
    assert list(SCHEMA.iter_errors(document)) == []
    paths = [change["path"] for judgement in document["judgements"] for change in judgement["changes"]]
    assert paths == [change.path for change in found.changes]


def assert_markdown_holds_the_model_in_code(found: Plan) -> None:
    """All that Markdown makes of it is our own heading, figures, code and one element that folds."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(as_markdown(found))
    for token in _flat(tokens):
        assert token.type in _EXPECTED, (token.type, token.content)
        if token.type == "html_block":
            assert token.content.strip().split("\n")[0] in ("<details>", "</details>")
        if token.type == "text":
            assert not set(token.content) & set("`<>@[]*_"), token.content


_EXPECTED = {
    "heading_open", "heading_close", "inline", "paragraph_open", "paragraph_close", "text", "code_inline", "fence",
    "html_block",
}  # fmt: skip


def _flat(tokens: list[Token]) -> list[Token]:
    return [it for token in tokens for it in (token, *_flat(token.children or []))]


def assert_html_is_lines(found: Plan) -> None:
    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.tags: set[str] = set()
            self.text = ""

        def handle_starttag(self, tag: str, _attributes: object) -> None:
            self.tags.add(tag)

        def handle_data(self, data: str) -> None:
            self.text += data

    reader = Reader()
    reader.feed(found._repr_html_())
    assert reader.tags <= {"pre", "span"}
    assert reader.text == text(found)


@pytest.mark.parametrize(
    "name",
    [
        "`", "```", "a`b``c", "</details><script>alert(1)</script>", "@everyone", "![x](http://evil)", "a\n\n# head",
        "a\r\n```\n@team", " `x` ", "&lt;", "\x1b[2J", "|", "<!--", "\u202e",
    ],
)  # fmt: skip
def test_a_name_cannot_break_out_of_markdown(name: str) -> None:
    team = Team(name, repository=GitRepository(name, branch=name), workspaces=[Workspace(name, groups=[group(name)])])
    zone = GovernanceZone(name, repository=GitRepository(name), teams=[team])
    new = evolve(WITHOUT, name=name, zones=[zone], assignments=[assign(name, name, name)])
    for found in (plan(None, new), plan(WITHOUT, new), plan(new, WITHOUT, GitRepository(name))):
        assert_markdown_holds_the_model_in_code(found)
        assert_html_is_lines(found)
        assert all(line.text.isprintable() for line in lines(found))


def test_a_block_ends_where_its_lines_do() -> None:
    block = _fenced([Line(Look.HEAD, "```"), Line(Look.HEAD, "@team")], 100)
    assert [(token.type, token.content) for token in MarkdownIt().parse(block)] == [("fence", "```\n@team\n")]


def test_a_long_plan_fits_into_a_comment() -> None:
    many = [dataset(f"dataset{number}" + "x" * 100) for number in range(1000)]
    found = plan(WITHOUT, model(stores=[store("Store1", dataset("customers"), *many)]))
    assert len(as_markdown(found)) < 65_536
    assert "… and more" in as_markdown(found)
    assert_markdown_holds_the_model_in_code(found)


def test_no_password_of_a_repository_is_in_a_plan() -> None:
    old = evolve(WITHOUT, repository=GitRepository("https://me:0ldT0ken@git.acme/model"))
    new = evolve(WITHOUT, repository=GitRepository("https://me:n3wT0ken@git.acme/moved"))
    for found in (plan(old, new, new.repository), plan(None, new)):
        texts = [text(found), json.dumps(found.document()), as_markdown(found)]
        for each in texts:
            assert "T0ken" not in each
        assert all("https://git.acme/moved" in each for each in texts[:1])

"""How notebooks show a model: tables and a drawing, in which no name is ever markup."""

from collections.abc import Sequence
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings

from datasurface.classification import PII, PUBLIC
from datasurface.model import (
    Column,
    Dataset,
    DatasetGroup,
    Datastore,
    Ecosystem,
    Element,
    GitRepository,
    GovernanceZone,
    Team,
    Workspace,
    walk,
)
from datasurface.model.showing import MOST_BOXES
from datasurface.types import Date, VarChar
from tests.support.every_class import ANALYTICS, CUSTOMERS, SHOP, every_class
from tests.support.length import long_or
from tests.support.models import ecosystems
from tests.unit.lint.models import model, store

SLOW = settings(max_examples=long_or(200, 40), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
SHOWN = (Dataset, Datastore, Workspace, Team, GovernanceZone, Ecosystem)
TAGS = {"div", "p", "strong", "table", "thead", "tbody", "tr", "th", "td"}
SVG_TAGS = {"svg", "title", "g", "rect", "line", "text", "path"}
ATTRIBUTES = {"style", "role", "viewBox", "width", "height", "x", "y", "x1", "y1", "x2", "y2", "rx", "d", "opacity"}
DRAWN = ("fill", "stroke", "font")


def shown(element: Element) -> ElementTree.Element:
    """The HTML of an element; it is XML too, so that what is markup in it can be told for sure."""
    html = element._repr_html_()
    assert html is not None
    # XML has no control characters; HTML has them, and shows none
    legal = "".join(character if character.isprintable() or character == "\n" else " " for character in html)
    return ElementTree.fromstring(f"<div>{legal}</div>")  # noqa: S314 our own text


def rows(element: Element) -> Sequence[Sequence[str]]:
    return [[cell.text or "" for cell in row] for row in shown(element).iter("tr")]


def tag(element: ElementTree.Element) -> str:
    return element.tag.removeprefix("{http://www.w3.org/2000/svg}")


@SLOW
@given(ecosystems)
def test_nothing_in_a_model_becomes_markup(ecosystem: Ecosystem) -> None:
    for element in (ecosystem, *(found for _, found in walk(ecosystem) if isinstance(found, SHOWN[:-1]))):
        root = shown(element)
        assert {tag(found) for found in root.iter()} <= TAGS | SVG_TAGS
        names = {name for found in root.iter() for name in found.attrib}
        assert [name for name in names if name not in ATTRIBUTES and not name.startswith(DRAWN)] == []


def test_a_script_is_text() -> None:
    dataset = Dataset("<script>alert(1)</script>", columns=[Column('"><b>', Date(), description="a & b")])
    html = dataset._repr_html_()
    assert html is not None
    assert "<script" not in html
    assert "<b>" not in html
    assert rows(dataset)[1] == ['"><b>', "Date()", "", "yes", "", "a & b"]


def test_a_dataset_is_a_table_of_its_columns() -> None:
    assert rows(CUSTOMERS) == [
        ["column", "type", "key", "nullable", "classification", "description"],
        ["id", "VarChar(20)", "key", "no", "PUBLIC", ""],
        ["name", "VarChar(100)", "", "no", "PII", "As on the invoice"],
        ["email", "VarChar(100)", "", "yes", "PII", ""],
        ["born", "Date()", "", "yes", "PII", ""],
    ]
    assert shown(CUSTOMERS).findtext("p/strong") == "customers"


def test_a_column_without_a_classification_has_its_datasets() -> None:
    columns = [Column("id", VarChar(20), primary_key=True), Column("born", Date(), classification=PII)]
    cells = rows(Dataset("d", columns=columns, classification=PUBLIC))
    assert [row[4] for row in cells[1:]] == ["PUBLIC", "PII"]


def test_a_datastore_is_a_table_of_its_datasets() -> None:
    assert rows(SHOP) == [
        ["dataset", "key", "columns", "description"],
        ["customers", "id", "4", "Who buys from us"],
        ["orders", "id", "3", ""],
    ]


def test_a_workspace_is_a_table_of_what_it_sinks() -> None:
    assert rows(ANALYTICS) == [
        ["group", "requires", "dataset", "shown as"],
        ["Past", "FORENSIC, latency 0:10:00, kept 2557 days", "Shop.customers", ""],
        ["", "", "Shop.orders", "purchases"],
        ["", "", "Web.visits", ""],
        ["", "", "OldShop.old_visits", ""],
        ["Anonymous", "LIVE_ONLY, latency 0:10:00", "MaskedShop.customers", "masked_customers"],
    ]


def test_a_group_that_sinks_nothing_is_shown() -> None:
    empty = DatasetGroup("Empty", sinks=[], requires=ANALYTICS.groups[1].requires)
    assert rows(Workspace("W", groups=[empty]))[1:] == [["Empty", "LIVE_ONLY, latency 0:10:00", "", ""]]


def test_teams_and_zones_are_short() -> None:
    zone = every_class().zones[0]
    assert rows(zone)[1:] == [
        ["producers", "acme/producers, branch main", "4", "0", ""],
        ["consumers", "acme/consumers, branch trunk", "0", "3", "Who reads"],
    ]
    assert rows(zone.teams[1])[1:] == [
        ["workspace", "Masking", "1 group", ""],
        ["workspace", "Analytics", "2 groups", ""],
        ["workspace", "Trials", "1 group", ""],
    ]


def test_an_ecosystem_is_a_drawing_in_the_colours_of_the_page() -> None:
    [svg] = [found for found in shown(every_class()).iter() if tag(found) == "svg"]
    assert svg.get("fill") == "currentColor"
    titles = {found.text for found in svg.iter() if found.get("font-weight")}
    assert titles == {
        "Shop",
        "Web",
        "OldShop",
        "Tills",
        "MaskedShop",
        "Live",
        "Forensic",
        "Masking",
        "Analytics",
        "Trials",
    }


def test_an_ecosystem_that_is_too_large_to_draw_is_a_table_of_its_teams() -> None:
    large = model(stores=[store(f"Store{number}") for number in range(MOST_BOXES + 1)])
    assert rows(large)[1:] == [["team", "acme/model, branch main", str(MOST_BOXES + 1), "1", ""]]


@pytest.mark.parametrize("element", [CUSTOMERS.columns[0], SHOP.capture], ids=lambda element: type(element).__name__)
def test_what_has_no_table_is_shown_by_its_repr(element: Element) -> None:
    assert element._repr_html_() is None


def test_no_password_of_a_repository_is_shown() -> None:
    secret = GitRepository("https://me:t0ken@git.acme/model")
    team = Team("team", repository=secret)
    for element in (team, GovernanceZone("zone", repository=secret, teams=[team])):
        shown = element._repr_html_()
        assert shown is not None
        assert "https://git.acme/model" in shown
        assert "t0ken" not in shown

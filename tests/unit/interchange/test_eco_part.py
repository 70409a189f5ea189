"""The text of an imported datastore builds it again, whatever names and words it has."""

import ast
from datetime import date

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from datasurface.classification import PUBLIC
from datasurface.interchange.eco_part import EcoPart, eco_part
from datasurface.interchange.remarks import Remark
from datasurface.model import Column, Credential, Dataset, Datastore, Deprecation, PostgresDatabase, SqlSnapshot
from datasurface.types import Integer
from tests.support.length import long_or
from tests.support.models import datastores, texts

DATABASE = PostgresDatabase("CustomerDB", host="db", database="crm", credential=Credential("crm-reader"))
ORDERS = Dataset("orders", columns=[Column("id", Integer(), primary_key=True)], classification=PUBLIC)


def built(part: EcoPart) -> object:
    names: dict[str, object] = {}
    exec(part.text, names)  # noqa: S102 our own text
    return names[part.variable]


@settings(max_examples=long_or(500, 30))
@given(datastores, texts, st.lists(st.builds(Remark, texts, texts, texts), max_size=2))
def test_the_text_builds_the_datastore(store: Datastore, heading: str, remarks: list[Remark]) -> None:
    assert built(eco_part(store, heading, remarks)) == store


def test_every_part_has_a_name_of_its_own_that_hides_nothing() -> None:
    store = Datastore(
        "orders",
        capture=SqlSnapshot(DATABASE),
        datasets=[evolve(ORDERS, name=name) for name in ("orders", "date", "class", "import", "list", "7up", "Ordërs")],
        deprecation=Deprecation(date(2030, 1, 1)),
    )
    part = eco_part(store, "From a database")
    assigned = [target.id for node in ast.walk(ast.parse(part.text)) for target in getattr(node, "targets", ())]
    assert part.variable == "orders"
    assert assigned == [
        "customer_db",
        "orders_2",
        "date_2",
        "class_2",
        "import_2",
        "list_2",
        "part_7up",
        "ord_rs",
        "orders",
    ]
    assert built(part) == store


def test_what_is_not_classified_is_a_todo_above_its_dataset() -> None:
    unclassified = evolve(ORDERS, name="parts", classification=None)
    text = eco_part(Datastore("Shop", capture=SqlSnapshot(DATABASE), datasets=[ORDERS, unclassified]), "x").text
    todo = text.index("# TODO: classify every column")
    assert text.index("orders = ") < todo < text.index("parts = ")
    assert text.count("TODO") == 1


def test_no_line_is_wider_than_a_formatter_allows() -> None:
    columns = [Column(f"column_{number}", Integer(), nullable=False) for number in range(20)]
    store = Datastore("Shop", capture=SqlSnapshot(DATABASE), datasets=[evolve(ORDERS, columns=columns)])
    text = eco_part(store, "word " * 60, [Remark("x", "y " * 80, "z")]).text
    assert max(len(line) for line in text.splitlines()) <= 120

"""A datastore becomes a contract of the standard and comes back as it was."""

import json
import re
import sys
from collections.abc import Callable
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from datasurface import types
from datasurface.classification import INTERNAL, PII, PUBLIC
from datasurface.interchange.canonical import Canonical
from datasurface.interchange.odcs.about import About, Required, Surroundings
from datasurface.interchange.odcs.load import import_contract
from datasurface.interchange.odcs.write import contract_of, yaml_text
from datasurface.model import (
    Approval,
    Column,
    Consistency,
    Credential,
    Dataset,
    DatasetGroup,
    Datastore,
    Deprecation,
    ForeignKey,
    Milestoning,
    OnAdd,
    PostgresDatabase,
    ProductionStatus,
    Requirements,
    SqlSnapshot,
    Workspace,
)
from tests.support.length import long_or
from tests.support.models import captures, datasets, datastores, outputs
from tests.unit.docs.markdown import page, prose, words
from tests.unit.lint.models import model

CANONICAL = Canonical()
SCHEMA = jsonschema.Draft201909Validator(
    json.loads((files("open_data_contract_standard") / "schema.json").read_text(encoding="utf-8"))
)
ABOUT = About("Acme", zone="USA", team="team1", team_description="Who sells")

plain_names = st.sampled_from(["A", "B", "c_1"])


@st.composite
def stores(draw: st.DrawFn) -> Datastore:
    """Datastores of which some foreign keys lead somewhere, and those that transformers write."""
    store = draw(datastores)
    keys = st.builds(ForeignKey, st.lists(plain_names, min_size=1, max_size=2), plain_names)
    tables = [
        evolve(
            dataset,
            name=draw(plain_names),
            foreign_keys=draw(st.lists(keys, max_size=2)),
            columns=[evolve(column, name=draw(plain_names)) for column in dataset.columns],
        )
        for dataset in draw(st.lists(datasets, max_size=3))
    ]
    return evolve(store, capture=draw(captures | outputs), datasets=tables)


def exported(store: Datastore, about: About = ABOUT) -> dict[str, Any]:
    return contract_of(store, about, CANONICAL)


@settings(max_examples=long_or(1000, 40))
@given(datastores | stores())
def test_a_datastore_comes_back_as_it_was(store: Datastore) -> None:
    document = exported(store)
    SCHEMA.validate(document)
    imported = import_contract(yaml_text(document), "store.yaml", CANONICAL)
    assert imported.store == store


def full() -> Datastore:
    """A datastore of which every field has a value of its own, all in words of the standard where it has some."""
    customers = Dataset(
        "customers",
        columns=[
            Column("id", types.VarChar(20), primary_key=True, classification=PUBLIC, description="Ours"),
            Column("region", types.SmallInt(), primary_key=True, classification=INTERNAL),
            Column("email", types.VarChar(100), nullable=False, classification=PII, renamed_from="mail"),
        ],
        max_delete_fraction=0.25,
        on_add=OnAdd.BACKFILL,
        requires_approval=True,
        approvals=[Approval("Consumer1", reason="asked for")],
        deprecation=Deprecation(date(2031, 5, 1), replacement="Store2.customers", reason="moves"),
        description="Who buys",
    )
    orders = Dataset(
        "orders",
        columns=[
            Column("id", types.BigInt(), primary_key=True),
            Column("customer", types.VarChar(20)),
            Column("region", types.SmallInt()),
            Column("tags", types.Array(types.Text())),
        ],
        classification=INTERNAL,
        foreign_keys=[ForeignKey(["customer", "region"], "customers")],
    )
    return Datastore(
        "Store1",
        description="Customers and what they order",
        capture=SqlSnapshot(
            PostgresDatabase(
                "CRM",
                host="db.acme.com",
                port=5433,
                database="crm",
                credential=Credential("crm-reader"),
                location="aws/eu",
                sslmode="require",
                description="Of sales",
            ),
            schema="sales",
            tables={"orders": "tbl_orders"},
            consistency=Consistency.SINGLE_DATASET,
            hash_at_source=False,
        ),
        datasets=[customers, orders],
        production_status=ProductionStatus.NOT_PRODUCTION,
        deprecation=Deprecation(date(2032, 1, 1), reason="old"),
    )


def test_the_standard_s_own_words_say_what_they_can() -> None:
    document = exported(full())
    SCHEMA.validate(document)
    assert document["apiVersion"] == "v3.1.0"
    assert (document["domain"], document["team"]) == ("USA", {"name": "team1", "description": "Who sells"})
    assert document["status"] == "deprecated"
    assert document["slaProperties"] == [
        {"property": "endOfLife", "value": "2032-01-01"},
        {"property": "endOfLife", "value": "2031-05-01", "element": "customers"},
    ]
    [server] = document["servers"]
    assert {name: server[name] for name in ("server", "type", "host", "port", "database", "schema", "description")} == {
        "server": "CRM",
        "type": "postgresql",
        "host": "db.acme.com",
        "port": 5433,
        "database": "crm",
        "schema": "sales",
        "description": "Of sales",
    }
    customers, orders = document["schema"]
    assert orders["physicalName"] == "tbl_orders"
    assert orders["relationships"] == [
        {
            "type": "foreignKey",
            "from": ["orders.customer", "orders.region"],
            "to": ["customers.id", "customers.region"],
        }
    ]
    assert [
        (field["name"], field["primaryKeyPosition"]) for field in customers["properties"] if field.get("primaryKey")
    ] == [("id", 1), ("region", 2)]
    assert {field["classification"] for field in orders["properties"]} == {"internal"}
    assert orders["properties"][3]["items"] == {"logicalType": "string", "physicalType": "text"}


def test_only_what_the_standard_has_no_word_for_is_in_custom_properties() -> None:
    document = exported(full())
    of_store = document.pop("customProperties")
    [server] = document["servers"]
    customers, orders = document["schema"]

    def properties(found: list[dict[str, str]]) -> list[str]:
        return [each["property"].removeprefix("datasurface.") for each in found]

    assert properties(of_store) == ["production_status", "deprecation"]
    assert properties(server["customProperties"]) == [
        "capture.consistency",
        "capture.hash_at_source",
        "container.location",
        "container.credential",
        "container.sslmode",
    ]
    assert properties(customers["customProperties"]) == [
        "max_delete_fraction",
        "on_add",
        "requires_approval",
        "approvals",
        "deprecation",
    ]
    assert properties(orders["customProperties"]) == ["classification"]
    assert [field["name"] for field in customers["properties"] if "customProperties" in field] == ["email"]
    assert not any("customProperties" in field for field in orders["properties"])


def test_an_exported_contract_is_imported_without_a_remark() -> None:
    requires = About("Acme", required=(Required("orders", timedelta(minutes=1), timedelta(days=7), ("W.G",)),))
    imported = import_contract(yaml_text(exported(full(), requires)), "store.yaml", CANONICAL)
    assert imported.store == full()
    assert imported.remarks == ()
    assert imported.heading == "From store.yaml: contract Acme.Store1, version 1.0.0"


def test_what_consumers_require_are_service_levels() -> None:
    def group(name: str, latency: timedelta, retention: timedelta | None, *sinks: str) -> DatasetGroup:
        requires = Requirements(Milestoning.FORENSIC, latency=latency, retention=retention)
        return DatasetGroup(name, sinks=full().sinks(*sinks), requires=requires)

    year, minute = timedelta(days=365), timedelta(minutes=1)
    workspace = Workspace(
        "W",
        groups=[
            group("Fast", minute, timedelta(days=7), "customers"),
            group("Long", timedelta(hours=1), year, "customers", "orders"),
            group("Ever", timedelta(hours=2), None, "orders"),
        ],
    )
    ecosystem = model(stores=[full()], workspaces=[workspace])
    store = next(ecosystem.datastores())
    document = exported(store, Surroundings.of(ecosystem).about(store, "2.0.0"))
    SCHEMA.validate(document)
    assert document["version"] == "2.0.0"
    levels = [sla for sla in document["slaProperties"] if "id" in sla]
    assert [(sla["element"], sla["property"], sla["value"], sla["unit"], sla["description"]) for sla in levels] == [
        ("customers", "latency", 60, "s", "Required by W.Fast, W.Long"),
        ("customers", "retention", 365, "d", "Required by W.Fast, W.Long"),
        ("orders", "latency", 3600, "s", "Required by W.Long, W.Ever"),
    ]


def calls(function: Callable[[], object]) -> int:
    """How many calls of Python a function takes, which no busy machine changes."""
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        function()
    finally:
        sys.setprofile(before)
    return count


def test_what_surrounds_all_datastores_is_found_in_one_walk() -> None:
    requires = Requirements(Milestoning.FORENSIC, latency=timedelta(minutes=1))

    def whole(size: int) -> int:
        stores = [evolve(full(), name=f"S{number}") for number in range(size)]
        groups = [DatasetGroup(store.name, sinks=store.sinks("customers"), requires=requires) for store in stores]
        workspaces = [Workspace(f"W{number}", groups=[group]) for number, group in enumerate(groups)]
        ecosystem = model(stores=stores, workspaces=workspaces)

        def each() -> None:
            around = Surroundings.of(ecosystem)
            assert all(around.about(store, "1.0.0").required for store in stores)

        return calls(each)

    assert whole(80) < 5 * whole(20)


@pytest.mark.parametrize("name", ["a b", "ä", "1st"])
def test_foreign_keys_that_no_reference_can_name_survive(name: str) -> None:
    parent = Dataset(name, columns=[Column("id", types.Integer(), primary_key=True)])
    child = Dataset("c", columns=[Column("p", types.Integer())], foreign_keys=[ForeignKey(["p"], name)])
    store = evolve(full(), datasets=[parent, child])
    document = exported(store)
    SCHEMA.validate(document)
    assert import_contract(yaml_text(document), "x", CANONICAL).store == store


def test_every_custom_property_that_we_write_is_on_the_page() -> None:
    written = re.findall(r"property: (datasurface\.[\w.]+)", yaml_text(exported(full())))
    assert {*written} <= {*words(prose(page("odcs.md")))}

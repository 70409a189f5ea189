"""Contracts that others wrote: what a model can say is imported, and the rest is named."""

from collections.abc import Sequence
from datetime import date

import pytest
from open_data_contract_standard import model as standard

from datasurface import types
from datasurface.classification import CONFIDENTIAL, INTERNAL, PII, PUBLIC
from datasurface.interchange.canonical import Canonical
from datasurface.interchange.odcs.about import About
from datasurface.interchange.odcs.fields import KEPT, LEFT_OUT
from datasurface.interchange.odcs.load import Imported, import_contract
from datasurface.interchange.odcs.parse import NotAContract
from datasurface.interchange.odcs.write import contract_of, yaml_text
from datasurface.model import (
    Column,
    Deprecation,
    ForeignKey,
    MySqlDatabase,
    PostgresDatabase,
    ProductionStatus,
    SqlSnapshot,
)
from datasurface.types import DataType

CONTRACT = """
apiVersion: v3.0.2
kind: DataContract
id: 53581432-6c55-4ba2-a65f-72344a91553b
version: 2.1.0
name: seller payments
status: draft
domain: sales
tenant: ClimateQuantum
tags: [finance]
description:
  purpose: Payments of sellers
  usage: For reports
  limitations: Not for ads
servers:
  - server: lake
    type: snowflake
    environment: dev
    account: abc
    database: PAY
    schema: PUBLIC
  - server: prod
    type: postgres
    environment: prod
    host: db.acme.com
    port: 5439
    database: pay
    schema: pay
schema:
  - name: payments
    physicalName: pay.tbl_payments
    businessName: Payments
    quality:
      - {type: text, description: no empty ones}
    properties:
      - {name: id, logicalType: integer, physicalType: bigint, primaryKey: true, primaryKeyPosition: 1}
      - {name: seller, physicalName: seller_no, logicalType: string, logicalTypeOptions: {maxLength: 20},
         classification: Restricted, relationships: [{to: sellers.id}]}
      - {name: amount, physicalType: money, logicalType: number, required: true, classification: "4"}
      - {name: at, logicalType: timestamp, classification: public}
      - name: lines
        logicalType: array
        items: {logicalType: object, properties: [{name: sku, logicalType: string}]}
      - {name: labels, logicalType: array, items: {logicalType: string}, classification: PII}
      - {name: note, physicalName: txt_note, unique: true}
  - name: sellers
    properties:
      - {name: id, physicalType: VARCHAR2(20 CHAR), logicalType: string, primaryKey: true}
    relationships:
      - {from: sellers.id, to: payments.note}
      - {from: sellers.id, to: elsewhere.id}
slaProperties:
  - {property: latency, value: 4, unit: d, element: payments.at}
  - {property: endOfSupport, value: 2030-06-30, element: sellers}
price: {priceAmount: 9.95, priceCurrency: USD}
customProperties:
  - {property: refRulesetName, value: gcsc}
"""


def imported(text: str = CONTRACT, server: str | None = None) -> Imported:
    return import_contract(text, "payments.yaml", Canonical(), server)


def remarks(found: Imported) -> list[tuple[str, str]]:
    return [(remark.where, remark.message) for remark in found.remarks]


def test_what_a_model_can_say_is_imported() -> None:
    store = imported().store
    assert store.name == "seller_payments"
    assert store.description == "Payments of sellers\n\nUsage: For reports\n\nLimitations: Not for ads"
    assert store.production_status is ProductionStatus.NOT_PRODUCTION
    assert store.capture.container == PostgresDatabase("prod", host="db.acme.com", port=5439, database="pay")
    payments, sellers = store.datasets
    assert payments.columns == (
        Column("id", types.BigInt(), primary_key=True),
        Column("seller_no", types.VarChar(20), classification=CONFIDENTIAL),
        Column("amount", types.Decimal(), nullable=False),
        Column("at", types.Timestamp(timezone=True), classification=PUBLIC),
        Column("lines", types.Json()),
        Column("labels", types.Array(types.Text()), classification=PII),
        Column("txt_note", types.Text()),
    )
    assert payments.foreign_keys == (ForeignKey(["seller_no"], "sellers"),)
    assert sellers.columns == (Column("id", types.VarChar(20), primary_key=True),)
    assert sellers.deprecation == Deprecation(date(2030, 6, 30))


def test_tables_are_read_from_the_schema_of_the_server() -> None:
    capture = imported().store.capture
    assert getattr(capture, "schema", None) == "pay"
    assert getattr(capture, "tables", None) == (("payments", "tbl_payments"),)


def test_what_it_cannot_say_is_named_with_the_choice_that_was_made() -> None:
    assert remarks(imported()) == [
        ("the contract", "'seller payments' is called seller_payments"),
        ("payments.at", "its service level latency 4 d was left out"),
        ("the contract", "server prod was taken, not lake"),
        ("payments.seller", "it has its name in the source: seller_no"),
        ("payments.seller", "its classification Restricted was read as CONFIDENTIAL"),
        ("payments.amount", "its physical type money is unknown, so it is Decimal() by its logical type"),
        ("payments.amount", "its classification 4 is none of a model's, so the column has none"),
        ("payments.lines", "a list of objects has no type in a model, so it is Json()"),
        ("payments.note", "it has its name in the source: txt_note"),
        ("payments.note", "it has no type, so it is Text()"),
        (
            "sellers",
            "the relationship from sellers.id to payments.note refers to columns that are not the primary key "
            "and was left out",
        ),
        ("sellers", "the relationship from sellers.id to elsewhere.id leads out of the contract and was left out"),
        ("the contract", "custom property refRulesetName has no place in a model and was left out"),
        ("the contract", "price has no place in a model and was left out"),
        ("the contract", "tags has no place in a model and was left out"),
        ("the contract", "tenant has no place in a model and was left out"),
        ("1 × schema object", "businessName has no place in a model and was left out"),
        ("1 × schema object", "quality has no place in a model and was left out"),
        ("1 × schema property", "unique has no place in a model and was left out"),
        ("1 × server", "account has no place in a model and was left out"),
    ]


def test_what_was_imported_survives_an_export_and_another_import() -> None:
    store = imported().store
    again = imported(yaml_text(contract_of(store, About("Acme"), Canonical())))
    assert again.store == store
    assert again.remarks == ()


def test_another_server_is_taken_by_name_or_environment() -> None:
    for server in ("lake", "dev"):
        found = imported(server=server)
        assert found.store.capture.container == PostgresDatabase("lake", host="localhost", database="database")
        assert (
            "the contract",
            "server lake is of type snowflake, so a PostgresDatabase on localhost stands in its place",
        ) in remarks(found)
    with pytest.raises(NotAContract, match=r"payments\.yaml has no server test") as none:
        imported(server="test")
    assert none.value.hint == "it has lake, dev, prod, prod"


def test_a_contract_with_next_to_nothing_is_imported() -> None:
    found = imported("apiVersion: v3.1.0\nkind: DataContract\nid: 7-x\nversion: '1'\nstatus: deprecated\n")
    assert found.store.name == "n_7_x"
    assert found.store.datasets == ()
    assert remarks(found) == [
        ("the contract", "'7-x' is called n_7_x"),
        ("the contract", "it is deprecated, and does not say until when"),
        ("the contract", "it names no database to read, so a PostgresDatabase on localhost stands in its place"),
    ]


def contract_with(properties: str, servers: str = "[]") -> str:
    return (
        "{apiVersion: v3.1.0, kind: DataContract, id: x, version: '1', status: active, name: S, "
        f"servers: {servers}, schema: [{{name: t, properties: [{properties}]}}]}}"
    )


def test_a_mysql_server_and_a_port_that_is_no_number() -> None:
    servers = "[{server: M, type: mysql, host: db, port: '${PORT}', database: shop}]"
    found = imported(contract_with("", servers))
    assert found.store.capture.container == MySqlDatabase("M", host="db", database="shop")
    assert remarks(found) == [("M", "its port ${PORT} is no number, so it is the usual one")]


@pytest.mark.parametrize(
    ("words", "type_"),
    [
        ("logicalType: integer", types.BigInt()),
        ("logicalType: integer, logicalTypeOptions: {format: u16}", types.Integer()),
        ("logicalType: integer, logicalTypeOptions: {format: u64}", types.Decimal(20, 0)),
        ("logicalType: number, logicalTypeOptions: {format: f32}", types.Float32()),
        ("logicalType: string, logicalTypeOptions: {format: uuid}", types.Uuid()),
        ("logicalType: string, logicalTypeOptions: {format: email}", types.Text()),
        ("logicalType: timestamp, logicalTypeOptions: {timezone: false}", types.Timestamp()),
        ("logicalType: date", types.Date()),
        ("logicalType: time", types.Time()),
        ("logicalType: boolean", types.Boolean()),
        ("logicalType: object", types.Json()),
        ("logicalType: vector, logicalTypeOptions: {dimensions: 3}", types.Vector(3)),
    ],
)
def test_a_logical_type_alone_is_enough(words: str, type_: DataType) -> None:
    found = imported(contract_with(f"{{name: c, {words}}}"))
    assert found.store.datasets[0].columns[0].type == type_
    assert [where for where, _ in remarks(found) if where != "the contract"] == []


def test_a_composite_relationship_is_put_into_the_order_of_the_key_it_refers_to() -> None:
    text = (
        "{apiVersion: v3.1.0, kind: DataContract, id: x, version: '1', status: active, name: S, schema: ["
        "{name: p, id: p1, properties: [{name: a, id: a1, physicalType: int, primaryKey: true},"
        " {name: b, physicalType: int, primaryKey: true}]},"
        "{name: c, properties: [{name: x, physicalType: int}, {name: y, physicalType: int}], relationships: ["
        "{from: [c.x, c.y], to: [p.b, p.a]}, {from: [c.x, c.y], to: [/schema/p1/properties/a1, schema/p/properties/b]}"
        "]}]}"
    )
    _, child = imported(text).store.datasets
    assert child.foreign_keys == (ForeignKey(["y", "x"], "p"), ForeignKey(["x", "y"], "p"))


def test_objects_whose_plain_names_are_the_same_keep_their_tables_and_references() -> None:
    text = (
        "{apiVersion: v3.1.0, kind: DataContract, id: x, version: '1', status: active, name: S, schema: ["
        "{name: order-lines, physicalName: a, properties: [{name: id, physicalType: int, primaryKey: true}]},"
        "{name: order_lines, properties: [{name: id, physicalType: int, primaryKey: true}]},"
        "{name: Order Lines, properties: [{name: line, physicalType: int,"
        " relationships: [{to: order-lines.id}, {to: order_lines.id}]}]}]}"
    )
    found = imported(text)
    capture = found.store.capture
    assert isinstance(capture, SqlSnapshot)
    assert [dataset.name for dataset in found.store.datasets] == ["order_lines_3", "order_lines", "Order_Lines_2"]
    assert dict(capture.tables) == {"order_lines_3": "a", "Order_Lines_2": "Order Lines"}
    assert found.store.datasets[2].foreign_keys == (
        ForeignKey(["line"], "order_lines_3"),
        ForeignKey(["line"], "order_lines"),
    )
    assert ("order-lines", "'order-lines' is called order_lines_3") in remarks(found)


def test_a_table_of_another_schema_is_told() -> None:
    servers = "[{server: M, type: postgres, host: db, database: shop, schema: pay}]"
    found = imported(contract_with("", servers).replace("{name: t,", "{name: t, physicalName: other.t,"))
    assert remarks(found) == [("t", "its table other.t is not looked for outside of schema pay")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1, 2]", "p.yaml is no data contract: it has no kind: DataContract"),
        ("a: [", "p.yaml is no YAML: "),
        ("kind: DataContract\napiVersion: v2.2.2", "p.yaml is a contract of version v2.2.2 of the standard"),
        (contract_with("").replace("name: S", "name: [1]"), "p.yaml is no data contract: name: Input should be a"),
        (contract_with("").replace("name: S", "colour: red"), "p.yaml is no data contract: colour: Extra inputs"),
        (
            contract_with("{name: c, customProperties: [{property: datasurface.nullable, value: [x]}]}"),
            "p.yaml: the custom properties datasurface.… of t.c are off",
        ),
        (
            contract_with("{name: c, customProperties: [{property: datasurface.colour, value: red}]}"),
            "p.yaml: the custom properties datasurface.… of t.c are off",
        ),
    ],
)
def test_what_is_no_contract_is_one_error(text: str, message: str) -> None:
    with pytest.raises(NotAContract) as refused:
        import_contract(text, "p.yaml", Canonical())
    assert refused.value.message.startswith(message)
    assert refused.value.hint


def _fields(cls: type) -> set[str]:
    fields = getattr(cls, "model_fields", {})
    return {field.alias or name for name, field in fields.items()}


@pytest.mark.parametrize(
    ("kind", "cls"),
    [
        ("contract", standard.OpenDataContractStandard),
        ("description", standard.Description),
        ("server", standard.Server),
        ("object", standard.SchemaObject),
        ("property", standard.SchemaProperty),
        ("relationship", standard.Relationship),
        ("sla", standard.ServiceLevelAgreementProperty),
    ],
)
def test_every_field_of_the_standard_is_kept_or_known_to_be_left_out(kind: str, cls: type) -> None:
    kept, lost = KEPT[kind].keys(), {*LEFT_OUT[kind]}
    assert not kept & lost
    assert _fields(cls) <= kept | lost


def test_classifications_of_a_model_are_read_in_any_case() -> None:
    words: Sequence[str] = ("PUBLIC", "Internal", "confidential", "pii")
    fields = ", ".join(f"{{name: c{at}, logicalType: date, classification: {word}}}" for at, word in enumerate(words))
    columns = imported(contract_with(fields)).store.datasets[0].columns
    assert [column.classification for column in columns] == [PUBLIC, INTERNAL, CONFIDENTIAL, PII]

"""Columns that change."""

from collections.abc import Sequence

from datasurface import types
from datasurface.classification import INTERNAL, PII, PUBLIC
from datasurface.model import (
    Column,
)
from tests.unit.change.cases.case import (
    BREAKING,
    COMPATIBLE,
    COUPONS,
    DAILY,
    DRAFTS,
    INPUT,
    LAB,
    NOTICE,
    ORDERS,
    RETURNS,
    TRIAL,
    Case,
)
from tests.unit.change.company import sinks
from tests.unit.change.edits import Edit, backwards, with_more, with_values, without


def note(type_: types.DataType) -> Edit:
    """Another type of a text of up to 100 characters."""
    return with_values(f"{ORDERS}/columns/note", type=type_)


def column(name: str, type_: types.DataType, *, nullable: bool = True, renamed_from: str | None = None) -> Column:
    """A column of the orders."""
    return Column(name, type_, nullable=nullable, renamed_from=renamed_from, classification=PUBLIC)


def orders_with(*columns: Column) -> Edit:
    """More columns of the orders."""
    return with_more(f"{ORDERS}/columns", *columns)


TAKEN_OVER = [
    without(f"{DAILY}/sinks/Shop.orders"),
    without(f"{INPUT}/sinks/Shop.orders"),
    with_more(f"{LAB}/groups/Try/sinks", *sinks("Shop.orders")),
]
"""Another workspace consumes the orders, and nobody who did."""


COLUMNS: Sequence[Case] = [
    Case(
        "a column is added that may be NULL",
        COMPATIBLE,
        "CC102",
        "column tax is new, and may be NULL",
        [orders_with(column("tax", types.Integer()))],
    ),
    Case(
        "a column is added that may not be NULL",
        NOTICE,
        "CC102",
        "column tax is new, and rows of before have no value in it; seen by Refine.Input, Reports.Daily",
        [orders_with(column("tax", types.Integer(), nullable=False))],
    ),
    Case(
        "a column that may not be NULL is added to a dataset that nobody sinks",
        COMPATIBLE,
        "CC102",
        "column tax is new, and rows of before have no value in it; no group sinks Shop.drafts",
        [with_more(f"{DRAFTS}/columns", column("tax", types.Integer(), nullable=False))],
    ),
    Case(
        "a column is added to the key",
        BREAKING,
        "CC102",
        "column line joins the key, which stored rows cannot follow; they are consumed by Refine.Input, Reports.Daily",
        [orders_with(Column("line", types.Integer(), primary_key=True))],
    ),
    Case(
        "a column is removed",
        BREAKING,
        "CC103",
        "column note goes; Shop.orders is consumed by Refine.Input, Reports.Daily",
        [without(f"{ORDERS}/columns/note")],
    ),
    Case(
        "a column is removed that another one looks like",
        BREAKING,
        "CC103",
        "column note goes; Shop.orders is consumed by Refine.Input, Reports.Daily",
        [without(f"{ORDERS}/columns/note"), orders_with(column("remark", types.Text()))],
    ),
    Case(
        "a column is removed from a dataset that nobody sinks",
        COMPATIBLE,
        "CC103",
        "column text goes; no group sinks Shop.drafts",
        [without(f"{DRAFTS}/columns/text")],
    ),
    Case(
        "a column is removed before the deprecation of its dataset has run out",
        BREAKING,
        "CC103",
        "column why goes; Shop.returns, whose deprecation runs until 2030-06-30, is consumed by Reports.Daily",
        [without(f"{RETURNS}/columns/why")],
    ),
    Case(
        "a column is removed after the deprecation of its dataset has run out",
        NOTICE,
        "CC103",
        "column code goes; the deprecation of Shop.coupons ran out on 2030-01-14; seen by Reports.Daily",
        [without(f"{COUPONS}/columns/code")],
    ),
    Case(
        "a column is removed from a datastore that is not in production",
        NOTICE,
        "CC103",
        "column page goes; Trial is not in production, so nobody relies on it; seen by Lab.Try",
        [without(f"{TRIAL}/datasets/visits/columns/page")],
    ),
    Case(
        "a column of the key is removed",
        BREAKING,
        "CC103",
        "column id leaves the key, which stored rows cannot follow; they are consumed by Refine.Input, Reports.Daily",
        [without(f"{ORDERS}/columns/id"), with_values(f"{ORDERS}/columns/customer", primary_key=True)],
    ),
    Case(
        "a column is renamed and says so",
        NOTICE,
        "CC101",
        "column note is called remark from now on, with its values and its history; seen by Refine.Input, "
        "Reports.Daily",
        [without(f"{ORDERS}/columns/note"), orders_with(column("remark", types.VarChar(100), renamed_from="note"))],
    ),
    Case(
        "a column is renamed and gets a wider type",
        NOTICE,
        "CC101",
        "column note is called remark from now on, with its values and its history; seen by Refine.Input, "
        "Reports.Daily",
        [without(f"{ORDERS}/columns/note"), orders_with(column("remark", types.Text(), renamed_from="note"))],
    ),
    Case(
        "a column is renamed and gets a narrower type",
        BREAKING,
        "CC104",
        "column remark was VarChar(100) and is VarChar(9), which does not hold every value of before; "
        "Shop.orders is consumed by Refine.Input, Reports.Daily",
        [without(f"{ORDERS}/columns/note"), orders_with(column("remark", types.VarChar(9), renamed_from="note"))],
    ),
    Case(
        "a column takes the place of another one",
        BREAKING,
        "CC108",
        "column email takes the place of note, and both were there, which stored rows cannot follow; they are"
        " consumed by Refine.Input, Reports.Daily",
        [without(f"{ORDERS}/columns/note"), with_values(f"{ORDERS}/columns/email", renamed_from="note")],
    ),
    Case(
        "a column says what it was called once",
        COMPATIBLE,
        "CC108",
        "column note says otherwise what it was called once, and nothing is renamed",
        [with_values(f"{ORDERS}/columns/note", renamed_from="remark")],
    ),
    Case(
        "a text may be longer",
        COMPATIBLE,
        "CC104",
        "column note was VarChar(100) and is VarChar(200), which holds every value of before",
        [note(types.VarChar(200))],
    ),
    Case(
        "a text may be of any length",
        COMPATIBLE,
        "CC104",
        "column note was VarChar(100) and is Text(), which holds every value of before",
        [note(types.Text())],
    ),
    Case(
        "a text may be of the national character set",
        COMPATIBLE,
        "CC104",
        "column note was VarChar(100) and is NVarChar(100), which holds every value of before",
        [note(types.NVarChar(100))],
    ),
    Case(
        "a text may not be as long",
        BREAKING,
        "CC104",
        "column note was VarChar(100) and is VarChar(50), which does not hold every value of before; "
        "Shop.orders is consumed by Refine.Input, Reports.Daily",
        [note(types.VarChar(50))],
    ),
    Case(
        "a text may not be as long in a dataset that nobody sinks",
        COMPATIBLE,
        "CC104",
        "column text was Text() and is VarChar(5), which does not hold every value of before; no group sinks "
        "Shop.drafts",
        [with_values(f"{DRAFTS}/columns/text", type=types.VarChar(5))],
    ),
    Case(
        "a text of fixed length is longer",
        NOTICE,
        "CC104",
        "column state was Char(4) and is Char(9): every value is written otherwise, so every row gets a new "
        "version; seen by Refine.Input, Reports.Daily",
        [with_values(f"{ORDERS}/columns/state", type=types.Char(9))],
    ),
    Case(
        "a text of fixed length is not padded any more",
        BREAKING,
        "CC104",
        "column state was Char(4) and is VarChar(4), another family of types, which stored rows cannot "
        "follow; they are consumed by Refine.Input, Reports.Daily",
        [with_values(f"{ORDERS}/columns/state", type=types.VarChar(4))],
    ),
    Case(
        "a whole number gets more bytes",
        COMPATIBLE,
        "CC104",
        "column customer was Integer() and is BigInt(), which holds every value of before",
        [with_values(f"{ORDERS}/columns/customer", type=types.BigInt())],
    ),
    Case(
        "a whole number of the key gets more bytes",
        COMPATIBLE,
        "CC104",
        "column id was Integer() and is BigInt(), which holds every value of before",
        [with_values(f"{ORDERS}/columns/id", type=types.BigInt())],
    ),
    Case(
        "a whole number gets fewer bytes",
        BREAKING,
        "CC104",
        "column customer was Integer() and is SmallInt(), which does not hold every value of before; "
        "Shop.orders is consumed by Refine.Input, Reports.Daily",
        [with_values(f"{ORDERS}/columns/customer", type=types.SmallInt())],
    ),
    Case(
        "a whole number becomes a text",
        BREAKING,
        "CC104",
        "column customer was Integer() and is VarChar(20), another family of types, which stored rows cannot "
        "follow; they are consumed by Refine.Input, Reports.Daily",
        [with_values(f"{ORDERS}/columns/customer", type=types.VarChar(20))],
    ),
    Case(
        "a decimal gets more digits before the point",
        COMPATIBLE,
        "CC104",
        "column amount was Decimal(10, 2) and is Decimal(14, 2), which holds every value of before",
        [with_values(f"{ORDERS}/columns/amount", type=types.Decimal(14, 2))],
    ),
    Case(
        "a decimal gets more digits after the point",
        NOTICE,
        "CC104",
        "column amount was Decimal(10, 2) and is Decimal(12, 4): every value is written otherwise, so every "
        "row gets a new version; seen by Refine.Input, Reports.Daily",
        [with_values(f"{ORDERS}/columns/amount", type=types.Decimal(12, 4))],
    ),
    Case(
        "a decimal gets fewer digits",
        BREAKING,
        "CC104",
        "column amount was Decimal(10, 2) and is Decimal(8, 2), which does not hold every value of before; "
        "Shop.orders is consumed by Refine.Input, Reports.Daily",
        [with_values(f"{ORDERS}/columns/amount", type=types.Decimal(8, 2))],
    ),
    Case(
        "a decimal becomes a float",
        BREAKING,
        "CC104",
        "column amount was Decimal(10, 2) and is Float64(), another family of types, which stored rows cannot"
        " follow; they are consumed by Refine.Input, Reports.Daily",
        [with_values(f"{ORDERS}/columns/amount", type=types.Float64())],
    ),
    Case(
        "a column may be NULL",
        NOTICE,
        "CC105",
        "column customer may be NULL from now on; seen by Refine.Input, Reports.Daily",
        [with_values(f"{ORDERS}/columns/customer", nullable=True)],
    ),
    Case(
        "a column may not be NULL any more",
        NOTICE,
        "CC105",
        "column note may not be NULL any more: a batch with one is refused, rows of before keep theirs; seen "
        "by Refine.Input, Reports.Daily",
        [with_values(f"{ORDERS}/columns/note", nullable=False)],
    ),
    Case(
        "a column joins the key",
        BREAKING,
        "CC106",
        "column customer joins the key, which stored rows cannot follow; they are consumed by Refine.Input, "
        "Reports.Daily",
        [with_values(f"{ORDERS}/columns/customer", primary_key=True)],
    ),
    Case(
        "a column joins the key, and another workspace takes over the sinks",
        BREAKING,
        "CC106",
        "column customer joins the key, which stored rows cannot follow; they are consumed by Lab.Try",
        [
            with_values(f"{ORDERS}/columns/customer", primary_key=True),
            *TAKEN_OVER,
        ],
    ),
    Case(
        "a column gets another family of types, and another workspace takes over the sinks",
        BREAKING,
        "CC104",
        "column customer was Integer() and is VarChar(20), another family of types, which stored rows cannot follow; "
        "they are consumed by Lab.Try",
        [with_values(f"{ORDERS}/columns/customer", type=types.VarChar(20)), *TAKEN_OVER],
    ),
    Case(
        "a column leaves the key",
        BREAKING,
        "CC106",
        "column id leaves the key, which stored rows cannot follow; they are consumed by Refine.Input, Reports.Daily",
        [
            with_values(f"{ORDERS}/columns/id", primary_key=False),
            with_values(f"{ORDERS}/columns/customer", primary_key=True),
        ],
    ),
    Case(
        "the key of a dataset that nobody sinks changes",
        COMPATIBLE,
        "CC106",
        "column text joins the key; no group sinks Shop.drafts",
        [with_values(f"{DRAFTS}/columns/text", primary_key=True, nullable=False)],
    ),
    Case(
        "the key of a datastore that is not in production changes",
        BREAKING,
        "CC106",
        "column page joins the key, which stored rows cannot follow; they are consumed by Lab.Try",
        [with_values(f"{TRIAL}/datasets/visits/columns/page", primary_key=True, nullable=False)],
    ),
    Case(
        "a column is more protected, and a consumer has no clearance",
        NOTICE,
        "CC107",
        "column note was PUBLIC, is PII; not readable any more, without clearance, by Reports.Daily",
        [with_values(f"{ORDERS}/columns/note", classification=PII)],
    ),
    Case(
        "a column is more protected, and consumers have clearance",
        NOTICE,
        "CC107",
        "column note was PUBLIC and is INTERNAL: its values are protected more; seen by Refine.Input, Reports.Daily",
        [with_values(f"{ORDERS}/columns/note", classification=INTERNAL)],
    ),
    Case(
        "a column is less protected",
        NOTICE,
        "CC107",
        "column email was PII and is PUBLIC: its values are protected less; seen by Refine.Input, Reports.Daily",
        [with_values(f"{ORDERS}/columns/email", classification=PUBLIC)],
    ),
    Case(
        "a column of a dataset that nobody sinks is not classified any more",
        COMPATIBLE,
        "CC107",
        "column text was PUBLIC and is unclassified: its values are protected more; no group sinks Shop.drafts",
        [with_values(f"{DRAFTS}/columns/text", classification=None)],
    ),
    Case(
        "a dataset is classified, and its columns are already",
        COMPATIBLE,
        "CC107",
        "dataset orders is classified PII, and every column has a classification of its own",
        [with_values(ORDERS, classification=PII)],
    ),
    Case(
        "columns are in another order",
        NOTICE,
        "CC109",
        "the columns of orders are in another order; seen by Refine.Input, Reports.Daily",
        [backwards(ORDERS, "columns")],
    ),
]

"""Datastores that change."""

from collections.abc import Sequence
from datetime import timedelta

from datasurface.model import (
    Consistency,
    Datastore,
    ProductionStatus,
    SqlSnapshot,
    SqlWatermark,
)
from tests.unit.change.cases.case import (
    BREAKING,
    COMPATIBLE,
    EMPTY,
    EVENTS,
    NOTICE,
    REFINER,
    SALES,
    SHOP,
    TRIAL,
    WEB,
    Case,
)
from tests.unit.change.company import (
    HOUR,
    database,
    small,
)
from tests.unit.change.edits import backwards, moved, with_more, with_values, without

STORES: Sequence[Case] = [
    Case(
        "a datastore is added",
        COMPATIBLE,
        "CC301",
        "datastore New is new",
        [
            with_more(
                f"{SALES}/datastores", Datastore("New", capture=SqlSnapshot(database("NewDB")), datasets=[small("new")])
            )
        ],
    ),
    Case(
        "a datastore is removed",
        BREAKING,
        "CC302",
        "datastore Shop goes; Shop.orders is consumed by Refine.Input, Reports.Daily; Shop.customers is "
        "consumed by Reports.Daily; Shop.returns, whose deprecation runs until 2030-06-30, is consumed by "
        "Reports.Daily",
        [without(SHOP)],
    ),
    Case(
        "a datastore is removed that nobody sinks",
        COMPATIBLE,
        "CC302",
        "datastore Empty goes; no group sinks Empty.unused",
        [without(EMPTY)],
    ),
    Case(
        "a datastore is removed that is not in production",
        NOTICE,
        "CC302",
        "datastore Trial goes; Trial is not in production, so nobody relies on it; seen by Lab.Try",
        [without(TRIAL)],
    ),
    Case(
        "a datastore has another owner",
        NOTICE,
        "CC302",
        "datastore Events belongs to Sales now; seen by Reports.Daily",
        [moved(EVENTS, f"{SALES}/datastores")],
    ),
    Case(
        "a datastore has another owner, and loses a column on the way",
        BREAKING,
        "CC103",
        "column at goes; Events.clicks is consumed by Reports.Daily",
        [without(f"{EVENTS}/datasets/clicks/columns/at"), moved(EVENTS, f"{SALES}/datastores")],
    ),
    Case(
        "the datastore of a transformer is called otherwise",
        BREAKING,
        "CC303",
        "datastore Refined is called Fine and is another one by that; Refined.totals is consumed by Board.Totals",
        [with_values(f"{REFINER}/produces", name="Fine")],
    ),
    Case(
        "a datastore goes out of production, and production consumers are there",
        BREAKING,
        "CC304",
        "datastore Shop is not in production any more; Shop.orders is consumed by Refine.Input, "
        "Reports.Daily; Shop.customers is consumed by Reports.Daily; Shop.returns, whose deprecation runs "
        "until 2030-06-30, is consumed by Reports.Daily",
        [with_values(SHOP, production_status=ProductionStatus.NOT_PRODUCTION)],
    ),
    Case(
        "a datastore goes into production",
        COMPATIBLE,
        "CC304",
        "datastore Trial is in production now",
        [with_values(TRIAL, production_status=ProductionStatus.PRODUCTION)],
    ),
    Case(
        "a datastore is read by a watermark instead of a snapshot",
        NOTICE,
        "CC305",
        "it is a SqlWatermark instead of a SqlSnapshot, so deletes and changes under an old watermark are not"
        " seen any more; seen by Refine.Input, Reports.Daily",
        [with_values(SHOP, capture=SqlWatermark(database("ShopDB", "AWS/eu"), column="id"))],
    ),
    Case(
        "a datastore is read by a snapshot instead of a watermark",
        NOTICE,
        "CC305",
        "it is a SqlSnapshot instead of a SqlWatermark, so the next batch finds deletes and whatever was "
        "missed; seen by Reports.Daily",
        [with_values(EVENTS, capture=SqlSnapshot(database("EventsDB")))],
    ),
    Case(
        "each dataset is a stream of its own",
        BREAKING,
        "CC306",
        "its streams are cut otherwise (consistency=), and batches would count from 1 again, which stored "
        "rows cannot follow; they are consumed by Refine.Input, Reports.Daily",
        [with_values(f"{SHOP}/capture", consistency=Consistency.SINGLE_DATASET)],
    ),
    Case(
        "rows come from a container of another kind",
        NOTICE,
        "CC307",
        "its rows come from a container of another kind; seen by Lab.Try, Reports.Later, Reports.Now",
        [with_values(f"{WEB}/capture", container=database("WebDB"))],
    ),
    Case(
        "rows come from another schema",
        NOTICE,
        "CC308",
        "their rows come from schema sales, and the next batch takes what differs for changes; seen by "
        "Refine.Input, Reports.Daily",
        [with_values(f"{SHOP}/capture", schema="sales")],
    ),
    Case(
        "rows of one dataset come from another table",
        NOTICE,
        "CC308",
        "their rows come from tbl_orders, and the next batch takes what differs for changes; seen by "
        "Refine.Input, Reports.Daily",
        [with_values(f"{SHOP}/capture", tables={"orders": "tbl_orders"})],
    ),
    Case(
        "a table is named that has the dataset's name",
        COMPATIBLE,
        "CC308",
        "the tables are written otherwise, and are the same",
        [with_values(f"{SHOP}/capture", tables={"orders": "orders"})],
    ),
    Case(
        "the producer computes no hashes",
        COMPATIBLE,
        "CC309",
        "the producer only sends its rows",
        [with_values(f"{SHOP}/capture", hash_at_source=False)],
    ),
    Case(
        "another column is the watermark",
        NOTICE,
        "CC310",
        "another column says which rows are due; the next batch reads every row once; seen by Reports.Daily",
        [with_values(f"{EVENTS}/capture", column="id")],
    ),
    Case(
        "a row may come later",
        COMPATIBLE,
        "CC311",
        "rows may come as late as 1:00:00",
        [with_values(f"{EVENTS}/capture", window=HOUR)],
    ),
    Case(
        "a row may not come as late",
        NOTICE,
        "CC311",
        "rows that come later than 0:01:00 are missed; it was 0:10:00; seen by Reports.Daily",
        [with_values(f"{EVENTS}/capture", window=timedelta(minutes=1))],
    ),
    Case(
        "a batch reads fewer rows",
        COMPATIBLE,
        "CC312",
        "a backlog is read in other parts",
        [with_values(f"{EVENTS}/capture", rows_per_batch=10)],
    ),
    Case(
        "datasets are in another order",
        COMPATIBLE,
        "CC313",
        "the order of datasets means nothing",
        [backwards(SHOP, "datasets")],
    ),
]

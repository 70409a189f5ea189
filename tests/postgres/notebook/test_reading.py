"""What an analyst reads, and is told where it cannot be read."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import cast

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import datasurface_yellow
from datasurface.errors import DataSurfaceError, UsageError
from datasurface_yellow.notebook.dataset import ReadDataset
from datasurface_yellow.notebook.errors import NoSuchName, ReadRefused
from datasurface_yellow.notebook.workspace import ReadGroup, ReadWorkspace
from tests.postgres.notebook.conftest import BORN, Office
from tests.support.databases import Databases

NEWEST = 3
BIG = 9007199254740993
"""No float is this number."""


def people(shop: ReadWorkspace, group: str = "ForensicDSG") -> ReadDataset:
    found = shop[group]
    assert isinstance(found, ReadGroup)
    return found["people"]


def ids(table: pa.Table) -> list[int]:
    return sorted(cast("list[int]", table["id"].to_pylist()))


def test_live_rows_have_the_types_of_the_model(shop: ReadWorkspace) -> None:
    table = people(shop, "LiveDSG").live().order_by("id").to_arrow()
    assert table.schema.types == [
        *(pa.int64(), pa.string(), pa.date32(), pa.decimal128(10, 2)),
        pa.list_(pa.string()),
    ]
    assert table.to_pylist()[0] == {
        "id": 1,
        "fullName": "Ada",
        "born": BORN,
        "owes": Decimal("99999999.99"),
        "100% sure": ["yes", None],
    }
    assert table["id"].to_pylist() == [1, 3, BIG]


def test_history_has_every_version_and_as_of_the_rows_of_a_batch_or_an_instant(shop: ReadWorkspace) -> None:
    dataset = people(shop)
    assert [row["ds_surf_batch_in"] for row in dataset.history().where(id=1).order_by("ds_surf_batch_in").rows()] == [
        1,
        2,
    ]
    assert ids(dataset.as_of(1).to_arrow()) == [1, 2, 3]
    assert ids(dataset.as_of(2).to_arrow()) == [1, 3]
    batches = dataset.batches().order_by("ds_surf_batch").to_arrow()
    [first, second, _] = cast("list[datetime]", batches["ds_surf_valid_from"].to_pylist())
    assert ids(dataset.as_of(second - timedelta(microseconds=1)).to_arrow()) == [1, 2, 3]
    assert ids(dataset.as_of(second).to_arrow()) == [1, 3]
    assert dataset.as_of(first - timedelta(days=1)).count() == 0


def test_changes_are_net_and_reach_to_the_newest_batch(shop: ReadWorkspace) -> None:
    found = people(shop).changes(after=1).select("ds_surf_operation", "id").order_by("id").to_arrow()
    assert [tuple(row.values()) for row in found.to_pylist()] == [("update", 1), ("delete", 2), ("insert", BIG)]
    assert people(shop).changes(after=1, up_to=2).count() == 2
    assert people(shop).freshness().batch == NEWEST


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"id": [1, 3, 5]}, [1, 3]),
        ({"id": BIG}, [BIG]),
        ({"born": None}, []),
        ({"fullName": "Ada", "born": BORN}, [1]),
        ({"fullName": "Ada'; DROP TABLE people --"}, []),
        ({"owes": Decimal("-0.10")}, [3]),
        ({"100% sure": ["yes", None]}, [1]),
        ({"id": []}, []),
    ],
    ids=str,
)
def test_conditions_choose_rows_at_the_server(shop: ReadWorkspace, asked: dict[str, object], found: list[int]) -> None:
    assert ids(people(shop).live().where(**asked).to_arrow()) == found


@pytest.mark.parametrize(
    ("operator", "value", "found"),
    [
        ("<", date(1950, 1, 1), [1]),
        (">=", date(1950, 1, 1), [3, BIG]),
        ("!=", [BORN, date(1950, 1, 1)], [BIG]),
        ("!=", None, [1, 3, BIG]),
    ],
    ids=str,
)
def test_columns_can_be_compared(shop: ReadWorkspace, operator: str, value: object, found: list[int]) -> None:
    assert ids(people(shop).live().where("born", operator, value).select("id").to_arrow()) == found


def test_a_pattern_is_matched(shop: ReadWorkspace) -> None:
    assert people(shop).live().where("fullName", "like", "%d%").where("fullName", "like", "C%").count() == 1


def test_conditions_columns_order_and_limit_go_together(shop: ReadWorkspace) -> None:
    rows = people(shop).live().where("owes", ">", Decimal(-1)).select("fullName").order_by("owes", descending=True)
    assert rows.limit(2).to_arrow().to_pydict() == {"fullName": ["Ada", "Dot"]}
    assert rows.limit(2).limit(5).count() == 2
    assert rows.limit(0).to_arrow().num_rows == 0
    assert "WHERE" in rows.sql
    assert "%" not in rows.sql.replace("100% sure", "")


def test_frames_hold_what_the_table_holds(shop: ReadWorkspace) -> None:
    rows = people(shop).live().order_by("id")
    table = rows.to_arrow()
    frame = rows.to_polars()
    assert frame["id"].to_list() == [1, 3, BIG]
    assert frame.schema["owes"] == pl.Decimal(10, 2)
    assert frame.to_arrow().to_pylist() == table.to_pylist()
    assert pl.DataFrame(rows).equals(frame)
    pandas = rows.to_pandas()
    assert pandas["id"].tolist() == [1, 3, BIG]
    assert pandas.dtypes["owes"] == pd.ArrowDtype(pa.decimal128(10, 2))
    assert [{**row} for row in rows.rows()] == table.to_pylist()


def test_large_results_come_in_batches(office: Office, shop: ReadWorkspace) -> None:
    history = people(shop).history()
    reader = history.to_batches()
    sizes = [batch.num_rows for batch in reader]
    assert sum(sizes) == history.count() == 5
    assert next(history.to_batches()).num_rows  # read in part
    left = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'datasurface notebook' AND state <> 'idle'"
    assert office.pipeline.query(left) == [(0,)]


def test_a_name_in_several_groups_has_to_be_chosen(shop: ReadWorkspace) -> None:
    with pytest.raises(NoSuchName, match="people is in 2 groups") as refused:
        _ = shop.people
    assert refused.value.hint == 'take ["ForensicDSG"]["people"] or ["LiveDSG"]["people"]'
    assert not hasattr(shop, "poeple")


@pytest.mark.parametrize(
    ("asks", "hint"),
    [
        (lambda shop: shop["LiveDGS"], "did you mean 'LiveDSG'?"),
        (lambda shop: shop["LiveDSG"]["poeple"], "did you mean 'people'?"),
        (lambda shop: people(shop).live().where(fulName="Ada"), "did you mean 'fullName'?"),
        (lambda shop: people(shop).live().select("Born"), "did you mean 'born'?"),
        (lambda shop: shop.on("YellowLife"), "did you mean 'YellowLive'?"),
        (lambda shop: people(shop, "LiveDSG").history(), "live() is there"),
        (lambda shop: people(shop).as_of(datetime(2030, 1, 1)), "tzinfo=UTC"),
        (lambda shop: people(shop).as_of(cast("int", date(2030, 1, 1))), "as_of(7)"),
        (lambda shop: people(shop).live().where("id", "~", 1), "there is !=, <"),
        (lambda shop: people(shop).live().where("id", "<", None), "= or !="),
        (lambda shop: people(shop).live().where("id", "<", [1]), "several values"),
        (lambda shop: people(shop).live().where(id=[1, None]), "column=None"),
        (lambda shop: people(shop).live().where(id=object()).count(), "plain value"),
        (lambda shop: people(shop).live().where(born="soon").to_arrow(), None),
        (lambda shop: people(shop).as_of(NEWEST + 1).to_arrow(), "What is live now is in consumer1."),
        (lambda shop: people(shop).as_of(NEWEST + 1).count(), "What is live now is in consumer1."),
        (lambda shop: people(shop).as_of(datetime(2100, 1, 1, tzinfo=UTC)).to_arrow(), "What is live now"),
        (lambda shop: shop.model, "eco.py"),
    ],
)
def test_what_cannot_be_read_is_said_with_a_hint(shop: ReadWorkspace, asks: object, hint: str | None) -> None:
    assert callable(asks)
    with pytest.raises((NoSuchName, ReadRefused)) as refused:
        asks(shop)
    assert (refused.value.hint or "").count(hint or "")


def test_an_analyst_can_see_nothing_else(office: Office, session_databases: Databases) -> None:
    stranger = session_databases.role("stranger")
    with pytest.raises(NoSuchName, match="nothing that this login may read"):
        datasurface_yellow.connect(office.url(), user=stranger.name, password=stranger.password)
    with pytest.raises(NoSuchName, match="may read nothing of workspace Consumer2") as refused:
        datasurface_yellow.connect(
            office.url(), workspace="Consumer2", user=office.analyst.name, password=office.analyst.password
        )
    assert refused.value.hint == "it may read Consumer1"


def test_what_is_read_can_change_nothing(shop: ReadWorkspace) -> None:
    session = shop.offers[0].session
    with pytest.raises(ReadRefused, match="read-only transaction"):
        session.rows("CREATE TEMPORARY TABLE mine (id int)")
    with pytest.raises(ReadRefused, match="permission denied"):
        session.rows("SELECT * FROM public.yellowlive_store1_people_merge")


def test_a_credential_is_resolved_as_everywhere(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="names no credential"):
        datasurface_yellow.connect(office.url())
    monkeypatch.setenv("SHOP_ANALYST_USER", office.analyst.name)
    monkeypatch.setenv("SHOP_ANALYST_PASSWORD", office.analyst.password)
    shop = datasurface_yellow.connect(office.url(credential="shop-analyst"), workspace="Consumer1")
    assert [group.name for group in shop.groups] == ["ForensicDSG", "LiveDSG"]
    with pytest.raises(DataSurfaceError, match="cannot connect"):
        datasurface_yellow.connect(office.url(), user=office.analyst.name, password="wrong")


def test_a_session_that_was_lost_is_made_again(office: Office) -> None:
    shop = office.connect()
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'datasurface notebook'"
    assert office.pipeline.query(end)
    assert people(shop).live().count() == 3
    shop.close()

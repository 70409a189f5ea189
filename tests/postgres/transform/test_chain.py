# ruff: noqa: S608 names of tests
"""Two stores, a transformer, a consumer: batch by batch as code without any of it would have it."""

from random import Random

import pytest

from datasurface.operations.jobs import verify
from datasurface.operations.schedule import run
from datasurface.operations.workers import Threads
from datasurface.results import ResultCode
from datasurface_airflow.factory.flows import flow_of
from tests.support.pipeline import LIVE
from tests.support.transforming import Works, expected

INPUTS = ("Shop", "People")


def _change(works: Works, random: Random, customers: dict[int, str | None], orders: dict[int, tuple[int, int]]) -> None:
    """Some changes of both stores, at the producer and in our books."""
    for _ in range(random.randint(0, 6)):
        key, name = random.randint(1, 6), random.choice(["Ann", "Bob", "Łucja", "tab\tand\\", None])
        if random.random() < 0.3:
            works.produce(f"DELETE FROM customers WHERE id = {key}")
            customers.pop(key, None)
        else:
            value = "NULL" if name is None else f"'{name}'"
            works.produce(
                f"INSERT INTO customers VALUES ({key}, {value}) ON CONFLICT (id) DO UPDATE SET name = excluded.name"
            )
            customers[key] = name
    for _ in range(random.randint(0, 8)):
        key, order = random.randint(1, 12), (random.randint(1, 8), random.randint(0, 1000))
        if random.random() < 0.3:
            works.produce(f"DELETE FROM orders WHERE id = {key}")
            orders.pop(key, None)
        else:
            works.produce(
                f"INSERT INTO orders VALUES ({key}, {order[0]}, {order[1]}) "
                "ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, cents = excluded.cents"
            )
            orders[key] = order


@pytest.mark.slow
def test_twenty_batches_of_the_chain_equal_the_oracle(works: Works) -> None:
    random = Random(7)
    customers: dict[int, str | None] = {}
    orders: dict[int, tuple[int, int]] = {}
    for _ in range(20):
        _change(works, random, customers, orders)
        works.ingest(*INPUTS)
        result = works.transform()
        assert (result.code, result.way) == (ResultCode.DONE, "written"), result.error
        works.ingest("Figures")
        assert works.held() == works.shown() == expected(customers, orders)
    assert all(check.holds for checks in verify(works.in_force).values() for check in checks)


def test_one_run_of_everything_goes_through_the_chain_in_order(works: Works) -> None:
    works.produce("INSERT INTO customers VALUES (1, 'Ann')", "INSERT INTO orders VALUES (1, 1, 1000), (2, 1, 5)")
    first = run(works.in_force, Threads(), once=True)
    works.produce("UPDATE orders SET cents = 950 WHERE id = 1", "INSERT INTO customers VALUES (2, 'Bob')")
    second = run(works.in_force, Threads(), once=True)

    assert (first.is_well, second.is_well) == (True, True), (first, second)
    assert [made.jobs for report in (first, second) for made in report.transformers.values()] == [1, 1]
    assert [name.stream for name in first.streams][-1] == "Figures"
    assert works.shown() == expected({1: "Ann"}, {1: (1, 950), 2: (1, 5)})


def test_what_is_a_reason_to_run_and_what_is_none(works: Works) -> None:
    works.produce("INSERT INTO orders VALUES (1, 1, 1000)")
    works.ingest("Shop")
    waiting = works.transform()
    works.ingest("People")
    written, unchanged = works.transform(), works.transform()
    works.ingest("People")
    again = works.transform()

    found = [(result.code, result.way) for result in (waiting, written, unchanged, again)]
    assert found == [(ResultCode.DONE, way) for way in ("waiting", "written", "unchanged", "written")]
    assert (waiting.inputs, again.inputs) == ({"People": 0, "Shop": 1}, {"People": 2, "Shop": 1})
    assert [rows.inserted for rows in written.outputs.values()] == [1, 1]
    assert [rows.inserted for rows in again.outputs.values()] == [0, 0]

    before = works.apply()
    works.write_code("def run(inputs, outputs):\n    outputs.write('totals', [])\n    outputs.write('large', [])\n")
    stays = works.transform()
    after = works.apply()
    result = works.transform()

    assert (before.publishes, after.publishes) == (False, True)
    assert (stays.way, result.way, works.held()) == ("unchanged", "written", [])
    assert result.code_commit != stays.code_commit


def test_schedulers_find_the_order_of_the_chain_in_the_rows(works: Works) -> None:
    found = works.run(works.merge, "SELECT stream, config -> 'job' FROM yellowlive_airflow_dsg")
    flows = {str(stream): flow_of(job) for stream, job in found}

    ways = {stream: (flow.kind, flow.cron, flow.after, flow.produces) for stream, flow in flows.items()}
    shop, people, figures = (f"datasurface/yellowlive/{name}" for name in ("Shop", "People", "Figures"))
    [made] = flows["@transform MakeFigures"].produces
    assert ways == {
        "Shop": ("ingestion", "* * * * *", (), (shop,)),
        "People": ("ingestion", "* * * * *", (), (people,)),
        "@transform MakeFigures": ("transformation", None, (people, shop), (made,)),
        "Figures": ("ingestion", None, (made,), (figures,)),
    }
    flow = flows["@transform MakeFigures"]
    assert flow.command == ("transform", "--platform", LIVE, "--transformer", "MakeFigures")
    assert flow.credentials == ("login", "owner", "writer")
    assert flow.dag == "yellowlive__MakeFigures_transformation"

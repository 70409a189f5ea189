"""Runs that meet, and runs that are cut off anywhere."""

import psycopg2
import pytest

from datasurface.results import ResultCode
from tests.support.statements import HeardConnection, Listener, Moment, When, heard
from tests.support.transforming import Works, expected

OLD, NEW = expected({}, {1: (1, 1000)}), expected({}, {1: (1, 1000), 2: (1, 2000)})


@pytest.fixture
def worked(works: Works) -> Works:
    """With a good run behind it, and something new."""
    works.produce("INSERT INTO orders VALUES (1, 1, 1000)")
    works.ingest("Shop", "People")
    assert works.transform().code is ResultCode.DONE
    _produce_more(works)
    return works


def _produce_more(works: Works) -> None:
    works.produce("INSERT INTO orders VALUES (2, 1, 2000)")
    works.ingest("Shop")


def _take_back(works: Works) -> None:
    """As before the new run: the outputs as the last good one left them, and nothing known of a later one."""
    works.run(
        works.output,
        "UPDATE figures_transform.state SET basis = 'of the first run'",
        "DELETE FROM large WHERE id = 2",
        "UPDATE totals SET cents = 1000",
    )


class Ender:
    """Ends sessions of the job, from the server, when a moment comes; counts the moments."""

    def __init__(self, works: Works, at: int) -> None:
        self.works, self.at, self.seen = works, at, 0
        self.ended = ""

    def __call__(self, moment: Moment, session: HeardConnection) -> None:
        if moment.when is When.WITHIN:
            return
        if self.seen == self.at:
            self.ended = f"{moment.place} {moment.when.value} {moment.statement}"
            self.works.run(self.works.merge, f"SELECT pg_terminate_backend({session.info.backend_pid}, 5000)")
        self.seen += 1

    def listener(self, _place: str) -> Listener | None:
        return self


def _cut_off(works: Works, at: int) -> Ender:
    ender = Ender(works, at)
    names = {works.merge.name: "merge", works.output.name: "output"}
    with heard(ender.listener, names):
        works.transform()
    return ender


@pytest.mark.slow
def test_a_run_that_loses_a_session_anywhere_leaves_all_or_nothing_and_the_next_one_does_it(worked: Works) -> None:
    seen, at = 1, 0
    while at < seen:
        ender = _cut_off(worked, at)
        seen = max(seen, ender.seen)
        assert worked.held() in (OLD, NEW), ender.ended
        assert worked.transform().code is ResultCode.DONE, ender.ended
        assert worked.held() == NEW, ender.ended
        _take_back(worked)
        at += 1
    assert at > 40


def test_a_second_run_is_kept_out(worked: Works) -> None:
    found = []

    class Second:
        def __call__(self, moment: Moment, _session: HeardConnection) -> None:
            if not found and moment.when is When.AFTER and "next_token" not in moment.statement:
                if moment.statement.startswith("UPDATE") and "token = token + 1" in moment.statement:
                    found.append(None)
                    found[0] = worked.transform(run_id="second")

    second = Second()
    with heard(lambda _place: second, {worked.merge.name: "merge", worked.output.name: "output"}):
        first = worked.transform()

    assert first.code is ResultCode.DONE and worked.held() == NEW
    [result] = found
    assert result is not None and result.error is not None
    assert (result.code, result.error.type) == (ResultCode.ERROR, "StreamBusy")


def test_a_run_that_was_taken_over_writes_nothing(worked: Works) -> None:
    class Other:
        """Somebody who took over, as where the first one's lock was lost with its session."""

        def __call__(self, moment: Moment, _session: HeardConnection) -> None:
            if moment.when is When.BEFORE and "FOR UPDATE" in moment.statement and moment.place == "output":
                worked.run(worked.output, "UPDATE figures_transform.state SET token = token + 1")

    other = Other()
    with heard(lambda _place: other, {worked.merge.name: "merge", worked.output.name: "output"}):
        result = worked.transform()

    assert result.error is not None and result.error.type == "Fenced"
    assert worked.held() == OLD


def test_the_code_sees_one_moment_and_ingestion_goes_on_beside_it(worked: Works) -> None:
    worked.write_code(
        "import time\n\ndef run(inputs, outputs):\n"
        "    first = list(inputs.rows('orders'))\n"
        "    open('/dev/null')\n"
        "    outputs.execute('SELECT pg_catalog.pg_advisory_lock(4711)')\n"
        "    outputs.write('large', [{'id': row['id']} for row in inputs.rows('In/orders')])\n"
        "    outputs.write('totals', [{'customer': len(first), 'cents': 0}])\n"
    )
    worked.apply()
    holder = psycopg2.connect(worked.output.url)
    with holder.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(4711)")
    done: list[object] = []

    class Meanwhile:
        def __call__(self, moment: Moment, _session: HeardConnection) -> None:
            if moment.when is When.AFTER and "pg_export_snapshot" in moment.statement and not done:
                done.append(True)
                worked.produce("INSERT INTO orders VALUES (3, 3, 3000)")
                worked.ingest("Shop")
                holder.close()

    meanwhile = Meanwhile()
    with heard(lambda _place: meanwhile, _names(worked)):
        result = worked.transform()

    assert result.code is ResultCode.DONE, result.error
    assert result.inputs["Shop"] == 2
    assert worked.run(worked.output, "SELECT customer FROM totals") == [(2,)]
    assert worked.run(worked.output, "SELECT id FROM large ORDER BY 1") == [(1,), (2,)]


def _names(works: Works) -> dict[str, str]:
    return {works.merge.name: "merge", works.output.name: "output", works.source.name: "source"}

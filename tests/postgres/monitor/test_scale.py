"""The page of a company with a thousand streams: what is shown is a part of it, found by name and by state."""

import psycopg2
from playwright.sync_api import Browser

from datasurface_monitor.views.pages import ROWS
from tests.postgres.conftest import NewPipeline
from tests.support.browser import visitor
from tests.support.length import long_or
from tests.support.many_streams import fill_batches, many_streams
from tests.support.monitors import monitor_of
from tests.support.people import CREATE, PEOPLE
from tests.support.pipeline import LIVE
from tests.support.processes import control_store

STREAMS, BATCHES = 1000, long_or(1000, 200)


def test_a_thousand_streams_are_looked_through_by_page_by_name_and_by_state(
    browser: Browser, new_pipeline: NewPipeline
) -> None:
    pipeline = new_pipeline([PEOPLE], *CREATE)
    deployment = many_streams(pipeline.by_name[LIVE], STREAMS)
    control_store(pipeline).publish(pipeline.model, [deployment], None)
    session = psycopg2.connect(pipeline.target.url)
    fill_batches(session, deployment, streams=STREAMS, batches=BATCHES)
    session.close()
    pipeline.store(
        "UPDATE yellowlive_batch_metrics SET started_at = started_at - interval '3 days' WHERE stream = 's00777'",
        """INSERT INTO yellowlive_job_result (stream, run_id, batch, code, document) VALUES ('s00123', 'broken', 1, -1,
        '{"error": {"type": "SourceUnavailable", "message": "away", "dataset": null, "hint": "wait"}}')""",
    )
    with monitor_of(pipeline) as home, visitor(browser, home) as seen:
        seen.open("/")
        tiles = dict(text.split("\n")[::-1] for text in seen.page.locator(".tiles a").all_inner_texts())
        assert tiles == {
            "streams": "1\u202f000", "late": "1", "failing": "1", "no data yet": "0", "running": "0", "fresh": "998",
        }  # fmt: skip
        shown = seen.page.locator("#streams tbody th a")
        assert shown.count() == ROWS
        assert shown.first.inner_text() == "s00777"  # whose consumers wait longest
        seen.page.click("text=Next")
        assert f"{ROWS + 1} to {2 * ROWS} of 1\u202f000 streams" in seen.text(".pages")
        seen.open("/?state=failing")
        assert shown.all_inner_texts() == ["s00123"]
        seen.open("/?order=name&page=20")
        assert shown.all_inner_texts()[-1] == "s01000"
        seen.page.fill("input[name=q]", "s0004")
        seen.page.press("input[name=q]", "Enter")
        assert shown.count() == 10
        seen.open(f"/stream?platform={LIVE}&stream=s00500&span=7+days")
        assert seen.page.locator("#batches tbody tr").count() == 25
        seen.page.click("text=Older ones")
        assert seen.text("#batches tbody th >> nth=0") == str(BATCHES - 25)
        assert seen.page.locator("#rows tbody tr").count() <= 200
        for path in ("/history?q=s01", "/access", "/access?q=s00500", "/generations"):
            seen.open(path)
            assert seen.too_wide() == [], path
        seen.check()

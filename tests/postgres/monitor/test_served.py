"""The page as it is served: before anything is in force, and to whom."""

from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from datasurface_monitor.guard import HEADERS
from tests.postgres.conftest import NewPipeline
from tests.support.browser import visitor
from tests.support.monitors import monitor_of
from tests.support.people import CREATE, PEOPLE
from tests.support.processes import publish

TOKEN = "a token of the tests"
PAGES = ("/", "/graph", "/history", "/generations", "/access")


def test_pages_say_that_nothing_is_in_force_until_something_is(browser: Browser, copied_pipeline: NewPipeline) -> None:
    pipeline = copied_pipeline([PEOPLE], *CREATE)
    with monitor_of(pipeline) as home, visitor(browser, home) as seen:
        for path in PAGES:
            seen.open(path, status=404)
            assert "run `datasurface apply` first" in seen.text(), path
        assert seen.violations() == []
        seen.open("/", status=404)
        publish(pipeline)
        seen.page.wait_for_selector("#streams tbody >> text=no data yet", timeout=30_000)
        seen.check()


def test_every_answer_is_guarded(copied_pipeline: NewPipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = copied_pipeline([PEOPLE], *CREATE)
    publish(pipeline)
    monkeypatch.setenv("PAGE_TOKEN", TOKEN)
    let_in = {"Authorization": f"Bearer {TOKEN}"}
    with monitor_of(pipeline, "--token-credential", "page") as home:
        for path in (*PAGES, "/metrics", "/static/monitor.css"):
            assert _asked(home, path).status == 401
            assert _asked(home, path, headers=let_in).status == 200
            assert _asked(home, path, "HEAD", headers=let_in).status == 200
        assert _asked(home, "/", "POST", headers=let_in).status == 405
        assert _asked(home, "/", headers={**let_in, "Host": "evil.example"}).status == 421
        assert _asked(home, "/static/../../guard.py", headers=let_in).status == 404
        assert _asked(home, "/openapi.json", headers=let_in).status == 404


def _asked(home: str, path: str, method: str = "GET", headers: dict[str, str] | None = None) -> HTTPResponse:
    """The answer, which has our headers whatever it is."""
    address = urlsplit(home)
    connection = HTTPConnection(str(address.hostname), address.port)
    connection.request(method, path, headers=headers or {})
    answer = connection.getresponse()
    assert TOKEN.encode() not in answer.read()
    assert {name: answer.getheader(name) for name in HEADERS} == HEADERS
    connection.close()
    return answer

"""The course: a server full of records, the monitor as a user starts it, and a browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from time import perf_counter
from urllib.parse import urlsplit

import psycopg2
from attrs import frozen
from playwright.sync_api import Browser

from datasurface_yellow.local.postgres_server import PostgresServer
from tests.support.browser import chromium, visitor
from tests.support.databases import Databases
from tests.support.many_streams import fill_batches, many_streams
from tests.support.monitors import monitor_of
from tests.support.people import CREATE, PEOPLE
from tests.support.pipeline import LIVE, make_pipeline
from tests.support.processes import control_store

FLOOR = "/static/icon.svg"
"""What the same server sends from a file."""

PAGES = (
    FLOOR,
    "/",
    "/?q=s0004&order=name",
    f"/stream?platform={LIVE}&stream=s00500&span=30+days",
    "/graph",
    "/history",
    "/generations",
    "/access",
)

BOUNDS = {"first byte": 0.3, "usable": 1.0}
"""Seconds."""


@frozen
class Asked:
    """One page, once: seconds until its first byte, and until a browser has it whole, style sheet and script too."""

    page: str
    first_byte: float
    usable: float


@contextmanager
def full_server(server: PostgresServer, streams: int, batches: int) -> Iterator[str]:
    """The address of a monitor on so many streams with so many batches each."""
    databases = Databases(server)
    try:
        pipeline = make_pipeline(server, databases.create, databases.role, [PEOPLE], *CREATE)
        deployment = many_streams(pipeline.by_name[LIVE], streams)
        control_store(pipeline).publish(pipeline.model, [deployment], None)
        session = psycopg2.connect(pipeline.target.url)
        fill_batches(session, deployment, streams=streams, batches=batches)
        session.close()
        with monitor_of(pipeline) as home:
            yield home
    finally:
        databases.close()


def measure(home: str, runs: int) -> Iterator[Asked]:
    """Each page so many times, in turns. The first look at everything, which no page can spare, is not among them."""
    with chromium() as browser:
        for page in PAGES:
            _usable(browser, home, page)
        for _ in range(runs):
            for page in PAGES:
                yield Asked(page, _first_byte(home, page), _usable(browser, home, page))


def _first_byte(home: str, page: str) -> float:
    address = urlsplit(home)
    connection = HTTPConnection(str(address.hostname), address.port)
    begun = perf_counter()
    connection.request("GET", page)
    answer = connection.getresponse()
    answer.read(1)
    seconds = perf_counter() - begun
    assert answer.status == 200, (page, answer.status)
    connection.close()
    return seconds


def _usable(browser: Browser, home: str, page: str) -> float:
    with visitor(browser, home) as seen:
        seen.open(page)
        return float(seen.page.evaluate("() => performance.getEntriesByType('navigation')[0].loadEventEnd / 1000"))

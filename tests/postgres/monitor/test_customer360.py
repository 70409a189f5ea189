"""The page on customer360, from the first apply on, in a real browser: what it says is what was done, everybody can use
it, and nothing is asked of anybody else."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread

from attrs import define, field
from playwright.sync_api import Browser

from datasurface.operations.apply import ApplyReport
from datasurface.operations.workers import Threads
from datasurface.plugins.manager import installed_plugins
from datasurface.results import JobResult
from datasurface_yellow.demo.page import served_page
from datasurface_yellow.demo.play import Play
from datasurface_yellow.demo.stage import Stage, open_stage
from datasurface_yellow.local.databases import MERGE
from datasurface_yellow.local.server_account import temporary_folder
from datasurface_yellow.simulator.changes import Change
from datasurface_yellow.store.connection import closing, rows
from tests.support.browser import WIDTHS, Visitor, shots_folder, visitor

LIVE = "/stream?platform=YellowLive&stream=Store1"
KEYS = "/history?platform=YellowForensic&stream=Store1&dataset=customers"
VIEWS = {
    "streams": "/",
    "stream": LIVE,
    "graph": "/graph",
    "history": KEYS,
    "datasets": "/history",
    "generations": "/generations",
    "generation": "/generation?number=1",
    "access": "/access",
    "access-dataset": "/access/dataset?workspace=Consumer1&store=Store1&dataset=customers",
}
ERRORS = {"error": "/stream?platform=YellowLive&stream=Nothing", "no-page": "/nowhere"}


@define
class Audience:
    """Remembers what was done."""

    results: list[JobResult] = field(factory=list)

    def applied(self, report: ApplyReport) -> None:
        pass

    def changed(self, change: Change) -> None:
        pass

    def ingested(self, result: JobResult) -> None:
        self.results.append(result)


@define
class World:
    """The example on its stage, with its page."""

    stage: Stage
    play: Play
    audience: Audience
    home: str

    def run(self, workers: Threads) -> None:
        """Let the producer change and both platforms follow, until the workers are stopped."""
        self.play.perform(timedelta(minutes=5), 360, workers)

    def query(self, sql: str) -> list[tuple[object, ...]]:
        with closing(self.stage.connect(MERGE)) as session:
            return list(rows(session, sql))


@contextmanager
def world() -> Iterator[World]:
    with temporary_folder("datasurface-page-") as folder, open_stage(folder / "demo", None, anew=True) as stage:
        audience = Audience()
        play = Play(stage, installed_plugins(), audience)
        play.put_in_force()
        with served_page(stage) as home:
            yield World(stage, play, audience, home)


def test_every_view_from_the_first_apply_to_a_system_at_work(browser: Browser) -> None:
    with world() as found:
        with visitor(browser, found.home) as seen:
            _before_the_first_batch(seen)
            workers = Threads()
            work = Thread(target=found.run, args=(workers,))
            work.start()
            try:
                _while_it_runs(seen)
            finally:
                workers.stop()
                work.join()
            _what_was_done(seen, found)
            views = {**VIEWS, "history": _the_history_of_a_key(seen, found)}
            seen.check()
        _everybody_can_use_it(browser, found, views)
        _pictures(browser, found, views)


def _before_the_first_batch(seen: Visitor) -> None:
    for path in VIEWS.values():
        seen.open(path)
    seen.open("/")
    assert "no data yet" in seen.text("#streams tbody")
    assert seen.violations() == []
    seen.open(LIVE)
    assert seen.violations() == []
    assert "No batch has begun yet" in seen.text("#batches")
    assert seen.text("#rows").endswith("Nothing to draw yet.")
    for path, status in (
        (ERRORS["error"], 404),
        (ERRORS["no-page"], 404),
        ("/stream", 400),
        ("/generation?number=9", 404),
    ):
        seen.open(path, status=status)
        assert "What to do:" in seen.text()


def _while_it_runs(seen: Visitor) -> None:
    """The page follows by itself, and keeps what somebody has opened or chosen."""
    seen.open("/")
    seen.page.wait_for_selector("#streams tbody >> text=fresh", timeout=30_000)
    seen.open(LIVE)
    seen.page.wait_for_selector("#rows details")
    seen.page.click("#rows summary")
    first = seen.text("#batches tbody th")
    seen.page.evaluate("() => document.activeElement.blur()")
    seen.page.wait_for_function(
        "(first) => document.querySelector('#batches tbody th').innerText !== first", arg=first, timeout=30_000
    )
    assert seen.page.get_attribute("#rows details", "open") is not None
    seen.page.click("[data-pause]")
    assert seen.text("[data-pause]") == "Go on updating"


def _what_was_done(seen: Visitor, found: World) -> None:
    batches = [it for it in found.audience.results if it.platform == "YellowLive" and it.batch is not None]
    assert batches
    seen.open(LIVE)
    shown = seen.page.eval_on_selector_all(
        "#batches tbody tr",
        "(all) => all.map((row) => [...row.children].map((cell) => cell.innerText.split('\\n')[0]))",
    )
    newest_first = sorted(batches, key=lambda it: it.batch or 0, reverse=True)
    for row, result in zip(shown, newest_first, strict=True):
        counts = result.datasets.values()
        assert row[0] == str(result.batch)
        assert row[3:7] == [
            str(sum(getattr(it, part) for it in counts)) for part in ("read", "inserted", "updated", "deleted")
        ]
        assert row[9] == result.run_id
    [(customers, addresses)] = found.query(
        "SELECT (SELECT count(*) FROM yellowlive_store1_customers_merge), "
        "(SELECT count(*) FROM yellowlive_store1_addresses_merge)"
    )
    assert [*seen.page.locator("#datasets td[data-name=rows]").all_inner_texts()] == [str(customers), str(addresses)]
    seen.page.click("#rows summary")
    assert seen.page.locator("#rows tbody tr").count() == len(batches)
    assert 'datasurface_up{platform="YellowLive"} 1' in seen.page.request.get(f"{seen.home}metrics").text()
    seen.open("/graph")
    assert seen.page.locator(".drawing svg rect").count() == 4
    seen.open("/generation?number=1")
    assert "created" not in seen.text("h1")
    assert "Store1" in seen.text()
    seen.open("/access")
    assert "8 as is" in seen.text("tbody")


def _the_history_of_a_key(seen: Visitor, found: World) -> str:
    """The address of a key that has changed."""
    [(key, versions)] = found.query(
        "SELECT id, count(*) FROM yellowforensic_store1_customers_merge GROUP BY id ORDER BY 2 DESC, 1 LIMIT 1"
    )
    [(email,)] = found.query(f"SELECT email FROM yellowforensic_store1_customers_merge WHERE id = '{key}' LIMIT 1")  # noqa: S608 a key of the example
    seen.open(KEYS)
    seen.page.fill("input[name=key]", str(key))
    seen.page.press("input[name=key]", "Enter")
    seen.page.wait_for_selector("[aria-label=Versions]")
    assert seen.page.locator("[aria-label=Versions] tbody tr").count() == versions
    assert "now" in seen.text("[aria-label=Versions]") or "then deleted" in seen.text("[aria-label=Versions]")
    assert str(email) not in seen.page.content()  # it is not classified as open to all
    assert seen.violations() == []
    seen.open(f"{KEYS}&key=nobody")
    assert "No row of that key is held" in seen.text()
    return f"{KEYS}&key={key}"


def _everybody_can_use_it(browser: Browser, found: World, views: Mapping[str, str]) -> None:
    """By keyboard, with a screen reader, on a dark screen and a small one."""
    with visitor(browser, found.home) as seen:
        for path in views.values():
            seen.open(path)
            assert seen.violations() == [], path
            for width in WIDTHS:
                seen.page.set_viewport_size({"width": width, "height": 800})
                assert seen.too_wide() == [], f"{path} at {width}"
        seen.open(ERRORS["error"], status=404)
        assert seen.violations() == []
        seen.open("/")
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("() => document.activeElement.textContent") == "Skip to the content"
        seen.page.keyboard.press("Enter")
        assert seen.page.evaluate("() => location.hash") == "#main"
        seen.check()


def _pictures(browser: Browser, found: World, views: Mapping[str, str]) -> None:
    """Of every view for docs/monitor.md, where they are asked for."""
    folder = shots_folder()
    if folder is None:
        return
    folder.mkdir(exist_ok=True)
    small = {name: views[name] for name in ("streams", "history")}
    for width, scheme, shown in ((1280, "light", views), (360, "dark", small)):
        with visitor(browser, found.home, width=width, scheme=scheme) as seen:
            for name, path in shown.items():
                seen.open(path)
                height = seen.page.evaluate("() => document.querySelector('footer').getBoundingClientRect().bottom")
                seen.page.set_viewport_size({"width": width, "height": min(int(height), 1600)})
                seen.page.screenshot(path=folder / f"{name}-{width}-{scheme}.png")

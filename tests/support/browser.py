"""The monitor's page in a real browser: what it asks for, what it complains about, and how it looks."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from attrs import define, field
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Error, Page, sync_playwright

PROGRAM = shutil.which("chromium")
_WORDS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)

WIDTHS = (360, 768, 1280, 1920)
"""Pixels: a telephone, a tablet, a laptop, a large screen."""

CANARY = "window.canary = 1"
"""What text of others would do if it ran."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The installed browser, which never asks for anything by itself."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, headless=True, args=list(_WORDS))
        yield browser
        browser.close()


@define
class Visitor:
    """One page of the browser on one monitor.

    Attributes:
        home: the monitor's address.
        page: what the browser shows.
        asked: every address that was asked for.
        complaints: what the browser said of errors, of refused content, and dialogs that came up, each with the address
            that it is about.
        refused: addresses that were asked for to be refused, of which it complains, too.
    """

    home: str
    page: Page
    asked: list[str] = field(factory=list)
    complaints: list[tuple[str, str]] = field(factory=list)
    refused: set[str] = field(factory=set)

    def open(self, path: str, *, status: int = 200) -> None:
        """Go to an address of the monitor."""
        answer = self.page.goto(self.home.rstrip("/") + path, wait_until="load")
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status} {self.page.inner_text('main')}"
        if status != 200:
            self.refused.add(answer.url)

    def text(self, selector: str = "main") -> str:
        """What is to be read in a part of the page."""
        return self.page.inner_text(selector)

    def violations(self) -> list[str]:
        """What axe-core finds on a light and on a dark screen, each with the elements."""
        found = list(self._found({"resultTypes": ["violations"]}))
        self.page.emulate_media(color_scheme="dark")
        found += self._found({"resultTypes": ["violations"], "runOnly": ["color-contrast"]})
        self.page.emulate_media(color_scheme="light")
        return found

    def _found(self, options: dict[str, list[str]]) -> Iterator[str]:
        for each in Axe().run(self.page, options=options).response["violations"]:
            yield f"{each['id']}: {each['help']}: {[node['html'][:200] for node in each['nodes'][:3]]}"

    def too_wide(self) -> list[str]:
        """Elements that reach beyond the window, but for those in a part that scrolls by itself."""
        found = self.page.evaluate(
            """() => {
                const width = document.documentElement.clientWidth;
                if (document.documentElement.scrollWidth <= width) return [];
                return [...document.querySelectorAll("main *")]
                    .filter((each) => each.getBoundingClientRect().right > width + 1)
                    .filter((each) => !each.closest(".scroll, .drawing"))
                    .map((each) => each.outerHTML.slice(0, 120));
            }"""
        )
        return [str(each) for each in found]

    def has_run(self) -> bool:
        """Whether something ran that came from a model or a row."""
        return bool(self.page.evaluate("() => 'canary' in window"))

    def check(self) -> None:
        """Nothing was asked of anybody else, and the browser had nothing to complain of."""
        origin = urlsplit(self.home)[:2]
        assert [address for address in self.asked if urlsplit(address)[:2] != origin] == []
        complaints = [each for each in self.complaints if each[0] not in self.refused]
        assert complaints == [], complaints


@contextmanager
def visitor(browser: Browser, home: str, *, width: int = 1280, scheme: str = "light") -> Iterator[Visitor]:
    """A new page with nothing in its store. ``scheme``: light or dark."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=False,
        reduced_motion="reduce",
    )
    page = context.new_page()
    found = Visitor(home, page)
    context.on("request", lambda request: found.asked.append(request.url))
    page.on("console", lambda message: _heard(found, message))
    page.on("pageerror", lambda error: _raised(found, error))
    page.on("dialog", lambda dialog: _came_up(found, dialog))
    try:
        yield found
    finally:
        context.close()


def _heard(visitor: Visitor, message: ConsoleMessage) -> None:
    if message.type in ("error", "warning"):
        visitor.complaints.append((message.location["url"], f"{message.type}: {message.text}"))


def _raised(visitor: Visitor, error: Error) -> None:
    visitor.complaints.append(("", str(error)))


def _came_up(visitor: Visitor, dialog: Dialog) -> None:
    visitor.complaints.append(("", f"dialog: {dialog.message}"))
    dialog.dismiss()


def shots_folder() -> Path | None:
    """Where pictures of the page are to be put; None where nobody asked: DATASURFACE_SCREENSHOTS names the folder."""
    name = os.environ.get("DATASURFACE_SCREENSHOTS")
    return Path(name) if name else None

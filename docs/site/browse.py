"""The site in a real browser without a network: does it draw, find, and fit, in light and dark, on a desk and on a
telephone? Leaves a picture of each page that it looks at."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright

PROGRAM = shutil.which("chromium")

PAGES = ("index", "concepts", "reference-model", "troubleshooting")
"""What is looked at: a table, drawings and pictures, long tables with code, many headings."""

SEARCHED, FOUND = "ReceiptMismatch", "troubleshooting.html"

_VIEWS = (("desk", 1300, "light"), ("telephone", 390, "dark"))
_MILLISECONDS = 20_000
_SEARCHING = 2_000
_TOO_WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
_IS_DRAWN = "() => [...document.querySelectorAll('.mermaid')].every(it => it.tagName == 'DIV' && it.offsetHeight > 40)"


def problems(site: Path, pictures: Path) -> list[str]:
    """What a reader would complain of, a line each."""
    shutil.rmtree(pictures, ignore_errors=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"])
        try:
            return [problem for view in _VIEWS for problem in _seen(browser, *view, site, pictures)]
        finally:
            browser.close()


def _seen(browser: Browser, device: str, width: int, scheme: str, site: Path, pictures: Path) -> Iterator[str]:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light", offline=True
    )
    page, heard = context.new_page(), list[str]()
    page.on("request", lambda request: heard.append(request.url) if not _is_ours(request.url) else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    for name in PAGES:
        page.goto((site / f"{name}.html").as_uri())
        if not _comes(page, _IS_DRAWN):
            yield f"{name}.html, {device}: a drawing was not drawn"
        if page.evaluate(_TOO_WIDE):
            yield f"{name}.html, {device}: wider than the window"
        page.screenshot(path=pictures / f"{name}-{device}-{scheme}.png")
    page.goto((site / "index.html").as_uri())
    page.keyboard.press("Control+k")
    page.keyboard.type(SEARCHED, delay=20)
    page.wait_for_timeout(_SEARCHING)
    page.screenshot(path=pictures / f"search-{device}-{scheme}.png")
    page.keyboard.press("Enter")
    if not _comes(page, f"() => location.href.includes({FOUND!r})"):
        yield f"{device}: a search for {SEARCHED!r} does not lead to {FOUND!r}"
    context.close()
    yield from (f"{device}: {each}" for each in dict.fromkeys(heard))


def _is_ours(url: str) -> bool:
    return url.startswith(("file:", "data:", "blob:"))


def _comes(page: Page, condition: str) -> bool:
    try:
        page.wait_for_function(condition, timeout=_MILLISECONDS)
    except TimeoutError:
        return False
    return True

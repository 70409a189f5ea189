"""Who is let in, and by what names the page answers."""

from collections.abc import Mapping

import pytest

from datasurface.errors import UsageError
from datasurface_monitor.guard import HEADERS, Guard, Refusal

TOKEN = "0123456789abcdef0123"
LOCAL = Guard.of("127.0.0.1", None)
OPEN = Guard.of("0.0.0.0", TOKEN)  # noqa: S104 what is tried is who gets in there


def asked(guard: Guard, method: str = "GET", path: str = "/", query: str = "", **headers: str) -> Refusal | None:
    return guard.refusal(method, {"host": "127.0.0.1:8360", **headers}, path, query)


@pytest.mark.parametrize("host", ["localhost", "localhost:8360", "127.0.0.1", "127.0.0.1:80", "[::1]:8360"])
def test_a_loopback_page_answers_to_the_names_of_this_machine(host: str) -> None:
    assert asked(LOCAL, host=host) is None


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "", "10.0.0.1", "[", "127.0.0.1@evil.example"]
)
def test_a_loopback_page_does_not_answer_to_any_other_name(host: str) -> None:
    refusal = asked(LOCAL, host=host)
    assert refusal is not None
    assert refusal.status == 421


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_only_reading_is_possible(method: str) -> None:
    for guard in (LOCAL, OPEN):
        refusal = asked(guard, method)
        assert refusal is not None
        assert refusal.status == 405


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "data.example"])  # noqa: S104
def test_nobody_else_is_served_without_a_token(host: str) -> None:
    with pytest.raises(UsageError, match="to everybody who reaches it"):
        Guard.of(host, None)
    with pytest.raises(UsageError, match="fewer than 16 characters"):
        Guard.of(host, "short")
    assert Guard.of(host, TOKEN).token == TOKEN


def test_a_token_does_not_show() -> None:
    assert TOKEN not in repr(OPEN)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer"},
        {"authorization": f"Bearer {TOKEN}x"},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": "Bearer \udcff"},
        {"cookie": f"datasurface_monitor={TOKEN}"},
        {"cookie": "datasurface_monitor="},
        {"cookie": "=;=;\x00"},
    ],
    ids=str,
)
def test_who_does_not_know_the_token_sees_nothing(headers: Mapping[str, str]) -> None:
    refusal = asked(OPEN, **headers)
    assert refusal is not None
    assert (refusal.status, TOKEN in refusal.text) == (401, False)


def test_a_program_sends_the_token_with_every_request() -> None:
    assert asked(OPEN, path="/metrics", authorization=f"bearer {TOKEN}") is None


def test_a_browser_gives_the_token_once_and_has_a_cookie_then() -> None:
    refusal = asked(OPEN, path="/stream", query=f"platform=P&token={TOKEN}&stream=a%26b")
    assert refusal is not None
    headers = dict(refusal.headers)
    assert (refusal.status, headers["location"]) == (303, "/stream?platform=P&stream=a%26b")
    cookie, *attributes = headers["set-cookie"].split("; ")
    assert TOKEN not in cookie
    assert {"HttpOnly", "SameSite=Lax"} <= set(attributes)
    assert asked(OPEN, cookie=f"other=1; {cookie}") is None
    assert asked(OPEN, cookie=f"{cookie}0") is not None


def test_a_wrong_token_in_an_address_is_no_token() -> None:
    refusal = asked(OPEN, query="token=wrong")
    assert refusal is not None
    assert refusal.status == 401


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "/%2Fevil.example", "/%5Cevil.example"])
def test_a_browser_is_never_led_to_another_host(path: str) -> None:
    refusal = asked(OPEN, path=path, query=f"token={TOKEN}")
    assert refusal is not None
    assert dict(refusal.headers)["location"] == "/evil.example"


def test_nothing_but_the_page_s_own_files_may_be_loaded_or_run() -> None:
    policy = dict(part.split(" ", 1) for part in HEADERS["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert {policy[kind] for kind in ("script-src", "style-src", "img-src", "connect-src")} == {"'self'"}
    assert "unsafe" not in HEADERS["content-security-policy"]

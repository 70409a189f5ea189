"""Who may ask the page what: every request passes here before anything else sees it."""

import hmac
from collections.abc import Iterable, Mapping
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from attrs import field, frozen
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from datasurface.errors import UsageError

COOKIE = "datasurface_monitor"
LEAST_TOKEN = 16
"""Characters of a token, at least."""

HEADERS: Mapping[str, str] = {
    # Nothing but the page's own files, no script or style inside a page, and no page of others around ours.
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}
"""Of every answer. Addresses hold keys of rows, so no other page hears of them; answers hold data, so none is kept."""


@frozen
class Refusal:
    """An answer instead of the page's: a status, and what to do, as plain text."""

    status: int
    text: str
    headers: tuple[tuple[str, str], ...] = ()


@frozen
class Guard:
    """What is asked of every request.

    Attributes:
        host: the address that the page is bound to.
        token: what a reader has to know; None on an address that only this machine reaches.
    """

    host: str
    token: str | None = field(repr=False)

    @classmethod
    def of(cls, host: str, token: str | None) -> "Guard":
        """UsageError for an address that others reach without a token, or for a token that can be guessed."""
        if token is not None and len(token) < LEAST_TOKEN:
            raise UsageError(
                f"the token has fewer than {LEAST_TOKEN} characters", hint="make one with `openssl rand -hex 16`"
            )
        if token is None and not is_loopback(host):
            raise UsageError(
                f"the page is not served on {host} to everybody who reaches it",
                hint="give --token-credential NAME, or bind to 127.0.0.1 and reach it through a tunnel",
            )
        return cls(host, token)

    def refusal(self, method: str, headers: Mapping[str, str], path: str, query: str) -> Refusal | None:
        """What to answer instead of the page; None for a request that may pass.

        ``headers``: by name in lower case. ``path``, ``query``: as they were sent.
        """
        if method not in ("GET", "HEAD"):
            return Refusal(405, "The monitor only reads: GET and HEAD.\n", (("allow", "GET, HEAD"),))
        if is_loopback(self.host) and not _names_this_machine(headers.get("host", "")):
            # A page of somebody else's whose name was made to lead here (DNS rebinding) names itself.
            return Refusal(421, "The monitor answers to localhost and 127.0.0.1 only.\n")
        if self.token is None:
            return None
        words = parse_qsl(query, keep_blank_values=True)
        given = [value for name, value in words if name == "token"]
        if given and _equal(given[0], self.token):
            return self._let_in(path, urlencode([word for word in words if word[0] != "token"]))
        if self._bears(headers.get("authorization", "")) or self._has_cookie(headers.get("cookie", "")):
            return None
        return Refusal(
            401,
            "The monitor asks for its token: open /?token=TOKEN once, or send Authorization: Bearer TOKEN.\n",
            (("www-authenticate", "Bearer"),),
        )

    def _let_in(self, path: str, query: str) -> Refusal:
        """To the same page, whose address holds no token; a path that other hosts' addresses begin like stays ours."""
        place = "/" + quote(unquote(path).lstrip("/\\"), safe="/")
        cookie = f"{COOKIE}={self._cookie}; HttpOnly; SameSite=Lax; Path=/"
        return Refusal(303, "", (("location", f"{place}?{query}" if query else place), ("set-cookie", cookie)))

    def _bears(self, authorization: str) -> bool:
        scheme, _, given = authorization.partition(" ")
        return scheme.lower() == "bearer" and _equal(given.strip(), self.token or "")

    def _has_cookie(self, header: str) -> bool:
        try:
            found = SimpleCookie(header).get(COOKIE)
        except CookieError:
            return False
        return found is not None and _equal(found.value, self._cookie)

    @property
    def _cookie(self) -> str:
        """What a browser keeps: not the token, which may be in use elsewhere."""
        return hmac.new((self.token or "").encode(), b"datasurface monitor", sha256).hexdigest()


@frozen
class Guarded:
    """An application behind a guard."""

    guard: Guard
    application: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request: refused, or passed on, its answer with our headers."""
        if scope["type"] == "lifespan":
            await self.application(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # the page speaks nothing else, and the server ends the connection
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path, query = (part.decode("latin-1") for part in (scope["raw_path"], scope["query_string"]))
        refusal = self.guard.refusal(scope["method"], headers, path, query)
        if refusal is not None:
            await _answer(refusal, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_encoded(HEADERS.items())]
            await send(message)

        await self.application(scope, receive, sent)


async def _answer(refusal: Refusal, send: Send) -> None:
    headers = [("content-type", "text/plain; charset=utf-8"), *HEADERS.items(), *refusal.headers]
    await send({"type": "http.response.start", "status": refusal.status, "headers": _encoded(headers)})
    await send({"type": "http.response.body", "body": refusal.text.encode()})


def _encoded(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _names_this_machine(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    return name is not None and is_loopback(name)


def _equal(given: str, known: str) -> bool:
    """In a time that does not say how much of it is right."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), known.encode())

"""Events on their way: made and sent by a thread of their own, in order, so that no job waits for a catalogue."""

import json
import os
from collections.abc import Callable
from queue import Full, Queue
from threading import Event, Thread
from time import monotonic
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from attrs import define, field

from datasurface.git_url import without_user
from datasurface.lineage.settings import LineageSettings

_MOST_WAITING = 1000
_PAUSE = 60.0
"""Seconds for which nothing is tried after a delivery that failed."""

Make = Callable[[], dict[str, object]]


class _NotFollowed(HTTPRedirectHandler):
    """A token is not told to another host, and a POST does not become a GET."""

    def redirect_request(self, *_: object) -> None:
        """Nowhere else."""
        return


@define
class Delivery:
    """Sends events where the settings say. What cannot be delivered is told once, and is lost.

    Attributes:
        warn: hears of the first event that could not be delivered.
    """

    settings: LineageSettings
    warn: Callable[[str], None]
    _waiting: "Queue[Make | None]" = field(factory=lambda: Queue(_MOST_WAITING), init=False)
    _over: Event = field(factory=Event, init=False)
    _thread: Thread | None = field(default=None, init=False)
    _is_told: bool = field(default=False, init=False)
    _not_before: float = field(default=0.0, init=False)

    def put(self, make: Make) -> None:
        """Send what this makes, some time."""
        if self._thread is None:
            self._thread = Thread(target=self._work, name="openlineage", daemon=True)
            self._thread.start()
        try:
            self._waiting.put_nowait(make)
        except Full:
            self._lost("too many of them wait")

    def close(self) -> None:
        """Wait for what is on its way, for as long as the settings say."""
        if self._thread is None:
            return
        try:
            self._waiting.put_nowait(None)
        except Full:
            self._over.set()
        self._thread.join(self.settings.seconds)
        if self._thread.is_alive():
            self._over.set()
            self._lost("the time for them is over")

    def _work(self) -> None:
        while not self._over.is_set():
            make = self._waiting.get()
            if make is None:
                return
            if monotonic() < self._not_before:
                continue
            try:
                self._send(make())
            except Exception as error:  # whatever it is: lineage is told of jobs, and fails none
                self._not_before = monotonic() + _PAUSE
                self._lost(_words(error))

    def _send(self, event: dict[str, object]) -> None:
        text = json.dumps(event, ensure_ascii=False)
        if self.settings.file is not None:
            # One write to the end: lines of several processes do not mix.
            place = os.open(self.settings.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(place, f"{text}\n".encode())
            finally:
                os.close(place)
            return
        headers = {"Content-Type": "application/json"}
        if self.settings.token is not None:
            headers["Authorization"] = f"Bearer {self.settings.token}"
        request = Request(self.settings.url or "", text.encode(), headers, method="POST")  # noqa: S310 of HTTP, as checked
        with build_opener(_NotFollowed).open(request, timeout=self.settings.seconds) as answer:
            answer.read(1 << 16)

    def _lost(self, why: str) -> None:
        if not self._is_told:
            self._is_told = True
            where = self.settings.file or without_user(self.settings.url or "")
            self.warn(f"events of lineage cannot be delivered to {where}: {why}; no job fails by that")


def _words(error: Exception) -> str:
    is_answer = isinstance(error, HTTPError)
    reason = error.reason if isinstance(error, URLError) and not is_answer else error
    return " ".join(str(reason).split()) or type(error).__name__

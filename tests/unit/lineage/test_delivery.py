"""Events on their way to a real server: in order, with the token, and never at the expense of a job."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic

import pytest
from attrs import define, field

from datasurface.credentials import Credentials, EnvironmentVariables
from datasurface.environment import Environment
from datasurface.errors import DataSurfaceError, EnvironmentFileError, MissingCredential
from datasurface.lineage.delivery import Delivery
from datasurface.lineage.settings import LineageSettings, settings


@define
class Catalogue:
    """A server of lineage: what it was sent, and how it answers.

    Attributes:
        go: set once answers may be given.
    """

    status: int = 201
    location: str | None = None
    events: list[dict[str, object]] = field(factory=list)
    tokens: list[str | None] = field(factory=list)
    paths: list[str] = field(factory=list)
    go: threading.Event = field(factory=threading.Event)
    url: str = ""


@contextmanager
def catalogue(**answers: object) -> Iterator[Catalogue]:
    """One that listens."""
    made = Catalogue(**answers)  # type: ignore[arg-type]  # as the class has them
    made.go.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.go.wait(30)
            made.paths.append(self.path)
            made.tokens.append(self.headers.get("Authorization"))
            made.events.append(json.loads(body))
            self.send_response(made.status)
            if made.location:
                self.send_header("Location", made.location)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made.url = f"http://127.0.0.1:{server.server_port}"
        yield made
        made.go.set()
        server.shutdown()


def delivered(told: LineageSettings, *numbers: int) -> list[str]:
    """What was warned of while events of these numbers were delivered."""
    warned: list[str] = []
    delivery = Delivery(told, warned.append)
    for number in numbers:
        delivery.put(lambda number=number: {"number": number, "name": "Zoë"})  # type: ignore[misc]  # bound now
    delivery.close()
    return warned


def test_events_arrive_in_order_with_the_token() -> None:
    with catalogue() as there:
        assert delivered(LineageSettings(url=f"{there.url}/api/v1/lineage", token="t0k3n"), *range(20)) == []
    assert [each["number"] for each in there.events] == list(range(20))
    assert set(there.tokens) == {"Bearer t0k3n"}
    assert there.events[0]["name"] == "Zoë"


@pytest.mark.parametrize("status", [400, 401, 500, 503])
def test_what_a_server_refuses_is_told_once_and_nothing_more_is_tried_for_a_while(status: int) -> None:
    with catalogue(status=status) as there:
        [warning] = delivered(LineageSettings(url=there.url, token="t0k3n"), *range(5))
    assert str(status) in warning
    assert "t0k3n" not in warning
    assert len(there.events) == 1


def test_a_token_is_told_to_no_other_host() -> None:
    with catalogue() as other, catalogue(status=307, location=other.url) as there:
        [warning] = delivered(LineageSettings(url=there.url, token="t0k3n"), 1)
    assert "307" in warning
    assert (len(there.events), other.events) == (1, [])


def test_a_server_that_is_away_or_hangs_holds_nobody_up() -> None:
    [refused] = delivered(LineageSettings(url="http://127.0.0.1:1/x"), 1, 2)
    assert "efused" in refused
    with catalogue() as there:
        there.go.clear()
        begun = monotonic()
        warned = delivered(LineageSettings(url=there.url, seconds=0.3), 1, 2)
        assert monotonic() - begun < 10  # far less than it would hang; no claim of speed
    assert len(warned) == 1


def _broken() -> dict[str, object]:
    raise KeyError("missing")


def test_an_event_that_cannot_be_made_fails_nobody() -> None:
    warned: list[str] = []
    delivery = Delivery(LineageSettings(url="http://127.0.0.1:1/x"), warned.append)
    delivery.put(_broken)
    delivery.close()
    assert len(warned) == 1


def test_a_file_has_an_event_a_line_after_those_that_are_there(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    told = LineageSettings(file=file)
    assert delivered(told, 1, 2) + delivered(told, 3) == []
    assert [json.loads(line)["number"] for line in file.read_text(encoding="utf-8").splitlines()] == [1, 2, 3]
    [warning] = delivered(LineageSettings(file=tmp_path / "missing" / "events"), 1)
    assert "No such file" in warning


SECRETS = Credentials([EnvironmentVariables({"LINEAGE_TOKEN": "t0k3n"})])


def test_settings_are_those_of_the_file_and_else_of_the_variables_of_other_clients(tmp_path: Path) -> None:
    variables = {"OPENLINEAGE_URL": "http://there/", "OPENLINEAGE_API_KEY": "key", "OPENLINEAGE_NAMESPACE": "ours"}
    of_file = Environment(tmp_path / "e.toml", openlineage={"url": "https://here", "credential": "lineage"})
    assert settings(of_file, SECRETS, variables) == LineageSettings("https://here/api/v1/lineage", token="t0k3n")
    expected = LineageSettings("http://there/api/v1/lineage", token="key", namespace="ours")
    assert settings(Environment(), SECRETS, variables) == expected
    assert settings(Environment(), SECRETS, {}) is None
    beside = Environment(tmp_path / "e.toml", openlineage={"file": "events.jsonl", "seconds": 1})
    assert settings(beside, SECRETS, {}) == LineageSettings(file=tmp_path / "events.jsonl", seconds=1.0)


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"urls": "https://here"}, EnvironmentFileError),
        ({"url": "https://here", "file": "x"}, EnvironmentFileError),
        ({"namespace": "x"}, EnvironmentFileError),
        ({"url": "ftp://here"}, EnvironmentFileError),
        ({"url": 3}, EnvironmentFileError),
        ({"url": "https://here", "seconds": 0}, EnvironmentFileError),
        ({"url": "https://here", "seconds": True}, EnvironmentFileError),
        ({"url": "https://here", "credential": "other"}, MissingCredential),
    ],
    ids=str,
)
def test_settings_that_do_not_fit_are_refused(told: dict[str, object], error: type[DataSurfaceError]) -> None:
    with pytest.raises(error):
        settings(Environment(Path("e.toml"), openlineage=told), SECRETS, {})

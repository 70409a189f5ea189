"""A model in a folder, a world in memory, and the command line to work on both."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import frozen

from datasurface.cli.main import main
from datasurface.plugins.discovery import HookManager
from datasurface.plugins.manager import Plugins
from tests.unit.cli.memory_platform import MemoryPlugin

ECO = '''"""Two platforms in memory over one producer."""

from datetime import timedelta

from datasurface import (
    Column,
    Credential,
    Dataset,
    DatasetGroup,
    Datastore,
    Ecosystem,
    GitRepository,
    GovernanceZone,
    Milestoning,
    PostgresDatabase,
    Requirements,
    SqlSnapshot,
    Team,
    Workspace,
)
from datasurface.classification import PUBLIC
from datasurface.types import VarChar
from tests.unit.cli.memory_platform import MemoryDatabase, MemoryPlatform

producer = PostgresDatabase("Producer", host="db", database="shop", credential=Credential("shop-reader"))
store = Datastore(
    "Store1",
    capture=SqlSnapshot(producer),
    datasets=[
        Dataset(
            name,
            columns=[Column("id", VarChar(20), primary_key=True), Column("name", VarChar(100))],
            classification=PUBLIC,
        )
        for name in ("customers", "addresses")
    ],
)
live = Requirements(Milestoning.LIVE_ONLY, latency=timedelta(minutes=1))
forensic = Requirements(Milestoning.FORENSIC, latency=timedelta(minutes=10))
consumer = Workspace(
    "Consumer1",
    groups=[
        DatasetGroup("LiveDSG", sinks=store.sinks("customers", "addresses"), requires=live),
        DatasetGroup("ForensicDSG", sinks=store.sinks("customers"), requires=forensic),
    ],
)
here = GitRepository("acme/model")
memory = MemoryDatabase("Memory")


def create_ecosystem() -> Ecosystem:
    return Ecosystem(
        "Shop",
        repository=here,
        platforms=[
            MemoryPlatform("Live", milestoning=Milestoning.LIVE_ONLY, schedule="* * * * *", store=memory),
            MemoryPlatform("Forensic", milestoning=Milestoning.FORENSIC, schedule="*/10 * * * *", store=memory),
        ],
        zones=[
            GovernanceZone(
                "USA",
                repository=here,
                teams=[Team("team1", repository=here, datastores=[store], workspaces=[consumer])],
            )
        ],
    )
'''


def assignment(group: str, platform: str, status: str = "PROVISIONED") -> dict[str, object]:
    """One entry of the mapping file."""
    return {"workspace": "Consumer1", "dsg": group, "assignments": [{"platform": platform, "status": status}]}


BOTH = [assignment("LiveDSG", "Live"), assignment("ForensicDSG", "Forensic")]


@frozen
class Model:
    """A model's folder."""

    folder: Path

    def __str__(self) -> str:
        return str(self.folder)

    def edit(self, old: str, new: str) -> None:
        """Replace a piece of eco.py that is there once."""
        file = self.folder / "eco.py"
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        file.write_text(text.replace(old, new), encoding="utf-8")

    def assign(self, entries: list[dict[str, object]]) -> None:
        """Write the mapping file."""
        (self.folder / "dsg_platform_mapping.json").write_text(json.dumps(entries), encoding="utf-8")


@pytest.fixture
def model(tmp_path: Path) -> Model:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "eco.py").write_text(ECO, encoding="utf-8")
    model = Model(folder)
    model.assign(BOTH)
    return model


@pytest.fixture
def world() -> MemoryPlugin:
    return MemoryPlugin(source={"customers": [("1", "Ada"), ("2", "Grace")], "addresses": [("1", "Main Street")]})


@frozen
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    def document(self) -> dict[str, object]:
        """Standard output as the one JSON document that it must be."""
        document = json.loads(self.out)
        assert isinstance(document, dict)
        return document


Command = Callable[..., Ended]


@pytest.fixture
def command(world: MemoryPlugin, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command with the plugin of ``world`` alone."""
    for variable in ("DATASURFACE_STORE", "DATASURFACE_ENVIRONMENT"):
        monkeypatch.delenv(variable, raising=False)
    manager = HookManager()
    manager.register(world)

    def run(*words: object) -> Ended:
        code = main([str(word) for word in words], Plugins(manager))
        printed = capsys.readouterr()
        return Ended(code, printed.out, printed.err)

    return run

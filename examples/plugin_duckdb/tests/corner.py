"""A shop's SQLite file, a place for the DuckDB file, and the command line on the model beside these tests."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import duckdb
from attrs import frozen

from datasurface.cli.main import main
from datasurface.environment import read_environment
from datasurface.operations.checkout import ModelFolder
from datasurface.operations.jobs import InForce, open_model
from datasurface.plugins.manager import Plugins

MODEL = Path(__file__).parents[1] / "model"

SHOP = Path(__file__).with_name("shop.sql")


@frozen
class Corner:
    """The example's world in a folder."""

    folder: Path
    plugins: Plugins

    @property
    def lake(self) -> Path:
        """The DuckDB file."""
        return self.folder / "lake.duckdb"

    def change(self, sql: str) -> None:
        """Statements on the shop's file."""
        with closing(sqlite3.connect(self.folder / "shop.db")) as connection:
            connection.executescript(sql)

    def run(self, *words: str, model: Path = MODEL, code: int = 0) -> str:
        """What a command on a model prints on standard output."""
        return self.say(*words, str(model), "--environment", str(self.folder / "here.toml"), code=code)

    def say(self, *words: str, code: int = 0) -> str:
        """What a command prints on standard output."""
        with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
            done = main(list(words), self.plugins)
        assert done == code, out.getvalue() + err.getvalue()
        return out.getvalue()

    def json(self, *words: str, model: Path = MODEL, code: int = 0) -> Mapping[str, object]:
        """The document that a command prints."""
        document: Mapping[str, object] = json.loads(self.run(*words, "--json", model=model, code=code))
        return document

    def in_force(self) -> InForce:
        """What was applied, for many jobs on it."""
        environment = read_environment(self.folder / "here.toml")
        return open_model(ModelFolder(MODEL), self.plugins, environment, print)

    def read(self, sql: str) -> list[tuple[object, ...]]:
        """What a consumer reads, who needs nothing but DuckDB."""
        with duckdb.connect(str(self.lake), read_only=True) as connection:
            rows: list[tuple[object, ...]] = connection.execute(sql).fetchall()
            return rows

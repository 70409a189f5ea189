"""The example's world for every test."""

from pathlib import Path

import pytest
from corner import SHOP, Corner

from datasurface.plugins.manager import Plugins, installed_plugins


@pytest.fixture(scope="session")
def plugins() -> Plugins:
    """As they are installed here."""
    return installed_plugins(lambda _plugin, _error: None)


@pytest.fixture
def corner(tmp_path: Path, plugins: Plugins, capsys: pytest.CaptureFixture[str]) -> Corner:
    """With two products and two sales; nothing is applied yet."""
    files = {"ShopFile": "shop.db", "Lake": "lake.duckdb"}
    bound = "\n".join(f'[containers.{name}]\npath = "{tmp_path / file}"' for name, file in files.items())
    (tmp_path / "here.toml").write_text(bound, encoding="utf-8")
    world = Corner(tmp_path, plugins, capsys)
    world.change(SHOP.read_text(encoding="utf-8"))
    return world

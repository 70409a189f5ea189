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
def corner(tmp_path: Path, plugins: Plugins) -> Corner:
    """With two products and two sales; nothing is applied yet."""
    return _built(tmp_path, plugins)


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory, plugins: Plugins) -> Corner:
    """The same, with the model in force and no batch; for tests that change neither."""
    corner = _built(tmp_path_factory.mktemp("applied"), plugins)
    corner.run("apply")
    return corner


def _built(folder: Path, plugins: Plugins) -> Corner:
    files = {"ShopFile": "shop.db", "Lake": "lake.duckdb"}
    bound = "\n".join(f'[containers.{name}]\npath = "{folder / file}"' for name, file in files.items())
    (folder / "here.toml").write_text(bound, encoding="utf-8")
    corner = Corner(folder, plugins)
    corner.change(SHOP.read_text(encoding="utf-8"))
    return corner

"""Plugins come by entry point; one that is broken is one error that names its distribution."""

import sys
from importlib import import_module
from pathlib import Path
from textwrap import dedent

import click
import pytest

from datasurface.change.compatibility import RULES
from datasurface.credentials import Credentials
from datasurface.errors import MissingExtra
from datasurface.model import Container
from datasurface.plugins.hookspecs import hookimpl
from datasurface.plugins.manager import BrokenPlugin, Plugins, empty_manager, extra_named, plugin_manager
from datasurface_yellow.compatibility import RULES as YELLOW_RULES
from tests.unit.operations.generations import deployment


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Installs a distribution ``acme-plugin`` 1.2 whose plugin is a module with the text that is given."""
    monkeypatch.syspath_prepend(tmp_path)

    def install(text: str) -> None:
        module = f"acme_plugin_{abs(hash(text))}"
        (tmp_path / f"{module}.py").write_text(dedent(text), encoding="utf-8")
        info = tmp_path / "acme_plugin-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-plugin\nVersion: 1.2\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(f"[datasurface]\nacme = {module}\n", encoding="utf-8")

    return install


HOOK = "from datasurface.plugins.hookspecs import hookimpl\n@hookimpl\n"


def test_installed_plugins_are_found_yellow_among_them(install: object) -> None:
    assert callable(install)
    install(f"{HOOK}def lint_rules(): return ['a rule']")
    manager = plugin_manager()
    assert {"acme", "yellow"} <= {name for name, _ in manager.list_name_plugin()}
    assert list(map(str, Plugins(manager).rules())) == ["a rule"]
    assert [cls.__name__ for cls in Plugins(manager).platform_classes()] == ["YellowDataPlatform"]


def test_rules_of_compatibility_come_from_plugins_and_have_codes_of_their_own() -> None:
    found = Plugins(plugin_manager()).compatibility_rules()
    assert {rule.code for rule in found} == {rule.code for rule in YELLOW_RULES}
    assert not {rule.code for rule in found} & {rule.code for rule in RULES}


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("raise RuntimeError('no licence')", "RuntimeError: no licence"),
        ("import a_module_that_nobody_has", "ModuleNotFoundError: No module named 'a_module_that_nobody_has'"),
        (f"{HOOK}def no_such_hook(): pass", "no_such_hook"),
        (f"{HOOK}def lint_rules(no_such_argument): pass", "no_such_argument"),
        ("def broken(:", "SyntaxError"),
    ],
)
def test_a_broken_plugin_is_one_error_that_names_its_distribution(install: object, text: str, cause: str) -> None:
    assert callable(install)
    install(text)
    with pytest.raises(BrokenPlugin) as broken:
        plugin_manager()
    assert broken.value.message.startswith("plugin 'acme' of acme-plugin 1.2 does not load: ")
    assert cause in broken.value.message
    assert broken.value.hint == "install a version that fits, or uninstall acme-plugin"


def test_a_plugin_that_needs_a_module_of_an_extra_says_which(install: object, monkeypatch: pytest.MonkeyPatch) -> None:
    assert callable(install)
    monkeypatch.setitem(sys.modules, "psycopg2", None)
    install("import psycopg2")
    with pytest.raises(MissingExtra) as missing:
        plugin_manager()
    assert missing.value.message == "plugin 'acme' of acme-plugin 1.2 needs the extra 'yellow'"
    assert missing.value.hint == "pip install 'datasurface[yellow]'"


@pytest.mark.parametrize(
    ("module", "extra"),
    [("psycopg2", "yellow"), ("mimesis", "demo")],
)
def test_the_import_of_a_module_that_an_extra_brings_names_the_extra(module: str, extra: str) -> None:
    with pytest.raises(MissingExtra, match=f"needs the extra '{extra}'"), extra_named("the demo"):
        raise ModuleNotFoundError(f"No module named '{module}.engine'", name=f"{module}.engine")


@pytest.mark.parametrize(
    ("module", "without", "extra"),
    [
        ("datasurface_yellow.store.statements", "jinja2", "yellow"),
        ("datasurface_airflow.dag_files", "jinja2", "airflow"),
        ("datasurface_airflow.kubernetes.documents", "yaml", "airflow"),
        ("datasurface.interchange.odcs.parse", "yaml", "odcs"),
    ],
)
def test_of_extras_that_bring_the_same_module_the_one_that_the_importer_is_of_is_named(
    monkeypatch: pytest.MonkeyPatch, module: str, without: str, extra: str
) -> None:
    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, without, None)
    with pytest.raises(MissingExtra, match=f"needs the extra '{extra}'"), extra_named("this command"):
        import_module(module)


@pytest.mark.parametrize("module", ["a_module_that_nobody_has", "psy", "", None])
def test_any_other_import_error_stays_what_it_is(module: str | None) -> None:
    with pytest.raises(ModuleNotFoundError), extra_named("the demo"):
        raise ModuleNotFoundError("No module", name=module)


def test_a_platform_and_a_container_that_nobody_runs_are_named() -> None:
    plugins = Plugins(empty_manager())
    with pytest.raises(BrokenPlugin, match="no plugin runs platform Live of class DataPlatform"):
        plugins.runtime(deployment("Live", "* * * * *"), None, Credentials([]))
    with pytest.raises(BrokenPlugin, match="no plugin keeps a control store in Shelf of class Container"):
        plugins.control_store(Container("Shelf"), Credentials([]))
    with pytest.raises(BrokenPlugin, match="no plugin reads the tables of Shelf of class Container"):
        plugins.catalogue(Container("Shelf"), None, [], Credentials([]))


class WithCommand:
    @hookimpl
    def commands(self) -> list[click.Command]:
        return [click.Command("hello")]


class WithoutItsExtra:
    @hookimpl
    def commands(self) -> list[click.Command]:
        raise ModuleNotFoundError("No module named 'mimesis'", name="mimesis")


def test_a_plugin_without_its_extra_does_not_hide_the_commands_of_others() -> None:
    manager = empty_manager()
    manager.register(WithCommand())
    manager.register(WithoutItsExtra(), "seasonal")
    commands, problems = Plugins(manager).commands()
    assert list(commands) == ["hello"]
    assert [problem.message for problem in problems] == ["plugin 'seasonal' needs the extra 'demo'"]

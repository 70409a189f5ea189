"""A module that is not installed and that one of our extras brings: the extra is named."""

import sys
from importlib import import_module

import pytest

from datasurface.errors import MissingExtra
from datasurface.plugins.extras import extra_named


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

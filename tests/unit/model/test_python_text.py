"""The Python that builds a value again: it can be pasted back, and is written as a formatter writes it."""

import subprocess
import sys
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from attrs import AttrsInstance, fields, frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasurface import Column, Dataset, Ecosystem, OnAdd, PostgresDatabase, SqlWatermark, types
from datasurface.classification import PII
from datasurface.loader import load
from datasurface.python_text import as_python, imports_of
from datasurface.types import DataType, VarChar
from datasurface_yellow import YellowDataPlatform
from tests.support.classes import classes_of_models
from tests.support.length import long_or
from tests.support.models import data_types, ecosystems
from tests.unit.mistakes.mistake import EXAMPLE

SLOW = settings(max_examples=long_or(300, 50), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
DATABASE = PostgresDatabase("db", host="h", database="d")


def evaluated(text: str, value: object) -> object:
    """What an expression for ``value`` builds in a file that has the imports it needs."""
    names: dict[str, object] = {}
    for module, found in imports_of([value]).items():
        for name in found:
            names[name] = getattr(import_module(module), name)
    result: object = eval(text, names)  # noqa: S307 our own text
    return result


@SLOW
@given(ecosystems, st.none() | st.integers(1, 120))
def test_the_text_of_a_model_builds_an_equal_model(ecosystem: Ecosystem, width: int | None) -> None:
    assert evaluated(as_python(ecosystem, width), ecosystem) == ecosystem


@given(data_types)
def test_a_repr_builds_an_equal_type(type_: DataType) -> None:
    assert evaluated(repr(type_), type_) == type_


CLASSES: list[type] = [*classes_of_models(), *DataType.__subclasses__()]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_class_can_be_imported_from_where_users_are_told(cls: type[AttrsInstance]) -> None:
    value = object.__new__(cls)
    for attribute in fields(cls):
        object.__setattr__(value, attribute.name, attribute.default)
    for module, names in imports_of([value]).items():
        assert all(hasattr(import_module(module), name) for name in names)


def test_what_is_as_by_default_is_left_out_and_the_rest_is_by_position_or_keyword() -> None:
    assert repr(Column("id", VarChar(20), primary_key=True)) == 'Column("id", VarChar(20), primary_key=True)'
    assert repr(types.Decimal(10, 2)) == "Decimal(10, 2)"
    assert repr(Dataset("d", columns=[], on_add=OnAdd.BACKFILL)) == 'Dataset("d", columns=[], on_add=OnAdd.BACKFILL)'
    watermark = SqlWatermark(DATABASE, column={"a": "b"}, window=timedelta(hours=36))
    assert repr(watermark).endswith('column={"a": "b"}, window=timedelta(hours=36))')


def test_text_that_needs_quotes_is_quoted_as_formatters_do() -> None:
    texts = ["a", "it's", 'say "a"', "it's \"a", "\\", "ä", "\n"]
    expected = ['"a"', '"it\'s"', "'say \"a\"'", r'''"it's \"a"''', r'"\\"', '"ä"', r'"\n"']
    assert [as_python(text) for text in texts] == expected
    assert [eval(text) for text in expected] == texts  # noqa: S307 the text just above


def test_times_are_written_as_they_are_imported() -> None:
    assert as_python(date(2026, 1, 31)) == "date(2026, 1, 31)"
    assert as_python(timedelta(days=2557)) == "timedelta(days=2557)"
    assert as_python(timedelta(seconds=90)) == "timedelta(seconds=90)"
    assert as_python(timedelta(days=1, microseconds=5)) == "timedelta(days=1, microseconds=5)"
    assert as_python(timedelta(0)) == "timedelta(0)"


@frozen
class _Nothing:
    """No field at all."""


@pytest.mark.parametrize("width", [60, 100, 120])
def test_a_formatter_leaves_it_alone(width: int, tmp_path: Path) -> None:
    example = load(EXAMPLE, [YellowDataPlatform]).ecosystem
    assert example is not None
    column = Column("a rather long name of a column", VarChar(20), classification=PII, description="x" * 30)
    values = [
        example,
        Dataset("d", columns=[column] * 2, foreign_keys=[], on_add=OnAdd.BACKFILL),
        SqlWatermark(DATABASE, column={"orders": "changed", "parts": "version"}, tables={"orders": "tbl_orders"}),
        Dataset('"', columns=[], description='it\'s "so"\n'),
        (column, (column,)),
        _Nothing(),
    ]
    text = "".join(f"{as_python(value, width)}\n" for value in values)
    path = tmp_path / "values.py"
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", f"--line-length={width}", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr

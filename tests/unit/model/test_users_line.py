"""Every object knows its line, however the code that builds it is laid out."""

import sys
from pathlib import Path

from datasurface.findings import SourceLine
from datasurface.model import Column
from datasurface.model.users_line import users_line
from datasurface.types import Date


def built(text: str, file: Path) -> list[Column]:
    """The columns that a file's code puts into ``columns``."""
    names: dict[str, object] = {"Column": Column, "Date": Date}
    exec(compile(text, str(file), "exec"), names)  # noqa: S102
    columns = names["columns"]
    assert isinstance(columns, list)
    return columns


def test_each_column_of_a_long_list_has_its_own_line(tmp_path: Path) -> None:
    calls = "".join(f"    Column(\n        'c{number}',\n        Date(),\n    ),\n" for number in range(500))
    columns = built(f"columns = [\n{calls}]\n", tmp_path / "eco.py")
    assert [column.source for column in columns] == [
        SourceLine(str(tmp_path / "eco.py"), 2 + 4 * number) for number in range(500)
    ]


def test_columns_of_many_functions_have_their_lines(tmp_path: Path) -> None:
    functions = "".join(f"def f{number}():\n    return Column('c', Date())\n" for number in range(200))
    calls = "columns = [globals()[f'f{number % 200}']() for number in range(400)]\n"
    columns = built(functions + calls, tmp_path / "eco.py")
    assert [column.source and column.source.line for column in columns] == [2 + 2 * (n % 200) for n in range(400)]


def test_code_that_is_compiled_again_under_its_name_has_its_new_lines(tmp_path: Path) -> None:
    file = tmp_path / "eco.py"
    for moved in range(100):
        (column,) = built("\n" * moved + "columns = [Column('c', Date())]\n", file)
        assert column.source == SourceLine(str(file), moved + 1)


def test_one_line_is_one_object() -> None:
    first, second = (Column(name, Date()) for name in ("first", "second"))
    assert first.source is second.source


def test_the_line_is_that_of_the_frame() -> None:
    assert users_line() == SourceLine(__file__, sys._getframe().f_lineno)

"""Commands that plugins bring."""

from typing import TYPE_CHECKING

import click
import pytest

from datasurface.cli.main import main
from datasurface.errors import UsageError
from datasurface.plugins.discovery import HookManager
from datasurface.plugins.hookspecs import hookimpl
from datasurface.plugins.manager import Plugins

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command()
@click.option("--code", type=int, default=None)
@click.option("--fail", type=click.Choice(["usage", "import", "bug", "click", "interrupt", "system"]))
def greet(code: int | None, fail: str | None) -> int | None:
    """Greet."""
    failures: dict[str, BaseException] = {
        "usage": UsageError("two words that do not fit", hint="leave one out"),
        "import": ModuleNotFoundError("No module named 'mimesis'", name="mimesis"),
        "bug": ZeroDivisionError(),
        "click": click.ClickException("cannot open it"),
        "interrupt": KeyboardInterrupt(),
        "system": PermissionError(13, "Permission denied", "rows.log"),
    }
    if fail:
        raise failures[fail]
    click.echo("hello")
    return code


class Greeter:
    @hookimpl
    def commands(self) -> "Sequence[click.Command]":
        return [greet]


class WithoutItsExtra:
    @hookimpl
    def commands(self) -> "Sequence[click.Command]":
        raise ModuleNotFoundError("No module named 'mimesis'", name="mimesis")


def plugins(*of: object) -> Plugins:
    manager = HookManager()
    for plugin in of:
        manager.register(plugin, type(plugin).__name__)
    return Plugins(manager)


def test_a_plugins_command_runs_as_one_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["greet"], plugins(Greeter())) == 0
    assert capsys.readouterr().out == "hello\n"
    assert main(["greet", "--code", "1"], plugins(Greeter())) == 1
    assert main(["greet", "--nope"], plugins(Greeter())) == 64


@pytest.mark.parametrize(
    ("fail", "code", "said"),
    [
        ("usage", 64, "error: two words that do not fit\nhint: leave one out\n"),
        ("import", 1, "error: this command needs the extra 'demo'\nhint: pip install 'datasurface[demo]'\n"),
        ("click", 1, "error: cannot open it\n"),
        ("interrupt", 1, "error: interrupted\n"),
        ("system", 1, "error: [Errno 13] Permission denied: 'rows.log'\n"),
    ],
)
def test_what_a_command_raises_is_one_message(
    fail: str, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["greet", "--fail", fail], plugins(Greeter())) == code
    assert capsys.readouterr().err.lstrip("\n") == said


def test_a_mistake_of_ours_is_not_dressed_up() -> None:
    with pytest.raises(ZeroDivisionError):
        main(["greet", "--fail", "bug"], plugins(Greeter()))


def test_the_help_lists_commands_of_plugins_and_notes_those_that_are_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--help"], plugins(Greeter(), WithoutItsExtra())) == 0
    printed = capsys.readouterr()
    assert "greet Greet." in " ".join(printed.out.split())
    assert "plugin 'WithoutItsExtra' needs the extra 'demo'" in printed.err


def test_a_command_that_a_plugin_without_its_extra_may_have_names_the_extra(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["simulate"], plugins(WithoutItsExtra())) == 1
    assert "pip install 'datasurface[demo]'" in capsys.readouterr().err


def test_our_own_commands_ask_no_plugin_for_theirs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ingest", "--help"], plugins(WithoutItsExtra())) == 0
    assert capsys.readouterr().err == ""

"""Plugins come by entry point; one that is broken is named with its distribution, and all else works."""

import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import click
import pytest

from datasurface.change.compatibility import RULES
from datasurface.credentials import Credentials
from datasurface.errors import DataSurfaceError, MissingExtra
from datasurface.model import Container, DataPlatform, Milestoning
from datasurface.plugins.discovery import HookManager, find_plugins
from datasurface.plugins.hookspecs import Renamed, hookimpl
from datasurface.plugins.manager import Plugins, PluginWarning, installed_plugins
from datasurface.plugins.states import BrokenPlugin, PluginState, PluginStatus
from datasurface_yellow.compatibility import RULES as YELLOW_RULES
from tests.support.acme import HOOK, install_plugin
from tests.unit.lint import models
from tests.unit.operations.generations import deployment

Install = Callable[..., str]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a distribution whose plugin is a module with the text that is given; its words in messages."""
    monkeypatch.syspath_prepend(tmp_path)
    return lambda text, *names: install_plugin(tmp_path, text, *names)


def told(told_of: list[str]) -> Plugins:
    """The installed plugins, which tell what was left out."""
    return installed_plugins(lambda _plugin, error: told_of.append(error.message))


def state_of(title: str, plugins: Plugins) -> PluginState:
    [state] = [state for state in plugins.checked() if state.title == title]
    return state


RULE = (
    f"{HOOK}def lint_rules():\n    from datasurface.lint.registry import rule\n"
    "    @rule('AC1', 'One')\n    def check(ecosystem): return []\n    return [check]\n"
)


def test_installed_plugins_are_found_yellow_among_them(install: Install) -> None:
    title = install(RULE)
    plugins = told(problems := list[str]())
    assert [rule.code for rule in plugins.rules()] == ["AC1"]
    assert [cls.__name__ for cls in plugins.platform_classes()] == ["YellowDataPlatform"]
    assert state_of(title, plugins).hooks == ("lint_rules",)
    assert {state.status for state in plugins.checked()} == {PluginStatus.LOADED}
    assert not problems


def test_rules_of_compatibility_come_from_plugins_and_have_codes_of_their_own() -> None:
    found = installed_plugins().compatibility_rules()
    assert {rule.code for rule in found} == {rule.code for rule in YELLOW_RULES}
    assert not {rule.code for rule in found} & {rule.code for rule in RULES}


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("raise RuntimeError('no licence')", "RuntimeError: no licence"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("import a_module_that_nobody_has", "ModuleNotFoundError: No module named 'a_module_that_nobody_has'"),
        ("def broken(:", "SyntaxError"),
        (f"{HOOK}def lint_rule(): return []", "there is no hook named lint_rule; did you mean 'lint_rules'?"),
        (f"{HOOK}def no_such_thing(): return []", "there is no hook named no_such_thing; there is "),
        (
            f"{HOOK}def open_runtime(deploiment, credentials): return None",
            "there is no parameter of hook open_runtime named deploiment; did you mean 'deployment'?",
        ),
        (f"{HOOK.replace('HOOKS = 1', 'HOOKS = 2')}def lint_rules(): return []", "it was written for hooks 2; this"),
        (f"{HOOK.replace('HOOKS = 1', 'HOOKS = 0')}def lint_rules(): return []", "works with 1 to 1"),
        (f"{HOOK.replace('= 1', '= 1.0')}def lint_rules(): return []", "HOOKS is 1.0, and not the number of a version"),
        (
            f"{HOOK.rstrip()}(wrapper=True)\ndef lint_rules(): return (yield)",
            "lint_rules wraps what others give",
        ),
    ],
)
def test_a_plugin_that_does_not_load_is_named_and_left_out(install: Install, text: str, cause: str) -> None:
    title = install(text)
    install(RULE, "sound-plugin", "sound")
    plugins = told(problems := list[str]())
    [problem] = problems
    assert problem.startswith(f"{title} does not load: ")
    assert cause in problem
    assert state_of(title, plugins).status is PluginStatus.BROKEN
    assert state_of(title, plugins).problems[0].hint == "install a version that fits, or uninstall acme-plugin"
    assert [rule.code for rule in plugins.rules()] == ["AC1"]
    assert [cls.__name__ for cls in plugins.platform_classes()] == ["YellowDataPlatform"]


def test_what_is_left_out_is_a_warning_of_python_where_nobody_else_hears_it(install: Install) -> None:
    title = install("raise RuntimeError('no licence')")
    with pytest.warns(PluginWarning, match=f"{title} does not load"):
        installed_plugins()


def test_a_hook_that_may_be_missing_is_not_missed(install: Install) -> None:
    title = install(f"{HOOK.rstrip()}(optionalhook=True)\ndef of_a_later_version(): return []")
    assert state_of(title, told(problems := list[str]())).hooks == ()
    assert not problems


def test_one_module_that_is_announced_twice_takes_part_once(install: Install, tmp_path: Path) -> None:
    install(RULE)
    entries = next(tmp_path.glob("*.dist-info")) / "entry_points.txt"
    entries.write_text(entries.read_text() + entries.read_text().splitlines()[1].replace("acme =", "again ="))
    plugins = told(problems := list[str]())
    assert [rule.code for rule in plugins.rules()] == ["AC1"]
    assert "is announced twice" in problems[0]


def test_what_an_author_may_have_forgotten_is_remarked_and_harms_nothing(install: Install) -> None:
    title = install("def lint_rules(): return []")
    state = state_of(title, told(problems := list[str]()))
    assert state.remarks == (
        "lint_rules is not marked by hookimpl, and never called",
        "it does not say which hooks it was written for: HOOKS = 1",
    )
    assert state.status is PluginStatus.LOADED
    assert not problems


def test_a_hook_under_an_old_name_is_called_and_its_plugin_named_with_the_new_one(install: Install) -> None:
    title = install(RULE.replace("def lint_rules", "def checks"))
    found = find_plugins({"checks": Renamed("lint_rules", until=3)})
    plugins = Plugins(found.manager, tuple(found.states.values()))
    assert [rule.code for rule in plugins.rules()] == ["AC1"]
    assert state_of(title, plugins).deprecated == ("hook checks is lint_rules now; from hooks 3 on only that",)
    assert state_of(title, plugins).hooks == ("lint_rules",)


def test_a_plugin_that_needs_a_module_of_an_extra_says_which(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg2", None)
    title = install("import psycopg2")
    state = state_of(title, told(problems := list[str]()))
    assert problems == [f"{title} needs the extra 'yellow'"]
    assert state.problems[0].hint == "pip install 'datasurface[yellow]'"
    assert state.status is PluginStatus.INCOMPLETE


@pytest.mark.parametrize(
    ("hook", "gives", "said"),
    [
        ("lint_rules", "['a rule']", "lint_rules gave 'a rule' (str), which is no Rule"),
        ("lint_rules", "None", "lint_rules gave None (NoneType), and no list or tuple"),
        ("lint_rules", "'a rule'", "lint_rules gave 'a rule' (str), and no list or tuple"),
        ("lint_rules", "1 / 0", "lint_rules failed: ZeroDivisionError: division by zero"),
        ("lint_rules", "(1 / 0 for _ in [1])", "lint_rules failed: ZeroDivisionError: division by zero"),
        (
            "platform_classes",
            "[int]",
            "platform_classes gave <class 'int'> (type), which is no subclass",
        ),
        ("container_classes", "[3]", "container_classes gave 3 (int), which is no subclass of Container"),
        ("merge_strategies", "[{}]", "merge_strategies gave {} (dict), which is no StrategyKit"),
        ("compatibility_rules", "[1]", "compatibility_rules gave 1 (int), which is no CompatibilityRule"),
        ("emitters", "[1]", "emitters gave 1 (int), which is no Emitter"),
        (
            "commands",
            "[print]",
            "commands gave <built-in function print> (builtin_function_or_method), which is no click",
        ),
    ],
)
def test_a_hook_that_lists_things_and_gives_something_else_is_named(
    install: Install, hook: str, gives: str, said: str
) -> None:
    title = install(f"{HOOK}def {hook}(): return {gives}")
    install(RULE, "sound-plugin", "sound")
    plugins = installed_plugins(lambda _plugin, _error: None)
    state = state_of(title, plugins)
    assert state.status is PluginStatus.BROKEN
    assert [problem.message.startswith(f"{title}: {said}") for problem in state.problems] == [True], state.problems
    assert {each.title for each in plugins.checked() if each.problems} == {title}
    assert [rule.code for rule in plugins.rules()] == ["AC1"]


def test_a_name_that_is_taken_stays_whose_it_was(install: Install) -> None:
    title = install(
        "from datasurface.model import Container, DataPlatform\n"
        f"{HOOK}def platform_classes(): return [type('YellowDataPlatform', (DataPlatform,), {{}})]\n"
        "@hookimpl\ndef container_classes(): return [type('PostgresDatabase', (Container,), {})]"
    )
    plugins = told(problems := list[str]())
    assert [cls.__module__ for cls in plugins.platform_classes()] == ["datasurface_yellow.platform"]
    assert plugins.container_classes() == ()
    assert problems == [
        f"{title}: platform_classes gave YellowDataPlatform, a name that plugin 'yellow' of datasurface "
        f"{version('datasurface')} has already, and theirs stays",
        f"{title}: container_classes gave PostgresDatabase, a name that datasurface has already, and theirs stays",
    ]


class Platforms:
    """Answers for whatever it is asked, with what it is given."""

    def __init__(self, answer: Callable[[], object]) -> None:
        self.answer = answer

    @hookimpl
    def open_runtime(self) -> object:
        return self.answer()

    @hookimpl
    def platform_findings(self) -> object:
        return self.answer()

    @hookimpl
    def platform_classes(self) -> list[type[DataPlatform]]:
        return [DataPlatform]


class Runs:
    """A runtime by its methods' names; none is ever called."""

    def __getattr__(self, name: str) -> Callable[[], None]:
        return lambda: None


def with_plugins(**plugins: object) -> tuple[Plugins, list[tuple[str, DataSurfaceError]]]:
    manager, problems = HookManager(), list[tuple[str, DataSurfaceError]]()
    for name, plugin in plugins.items():
        manager.register(plugin, name)
    return Plugins(manager, (), lambda plugin, error: problems.append((plugin, error))), problems


def test_a_platform_is_run_by_its_plugin_whatever_others_do_when_they_are_asked() -> None:
    runs: object = Runs()
    plugins, problems = with_plugins(
        fails=Platforms(lambda: 1 / 0),
        lies=Platforms(lambda: 3),
        other=Platforms(lambda: None),
        own=Platforms(lambda: runs),
    )
    assert plugins.runtime(deployment("Live", "* * * * *"), None, Credentials([])) is runs
    assert [(plugin, error.message.partition(", without")[0]) for plugin, error in problems] == [
        ("fails", "plugin 'fails': open_runtime failed: ZeroDivisionError: division by zero"),
        ("lies", "plugin 'lies': open_runtime gave 3 (int)"),
    ]


def test_a_platform_that_only_a_failing_plugin_could_run_says_how_it_failed() -> None:
    plugins, _ = with_plugins(fails=Platforms(lambda: 1 / 0))
    with pytest.raises(BrokenPlugin, match="plugin 'fails': open_runtime failed: ZeroDivisionError"):
        plugins.runtime(deployment("Live", "* * * * *"), None, Credentials([]))


def test_a_runtime_without_a_method_is_refused_with_its_name() -> None:
    plugins, _ = with_plugins(lies=Platforms(object))
    with pytest.raises(BrokenPlugin, match=r"open_runtime gave <object .* without apply, check_access, drop_unused"):
        plugins.runtime(deployment("Live", "* * * * *"), None, Credentials([]))


@pytest.mark.parametrize("answer", [lambda: 1 / 0, lambda: ["wrong"], lambda: None])
def test_work_that_a_platforms_own_plugin_cannot_judge_is_refused_and_of_others_it_is_only_told(
    answer: Callable[[], object],
) -> None:
    plugins, problems = with_plugins(own=Platforms(answer))
    of_its_own = DataPlatform("Own", milestoning=Milestoning.LIVE_ONLY, schedule="* * * * *")
    with pytest.raises(BrokenPlugin, match="plugin 'own': platform_findings "):
        plugins.findings(models.model(platforms=[of_its_own]))
    assert plugins.findings(models.model()) == ()
    assert {plugin for plugin, _ in problems} == {"own"}


def test_a_platform_and_a_container_that_nobody_runs_are_named() -> None:
    plugins = Plugins(HookManager())
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
    plugins, problems = with_plugins(hello=WithCommand(), seasonal=WithoutItsExtra())
    assert list(plugins.commands()) == ["hello"]
    assert [error.message for _, error in problems] == ["plugin 'seasonal' needs the extra 'demo'"]
    assert isinstance(problems[0][1], MissingExtra)

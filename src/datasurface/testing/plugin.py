"""The pytest plugin of the conformance kit: ``pytest --datasurface-strategy=NAME``.

pytest loads it wherever DataSurface is installed, so it imports nothing before the option is given, and does nothing
without it.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from datasurface.milestoning.kit import StrategyKit

OPTION = "--datasurface-strategy"
EXAMPLES = 10
"""Random streams for each property, unless the command line says otherwise."""

_FOLDER = Path(__file__).parent / "conformance"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The kit's options."""
    group = parser.getgroup("datasurface", "conformance of DataSurface's merge strategies")
    group.addoption(OPTION, metavar="NAME", help="run the conformance kit on this merge strategy")
    group.addoption(
        "--datasurface-examples",
        metavar="N",
        type=int,
        default=EXAMPLES,
        help=f"random streams that each property is tried on (default {EXAMPLES})",
    )


def pytest_configure(config: pytest.Config) -> None:
    """With the option and no paths, the kit's tests are what is run; the name is looked up before anything is."""
    if config.getoption(OPTION) is None:
        return
    chosen_kit(config)
    if examples(config) < 1:
        raise pytest.UsageError(f"--datasurface-examples must be at least 1, not {examples(config)}")
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = [str(_FOLDER)]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Without the option nothing of the kit is collected, whatever folder is asked for. With it and no paths, nothing
    beside the way to the kit is looked at: pytest looks from the root down, past folders that only others may read."""
    in_kit = _FOLDER in collection_path.parents
    if config.getoption(OPTION) is None:
        return in_kit or None
    is_on_the_way = in_kit or collection_path in (_FOLDER, *_FOLDER.parents)
    return True if config.args == [str(_FOLDER)] and not is_on_the_way else None


def pytest_report_header(config: pytest.Config) -> str | None:
    """Whose strategy is on trial."""
    if config.getoption(OPTION) is None:
        return None
    plugin, kit = chosen_kit(config)
    return f"datasurface: strategy {kit.name} of {plugin}"


def chosen_kit(config: pytest.Config) -> "tuple[str, StrategyKit]":
    """The kit of the strategy that the command line names, after its plugin; UsageError with the names that there are
    for another, and with what is wrong with plugins."""
    from datasurface.plugins.manager import installed_plugins

    name, wrong = config.getoption(OPTION), list[str]()
    kits = installed_plugins(lambda _plugin, problem: wrong.append(problem.message)).merge_strategies()
    for plugin, kit in kits:
        if kit.name == name:
            return plugin, kit
    known = ", ".join(sorted(kit.name for _, kit in kits)) or "none"
    there_is = f"there is no merge strategy {name!r}; installed plugins bring: {known}"
    raise pytest.UsageError("\n".join([there_is, *wrong]))


def examples(config: pytest.Config) -> int:
    """How many random streams each property is tried on."""
    return int(config.getoption("--datasurface-examples"))

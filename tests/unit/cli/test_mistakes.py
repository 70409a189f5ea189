"""Every mistake that a user can make in a model, as the command line tells it."""

import re
from pathlib import Path

import pytest

from datasurface.cli.main import main
from datasurface.plugins.manager import Plugins, installed_plugins
from tests.unit.mistakes.cases import CASES
from tests.unit.mistakes.mistake import Mistake

FINDING = re.compile(r"^([^ :][^:]*):(\d+): (?:error|warning) (\w+): \S", re.MULTILINE)


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return installed_plugins()


@pytest.mark.parametrize("mistake", CASES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_shown_at_the_users_line_and_refuses_the_model(
    mistake: Mistake, plugins: Plugins, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mistake.write_to(tmp_path)
    code = main(["validate", str(tmp_path), "--load-timeout", str(mistake.timeout)], plugins)
    printed = capsys.readouterr()
    assert code == (1 if mistake.is_error else 0)
    shown = {(rule, file, int(line)) for file, line, rule in FINDING.findall(printed.out)}
    assert shown == mistake.places
    assert printed.out.count("    hint: ") == len(mistake.places)
    assert "Traceback" not in printed.out + printed.err

"""Documents that the pages show are those that the code writes; protocols are described whole."""

import json
import shutil
from pathlib import Path

import pytest

from datasurface.cli.main import main
from datasurface.milestoning.strategy import MergeStrategy
from datasurface.results import DatasetCounts
from datasurface.runtime import ControlStore, PlatformRuntime
from datasurface_yellow.demo.report import Check, PlatformTally, Verdict
from datasurface_yellow.simulator.log import decode, encode
from tests.unit.docs.markdown import REPOSITORY, blocks, page, prose, shape, text_of, words


def test_a_line_of_the_simulator_s_log_can_be_read() -> None:
    [line] = [block.text for block in blocks(page("simulator.md"), "json") if not block.mark]
    assert json.loads(encode(decode(line))) == json.loads(line)


def test_the_demonstration_s_report_has_the_keys_of_its_page() -> None:
    [shown] = blocks(page("demo.md"), "json")
    tally = PlatformTally(1, 0, {"customers": DatasetCounts()})
    check = Check("name", True, dict.fromkeys(("expected", "found", "missing", "unexpected"), 0))
    verdict = Verdict(1, {"YellowLive": tally, "YellowForensic": tally}, [check], 1.0)
    assert shape(verdict.document()) == shape(json.loads(shown.text))


@pytest.mark.parametrize("protocol", [PlatformRuntime, ControlStore, MergeStrategy], ids=lambda cls: cls.__name__)
def test_every_method_of_a_protocol_is_described(protocol: type) -> None:
    described = {word.partition("(")[0] for word in words(prose(page("plugins.md")))}
    methods = {name for name in vars(protocol) if not name.startswith("_")}
    assert methods <= described


def test_the_finding_that_the_page_shows_is_printed_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shutil.copytree(REPOSITORY / "examples" / "customer360", tmp_path / "model")
    model = text_of(folder / "eco.py").replace('sinks("customers"', 'sinks("customer"', 1)
    (folder / "eco.py").write_text(model, encoding="utf-8")
    [shown] = [block.text for block in blocks(page("rules.md")) if block.mark == "printed"]
    assert main(["validate", str(folder)]) == 1
    assert capsys.readouterr().out.startswith(shown)

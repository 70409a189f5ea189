"""Generated models: as large as was asked for, and right by every rule."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.model_size.course import Run
from benchmarks.model_size.report import BOUNDS, figures, show
from benchmarks.model_size.sizes import WHOLE, Size, write_model
from benchmarks.model_size.watched import Taken, WrongEnd, watch
from datasurface.change.diff import ChangeKind, diff
from datasurface.environment import Environment
from datasurface.model import Column, Dataset, Ecosystem, SqlSnapshot, SqlWatermark, elements
from datasurface.operations.checkout import ModelFolder
from datasurface.operations.model import validate
from datasurface.plugins.manager import installed_plugins

SMALL = Size(datastores=23, datasets=101, columns=1207)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bool], Ecosystem]:
    """The small model, or the same with a change; loaded with every rule once."""
    known: dict[bool, Ecosystem] = {}

    def model(changed: bool) -> Ecosystem:
        if changed not in known:
            folder = tmp_path_factory.mktemp("made") / "model"
            write_model(folder, SMALL, changed=changed)
            validation = validate(ModelFolder(folder), installed_plugins(), Environment())
            assert validation.findings == ()
            assert validation.ecosystem is not None
            known[changed] = validation.ecosystem
        return known[changed]

    return model


def test_a_model_has_the_size_that_was_asked_for_and_nothing_is_wrong_with_it(
    made: Callable[[bool], Ecosystem],
) -> None:
    ecosystem = made(False)
    kinds = [type(element) for element in elements(ecosystem)]
    assert len(list(ecosystem.datastores())) == SMALL.datastores
    assert kinds.count(Dataset) == SMALL.datasets
    assert kinds.count(Column) == SMALL.columns


def test_a_model_has_what_companies_have(made: Callable[[bool], Ecosystem]) -> None:
    ecosystem = made(False)
    datasets = [dataset for store in ecosystem.datastores() for dataset in store.datasets]
    sunk = {
        (sink.store, sink.dataset)
        for workspace in ecosystem.workspaces()
        for group in workspace.groups
        for sink in group.sinks
    }
    assert {type(store.capture) for store in ecosystem.datastores()} == {SqlSnapshot, SqlWatermark}
    assert len({len(dataset.columns) for dataset in datasets}) > 3
    assert any(dataset.foreign_keys for dataset in datasets)
    assert len(datasets) / 5 <= len(sunk) <= len(datasets) / 2
    assert len({type(column.type) for dataset in datasets for column in dataset.columns}) > 10


def test_a_model_that_is_written_out_is_the_same(made: Callable[[bool], Ecosystem], tmp_path: Path) -> None:
    write_model(tmp_path / "model", SMALL)
    watch(["-m", "benchmarks.model_size.written", str(tmp_path / "model")], status=0)
    written = validate(ModelFolder(tmp_path / "model"), installed_plugins(), Environment())
    assert written.ecosystem == made(False)
    sources = [element.source for element in elements(written.ecosystem) if isinstance(element, Column)]
    assert len(set(sources)) == SMALL.columns
    assert all(source is not None and source.file.startswith("team_") for source in sources)


def test_a_changed_model_has_one_more_column_in_one_dataset(made: Callable[[bool], Ecosystem]) -> None:
    (change,) = diff(made(False), made(True))
    assert change.kind is ChangeKind.ADDED
    assert isinstance(change.new, Column)
    assert diff(made(True), made(True)) == ()


def test_parts_of_the_whole_keep_its_proportions() -> None:
    assert WHOLE.part(Fraction(1, 100)) == Size(100, 1000, 10_000)


@pytest.mark.parametrize("numbers", [(0, 10, 100), (10, 9, 100), (10, 10, 29)])
def test_a_model_without_room_for_its_parts_is_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"at least|>= 1"):
        Size(*numbers)


WRITTEN = Taken(1.0, 1.0, 1)


def run(size: Size, seconds: float, memory: int) -> Run:
    return Run(size, 1.0, 0.5, 10, Taken(seconds, seconds, memory), WRITTEN, Taken(2 * seconds, 2 * seconds, memory))


def test_figures_say_how_time_grows_and_judge_the_whole_size_alone() -> None:
    every = figures([run(WHOLE, 33.0, 2_000), run(WHOLE.part(Fraction(1, 10)), 3.0, 200)])
    found = [each for each in every if each.command != "validate, written out"]
    assert [(each.command, each.size.columns, each.is_within) for each in found] == [
        ("validate", 100_000, None),
        ("validate", 1_000_000, False),
        ("plan", 100_000, None),
        ("plan", 1_000_000, False),
    ]
    assert [each.growth for each in found] == [None, pytest.approx(1.1), None, pytest.approx(1.1)]
    assert found[1].ratio.median == 33


def test_too_much_memory_is_out_of_bounds() -> None:
    assert figures([run(WHOLE, 10.0, 2_999_999_999)])[0].is_within
    assert not figures([run(WHOLE, 10.0, 3_100_000_000)])[0].is_within


def test_every_command_is_shown_in_eighty_columns() -> None:
    console = Console(width=80, record=True)
    show(console, "title", [run(WHOLE, 99.9, 2_000_000_000), run(WHOLE, 10.0, 2_000_000_000)])
    text = console.export_text()
    assert ["1,000,000", "55.0", "10.0–99.9", "55.0", "55.0", "2,000", "OVER", "30"] in [
        line.split() for line in text.splitlines()
    ]
    assert [command in text for command in BOUNDS] == [True] * 3


def test_a_command_is_watched_with_what_it_starts(tmp_path: Path) -> None:
    holds, starts = tmp_path / "holds.py", tmp_path / "starts.py"
    holds.write_text("import time\nkept = 'x' * 100_000_000\ntime.sleep(0.3)\n")
    starts.write_text(
        f"import subprocess, sys\nsubprocess.run([sys.executable, {str(holds)!r}], check=True)\nprint('done')\n"
    )
    taken, printed = watch([str(starts)], status=0)
    assert printed == "done\n"
    assert taken.memory > 100_000_000
    assert taken.seconds > 0.3


def test_a_command_that_ends_otherwise_has_no_figures() -> None:
    with pytest.raises(WrongEnd, match="ended with 64, not 0"):
        watch(["-m", "datasurface", "no-such-command"], status=0)

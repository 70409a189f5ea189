"""What loading a model keeps apart from the user's code, and what it brings back from it."""

import fcntl
import os
import py_compile
import sys
from pathlib import Path

import pytest
from attrs import frozen

from datasurface.findings import SourceLine
from datasurface.loader import LoaderFailed, load
from datasurface.loading.classes import NotImportable
from datasurface.loading.process import LONGEST_OUTPUT
from datasurface.model import DataPlatform, Ecosystem, Element, walk
from datasurface_yellow import YellowDataPlatform
from tests.unit.loader.example import loaded, model_of
from tests.unit.mistakes.mistake import BASE, ECO, EXAMPLE, edited, line_of
from tests.unit.mistakes.python_cases import NEVER_ENDS, TOP, starting_with

FIRST_LINE = line_of(edited(ECO, starting_with("# here")), "# here")
"""Of create_ecosystem."""


def lines(ecosystem: Ecosystem) -> dict[str, SourceLine | None]:
    return {path: element.source for path, element in walk(ecosystem)}


def elements(ecosystem: Ecosystem) -> list[Element]:
    return [element for _, element in walk(ecosystem)]


def test_the_example_comes_back_whole_with_its_assignments() -> None:
    ecosystem = model_of(load(EXAMPLE, [YellowDataPlatform]))
    assert ecosystem.name == "Customer360"
    assert [platform.name for platform in ecosystem.platforms] == ["YellowLive", "YellowForensic"]
    assert all(type(platform) is YellowDataPlatform for platform in ecosystem.platforms)
    assert [(e.workspace, e.dsg, e.assignments[0].platform) for e in ecosystem.assignments] == [
        ("Consumer1", "LiveDSG", "YellowLive"),
        ("Consumer1", "ForensicDSG", "YellowForensic"),
    ]


def test_every_element_has_the_users_line_and_is_an_object_of_its_own() -> None:
    ecosystem = model_of(load(EXAMPLE, [YellowDataPlatform]))
    eco = BASE[ECO].splitlines()
    for path, source in lines(ecosystem).items():
        assert source is not None, path
        if source.file == ECO and path.rpartition("/")[0].endswith("columns"):
            assert f'Column("{path.rpartition("/")[2]}"' in eco[source.line - 1]
    assert len({id(element) for element in elements(ecosystem)}) == len(elements(ecosystem))


def test_a_neighbours_lines_are_shown_relative_to_the_folder(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "tables.py").write_text(
        "from datasurface.types import Date\n\nfrom datasurface import Column\n\n"
        "DOB = Column('dob', Date(), nullable=False)\n"
    )
    edits = ("import YellowDataPlatform\n", "import YellowDataPlatform\n\nfrom parts.tables import DOB\n")
    dob = 'Column("dob", Date(), nullable=False, classification=PII, description="Date of birth")'
    ecosystem = model_of(loaded(tmp_path, edits, (dob, "DOB")))
    path = "zones/USA/teams/team1/datastores/Store1/datasets/customers/columns/dob"
    assert lines(ecosystem)[path] == SourceLine("parts/tables.py", 5)


def test_a_copy_by_attrs_evolve_has_the_line_of_the_copy(tmp_path: Path) -> None:
    copy = "import attrs\n\nstore1 = attrs.evolve(store1, description='Copied')\n\n# The consumer:"
    ecosystem = model_of(loaded(tmp_path, ("# The consumer:", copy)))
    source = next(ecosystem.datastores()).source
    assert source is not None
    assert source.file == ECO
    assert "attrs.evolve(store1" in (tmp_path / ECO).read_text().splitlines()[source.line - 1]


def test_the_code_sees_no_variables_but_a_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTOMER_DB_READER_PASSWORD", "secret")
    monkeypatch.setenv("DATASURFACE_CREDENTIALS", "/run/secrets")
    result = loaded(tmp_path, starting_with("import os\nprint(sorted(os.environ))"))
    model_of(result)
    assert "PYTHONHASHSEED" in result.output
    assert "PASSWORD" not in result.output
    assert "DATASURFACE" not in result.output


def test_what_the_code_prints_is_kept_apart_and_bounded(tmp_path: Path) -> None:
    prints = (
        "import os, sys\nprint('first', flush=True)\nprint('{}', file=sys.stderr, flush=True)\n"
        "os.write(1, b'\\xff')\nprint('x' * 10_000_000)"
    )
    result = loaded(tmp_path, starting_with(prints))
    assert result.ecosystem is not None
    assert result.output.startswith("first\n{}\n\ufffdxxx")
    assert len(result.output) == LONGEST_OUTPUT
    assert [(finding.code, finding.is_error) for finding in result.findings] == [("DS014", False)]


def test_what_is_printed_as_far_as_it_is_kept_is_no_finding(tmp_path: Path) -> None:
    result = loaded(tmp_path, starting_with(f"import os\nos.write(1, b'x' * {LONGEST_OUTPUT})"))
    model_of(result)
    assert len(result.output) == LONGEST_OUTPUT
    assert result.findings == ()


def test_the_code_may_close_its_output_and_ask_for_input(tmp_path: Path) -> None:
    model_of(loaded(tmp_path, starting_with("import os\nos.close(1)\nos.close(2)")))
    refused = loaded(tmp_path, starting_with("input('Which platform? ')"))
    assert [finding.code for finding in refused.findings] == ["DS004"]
    assert "EOFError" in refused.findings[0].message


def test_files_are_found_relative_to_the_model(tmp_path: Path) -> None:
    (tmp_path / "description.md").write_text("From a file")
    edits = ('description="Customers and their addresses"', 'description=open("description.md").read()')
    assert next(model_of(loaded(tmp_path, edits)).datastores()).description == "From a file"


def test_modules_beside_two_models_never_mix(tmp_path: Path) -> None:
    """Both are loaded by this process, in both orders, and each has a compiled file of the other's module."""
    edits = (
        ("import YellowDataPlatform\n", "import YellowDataPlatform\n\nfrom parts.neighbour import MINUTES\n"),
        ('schedule="*/10 * * * *"', 'schedule=f"*/{MINUTES} * * * *"'),
    )
    neighbours = {name: tmp_path / name / "parts" / "neighbour.py" for name in ("base", "head")}
    for path, minutes, of_the_other in zip(neighbours.values(), (5, 9), (9, 5), strict=True):
        path.parent.mkdir(parents=True)
        path.write_text(f"MINUTES = {of_the_other}\n")
        py_compile.compile(str(path))
        compiled = path.stat()
        path.write_text(f"MINUTES = {minutes}\n")
        os.utime(path, ns=(compiled.st_atime_ns, compiled.st_mtime_ns))
    schedules = [
        model_of(loaded(tmp_path / name, *edits)).platforms[1].schedule for name in ("base", "head", "head", "base")
    ]
    assert schedules == ["*/5 * * * *", "*/9 * * * *", "*/9 * * * *", "*/5 * * * *"]


def test_a_model_made_from_a_set_is_the_same_every_time(tmp_path: Path) -> None:
    names = (
        'workspaces=[consumer1, *(Workspace(name, groups=[]) for name in {"Alpha", "Beta", "Gamma", "Delta", "Pi"})]'
    )
    edits = ("workspaces=[consumer1]", names)
    first = model_of(loaded(tmp_path, edits))
    assert all(model_of(loaded(tmp_path, edits)) == first for _ in range(2))


def test_a_compiled_file_of_another_revision_is_not_used(tmp_path: Path) -> None:
    neighbour = tmp_path / "neighbour.py"
    neighbour.write_text("MINUTES = 5\n")
    py_compile.compile(str(neighbour))
    compiled = neighbour.stat()
    neighbour.write_text("MINUTES = 9\n")
    os.utime(neighbour, ns=(compiled.st_atime_ns, compiled.st_mtime_ns))
    edits = ("import YellowDataPlatform\n", "import YellowDataPlatform\n\nfrom neighbour import MINUTES\n")
    schedule = ('schedule="*/10 * * * *"', 'schedule=f"*/{MINUTES} * * * *"')
    assert model_of(loaded(tmp_path, edits, schedule)).platforms[1].schedule == "*/9 * * * *"


def test_loading_leaves_nothing_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("")
    model_of(loaded(tmp_path, (TOP, "import neighbour\n\n" + TOP)))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*BASE, "neighbour.py"])


DAEMON = (
    "import os, time\n"
    "if os.fork() == 0:\n"
    "    os.setsid()\n"
    "    if os.fork() == 0:\n"
    "        os.closerange(0, 3)\n"
    "        time.sleep(3600)\n"
    "    os.kill(os.getpid(), 9)\n"
    "os.wait()\n"
)
PROGRAM = (
    "import subprocess, sys\n"
    "sleep = [sys.executable, '-c', 'import time; time.sleep(3600)']\n"
    "subprocess.Popen(sleep, pass_fds=[held.fileno()])\n"
)


@pytest.mark.parametrize("ending", ["", "while True: ..."], ids=["done", "late"])
@pytest.mark.parametrize("start", [PROGRAM, DAEMON], ids=["program", "daemon"])
def test_what_the_code_started_ends_with_it(start: str, ending: str, tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.touch()
    held = f"import fcntl\nheld = open({str(lock)!r})\nfcntl.flock(held, fcntl.LOCK_EX)\n"
    result = loaded(tmp_path, starting_with(held + start + ending), timeout=NEVER_ENDS if ending else 60.0)
    assert [finding.code for finding in result.findings] == (["DS008"] if ending else [])
    with lock.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nobody has it any more


def test_threads_that_never_end_do_not_hold_the_model_back(tmp_path: Path) -> None:
    model_of(
        loaded(tmp_path, starting_with("import threading\nthreading.Thread(target=threading.Event().wait).start()"))
    )


def test_a_fork_in_the_code_does_not_answer_twice(tmp_path: Path) -> None:
    fork = "import os\nif os.fork() == 0:\n    os._exit(3)\nos.wait()\nif os.fork():\n    os.wait()"
    model_of(loaded(tmp_path, starting_with(fork)))


def test_the_line_of_a_loop_is_found_in_a_folder_with_any_name(tmp_path: Path) -> None:
    result = loaded(tmp_path / "Modèle 顧客 🙂", starting_with("while True: ..."), timeout=NEVER_ENDS)
    assert result.findings[0].source == SourceLine(ECO, FIRST_LINE)
    assert result.findings[0].message == "eco.py did not end within 3 seconds"


def test_time_that_is_over_before_the_code_begins_is_a_finding(tmp_path: Path) -> None:
    result = loaded(tmp_path, timeout=0.001)
    assert [(finding.code, finding.source) for finding in result.findings] == [("DS008", SourceLine(ECO, 1))]
    assert result.isolation is None


def test_a_model_is_found_through_a_link(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(EXAMPLE)
    ecosystem = model_of(load(link, [YellowDataPlatform]))
    assert {source.file for source in lines(ecosystem).values() if source} == set(BASE)


def test_installed_code_inside_the_folder_is_not_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / ".venv" / "site-packages"
    library.mkdir(parents=True)
    (library / "company_tables.py").write_text("def tables():\n    raise LookupError('no tables')\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(library)])
    result = loaded(tmp_path, starting_with("import company_tables\ncompany_tables.tables()"))
    assert [(finding.message, finding.source) for finding in result.findings] == [
        ("LookupError: no tables", SourceLine(ECO, FIRST_LINE + 1))
    ]


def test_a_mistake_in_both_files_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "eco.py").write_text("nothing\n")
    (tmp_path / "dsg_platform_mapping.json").write_text("nothing\n")
    result = load(tmp_path, [YellowDataPlatform])
    assert [finding.code for finding in result.findings] == ["DS004", "DS021"]
    assert result.ecosystem is None


@pytest.mark.parametrize(
    ("folder", "what"),
    [("missing", "is no folder"), ("empty", "has no eco.py"), ("x" * 300, "cannot be read: File name too long")],
)
def test_a_folder_without_a_model_is_a_finding(folder: str, what: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = load(tmp_path / folder, [YellowDataPlatform])
    assert [(finding.code, finding.message) for finding in result.findings] == [
        ("DS001", f"{tmp_path / folder} {what}")
    ]


def test_a_platform_class_that_no_plugin_announced_is_a_finding() -> None:
    result = load(EXAMPLE, [])
    assert [finding.code for finding in result.findings] == ["DS011"]
    assert "YellowDataPlatform" in result.findings[0].message


def test_a_class_that_another_process_cannot_import_is_refused() -> None:
    @frozen
    class Local(DataPlatform):
        pass

    with pytest.raises(NotImportable, match="Local"):
        load(EXAMPLE, [Local])


def test_a_broken_installation_is_not_called_a_mistake_of_the_user() -> None:
    gone = type("Gone", (YellowDataPlatform,), {"__module__": "nowhere_to_be_found"})
    with pytest.raises(LoaderFailed, match="No module named 'nowhere_to_be_found'"):
        load(EXAMPLE, [gone])

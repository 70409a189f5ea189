"""Code that does its worst ends as one finding, in time, and leaves nothing."""

import os
import time
from pathlib import Path

import pytest
from attrs import frozen

from datasurface import loader
from datasurface.findings import Severity, SourceLine
from datasurface_yellow import YellowDataPlatform
from tests.support.length import long_or
from tests.unit.loader.example import loaded, model_of
from tests.unit.mistakes.mistake import BASE, ECO, MAPPING
from tests.unit.mistakes.python_cases import NEVER_ENDS, TOP, starting_with

MOST_SECONDS = 30.0
"""For one of these on a busy machine; nothing here waits for a time limit of its own but ``NEVER_ENDS``."""
WHOLE = 1
"""The line of a finding for which no line is known."""


@frozen
class Hostile:
    """Code at the top of eco.py, and the one finding that comes of it, at the line that ends with ``# here``."""

    name: str
    code: str
    finding: str
    message: str
    hint: str = ""
    timeout: float = 60.0


def answering(text: str) -> str:
    """Code that writes an answer of its own wherever it can, and ends before the real one is written."""
    return (
        "import os, posix, stat\n"
        "for end in range(3, 1024):\n"
        "    try:\n"
        "        if stat.S_ISREG(os.fstat(end).st_mode):\n"
        f"            os.pwrite(end, {text!r}.encode(), 0)\n"
        "    except OSError:\n"
        "        pass\n"
        "posix._exit(0)"
    )


CASES = (
    Hostile(
        "a fork bomb",
        "import os, time\nfor _ in range(700):\n    if os.fork() == 0:  # here\n        time.sleep(3600)",
        "DS010",
        "more processes than a model may",
    ),
    Hostile(
        "threads without end",
        "import threading\nwhile True:\n    threading.Thread(target=threading.Event().wait).start()  # here",
        "DS010",
        "more processes than a model may",
    ),
    Hostile(
        "a loop that catches everything",
        "while True:\n    try:\n        while True: pass  # here\n    except BaseException:\n        pass",
        "DS008",
        "did not end within 3 seconds",
        "a model must not wait",
        NEVER_ENDS,
    ),
    Hostile(
        "a loop that ignores signals",
        "import signal\n"
        "for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:\n"
        "    signal.signal(number, signal.SIG_IGN)\n"
        "while True:\n"
        "    pass",
        "DS008",
        "did not end within 3 seconds",
        "a model must not wait",
        NEVER_ENDS,
    ),
    Hostile("a loop in native code", "10 ** 10 ** 8  # here", "DS008", "did not end", "at this line", NEVER_ENDS),
    Hostile("ten gigabytes", "rows = bytearray(10 << 30)  # here", "DS010", "more memory than a model may"),
    Hostile(
        "a file without end",
        "import tempfile\ntempfile.TemporaryFile().truncate(1 << 40)  # here",
        "DS004",
        "File too large",
    ),
    Hostile("deep recursion", "def again():\n    again()  # here\nagain()", "DS004", "RecursionError"),
    Hostile("closes every file", "import os\nos.closerange(0, 1024)", "DS009", "exit status 1"),
    Hostile("ends itself for good", "import posix\nposix._exit(0)", "DS009", "exit status 0"),
    Hostile("kills all it can", "import os, signal\nos.killpg(0, signal.SIGKILL)", "DS009", "SIGKILL"),
    Hostile("an answer that is no model", answering("[" * (1 << 20)), "DS013", "is no model"),
    Hostile("says that the installation is broken", answering('{"failed": "reinstall"}'), "DS013", "is no model"),
    Hostile(
        "an object that says it is an ecosystem",
        "Real = Ecosystem\n"
        "class Liar:\n    __class__ = property(lambda self: Real)\n"
        "Ecosystem = lambda *_, **__: Liar()",
        "DS007",
        "cannot be written down",
        "build it from classes of datasurface",
    ),
)


ENDLESS_IN_OTHER_WAYS = (
    Hostile(
        "a search without end",
        "import re\nre.match('(a+)+$', 'a' * 60 + 'b')  # here",
        "DS008",
        "did not end",
        "at this line",
        NEVER_ENDS,
    ),
    Hostile(
        "stops itself",
        "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
        "DS008",
        "did not end",
        "a model must not wait",
        NEVER_ENDS,
    ),
)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=[pytest.mark.slow] if case.timeout == NEVER_ENDS else [], id=case.name)
        for case in long_or((*CASES, *ENDLESS_IN_OTHER_WAYS), CASES)
    ],
)
def test_hostile_code_is_one_finding(case: Hostile, tmp_path: Path) -> None:
    began = time.monotonic()
    result = loaded(tmp_path, (TOP, f"{case.code}\n\n\n{TOP}"), timeout=case.timeout)
    assert time.monotonic() - began < MOST_SECONDS
    [finding] = result.findings
    assert result.ecosystem is None
    assert (finding.code, finding.severity) == (case.finding, Severity.ERROR)
    assert case.message in finding.message
    assert finding.hint
    assert case.hint in finding.hint
    lines = (tmp_path / ECO).read_text().splitlines()
    here = [number for number, line in enumerate(lines, 1) if line.endswith("# here")]
    assert finding.source == SourceLine(ECO, here[0] if here else WHOLE)


def test_a_model_that_is_too_large_to_come_back_is_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "LARGEST_ANSWER", 2000)
    result = loaded(tmp_path)
    assert [(finding.code, finding.source) for finding in result.findings] == [("DS010", SourceLine(ECO, WHOLE))]


def test_strings_and_numbers_come_back_plain(tmp_path: Path) -> None:
    """What the code's own classes of strings and numbers say of themselves stays in its process."""
    liars = (
        "class Name(str):\n"
        "    __eq__ = lambda self, other: True\n"
        "    __hash__ = lambda self: 1\n"
        "    __str__ = __repr__ = lambda self: 'another name'\n"
        "    lower = isprintable = encode = lambda self, *_: 1 / 0\n"
        "class Number(int):\n"
        "    __str__ = __repr__ = lambda self: '7'\n\n\n"
    )
    lying = (
        (TOP, liars + TOP),
        ('Column("email", VarChar(100)', 'Column(Name("email"), VarChar(Number(100))'),
    )
    told, plain = model_of(loaded(tmp_path / "told", *lying)), model_of(loaded(tmp_path / "plain"))
    assert told == plain
    [column] = [
        column
        for store in told.datastores()
        for dataset in store.datasets
        for column in dataset.columns
        if column.name == "email"
    ]
    assert type(column.name) is str


@pytest.mark.parametrize(
    ("code", "findings"),
    [
        ("from datasurface.interchange.canonical import Canonical\nCanonical.document = lambda *_: {'no': 1}", "DS013"),
        ("from datasurface.interchange.canonical import Canonical\nCanonical.document = lambda *_: 1 / 0", "DS007"),
        ("import json\njson.JSONEncoder.iterencode = lambda *_, **__: ['{}']", "DS013"),
        ("import json\njson.JSONEncoder.iterencode = lambda *_, **__: 7", "DS009"),
        ("Column.__init__ = lambda self, *_, **__: None", "DS007"),
        # Where it ends depends on the version of Python.
        ("import builtins\nbuiltins.isinstance = lambda *_: False", "DS004 DS007 DS009 DS013"),
        ("import sys\nsys.modules.clear()", "DS004 DS007 DS009 DS013"),
        ("import sys\nsys.setrecursionlimit(40)", "DS004 DS007 DS009 DS013"),
    ],
)
def test_changed_classes_and_modules_change_only_what_comes_back(code: str, findings: str, tmp_path: Path) -> None:
    [finding] = loaded(tmp_path, (TOP, f"{code}\n\n\n{TOP}")).findings
    assert finding.code in findings.split()


def test_what_a_finding_says_is_only_text(tmp_path: Path) -> None:
    code = r"raise ValueError('\ud800 \x1b[31m \x9b2J \u202e \n::error::no')"
    [finding] = loaded(tmp_path, starting_with(code)).findings
    assert finding.message == "ValueError: \ufffd \ufffd[31m \ufffd2J \ufffd ::error::no"


FOLDERS = (
    "for _ in range(1200):\n    os.mkdir('d')\n    os.chdir('d')",
    "os.mkdir('closed')\nos.mkdir('closed/folder')\nos.symlink('/', 'closed/link')\nos.mkdir('none', 0)",
)


@pytest.mark.parametrize("folders", FOLDERS, ids=["deep", "closed"])
def test_its_folder_is_gone_whatever_it_left_there(folders: str, tmp_path: Path) -> None:
    code = f"import os, tempfile\nprint(tempfile.gettempdir())\nos.chdir(tempfile.gettempdir())\n{folders}"
    result = loaded(tmp_path, starting_with(code))
    model_of(result)
    assert not Path(result.output.strip()).exists()


@pytest.mark.parametrize("kind", ["pipe", "folder", "circle", "huge", "elsewhere"])
def test_an_eco_py_that_is_no_file_of_the_folder(kind: str, tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    eco = model / ECO
    match kind:
        case "pipe":
            os.mkfifo(eco)
        case "folder":
            eco.mkdir()
        case "circle":
            eco.symlink_to(ECO)
        case "huge":
            eco.touch()
            os.truncate(eco, 8 << 30)
        case _:
            (tmp_path / "secret.py").write_text("planted = 'planted'")
            eco.symlink_to("../secret.py")
    [finding] = loader.load(model, []).findings
    expected = {"huge": {"DS010"}, "elsewhere": {"DS012", "DS006"}}  # DS006 where no file can be kept from it
    assert finding.code in expected.get(kind, {"DS001"})
    assert "planted" not in finding.message


@pytest.mark.parametrize("kind", ["pipe", "device", "huge", "elsewhere"])
def test_a_mapping_file_that_is_no_file(kind: str, tmp_path: Path) -> None:
    (tmp_path / ECO).write_text(BASE[ECO])
    mapping = tmp_path / MAPPING
    match kind:
        case "pipe":
            os.mkfifo(mapping)
        case "device":
            mapping.symlink_to("/dev/zero")
        case "huge":
            mapping.touch()
            os.truncate(mapping, 8 << 30)
        case _:
            secret = tmp_path.parent / f"{tmp_path.name}.json"
            secret.write_text('[{"planted": "planted"}]')
            mapping.symlink_to(secret)
    findings = loader.load(tmp_path, [YellowDataPlatform]).findings
    assert "planted" not in findings[0].message
    assert [(finding.code, finding.source) for finding in findings] == [("DS021", SourceLine(MAPPING, 1))]

"""Where the system takes nothing from a process, as in many containers: models load, and ``isolation`` says so."""

import fcntl
import json
import os
import platform
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from attrs import asdict, frozen

from datasurface.loader import Isolation
from datasurface.loading import keeper, seccomp, system
from tests.unit.loader.test_loader import DAEMON
from tests.unit.mistakes.mistake import BASE, ECO, edited
from tests.unit.mistakes.python_cases import NEVER_ENDS, starting_with

CALLS = {"x86_64": (272, 317, 444, 445, 446), "aarch64": (97, 277, 444, 445, 446)}
"""unshare, seccomp, and those of Landlock."""

LOAD_IN_A_NARROW_PLACE = """
import json, sys
from pathlib import Path
from attrs import asdict
from datasurface.loader import load
from datasurface.loading.seccomp import forbid
from datasurface.loading.system import PR_SET_NO_NEW_PRIVS, prctl
from datasurface_yellow import YellowDataPlatform
folder, seconds, *calls = sys.argv[1:]
prctl(PR_SET_NO_NEW_PRIVS, 1)
forbid(map(int, calls))
result = load(Path(folder), [YellowDataPlatform], timeout=float(seconds))
codes = [finding.code for finding in result.findings]
print(json.dumps({"isolation": asdict(result.isolation), "findings": codes, "output": result.output}))
"""


@frozen
class Result:
    isolation: Isolation
    findings: list[str]
    output: str


def loaded_there(folder: Path, code: str, timeout: float = 60.0) -> Result:
    """What comes of code at the beginning of create_ecosystem, by a caller that is refused what takes things away."""
    if sys.platform != "linux" or platform.machine() not in CALLS:
        pytest.skip("system calls can be refused on Linux on x86_64 and aarch64")
    for name, text in {**BASE, ECO: edited(ECO, starting_with(code))}.items():
        (folder / name).write_text(text)
    calls = map(str, CALLS[platform.machine()])
    ended = subprocess.run(
        [sys.executable, "-c", LOAD_IN_A_NARROW_PLACE, str(folder), str(timeout), *calls],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
        capture_output=True,
        text=True,
    )
    document = json.loads(ended.stdout)
    return Result(Isolation(**document["isolation"]), document["findings"], document["output"])


def test_a_model_loads_and_says_that_nothing_was_taken(tmp_path: Path) -> None:
    result = loaded_there(tmp_path, "import os, socket\nsocket.socket().close()\nprint(sorted(os.environ))")
    assert result.findings == []
    assert asdict(result.isolation) == {"files": False, "network": False, "processes": False}
    assert "PASSWORD" not in result.output


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["", "while True: ..."], ids=["done", "late"])
def test_a_daemon_ends_with_it(ending: str, tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.touch()
    held = f"import fcntl\nheld = open({str(lock)!r})\nfcntl.flock(held, fcntl.LOCK_EX)\n"
    result = loaded_there(tmp_path, held + DAEMON + ending, NEVER_ENDS if ending else 60.0)
    assert result.findings == (["DS008"] if ending else [])
    with lock.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.slow
def test_a_loop_that_forks_and_prints_for_ever_ends(tmp_path: Path) -> None:
    bomb = """
        import os, signal
        signal.signal(signal.SIGABRT, signal.SIG_IGN)
        for _ in range(50):
            if os.fork() == 0:
                os.setsid()
                break
        while True:
            print('x' * 1000, flush=True)
    """
    assert loaded_there(tmp_path, textwrap.dedent(bomb), NEVER_ENDS).findings == ["DS008"]


def test_other_systems_have_none_of_these_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert system.kernel() == (0, 0)
    assert keeper.separate() is False
    with pytest.raises(OSError, match="not implemented"):
        system.call("getpid")


def test_a_machine_without_known_numbers_has_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "here", "6.1", "#1", "riscv64")))
    assert seccomp.no_use_for_a_model() == frozenset()
    with pytest.raises(OSError, match="not implemented"):
        seccomp.forbid([1])

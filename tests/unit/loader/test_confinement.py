"""What the code of a model cannot reach: other files, other processes, the network, the environment."""

import json
import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from datasurface.findings import SourceLine
from datasurface.loader import Isolation, load
from datasurface.loading import landlock, seccomp
from datasurface_yellow import YellowDataPlatform
from tests.unit.loader.example import loaded, model_of
from tests.unit.mistakes.mistake import ECO, EXAMPLE, MAPPING, edited, line_of
from tests.unit.mistakes.python_cases import TOP, starting_with

FIRST_LINE = line_of(edited(ECO, starting_with("# here")), "# here")
SHUT_OFF = load(EXAMPLE, [YellowDataPlatform]).isolation or Isolation(False, False, False)
"""What this system allows to be taken from a process."""

files = pytest.mark.skipif(not SHUT_OFF.files, reason="this system has no Landlock of version 3")
network = pytest.mark.skipif(not SHUT_OFF.network, reason="this system refuses namespaces and filters of system calls")
processes = pytest.mark.skipif(not SHUT_OFF.processes, reason="this system refuses namespaces")


TRY = """
def tried(attempt):
    try:
        attempt()
        return "possible"
    except PermissionError:
        return "refused"
    except Exception as error:
        return repr(error)
"""


def tried(folder: Path, *attempts: str) -> dict[str, str]:
    """What comes of each expression in the code of a model."""
    calls = "".join(f"    {attempt!r}: tried(lambda: {attempt}),\n" for attempt in attempts)
    code = f"import json, os, socket\nprint(json.dumps({{\n{calls}}}))\n"
    result = loaded(folder, (TOP, TRY + code + TOP))
    model_of(result)
    outcomes: dict[str, str] = json.loads(result.output)
    return outcomes


def all_refused(outcomes: dict[str, str]) -> bool:
    assert {attempt: outcome for attempt, outcome in outcomes.items() if outcome != "refused"} == {}
    return bool(outcomes)


@files
def test_what_it_may_not_do_is_a_finding_at_its_line(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("planted")
    result = loaded(tmp_path / "model", starting_with(f"open({str(secret)!r})"))
    [finding] = result.findings
    assert (finding.code, finding.source) == ("DS012", SourceLine(ECO, FIRST_LINE))
    assert finding.message == f"the code may not do this: [Errno 13] Permission denied: {str(secret)!r}"
    assert "beside eco.py" in finding.hint


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have neither")
def test_what_the_system_offers_is_used() -> None:
    assert SHUT_OFF.files == (landlock.version() >= landlock.TRUNCATES_SINCE)
    has_filters = Path("/proc/sys/kernel/seccomp/actions_avail").exists() and bool(seccomp.no_use_for_a_model())
    assert SHUT_OFF.network or not has_filters
    assert SHUT_OFF.network or not SHUT_OFF.processes


AS_NOBODY = """
import json, sys
from pathlib import Path
from attrs import asdict
from datasurface.loader import load
from datasurface_yellow import YellowDataPlatform
result = load(Path(sys.argv[1]), [YellowDataPlatform])
print(json.dumps([asdict(result.isolation), [finding.code for finding in result.findings]]))
"""
FORKS = "import os, time\nfor _ in range(700):\n    if os.fork() == 0:\n        time.sleep(3600)"


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user; all other tests here run as this one")
def test_a_user_without_rights_has_the_same() -> None:
    """In a folder and with a Python that others may read, where there are such."""
    with TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name, "model")
        loaded(folder, starting_with(FORKS))
        Path(name).chmod(0o755)
        said = ""
        for python in (sys.executable, "/usr/bin/python3"):
            ended = subprocess.run(
                ["/usr/bin/env", python, "-c", AS_NOBODY, str(folder)],
                env={"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"},
                check=False,
                capture_output=True,
                text=True,
                cwd="/",
                user=65534,
                group=65534,
                extra_groups=[],
            )
            if ended.returncode == 0:
                isolation, findings = json.loads(ended.stdout)
                assert Isolation(**isolation) == SHUT_OFF
                assert findings == ["DS010"]
                return
            said = ended.stderr
    pytest.skip(f"no Python here is for all users: {said[-500:]}")


@files
def test_it_writes_nothing_outside(tmp_path: Path) -> None:
    for name in ("sibling/planted.txt", "home/.bashrc"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("untouched")
    places = ("sibling/planted.txt", f"model/{ECO}", f"model/{MAPPING}", "home/.bashrc", "new")
    writes = [f"open({str(tmp_path / place)!r}, {mode!r})" for place in places for mode in "aw"]
    changes = (
        "os.remove('eco.py')",
        "os.rename('eco.py', 'other.py')",
        "os.mkdir('folder')",
        "os.symlink('eco.py', 'link')",
        "os.link('eco.py', 'link')",
        "os.truncate('eco.py', 0)",
        "os.mkfifo('pipe')",
    )
    assert all_refused(tried(tmp_path / "model", *writes, *changes))
    assert {path.name for path in (tmp_path / "model").iterdir()} == {ECO, MAPPING}
    assert (tmp_path / "sibling/planted.txt").read_text() == (tmp_path / "home/.bashrc").read_text() == "untouched"


@files
@network
def test_it_changes_no_file_s_mode_owner_or_time(tmp_path: Path) -> None:
    changes = ("os.chmod('eco.py', 0o777)", "os.chown('eco.py', 0, 0)", "os.utime('eco.py')", "os.fchmod(0, 0)")
    assert all_refused(tried(tmp_path, *changes, "os.setxattr('eco.py', 'user.name', b'')"))
    [finding] = loaded(tmp_path / "one", starting_with("__import__('os').chmod('eco.py', 0o777)")).findings
    assert finding.code == "DS012"
    assert "changes no mode" in finding.hint


@files
def test_it_reads_no_file_that_may_hold_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = ("model/.git/config", "model/.env", "home/.pgpass", "home/work.txt", "secret.txt")
    for name in places:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("planted")
    (tmp_path / "model/link").symlink_to(".git/config")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for folder in (tmp_path, tmp_path / "model", tmp_path / "home"):  # as where datasurface was called there
        monkeypatch.syspath_prepend(folder)
    assert all_refused(
        tried(tmp_path / "model", *(f"open({str(tmp_path / name)!r})" for name in (*places, "model/link")))
    )


def test_it_reads_what_is_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "library"
    for name in ("model/parts/deep/tables.csv", "model/..data/countries.csv", "library/shared.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("WORD = 'it is there'")
    (tmp_path / "model/countries.csv").symlink_to("..data/countries.csv")
    monkeypatch.syspath_prepend(library)
    code = """
        import asyncio, importlib, os, pathlib, random, shared, sqlite3, ssl, subprocess, sys, tempfile, zoneinfo
        for name in ('parts/deep/tables.csv', 'countries.csv'):
            print(open(name).read())
        print(os.listdir('.'), sorted(pathlib.Path('parts').rglob('*')), zoneinfo.ZoneInfo('Europe/Berlin'))
        with tempfile.TemporaryDirectory() as folder, open(folder + '/file', 'w+') as file:
            file.write('written')
        pathlib.Path('~/file').expanduser().write_text('at home')
        open(os.devnull, 'w').write('nothing')
        asyncio.run(asyncio.sleep(0))
        subprocess.run([sys.executable, '-c', 'import json; print(json.dumps(1))'], check=True)
    """
    model_of(loaded(tmp_path / "model", starting_with(textwrap.dedent(code))))


@network
def test_it_reaches_no_server_on_this_machine(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        connect = f"socket.create_connection({server.getsockname()!r}, 5)"
        families = [f"socket.socket(socket.{family})" for family in ("AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK")]
        assert all_refused(tried(tmp_path, connect, *families))
        with pytest.raises(BlockingIOError):
            server.accept()


SCAN = """
import os
seen = []
for pid in ('self', 1, os.getppid(), *map(int, open('callers.txt').read().split())):
    for name in ('environ', 'cmdline', 'mem'):
        try:
            with open(f'/proc/{pid}/{name}', 'rb') as file:
                seen += [pid] if b'planted' in file.read(1 << 20) else []
        except OSError:
            pass
print('seen:', seen)
"""
LOAD = """
import json, os, sys
from pathlib import Path
from datasurface.loader import load
from datasurface_yellow import YellowDataPlatform
Path(sys.argv[1], "callers.txt").write_text(f"{os.getpid()} {os.getppid()}")
result = load(Path(sys.argv[1]), [YellowDataPlatform])
assert result.ecosystem, result
print(json.dumps(result.output))
"""


@pytest.mark.skipif(not (SHUT_OFF.files or SHUT_OFF.processes), reason="this system keeps no process apart")
def test_it_finds_no_secret_in_the_environment_of_any_process(tmp_path: Path) -> None:
    (tmp_path / "callers.txt").write_text(str(os.getpid()))
    model_of(loaded(tmp_path, (TOP, SCAN + TOP)))
    variables = {**os.environ, "MERGE_PASSWORD": "planted", "PYTHONPATH": os.pathsep.join(sys.path)}
    caller = [sys.executable, "-c", LOAD, str(tmp_path)]
    printed = subprocess.run(caller, env=variables, check=True, capture_output=True, text=True)
    assert json.loads(printed.stdout) == "seen: []\n"


def test_it_inherits_no_open_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("planted")
    scan = (
        "import os\n"
        "for end in range(1024):\n"
        "    try:\n"
        "        print(os.pread(end, 100, 0)) if end != 3 else None\n"
        "    except OSError:\n"
        "        pass"
    )
    with secret.open() as file:
        os.set_inheritable(file.fileno(), True)
        result = loaded(tmp_path / "model", starting_with(scan))
    model_of(result)
    assert "planted" not in result.output


@processes
def test_it_sees_no_other_process(tmp_path: Path) -> None:
    asked = f"import os\ntry:\n    os.kill({os.getpid()}, 0)\nexcept OSError as error:\n    print(type(error).__name__)"
    result = loaded(tmp_path, starting_with(asked))
    model_of(result)
    assert result.output in ("ProcessLookupError\n", "PermissionError\n")


def test_its_home_is_a_folder_of_its_own(tmp_path: Path) -> None:
    result = loaded(
        tmp_path, starting_with("import os, tempfile\nprint(os.path.expanduser('~'), tempfile.gettempdir())")
    )
    model_of(result)
    home, temporary = result.output.split()
    assert home == temporary
    assert not Path(home).exists()

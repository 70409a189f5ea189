"""A virtual environment for each peer, made when it is first needed and kept in a folder for the next time."""

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from shutil import which

from attrs import frozen

_READY = "ready"


@frozen
class Installed:
    """A peer's environment.

    Attributes:
        versions: of its distributions, by name.
        instead: why it is not the newest release, where it is not.
    """

    folder: Path
    versions: Mapping[str, str]
    instead: str = ""

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"


@frozen
class NotInstalled:
    """Why a peer cannot take part."""

    reason: str


def default_cache() -> Path:
    """The user's folder for what can be made again."""
    return Path.home() / ".cache" / "datasurface-benchmarks"


def environment(cache: Path, name: str, choices: Sequence[Sequence[str]]) -> Installed | NotInstalled:
    """The environment of a peer: its requirements are the first of the choices that can be installed."""
    reasons: list[str] = []
    for requirements in choices:
        folder = cache / f"{name}-{_digest(requirements)}"
        reason = "" if (folder / _READY).exists() else _make(folder, requirements)
        if not reason:
            return Installed(folder, _versions(folder), reasons[0] if reasons else "")
        reasons.append(f"{requirements[0]} cannot be installed here: {reason}")
    return NotInstalled("; ".join(reasons))


def told(name: str, found: Installed | NotInstalled, distributions: Sequence[str]) -> str:
    """One line about a peer's environment."""
    if isinstance(found, NotInstalled):
        return f"{name}: not installed. {found.reason}"
    versions = ", ".join(f"{each} {found.versions.get(each, '?')}" for each in distributions)
    return f"{name}: {versions}" + (f" ({found.instead})" if found.instead else "")


def _digest(requirements: Sequence[str]) -> str:
    return blake2b("\n".join((*requirements, sys.version)).encode(), digest_size=4).hexdigest()


def _make(folder: Path, requirements: Sequence[str]) -> str:
    """Make an environment; the reason why that failed, or nothing."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else which("uv")
    python = str(folder / "bin" / "python")
    if uv:
        commands = [
            [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)],
            [uv, "pip", "install", "--quiet", "--system-certs", "--python", python, *requirements],
        ]
    else:
        commands = [
            [sys.executable, "-m", "venv", "--clear", str(folder)],
            [python, "-m", "pip", "install", "--quiet", *requirements],
        ]
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return _reason(done.stderr)
    (folder / _READY).touch()
    return ""


def _reason(text: str) -> str:
    """The line that says most of an installer's complaint."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "Error" in line or line.lower().startswith("error")]
    return re.sub(r"https?://\S+", "a download", (telling or lines or ["no reason given"])[-1])[:200]


def _versions(folder: Path) -> dict[str, str]:
    listed = subprocess.run(
        [
            str(folder / "bin" / "python"),
            "-c",
            "from importlib.metadata import distributions\n"
            "for each in distributions(): print(each.metadata['Name'].lower(), each.version)",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.split(" ", 1) for line in listed.stdout.splitlines())

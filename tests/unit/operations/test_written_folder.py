"""A folder is switched in one step where the system can, and in two where it cannot; never lost."""

import errno
from pathlib import Path

import pytest

from datasurface.operations.written_folder import write_folder


def _texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if not path.name.startswith(".")}


@pytest.mark.parametrize("code", ["ENOSYS", "EINVAL", "ENOTSUP", "EPERM", "EXDEV"])
def test_where_nothing_can_change_place_two_renames_do(tmp_path: Path, code: str) -> None:
    asked: list[tuple[Path, Path]] = []

    def no_exchange(one: Path, other: Path) -> int:
        asked.append((one, other))
        return int(getattr(errno, code))

    out = tmp_path / "out"
    assert write_folder(out, {"a": "1", "b": "1"}, "test", no_exchange) == ("a", "b")
    assert asked == [], "there was nothing to change place with"
    assert write_folder(out, {"a": "2"}, "test", no_exchange) == ("a", "b")
    assert len(asked) == 1
    assert _texts(out) == {"a": "2"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_any_other_error_is_told_and_what_stood_stands(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_folder(out, {"a": "1"}, "test")
    with pytest.raises(OSError, match="Input/output error"):
        write_folder(out, {"a": "2"}, "test", lambda _one, _other: errno.EIO)
    assert _texts(out) == {"a": "1"}
    write_folder(out, {"a": "2"}, "test")
    assert _texts(out) == {"a": "2"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_when_the_second_rename_fails_what_stood_comes_back(tmp_path: Path) -> None:
    def takes_away(new: Path, _folder: Path) -> int:
        new.rename(tmp_path / "taken")
        return errno.EXDEV

    out = tmp_path / "out"
    write_folder(out, {"a": "1"}, "test")
    with pytest.raises(FileNotFoundError):
        write_folder(out, {"a": "2"}, "test", takes_away)
    assert _texts(out) == {"a": "1"}


def test_killed_between_two_renames_the_next_call_finds_what_stood(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_folder(out, {"a": "1", "b": "1"}, "test")
    out.rename(tmp_path / ".out.emit.old")
    assert write_folder(out, {"a": "1"}, "test") == ("b",), "it knows what is gone"
    assert _texts(out) == {"a": "1"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]

"""Which files the code of a model may read: its own, Python's, and what is the same for everybody on the system."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType

from attrs import frozen

_PARTS = ("bin", "sbin", "lib", "lib32", "lib64", "libexec", "share", "include")
_OF_THE_SYSTEM = (
    *("/nix/store", "/gnu/store", "/System/Library"),
    *("/etc/localtime", "/etc/timezone", "/etc/zoneinfo", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf"),
    *("/etc/os-release", "/etc/ld.so.cache", "/etc/mime.types", "/etc/locale.alias", "/etc/alternatives"),
    *("/etc/ssl/openssl.cnf", "/etc/pki/tls/openssl.cnf", "/etc/crypto-policies"),
    *("/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"),
    *("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu"),
)


@frozen
class Readable:
    """Files and whole folders, and folders of which only the names can be read."""

    whole: tuple[Path, ...]
    names: tuple[Path, ...]


def readable(folder: Path, search_path: Iterable[str], modules: Mapping[str, ModuleType], home: Path) -> Readable:
    """What the code of the model in ``folder`` may read.

    Of the model's folder that is what is not hidden: ``.git`` and ``.env`` hold credentials. Modules are found where
    this process finds its own. A place on the way to the model or to the home directory is not opened as a whole.
    """
    whole, names = _not_hidden(folder)
    prefixes = {"/", "/usr", "/usr/local", sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    whole += [Path(prefix, part) for prefix in sorted(prefixes) for part in (*_PARTS, "pyvenv.cfg")]
    whole += map(Path, _OF_THE_SYSTEM)
    for place in (Path(place).resolve() for place in search_path):
        if home.is_relative_to(place):
            continue
        if folder.is_relative_to(place):
            more, listed = _on_the_way(place, folder)
            whole += more
            names += listed
        else:
            whole.append(place)
    covered = set(whole)
    whole += (place for place in _packages(modules) if covered.isdisjoint((place, *place.parents)))
    return Readable(tuple(dict.fromkeys(whole)), tuple(dict.fromkeys(names)))


def _on_the_way(place: Path, folder: Path) -> tuple[list[Path], list[Path]]:
    """What can be read of a folder and of those in it that lead to the model."""
    whole, names = _not_hidden(place)
    if place == folder:
        return whole, names
    step = place / folder.relative_to(place).parts[0]
    more, listed = _on_the_way(step, folder)
    return [entry for entry in whole if entry != step] + more, names + listed


def _not_hidden(folder: Path) -> tuple[list[Path], list[Path]]:
    """The entries of a folder that are not hidden, and the folder; a link counts as what it leads to."""
    try:
        entries = [entry for entry in folder.iterdir() if not _is_hidden(entry.name)]
    except OSError:
        return [], []
    return [entry for entry in entries if not entry.is_symlink() or _stays_inside(entry, folder)], [folder]


def _stays_inside(link: Path, folder: Path) -> bool:
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):  # leads nowhere, or in a circle
        return False
    inside = target.is_relative_to(folder) and target != folder
    return inside and not any(map(_is_hidden, target.relative_to(folder).parts))


def _is_hidden(name: str) -> bool:
    """Names with two dots are no hidden files: Kubernetes mounts files of a ConfigMap through ``..data``."""
    return name.startswith(".") and not name.startswith("..")


def _packages(modules: Mapping[str, ModuleType]) -> Iterable[Path]:
    """Where packages that were loaded stand; an editable install can keep them off the search path."""
    for name, module in modules.items():
        if "." not in name and name != "__main__":
            places = getattr(module, "__path__", None) or [getattr(module, "__file__", None)]
            yield from (Path(place) for place in places if isinstance(place, str))

"""A folder to import from that holds the packages and the few distributions that they may import, and nothing else."""

import compileall
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import Distribution, distribution
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement

BESIDE = ("attrs", "cattrs", "pluggy")
PACKAGES = ("datasurface", "datasurface_yellow")


@contextmanager
def bare_environment() -> Iterator[Path]:
    """The folder, of copies that are compiled as an installer leaves them; gone at the end."""
    with TemporaryDirectory(prefix="datasurface-imports-") as name:
        folder = Path(name)
        for found in needed(BESIDE):
            _copy_distribution(found, folder)
        for package in PACKAGES:
            spec = find_spec(package)
            assert spec is not None
            assert spec.origin is not None
            shutil.copytree(Path(spec.origin).parent, folder / package)
        compileall.compile_dir(folder, quiet=2)
        yield folder


def needed(names: Iterable[str]) -> Iterator[Distribution]:
    """The installed distributions of these names, and those that they need on this Python without extras."""
    for name in names:
        found = distribution(name)
        yield found
        requirements = map(Requirement, found.requires or ())
        yield from needed(
            requirement.name
            for requirement in requirements
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        )


def _copy_distribution(found: Distribution, folder: Path) -> None:
    """Its modules; not what stands outside of the packages' folder, such as programs."""
    for file in found.files or ():
        if file.suffix == ".py" and ".." not in file.parts:
            target = folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(found.locate_file(file)), target)

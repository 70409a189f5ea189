"""The folder that the code of a model may write into."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import mkdtemp


@contextmanager
def scratch_folder() -> Iterator[str]:
    """A folder that is gone afterwards, whatever stands in it then."""
    folder = mkdtemp(prefix="datasurface-load-")
    try:
        yield folder
    finally:
        _remove(folder)


def _remove(folder: str) -> None:
    """Python itself gives up on folders that nobody may enter, and on some thousand that are one in the other."""
    try:
        shutil.rmtree(folder)
    except (OSError, RecursionError):
        for tool in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
            subprocess.run([*tool, "--", folder], check=False, stderr=subprocess.DEVNULL)

"""The example model with pieces of its code replaced, loaded from a folder."""

from pathlib import Path

from datasurface.loader import Loaded, load
from datasurface.model import Ecosystem
from datasurface_yellow import YellowDataPlatform
from tests.unit.mistakes.mistake import BASE, ECO, edited


def loaded(folder: Path, *edits: tuple[str, str], timeout: float = 60.0) -> Loaded:
    """What comes of the example with pieces of eco.py replaced."""
    folder.mkdir(exist_ok=True)
    for name, text in {**BASE, ECO: edited(ECO, *edits)}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return load(folder, [YellowDataPlatform], timeout=timeout)


def model_of(result: Loaded) -> Ecosystem:
    assert result.findings == ()
    assert result.ecosystem is not None
    return result.ecosystem

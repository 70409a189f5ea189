"""A right model of a company, and how one mistake in it is written down."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import evolve, field, frozen

from datasurface.mapping import MAPPING_FILE, read_mapping
from datasurface.model import Ecosystem

COMPANY = Path(__file__).parent / "company"
ECO = "eco.py"
_FILES = {name: (COMPANY / name).read_text(encoding="utf-8") for name in (ECO, MAPPING_FILE)}

Edit = tuple[str, str]


@frozen
class Broken:
    """The company with one mistake, and the golden text of what is then said of the rule.

    Attributes:
        code: of the rule that is broken.
        edits: pieces of the two files, each of which is in one of them once, and what stands there instead.
        at: begins on the line of the finding; the first edit where it is empty.
        lines: what is printed, without file and line at its beginning.
        first: begins on the line that the text calls ``{first}``, where it says where else to look.
        also: codes of other rules that this mistake breaks as well.
    """

    code: str
    edits: Sequence[Edit]
    lines: Sequence[str]
    at: str = field(default="", kw_only=True)
    first: str = field(default="", kw_only=True)
    also: tuple[str, ...] = field(default=(), kw_only=True)

    def files(self) -> Mapping[str, str]:
        """The two files with the mistake."""
        files = dict(_FILES)
        for old, new in self.edits:
            (file,) = (name for name, text in files.items() if old in text)
            assert files[file].count(old) == 1, f"{old!r} is {files[file].count(old)} times in {file}"
            files[file] = files[file].replace(old, new)
        return files

    def place(self) -> str:
        """File and line of the finding."""
        return self._place_of(self.at or self.edits[0][1])

    def text(self) -> str:
        """All that is printed."""
        lines = "\n".join(self.lines)
        return f"{self.place()}: {lines.replace('{first}', self._place_of(self.first)) if self.first else lines}"

    def _place_of(self, mark: str) -> str:
        ((file, text),) = ((name, text) for name, text in self.files().items() if mark in text)
        assert text.count(mark) == 1, f"{mark!r} is {text.count(mark)} times in {file}"
        return f"{file}:{text.count(chr(10), 0, text.index(mark)) + 1}"


def built(files: Mapping[str, str], folder: Path) -> Ecosystem:
    """The model in the two files, as the loader builds it but in this process; the folder is for the mapping file."""
    names: dict[str, object] = {"__name__": "eco"}
    exec(compile(files[ECO], ECO, "exec"), names)  # noqa: S102 - our own code
    create = names["create_ecosystem"]
    assert callable(create)
    ecosystem = create()
    assert isinstance(ecosystem, Ecosystem)
    mapping = folder / MAPPING_FILE
    mapping.write_text(files[MAPPING_FILE], encoding="utf-8")
    assignments, problems = read_mapping(mapping)
    assert problems == ()
    bound = evolve(ecosystem, assignments=assignments)
    bound.with_source(ecosystem.source)
    return bound

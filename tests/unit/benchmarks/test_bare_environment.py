"""Which distributions stand beside the packages when their imports are timed."""

from benchmarks.imports.bare_environment import BESIDE, PACKAGES, bare_environment, needed


def test_needed_distributions_are_those_asked_for_and_what_they_need() -> None:
    names = {found.name for found in needed(BESIDE)}
    assert names >= {"attrs", "cattrs", "pluggy"}
    assert "datasurface" not in names
    assert not names & {"click", "rich", "psycopg2-binary", "pytest", "orjson"}


def test_the_folder_holds_compiled_packages_and_no_command_line() -> None:
    with bare_environment() as folder:
        tops = {path.name for path in folder.iterdir()}
        assert tops >= {"attr", "cattrs", "pluggy", *PACKAGES}
        assert not tops & {"click", "rich", "psycopg2", "bin"}
        assert list((folder / "datasurface" / "__pycache__").glob("*.pyc"))
    assert not folder.exists()

"""What a broken variant of the engine is."""

from attrs import frozen

from tests.postgres.merge.mutations import CodeEdit, Edit, SqlEdit
from tests.postgres.merge.scenarios import Scenario


@frozen
class Variant:
    """A mistake that an engine could have, and the scenarios that were made for it."""

    name: str
    edits: tuple[Edit, ...]
    scenarios: tuple[Scenario, ...]

    @property
    def is_met_by_chance(self) -> bool:
        """Whether random sequences can show it."""
        return not all(scenario.is_only_here for scenario in self.scenarios)


def in_stage(old: str, new: str, times: int = 1) -> SqlEdit:
    """Another text in the statements that find what changed."""
    return SqlEdit("merge/stage.sql.j2", old, new, times)


def in_merge(old: str, new: str, times: int = 1) -> SqlEdit:
    """Another text in the statements that close and open versions."""
    return SqlEdit("merge/merge.sql.j2", old, new, times)


def in_source(old: str, new: str, times: int = 1) -> SqlEdit:
    """Another text in the statements that read the source."""
    return SqlEdit("capture/source.sql.j2", old, new, times)


def in_verify(old: str, new: str, times: int = 1) -> SqlEdit:
    """Another text in the statements that check the laws."""
    return SqlEdit("merge/verify.sql.j2", old, new, times)


def variant(name: str, edit: SqlEdit | CodeEdit, *scenarios: Scenario) -> Variant:
    """A variant of one edit."""
    return Variant(name, (edit,), scenarios)

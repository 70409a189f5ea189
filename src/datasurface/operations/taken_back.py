"""What a rollback took back. A schedule that follows a branch would bring it again at its next turn, as the branch's
newest commit is still the one that somebody did not want. It waits for another one."""

from collections.abc import Sequence

from datasurface.model import Ecosystem
from datasurface.runtime import ControlStore, PastGeneration


def taken_back(control: ControlStore) -> Sequence[PastGeneration]:
    """The generations between the one in force and that which it has gone back to; none where it is no rollback."""
    for newest in control.history(1):
        if newest.rollback_to is not None:
            between = control.history(newest.number - newest.rollback_to)
            return [each for each in between if newest.rollback_to < each.number < newest.number]
    return []


def is_taken_back(control: ControlStore, taken: Sequence[PastGeneration], model: Ecosystem) -> bool:
    """Whether a model is that of one of these generations; a commit that changes nothing may stand on top of theirs."""
    return any(control.model_of(each.number) == model for each in taken)

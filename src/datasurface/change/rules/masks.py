"""Masks: what consumers see of values that they have no clearance for."""

from datasurface.change.consumption import Models
from datasurface.change.diff import Change, ChangeKind
from datasurface.change.verdicts import Opinion, notice, rule
from datasurface.model import Credential, HashMask, Mask, MaskingPolicy, PartialMask

_ADDED, _REMOVED = ChangeKind.ADDED, ChangeKind.REMOVED


@rule(
    "CC751",
    "A mask is added, removed or changed",
    (MaskingPolicy, "masks"),
    (Mask, _ADDED),
    (Mask, _REMOVED),
    (Mask, "classification"),
    (PartialMask, "first"),
    (PartialMask, "last"),
    (HashMask, "credential"),
)
def other_mask(change: Change, _models: Models) -> Opinion:
    """The views of workspaces that have no clearance show more of the values, or less, or hashes that are equal to none
    that were kept. How much may be seen is for the owner of the policy; consumers are told."""
    return notice(_told(change))


@rule("CC752", "The key of a hash is another secret", (Credential, "name"))
def other_key(change: Change, _models: Models) -> Opinion | None:
    """Every hash is another one. What consumers kept of the old ones can be joined with none of the new."""
    if not any(isinstance(element, Mask) for element in change.after):
        return None
    return notice(f"{_told(change)}: every hash is another one", "whoever kept hashes reads them anew")


def _told(change: Change) -> str:
    chain = change.before if change.kind is _REMOVED else change.after
    mask = next((element for element in reversed(chain) if isinstance(element, Mask)), None)
    policy = next(element for element in chain if isinstance(element, MaskingPolicy))
    what = f"columns that are {mask.classification.name}" if mask is not None else "columns"
    return f"policy {policy.name} masks {what} otherwise where a workspace has no clearance for them"

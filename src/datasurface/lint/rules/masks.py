"""Masks: each has an effect, leaves rows apart, and its secret is for nothing else."""

from collections.abc import Iterator

from datasurface import types
from datasurface.deployment import MaskKind
from datasurface.findings import Severity
from datasurface.lint.parts import policies, sunk
from datasurface.lint.registry import Problem, rule
from datasurface.model import Ecosystem, HashMask, Mask, MaskingPolicy, MySqlDatabase, PostgresDatabase
from datasurface.model.containers import containers
from datasurface.protection import Protections

_TYPES = (types.Text(), types.Date(), types.Boolean())
"""One of each kind that masks tell apart."""


def _fitted(mask: Mask) -> set[str]:
    return {type(each).__name__ for each in _TYPES if mask.fits(each)}


@rule("DS926", "A mask has an effect", Severity.WARNING)
def has_an_effect(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A `MaskingPolicy` has a mask after others of the same classification that fit every type which it fits, so that
    it is never used. One of them is a mistake."""
    for policy in policies(ecosystem, MaskingPolicy):
        for at, mask in enumerate(policy.masks):
            before = [other for other in policy.masks[:at] if other.classification is mask.classification]
            if _fitted(mask) <= set().union(*map(_fitted, before)):
                yield Problem(
                    mask,
                    f"policy '{policy.name}' never masks {mask.classification.name} by this {type(mask).__name__}",
                    "the masks before it take all columns that it fits: take it out, or put it first",
                )


@rule("DS927", "The key of a hash opens nothing")
def is_only_a_key(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A `HashMask` names a credential that opens a database. Its secret would be kept in every merge database, where
    the platform's role can read it, and it could not be changed without changing every hash."""
    opening = {
        container.credential.name: container.name
        for container in containers(ecosystem)
        if isinstance(container, PostgresDatabase | MySqlDatabase) and container.credential is not None
    }
    for policy in policies(ecosystem, MaskingPolicy):
        for mask in policy.masks:
            if isinstance(mask, HashMask) and mask.credential.name in opening:
                name = mask.credential.name
                yield Problem(
                    mask,
                    f"policy '{policy.name}' hashes with credential '{name}', which opens '{opening[name]}'",
                    "name a secret that is for the hash alone",
                )


@rule("DS705", "A masked key tells rows apart", Severity.WARNING)
def tells_rows_apart(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A workspace has no clearance for a column of a key, and it is masked by something other than a hash, so that
    different rows look alike: the workspace can neither join them nor follow one through its history.

    Add a `HashMask` for its classification to a policy above the datastore, or widen the clearance.
    """
    protections = Protections.of(ecosystem)
    for workspace, _, sink, store, dataset in sunk(ecosystem):
        keys = {column.name for column in dataset.key_columns}
        for mask in protections.of_sink(workspace, store, dataset).masks if keys else ():
            if mask.column in keys and mask.kind is not MaskKind.HASH:
                yield Problem(
                    sink,
                    f"key column '{mask.column}' of '{dataset.name}' is masked by {mask.kind.name} for workspace "
                    f"'{workspace.name}', where its rows look alike",
                    "hash it by a MaskingPolicy above the datastore, or add its classification to the clearance",
                )

"""Policies themselves: they name what there is, and do not contradict themselves."""

from collections.abc import Iterator

from datasurface.findings import Severity
from datasurface.hints import did_you_mean
from datasurface.lint.governed import ListPolicy, is_inside, limits, shown
from datasurface.lint.parts import first_unknown_step
from datasurface.lint.registry import Problem, rule
from datasurface.model import Ecosystem, GovernanceZone, PlatformPolicy, StorageLocationPolicy, Team, VendorPolicy


def _policies(ecosystem: Ecosystem) -> Iterator[ListPolicy]:
    """Every policy of every owner."""
    owners: list[Ecosystem | GovernanceZone | Team] = [ecosystem, *ecosystem.zones, *ecosystem.teams()]
    for owner in owners:
        yield from (policy for policy in owner.policies if isinstance(policy, ListPolicy))


@rule("DS921", "A policy names locations of the ecosystem")
def known_locations(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A `StorageLocationPolicy` names a location, `vendor/location/…`, that the vendors of the ecosystem do not have.
    It would allow nothing there, or forbid nothing."""
    for policy in _policies(ecosystem):
        if not isinstance(policy, StorageLocationPolicy):
            continue
        for location in (*(policy.allowed or ()), *policy.forbidden):
            unknown = first_unknown_step(ecosystem, location)
            if unknown is not None:
                step, known = unknown
                yield Problem(
                    policy,
                    f"policy '{policy.name}' names location '{location}', and there is no '{step}'",
                    did_you_mean(step, known, "add it to the vendors of the ecosystem"),
                )


@rule("DS922", "A policy names vendors of the ecosystem")
def known_vendors(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A `VendorPolicy` names a vendor that the ecosystem does not have. It would allow nothing, or forbid nothing."""
    known = {vendor.name for vendor in ecosystem.vendors}
    for policy in _policies(ecosystem):
        if isinstance(policy, VendorPolicy):
            yield from _unknown(policy, "vendor", known)


@rule("DS923", "A policy names platforms of the ecosystem")
def known_platforms(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A `PlatformPolicy` names a platform that the ecosystem does not have. It would allow nothing, or forbid
    nothing."""
    known = {platform.name for platform in ecosystem.platforms}
    for policy in _policies(ecosystem):
        if isinstance(policy, PlatformPolicy):
            yield from _unknown(policy, "platform", known)


@rule("DS924", "A policy does not forbid what it allows")
def no_contradiction(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A policy allows something and forbids it as well, or a location around it. What is forbidden is not allowed, so
    the word in `allowed` has no effect; one of the two is a mistake."""
    for policy in _policies(ecosystem):
        for value in policy.allowed or ():
            if any(value == other or _is_around(policy, other, value) for other in policy.forbidden):
                yield Problem(
                    policy,
                    f"policy '{policy.name}' allows {shown(value)} and forbids it as well",
                    "take it out of allowed= or of forbidden=",
                )


@rule("DS925", "A policy limits something", Severity.WARNING)
def limits_something(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A policy neither allows a list nor forbids one, so everything is as if it were not there. `allowed=[]` allows
    nothing; leaving `allowed` out allows everything."""
    for policy in _policies(ecosystem):
        if not limits(policy):
            yield Problem(
                policy,
                f"policy '{policy.name}' limits nothing",
                "say what it allows or forbids; allowed=[] is nothing at all",
            )


def _unknown(policy: VendorPolicy | PlatformPolicy, kind: str, known: set[str]) -> Iterator[Problem]:
    for name in (*(policy.allowed or ()), *policy.forbidden):
        if name not in known:
            yield Problem(
                policy,
                f"policy '{policy.name}' names {kind} '{name}', which is not there",
                did_you_mean(name, known),
            )


def _is_around(policy: ListPolicy, place: object, location: object) -> bool:
    return isinstance(policy, StorageLocationPolicy) and is_inside(str(location), str(place))

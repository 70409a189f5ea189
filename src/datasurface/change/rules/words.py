"""Words and order: what people read, and what means nothing to a machine."""

from datasurface.change.consumption import Models
from datasurface.change.diff import Change
from datasurface.change.verdicts import Opinion, compatible, notice, rule
from datasurface.model import (
    Approval,
    Assignment,
    Column,
    Container,
    DataPlatform,
    Dataset,
    DatasetGroup,
    Datastore,
    DataTransformer,
    Deprecation,
    Ecosystem,
    GovernanceZone,
    GroupAssignments,
    InfrastructureVendor,
    Location,
    Policy,
    Team,
    Workspace,
)

_DESCRIBED = (
    *(Column, Container, DataPlatform, Dataset, DatasetGroup, Datastore, DataTransformer, Ecosystem, GovernanceZone),
    *(InfrastructureVendor, Location, Policy, Team, Workspace),
)
_LISTS = (
    *((Ecosystem, name) for name in ("platforms", "zones", "vendors", "policies", "assignments")),
    *((GovernanceZone, name) for name in ("teams", "policies")),
    *((Team, name) for name in ("datastores", "workspaces", "policies")),
    *((Workspace, "groups"), (DatasetGroup, "sinks"), (Dataset, "approvals"), (GroupAssignments, "assignments")),
    *((InfrastructureVendor, "locations"), (Location, "locations")),
)
_NAMED = (
    *(Column, DataPlatform, Dataset, DatasetGroup, GovernanceZone),
    *(InfrastructureVendor, Location, Policy, Team, Workspace),
)


@rule(
    "CC901",
    "A description is written otherwise",
    *((cls, "description") for cls in _DESCRIBED),
    (Deprecation, "reason"),
    (Approval, "reason"),
    (Assignment, "documentation"),
)
def other_words(change: Change, _models: Models) -> Opinion:
    """People read it; nothing runs otherwise."""
    return compatible(f"its {change.attribute} is written otherwise")


@rule("CC902", "A list is in another order", *_LISTS)
def other_order(change: Change, _models: Models) -> Opinion:
    """The order of everything but columns means nothing."""
    return compatible(f"the order of {change.attribute} means nothing")


@rule("CC903", "Something has another name", *((cls, "name") for cls in _NAMED))
def other_name(change: Change, _models: Models) -> Opinion:
    """What stands in a list is known by its name: under another one it is removed, and something else added, which is
    how such a change is judged. As a change of its own it can only appear where something that has a name stands
    alone."""
    return notice(f"{change.old} is called {change.new} from now on")

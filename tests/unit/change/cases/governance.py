"""Governance that change."""

from collections.abc import Sequence

from datasurface.model import (
    DatasetGroup,
    GitRepository,
    InfrastructureVendor,
    Location,
    PlatformPolicy,
    Team,
    Workspace,
)
from tests.unit.change.cases.case import (
    BREAKING,
    COMPATIBLE,
    NOTICE,
    SALES,
    Case,
)
from tests.unit.change.company import needs, sinks
from tests.unit.change.edits import with_more, with_values, without

GOVERNANCE: Sequence[Case] = [
    Case(
        "a team is added",
        COMPATIBLE,
        "CC701",
        "team New is new",
        [with_more("zones/Europe/teams", Team("New", repository=GitRepository("acme/new")))],
    ),
    Case(
        "a team is added that sinks what goes away without accepting that",
        BREAKING,
        "CC701",
        "Board2.All would be built on Shop.returns, which goes away after 2030-06-30",
        [
            with_more(
                "zones/Europe/teams",
                Team(
                    "New",
                    repository=GitRepository("acme/new"),
                    workspaces=[
                        Workspace("Board2", groups=[DatasetGroup("All", sinks=sinks("Shop.returns"), requires=needs())])
                    ],
                ),
            )
        ],
    ),
    Case(
        "a team is removed that has nothing",
        COMPATIBLE,
        "CC702",
        "team Idle goes, and had nothing",
        [without("zones/Europe/teams/Idle")],
    ),
    Case(
        "a team is removed whose datastores are consumed",
        BREAKING,
        "CC702",
        "datastore Shop goes; Shop.orders is consumed by Refine.Input, Reports.Daily; Shop.customers is "
        "consumed by Reports.Daily; Shop.returns, whose deprecation runs until 2030-06-30, is consumed by "
        "Reports.Daily",
        [without(SALES)],
    ),
    Case(
        "a team is called otherwise and keeps what it has",
        NOTICE,
        "CC702",
        "datastore Events belongs to Clicks now; seen by Reports.Daily; and 1 more",
        [with_values("zones/Europe/teams/Logs", name="Clicks")],
    ),
    Case(
        "a zone is removed with all its producers and consumers",
        NOTICE,
        "CC702",
        "datastore Shop goes; Shop.orders is given up in the same change by Refine.Input, Reports.Daily; "
        "Shop.customers is given up in the same change by Reports.Daily; Shop.returns is given up in the same "
        "change by Reports.Daily; and 1 more; and 7 more",
        [without("zones/Europe")],
    ),
    Case(
        "a team has another repository",
        NOTICE,
        "CC703",
        "changes of team Sales come from acme/shop now, not from acme/sales",
        [with_values(f"{SALES}/repository", url="acme/shop")],
    ),
    Case(
        "a zone has another branch",
        NOTICE,
        "CC703",
        "changes of zone Europe come from next now, not from main",
        [with_values("zones/Europe/repository", branch="next")],
    ),
    Case(
        "a policy is added",
        NOTICE,
        "CC704",
        "policy only of Sales is added: it binds everything below",
        [with_more(f"{SALES}/policies", PlatformPolicy("only", allowed=["Past"]))],
    ),
    Case(
        "a policy allows something else",
        NOTICE,
        "CC704",
        "policy ours of Europe is changed: it binds everything below",
        [with_values("zones/Europe/policies/ours", allowed=["Live", "Past"])],
    ),
    Case(
        "a policy is removed",
        NOTICE,
        "CC704",
        "policy ours of Europe is removed: it binds everything below",
        [without("zones/Europe/policies/ours")],
    ),
    Case(
        "a location is added",
        COMPATIBLE,
        "CC705",
        "africa is new",
        [with_more("vendors/AWS/locations", Location("africa"))],
    ),
    Case("a vendor is added", COMPATIBLE, "CC705", "Own is new", [with_more("vendors", InfrastructureVendor("Own"))]),
    Case(
        "a location is removed where something stands",
        BREAKING,
        "CC706",
        "AWS/eu goes, and is the place of ShopDB",
        [without("vendors/AWS/locations/eu")],
    ),
    Case(
        "a vendor is removed on whose machines something stands",
        BREAKING,
        "CC706",
        "AWS goes, and is the place of FormerDB, LiveDB, PastDB and 2 more",
        [without("vendors/AWS")],
    ),
    Case(
        "a location is removed where nothing stands",
        COMPATIBLE,
        "CC706",
        "AWS/asia goes, and nothing stands there",
        [without("vendors/AWS/locations/asia")],
    ),
    Case(
        "the ecosystem is called otherwise",
        BREAKING,
        "CC707",
        "the ecosystem is called Apex instead of Acme, and runs for Board.Totals, Lab.Try, Refine.Input and 2 more",
        [with_values("", name="Apex")],
    ),
]

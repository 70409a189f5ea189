"""Workspaces that change."""

from collections.abc import Sequence

from datasurface.classification import INTERNAL, PII, PUBLIC
from datasurface.model import (
    Copied,
    DatasetGroup,
    DatasetSink,
    Milestoning,
    Priority,
    ProductionStatus,
    Workspace,
)
from tests.unit.change.cases.case import (
    ANALYSTS,
    BREAKING,
    COMPATIBLE,
    DAILY,
    INPUT,
    LAB,
    NOTICE,
    REFINE,
    REPORTS,
    Case,
)
from tests.unit.change.company import (
    DAY,
    HOUR,
    needs,
    sinks,
)
from tests.unit.change.edits import moved, with_more, with_values, without

WORKSPACES: Sequence[Case] = [
    Case(
        "a workspace is added",
        COMPATIBLE,
        "CC501",
        "workspace New is new",
        [
            with_more(
                f"{ANALYSTS}/workspaces",
                Workspace("New", groups=[DatasetGroup("All", sinks=sinks("Shop.orders"), requires=needs())]),
            )
        ],
    ),
    Case(
        "a workspace is removed",
        NOTICE,
        "CC502",
        "workspace Reports goes; the views of Reports.Daily go; the views of Reports.Now go",
        [without(REPORTS)],
    ),
    Case(
        "a workspace is removed whose transformer makes what others consume",
        BREAKING,
        "CC502",
        "datastore Refined goes; Refined.totals is consumed by Board.Totals",
        [without(REFINE)],
    ),
    Case(
        "a workspace has another owner",
        NOTICE,
        "CC502",
        "workspace Reports belongs to Managers now",
        [moved(REPORTS, "zones/Europe/teams/Managers/workspaces")],
    ),
    Case(
        "a group is added",
        COMPATIBLE,
        "CC503",
        "group All is new",
        [with_more(f"{REPORTS}/groups", DatasetGroup("All", sinks=sinks("Shop.orders"), requires=needs()))],
    ),
    Case("a group is removed", NOTICE, "CC504", "the views of Reports.Daily go", [without(DAILY)]),
    Case(
        "a group is removed that no platform serves",
        COMPATIBLE,
        "CC504",
        "Reports.Later was assigned to no platform and had no views",
        [without(f"{REPORTS}/groups/Later")],
    ),
    Case(
        "a sink is added",
        COMPATIBLE,
        "CC505",
        "Shop.drafts is consumed by one group more",
        [with_more(f"{DAILY}/sinks", DatasetSink("Shop", "drafts"))],
    ),
    Case(
        "a sink of what goes away is added without accepting that",
        BREAKING,
        "CC505",
        "Reports.Later would be built on Shop.returns, which goes away after 2030-06-30",
        [with_more(f"{REPORTS}/groups/Later/sinks", DatasetSink("Shop", "returns"))],
    ),
    Case(
        "a sink of what goes away is added and accepts that",
        COMPATIBLE,
        "CC505",
        "Shop.returns is consumed by one group more",
        [with_more(f"{REPORTS}/groups/Later/sinks", DatasetSink("Shop", "returns", accepts_deprecation=True))],
    ),
    Case(
        "a group is added that sinks what goes away without accepting that",
        BREAKING,
        "CC503",
        "Reports.All would be built on Shop.returns, which goes away after 2030-06-30",
        [with_more(f"{REPORTS}/groups", DatasetGroup("All", sinks=sinks("Shop.returns"), requires=needs()))],
    ),
    Case(
        "a workspace is added that sinks what goes away without accepting that",
        BREAKING,
        "CC501",
        "Board2.All would be built on Shop.returns, which goes away after 2030-06-30",
        [
            with_more(
                f"{ANALYSTS}/workspaces",
                Workspace("Board2", groups=[DatasetGroup("All", sinks=sinks("Shop.returns"), requires=needs())]),
            )
        ],
    ),
    Case(
        "a sink is removed",
        NOTICE,
        "CC506",
        "the view of Shop.orders in Reports.Daily goes",
        [without(f"{DAILY}/sinks/Shop.orders")],
    ),
    Case(
        "the view of a sink has another name",
        NOTICE,
        "CC506",
        "the view of Shop.orders in Reports.Daily has another name",
        [with_values(f"{DAILY}/sinks/Shop.orders", name="sales")],
    ),
    Case(
        "a sink accepts a deprecation",
        COMPATIBLE,
        "CC507",
        "its sink has accepts_deprecation=True",
        [with_values(f"{DAILY}/sinks/Shop.orders", accepts_deprecation=True)],
    ),
    Case(
        "a group needs only live rows",
        NOTICE,
        "CC508",
        "the group's views of the history go",
        [with_values(f"{DAILY}/requires", milestoning=Milestoning.LIVE_ONLY)],
    ),
    Case(
        "a group needs history",
        COMPATIBLE,
        "CC508",
        "the group gets views of the history, too",
        [with_values(f"{INPUT}/requires", milestoning=Milestoning.FORENSIC)],
    ),
    Case(
        "a group needs its data sooner",
        COMPATIBLE,
        "CC509",
        "data may be 0:30:00 old instead of 1:00:00",
        [with_values(f"{DAILY}/requires", latency=HOUR / 2)],
    ),
    Case(
        "a group accepts more latency",
        NOTICE,
        "CC509",
        "data may be 2:00:00 old instead of 1:00:00 before anybody is alarmed",
        [with_values(f"{DAILY}/requires", latency=2 * HOUR)],
    ),
    Case(
        "a group needs history for longer",
        COMPATIBLE,
        "CC510",
        "history is kept for ever instead of 365 days",
        [with_values(f"{DAILY}/requires", retention=None)],
    ),
    Case(
        "a group needs history for a shorter time",
        NOTICE,
        "CC510",
        "history is kept 30 days instead of 365 days: what is older may be pruned for good",
        [with_values(f"{DAILY}/requires", retention=30 * DAY)],
    ),
    Case(
        "a workspace may read more classifications",
        NOTICE,
        "CC511",
        "workspace Reports reads PII as it is from now on",
        [with_values(REPORTS, clearance=[PUBLIC, INTERNAL, PII])],
    ),
    Case(
        "a workspace may read fewer classifications",
        NOTICE,
        "CC511",
        "workspace Reports loses sight of INTERNAL from now on",
        [with_values(REPORTS, clearance=[PUBLIC])],
    ),
    Case(
        "a workspace goes out of production",
        NOTICE,
        "CC512",
        "workspace Reports is not in production any more: nobody should rely on its views",
        [with_values(REPORTS, production_status=ProductionStatus.NOT_PRODUCTION)],
    ),
    Case(
        "a workspace goes into production",
        COMPATIBLE,
        "CC512",
        "workspace Lab is in production now",
        [with_values(LAB, production_status=ProductionStatus.PRODUCTION)],
    ),
    Case(
        "a workspace is more urgent",
        COMPATIBLE,
        "CC513",
        "workspace Reports has another priority",
        [with_values(REPORTS, priority=Priority.HIGH)],
    ),
    Case(
        "a group is copied",
        NOTICE,
        "CC514",
        "its views show the rows of the last refresh from now on",
        [with_values(DAILY, copied=Copied())],
    ),
    Case(
        "a group is not copied any more",
        COMPATIBLE,
        "CC514",
        "its views read the merge database with every query from now on",
        [with_values(f"{LAB}/groups/Try", copied=None)],
    ),
    Case(
        "copies are refreshed after each batch",
        NOTICE,
        "CC515",
        "its copies are refreshed after each batch instead of by the schedule '*/30 * * * *'",
        [with_values(f"{LAB}/groups/Try/copied", schedule=None)],
    ),
]

"""Platforms that change."""

from collections.abc import Sequence

from datasurface.model import (
    AssignmentStatus,
    Milestoning,
    Resources,
)
from tests.unit.change.cases.case import (
    BREAKING,
    COMPATIBLE,
    LIVE,
    NOTICE,
    PAST,
    SPARE,
    Case,
)
from tests.unit.change.company import (
    DAY,
    HOUR,
    assigned,
    platform,
)
from tests.unit.change.edits import with_more, with_values, without

LIVE_FOR_OTHERS = with_values("", assignments=[assigned("Reports.Later", Live=AssignmentStatus.PROVISIONED)])

PLATFORMS: Sequence[Case] = [
    Case(
        "a platform is added",
        COMPATIBLE,
        "CC601",
        "platform Fast is new",
        [with_more("platforms", platform("Fast", Milestoning.LIVE_ONLY, "* * * * *"))],
    ),
    Case(
        "a platform is removed that runs for a group",
        BREAKING,
        "CC602",
        "platform Live goes, and runs for Board.Totals, Lab.Try, Reports.Now",
        [without(LIVE)],
    ),
    Case(
        "a platform is removed whose pipelines are decommissioned",
        NOTICE,
        "CC602",
        "platform Former goes; what it left can be read by Refine.Input, and nobody looks after it",
        [without("platforms/Former")],
    ),
    Case(
        "a platform is removed that serves nobody",
        COMPATIBLE,
        "CC602",
        "platform Spare goes, and serves no group that stays",
        [without(SPARE)],
    ),
    Case(
        "a platform keeps history from now on",
        BREAKING,
        "CC603",
        "platform Live is FORENSIC now, which its tables cannot follow; it serves Board.Totals, Lab.Try, Reports.Now",
        [with_values(LIVE, milestoning=Milestoning.FORENSIC)],
    ),
    Case(
        "a platform keeps history no more",
        BREAKING,
        "CC603",
        "platform Past is LIVE_ONLY now, which its tables cannot follow; it serves Refine.Input, "
        "Reports.Daily, Reports.Now",
        [with_values(PAST, milestoning=Milestoning.LIVE_ONLY)],
    ),
    Case(
        "a platform keeps history from now on, and serves other groups",
        BREAKING,
        "CC603",
        "platform Live is FORENSIC now, which its tables cannot follow; it serves Reports.Later",
        [with_values(LIVE, milestoning=Milestoning.FORENSIC), LIVE_FOR_OTHERS],
    ),
    Case(
        "a platform has another database, and serves other groups",
        BREAKING,
        "CC402",
        "LiveDB is live2 instead of livedb: neither views nor history are there, and it serves Reports.Later",
        [with_values(f"{LIVE}/merge_database", database="live2"), LIVE_FOR_OTHERS],
    ),
    Case(
        "a platform has its tables in another schema, and serves other groups",
        BREAKING,
        "YC101",
        "platform Live has its tables in another schema: neither views nor history are there, and it serves "
        "Reports.Later",
        [with_values(LIVE, schema="other"), LIVE_FOR_OTHERS],
    ),
    Case(
        "a platform that serves nobody keeps history from now on",
        COMPATIBLE,
        "CC603",
        "platform Spare is FORENSIC now, and serves no group",
        [with_values(SPARE, milestoning=Milestoning.FORENSIC)],
    ),
    Case(
        "a platform runs more often",
        COMPATIBLE,
        "CC604",
        "platform Past runs '* * * * *' in UTC, at most 0:01:00 apart instead of 0:10:00",
        [with_values(PAST, schedule="* * * * *")],
    ),
    Case(
        "a platform runs less often than a group accepts",
        BREAKING,
        "CC604",
        "platform Past runs '0 */2 * * *' in UTC, up to 2:00:00 apart, which is too long for Refine.Input, "
        "Reports.Daily, Reports.Now",
        [with_values(PAST, schedule="0 */2 * * *")],
    ),
    Case(
        "a platform runs less often, and as often as every group needs",
        NOTICE,
        "CC604",
        "platform Past runs '*/30 * * * *' in UTC, at most 0:30:00 apart; it was 0:10:00; seen by "
        "Refine.Input, Reports.Daily, Reports.Now",
        [with_values(PAST, schedule="*/30 * * * *")],
    ),
    Case(
        "a platform runs in another time zone",
        NOTICE,
        "CC604",
        "platform Past runs '*/10 * * * *' in Europe/Berlin, at most 0:10:00 apart; it was 0:10:00; seen by "
        "Refine.Input, Reports.Daily, Reports.Now",
        [with_values(PAST, timezone="Europe/Berlin")],
    ),
    Case(
        "a platform has more grace",
        NOTICE,
        "CC605",
        "platform Past counts data as late 1:00:00 after what was agreed; it was 0:00:00; seen by "
        "Refine.Input, Reports.Daily, Reports.Now",
        [with_values(PAST, grace=HOUR)],
    ),
    Case(
        "a platform has its tables in another schema",
        BREAKING,
        "YC101",
        "platform Past has its tables in another schema: neither views nor history are there, and it serves "
        "Refine.Input, Reports.Daily, Reports.Now",
        [with_values(PAST, schema="tables")],
    ),
    Case(
        "a platform has its jobs in another namespace",
        COMPATIBLE,
        "YC102",
        "its jobs run in namespace jobs, where their secrets must be",
        [with_values(PAST, namespace="jobs")],
    ),
    Case(
        "a platform keeps the log of fewer days",
        NOTICE,
        "YC103",
        "platform Past has keep_metrics=1 day instead of 90 days: what is older goes for good; seen by "
        "Refine.Input, Reports.Daily, Reports.Now",
        [with_values(PAST, keep_metrics=DAY)],
    ),
    Case(
        "a platform keeps the staging of more batches",
        COMPATIBLE,
        "YC103",
        "platform Past has keep_batches=9 instead of 3",
        [with_values(PAST, keep_batches=9)],
    ),
    Case(
        "a platform waits longer for locks",
        COMPATIBLE,
        "YC104",
        "its jobs have lock_wait=1:00:00",
        [with_values(PAST, lock_wait=HOUR)],
    ),
    Case(
        "a platform has its jobs ask for other resources",
        COMPATIBLE,
        "CC606",
        "its next jobs ask for other resources",
        [with_values(PAST, resources=Resources(memory="512Mi"))],
    ),
]

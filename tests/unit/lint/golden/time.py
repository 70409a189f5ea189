"""Schedules and spans of time."""

from tests.unit.lint.broken import Broken

CASES = (
    Broken(
        "DS501",
        [('schedule="*/10 * * * *"', 'schedule="*/10 * * *"')],
        [
            "error DS501: platform 'EuropePlatform': schedule '*/10 * * *' is no cron expression: it has not five fields",
            "    in platforms/EuropePlatform",
            "    hint: write '*/10 * * * *' or 'every 5 seconds'",
        ],
        at="europe_platform = Yellow",
    ),
    Broken(
        "DS502",
        [("latency=timedelta(days=1)", "latency=timedelta(minutes=30)")],
        [
            "error DS502: group 'Monthly' accepts a latency of 0:30:00, and platform 'PartnersPlatform' has up to 1:00:00 between two starts",
            "    in assignments/Partners.Monthly/assignments/PartnersPlatform",
            "    hint: assign it to a platform that runs more often, or accept more latency",
        ],
        at='{"workspace": "Partners", "dsg": "Monthly", "assignments": [{"platform": "PartnersPlatform", "status": "PROVISIONED"}]}',
    ),
    Broken(
        "DS503",
        [
            ("    Column,\n    Credential,\n", "    Column,\n    Copied,\n    Credential,\n"),
            (
                "latency=timedelta(days=1)),\n",
                "latency=timedelta(days=1)),\n            copied=Copied(schedule='hourly'),\n",
            ),
        ],
        [
            "error DS503: copies of 'Monthly': schedule 'hourly' is no cron expression: it has not five fields",
            "    in zones/Abroad/teams/partners/workspaces/Partners/groups/Monthly/copied",
            "    hint: write '*/10 * * * *' or 'every 5 seconds'",
        ],
        at="copied=Copied(",
    ),
    Broken(
        "DS504",
        [
            ("    Column,\n    Credential,\n", "    Column,\n    Copied,\n    Credential,\n"),
            (
                "latency=timedelta(days=1)),\n",
                "latency=timedelta(days=1)),\n            copied=Copied(schedule='0 0 * * 1'),\n",
            ),
        ],
        [
            "error DS504: group 'Monthly' accepts a latency of 1 day, 0:00:00, and its copies on platform 'PartnersPlatform' have up to 7 days, 0:00:00 between two refreshes",
            "    in zones/Abroad/teams/partners/workspaces/Partners/groups/Monthly/copied",
            "    hint: refresh them more often, or accept more latency",
        ],
        at="copied=Copied(",
    ),
    Broken(
        "DS511",
        [("latency=timedelta(days=1)", "latency=timedelta(0)")],
        [
            "error DS511: group 'Monthly' accepts a latency of 0:00:00, which no platform can meet",
            "    in zones/Abroad/teams/partners/workspaces/Partners/groups/Monthly/requires",
            "    hint: say how old its data may be, as in latency=timedelta(minutes=1)",
        ],
    ),
    Broken(
        "DS512",
        [("grace=timedelta(minutes=5)", "grace=timedelta(minutes=-5)")],
        [
            "error DS512: platform 'EuropePlatform' has a grace of -300 seconds, less than nothing",
            "    in platforms/EuropePlatform",
            "    hint: use timedelta(0) or more; for earlier alarms let the groups ask for less latency",
        ],
        at="europe_platform = Yellow",
    ),
    Broken(
        "DS513",
        [("retention=YEAR", "retention=timedelta(0)")],
        [
            "error DS513: group 'Orders' keeps history for 0:00:00, which is no time at all",
            "    in zones/Europe/teams/research/workspaces/Figures/groups/Orders/requires",
            "    hint: give a span as in retention=timedelta(days=365), or ask for Milestoning.LIVE_ONLY",
        ],
    ),
    Broken(
        "DS514",
        [("latency=timedelta(days=1)", "latency=timedelta(days=1), retention=YEAR")],
        [
            "warning DS514: the retention of group 'Monthly' has no effect: it asks for live rows only",
            "    in zones/Abroad/teams/partners/workspaces/Partners/groups/Monthly/requires",
            "    hint: take retention away, or ask for Milestoning.FORENSIC",
        ],
    ),
)

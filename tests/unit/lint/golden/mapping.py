"""The mapping file."""

from tests.unit.lint.broken import Broken

CASES = (
    Broken(
        "DS401",
        [('"workspace": "Trials"', '"workspace": "Trails"')],
        [
            "error DS401: the model has no workspace 'Trails'",
            "    in assignments/Trails.Clicks",
            "    hint: did you mean 'Trials'?",
        ],
        also=("DS406",),
    ),
    Broken(
        "DS402",
        [('"dsg": "Clicks"', '"dsg": "Click"')],
        [
            "error DS402: workspace 'Trials' has no group 'Click'",
            "    in assignments/Trials.Click",
            "    hint: did you mean 'Clicks'?",
        ],
        also=("DS406",),
    ),
    Broken(
        "DS403",
        [('"platform": "PartnersPlatform"', '"platform": "PartnerPlatform"')],
        [
            "error DS403: group 'Monthly' is assigned to platform 'PartnerPlatform', which is not there",
            "    in assignments/Partners.Monthly/assignments/PartnerPlatform",
            "    hint: did you mean 'PartnersPlatform'?",
        ],
        also=("DS408",),
    ),
    Broken(
        "DS404",
        [
            (
                '  {"workspace": "Trials", "dsg": "Clicks", "assignments": [{"platform": "EuropePlatform", "status": "PROVISIONED"}]},\n',
                '  {"workspace": "Trials", "dsg": "Clicks", "assignments": [{"platform": "EuropePlatform", "status": "PROVISIONED"}]},\n  { "workspace": "Trials", "dsg": "Clicks", "assignments": [{"platform": "EuropePlatform", "status": "PROVISIONED"}]},\n',
            )
        ],
        [
            "error DS404: group 'Clicks' of 'Trials' has two entries (the first is at {first})",
            "    in assignments/Trials.Clicks",
            "    hint: put all its assignments into one entry",
        ],
        at='{ "workspace": "Trials"',
        first='  {"workspace": "Trials"',
    ),
    Broken(
        "DS405",
        [
            (
                '"assignments": [{"platform": "PartnersPlatform", "status": "PROVISIONED"}]',
                '"assignments": [{"platform": "PartnersPlatform", "status": "PROVISIONED"},\n    {"platform": "PartnersPlatform", "status": "DECOMMISSIONED"}]',
            )
        ],
        [
            "error DS405: group 'Monthly' is assigned to platform 'PartnersPlatform' twice",
            "    in assignments/Partners.Monthly/assignments/PartnersPlatform",
            "    hint: keep one of the two assignments",
        ],
        at='    {"platform": "PartnersPlatform"',
    ),
    Broken(
        "DS406",
        [
            (
                '  {"workspace": "Trials", "dsg": "Clicks", "assignments": [{"platform": "EuropePlatform", "status": "PROVISIONED"}]},\n',
                "",
            )
        ],
        [
            "warning DS406: group 'Clicks' of 'Trials' is assigned to no platform, so it gets no data",
            "    in zones/Europe/teams/research/workspaces/Trials/groups/Clicks",
            "    hint: add an entry for it to dsg_platform_mapping.json",
        ],
        at='DatasetGroup(\n            "Clicks"',
    ),
    Broken(
        "DS407",
        [
            (
                "Requirements(Milestoning.LIVE_ONLY, latency=timedelta(days=1))",
                "Requirements(Milestoning.FORENSIC, latency=timedelta(days=1))",
            )
        ],
        [
            "error DS407: group 'Monthly' needs history, and platform 'PartnersPlatform' keeps none",
            "    in assignments/Partners.Monthly/assignments/PartnersPlatform",
            "    hint: assign it to a platform with milestoning=Milestoning.FORENSIC",
        ],
        at='{"workspace": "Partners", "dsg": "Monthly", "assignments": [{"platform": "PartnersPlatform", "status": "PROVISIONED"}]}',
    ),
    Broken(
        "DS408",
        [
            (
                '{"workspace": "Partners", "dsg": "Monthly", "assignments": [{"platform": "PartnersPlatform", "status": "PROVISIONED"}]}',
                '{"workspace": "Partners", "dsg": "Monthly", "assignments": [{"platform": "EuropePlatform", "status": "PROVISIONED"}]}',
            )
        ],
        [
            "warning DS408: no group is assigned to platform 'PartnersPlatform'",
            "    in platforms/PartnersPlatform",
            "    hint: assign groups to it in dsg_platform_mapping.json, or take it away",
        ],
        at="partners_platform = Yellow",
    ),
    Broken(
        "DS409",
        [
            (
                '  {"workspace": "Trials", "dsg": "Clicks", "assignments": [{"platform": "EuropePlatform", "status": "PROVISIONED"}]},\n',
                '  {"workspace": "Trials", "dsg": "Clicks", "assignments": [{"platform": "EuropePlatform", "status": "DECOMMISSIONED"}]},\n',
            )
        ],
        [
            "warning DS409: group 'Clicks' of 'Trials' is decommissioned everywhere and gets no new data",
            "    in zones/Europe/teams/research/workspaces/Trials/groups/Clicks",
            "    hint: take the group away, or assign it to a platform that runs",
        ],
        at='DatasetGroup(\n            "Clicks"',
    ),
)

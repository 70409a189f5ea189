"""Mistakes in the mapping file."""

from functools import partial

from tests.unit.mistakes.mistake import BASE, ECO, MAPPING, Mistake, in_file, line_of

mapping = partial(in_file, MAPPING)

LIVE = '{"platform": "YellowLive", "status": "PROVISIONED"}'
LAST = '"status": "PROVISIONED"}]\n  }\n]'


def also_unassigned(group: str) -> tuple[str, str, int]:
    """The warning that a group of the example is assigned to nothing."""
    return "DS406", ECO, line_of(BASE[ECO], f'DatasetGroup(\n            "{group}"')


def also_unused(platform: str) -> tuple[str, str, int]:
    """The warning that a platform of the example serves no group."""
    return "DS408", ECO, line_of(BASE[ECO], f'YellowDataPlatform(\n    "{platform}"')


def one_more_entry(workspace: str, group: str) -> tuple[str, str]:
    """The edit that adds an entry at the end of the file."""
    entry = f'  {{"workspace": "{workspace}", "dsg": "{group}", "assignments": [{LIVE}]}}'
    return LAST, f"{LAST[:-2]},\n{entry}\n]"


CASES = (
    mapping(
        "no JSON", "DS021", ('"dsg": "LiveDSG",', '"dsg": "LiveDSG"'), at='"assignments": [{"platform": "YellowLive"'
    ),
    Mistake("a mapping that is not UTF-8", {**BASE, MAPPING: b'[\n  {"workspace": "K\xfc"}\n]'}, "DS021", MAPPING, 2),
    Mistake("empty", {**BASE, MAPPING: ""}, "DS021", MAPPING, 1),
    Mistake("an object", {**BASE, MAPPING: '\n{"workspace": "Consumer1"}'}, "DS022", MAPPING, 2, hint="[...]"),
    mapping(
        "unknown status",
        "DS022",
        (LIVE, LIVE.replace("PROVISIONED", "PROVISOINED")),
        at="PROVISOINED",
        hint="did you mean 'PROVISIONED'?",
    ),
    mapping("unknown field", "DS022", (LIVE, LIVE.replace('"status"', '"state"')), at='"state"', hint="'status'"),
    mapping(
        "a field missing",
        "DS022",
        ('    "dsg": "LiveDSG",\n', ""),
        at='{\n    "workspace": "Consumer1",\n    "assignments"',
    ),
    mapping(
        "a field twice",
        "DS022",
        ('"dsg": "LiveDSG",', '"dsg": "LiveDSG",\n    "dsg": "ForensicDSG2",'),
        at='"dsg": "ForensicDSG2"',
    ),
    mapping("a number for a name", "DS022", ('"dsg": "LiveDSG"', '"dsg": 1'), at='"dsg": 1'),
    mapping(
        "unknown workspace",
        "DS401",
        one_more_entry("Consumer2", "LiveDSG"),
        at='  {"workspace": "Consumer2"',
        hint="did you mean 'Consumer1'?",
    ),
    mapping("unknown group", "DS402", one_more_entry("Consumer1", "BatchDSG"), at='  {"workspace": "Consumer1"'),
    mapping(
        "misspelt group",
        "DS402",
        ('"LiveDSG"', '"LifeDSG"'),
        at='{\n    "workspace": "Consumer1",\n    "dsg": "LifeDSG"',
        hint="did you mean 'LiveDSG'?",
        also=(also_unassigned("LiveDSG"),),
    ),
    mapping(
        "misspelt platform",
        "DS403",
        ('"YellowLive"', '"YelowLive"'),
        at='"YelowLive"',
        hint="did you mean 'YellowLive'?",
        also=(also_unused("YellowLive"),),
    ),
    mapping(
        "two entries for a group", "DS404", one_more_entry("Consumer1", "LiveDSG"), at='  {"workspace": "Consumer1"'
    ),
    mapping(
        "a platform twice",
        "DS405",
        (LIVE, f"{LIVE},\n      {LIVE.replace('PROVISIONED', 'DECOMMISSIONED')}"),
        at='      {"platform"',
    ),
    Mistake(
        "a group without an entry",
        {
            **BASE,
            MAPPING: BASE[MAPPING].replace('"dsg": "ForensicDSG"', '"dsg": "LiveDSG"').split(",\n  {")[0] + "\n]\n",
        },
        *also_unassigned("ForensicDSG"),
        also=(also_unused("YellowForensic"),),
        is_error=False,
    ),
    Mistake(
        "no mapping file",
        {ECO: BASE[ECO]},
        *also_unassigned("LiveDSG"),
        also=(also_unassigned("ForensicDSG"),),
        hint="dsg_platform_mapping.json",
        is_error=False,
    ),
    mapping(
        "history from a live platform",
        "DS407",
        ('"YellowForensic"', '"YellowLive"'),
        at='{"platform": "YellowLive", "status": "PROVISIONED"}]\n  }\n]',
        also=(also_unused("YellowForensic"),),
    ),
)

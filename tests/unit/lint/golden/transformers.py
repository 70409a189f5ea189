"""Transformers."""

from tests.unit.lint.broken import Broken

CASES = (
    Broken(
        "DS221",
        [("capture=TransformerOutput(figures_db)", "capture=SqlSnapshot(figures_db)")],
        [
            "error DS221: datastore 'FiguresStore' is produced by transformer 'MakeFigures', and its capture is a SqlSnapshot",
            "    in zones/Europe/teams/research/workspaces/Figures/transformer/produces",
            "    hint: give it capture=TransformerOutput(container)",
        ],
    ),
    Broken(
        "DS222",
        [('SqlSnapshot(\n        database("OldDB"', 'TransformerOutput(\n        database("OldDB"')],
        [
            "error DS222: datastore 'Old' is captured as the output of a transformer, and none produces it",
            "    in zones/Europe/teams/sales/datastores/Old",
            "    hint: move it into DataTransformer(..., produces=...), or read it with SqlSnapshot",
        ],
        at="old = Datastore(",
    ),
    Broken(
        "DS223",
        [
            (
                'sinks=[*sales.sinks("customers", "orders"), ',
                'sinks=[*sales.sinks("customers", "orders"), *figures_store.sinks(), ',
            )
        ],
        [
            "error DS223: transformer 'MakeFigures' reads what it writes: MakeFigures -> MakeFigures",
            "    in zones/Europe/teams/research/workspaces/Figures/transformer",
            "    hint: take a sink away from one of their workspaces",
        ],
        at="make_figures = DataTransformer(",
    ),
    Broken(
        "DS224",
        [
            ("    transformer=make_figures,\n", ""),
            (
                "workspaces=[figures, trials]",
                'workspaces=[figures, trials, Workspace("Idle", groups=[], transformer=make_figures)]',
            ),
        ],
        [
            "error DS224: transformer 'MakeFigures' never runs: its workspace 'Idle' sinks nothing",
            "    in zones/Europe/teams/research/workspaces/Idle/transformer",
            "    hint: give the workspace a group with the datasets that the transformer reads",
        ],
        at="make_figures = DataTransformer(",
        also=("DS306",),
    ),
    Broken(
        "DS225",
        [('function="figures.monthly:run"', 'function="figures/monthly.py"')],
        [
            "error DS225: 'figures/monthly.py' names no function of a module",
            "    in zones/Europe/teams/research/workspaces/Figures/transformer/code",
            '    hint: write function="package.module:function"',
        ],
    ),
    Broken(
        "DS226",
        [
            (
                "timedelta(hours=1))\n        )\n    ],\n    production_status=NOT_PRODUCTION,\n",
                'timedelta(hours=1))\n        )\n    ],\n    production_status=NOT_PRODUCTION,\n    transformer=DataTransformer(\n        "MakeMore",\n        code=make_figures.code,\n        produces=Datastore(\n            "More", capture=figures_store.capture, datasets=[monthly], production_status=NOT_PRODUCTION\n        ),\n    ),\n',
            )
        ],
        [
            "error DS226: datastores 'FiguresStore' and 'More' are both written to table 'monthly' of 'FiguresDB'",
            "    in zones/Europe/teams/research/workspaces/Figures/transformer/produces/datasets/monthly",
            "    hint: give one of the transformers another database, or rename the dataset",
        ],
        at="monthly = Dataset(",
    ),
    Broken(
        "DS227",
        [
            (
                "retention=YEAR),\n        )\n    ],\n    clearance=[PUBLIC, INTERNAL, PII],\n",
                'retention=YEAR),\n        ),\n        DatasetGroup(\n            "Now",\n            sinks=sales.sinks("orders"),\n            requires=Requirements(Milestoning.LIVE_ONLY, latency=timedelta(hours=2)),\n        ),\n    ],\n    clearance=[PUBLIC, INTERNAL, PII],\n',
            ),
            (
                '  {"workspace": "Trials",',
                '  {"workspace": "Figures", "dsg": "Now", "assignments": [{"platform": "PartnersPlatform", "status": "PROVISIONED"}]},\n  {"workspace": "Trials",',
            ),
        ],
        [
            "error DS227: transformer 'MakeFigures' never runs: no platform serves all groups of its workspace 'Figures'",
            "    in zones/Europe/teams/research/workspaces/Figures/transformer",
            "    hint: assign the groups to one platform, or give each platform's groups a workspace of their own",
        ],
        at="make_figures = DataTransformer(",
    ),
    Broken(
        "DS228",
        [
            (
                "platforms=[europe_platform, partners_platform],",
                'platforms=[\n            europe_platform,\n            partners_platform,\n            YellowDataPlatform(\n                "Another",\n                milestoning=Milestoning.FORENSIC,\n                schedule="*/10 * * * *",\n                namespace="another",\n                merge_database=europe_merge,\n            ),\n        ],',
            ),
            (
                '"dsg": "Orders", "assignments": [{',
                '"dsg": "Orders", "assignments": [{"platform": "Another", "status": "PROVISIONED"}, {',
            ),
        ],
        [
            "warning DS228: transformer 'MakeFigures' could run on Another or EuropePlatform, and runs on Another, whose name comes first",
            "    in zones/Europe/teams/research/workspaces/Figures/transformer",
            "    hint: assign the groups of its workspace to one platform, or decommission the other",
        ],
        at="make_figures = DataTransformer(",
        also=("DS914",),
    ),
)

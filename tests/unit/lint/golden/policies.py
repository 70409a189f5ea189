"""Policies."""

from tests.unit.lint.broken import Broken

CASES = (
    Broken(
        "DS901",
        [('host="events.acme", location="aws/eu/frankfurt"', 'host="events.acme", location="azure/us"')],
        [
            "error DS901: datastore 'Events' is in 'EventsDB', which stands in 'azure/us', and policy 'European soil' of zone 'Europe' does not allow that",
            "    in zones/Europe/teams/sales/datastores/Events/capture/container",
            "    hint: move it or ask the owner of the policy: it allows aws/eu, azure/eu",
        ],
    ),
    Broken(
        "DS902",
        [('host="partners-merge.acme", location="azure/eu"', 'host="partners-merge.acme", location="azure/us"')],
        [
            "error DS902: datastore 'FiguresStore' is merged for 'Monthly' into 'PartnersMerge', which stands in 'azure/us', and policy 'European soil' of zone 'Europe' does not allow that",
            "    in assignments/Partners.Monthly/assignments/PartnersPlatform",
            "    hint: move it or ask the owner of the policy: it allows aws/eu, azure/eu",
        ],
        at='{"workspace": "Partners", "dsg": "Monthly", "assignments": [{"platform": "PartnersPlatform", "status": "PROVISIONED"}]}',
    ),
    Broken(
        "DS903",
        [
            (
                "    transformer=make_figures,\n",
                '    transformer=make_figures,\n    container=database("ViewsDB", host="views.acme", location="azure/us", credential=Credential("views-login")),\n',
            )
        ],
        [
            "error DS903: the views of workspace 'Figures' are in 'ViewsDB', which stands in 'azure/us', and policy 'European soil' of zone 'Europe' does not allow that",
            "    in zones/Europe/teams/research/workspaces/Figures/container",
            "    hint: move it or ask the owner of the policy: it allows aws/eu, azure/eu",
        ],
        at='container=database("ViewsDB"',
    ),
    Broken(
        "DS904",
        [
            ('InfrastructureVendor("azure", ', 'InfrastructureVendor("gcp"),\n    InfrastructureVendor("azure", '),
            ('host="events.acme", location="aws/eu/frankfurt"', 'host="events.acme", location="gcp"'),
        ],
        [
            "error DS904: datastore 'Events' is in 'EventsDB', which stands on machines of 'gcp', and policy 'Two vendors' of the ecosystem does not allow that",
            "    in zones/Europe/teams/sales/datastores/Events/capture/container",
            "    hint: move it or ask the owner of the policy: it allows aws, azure",
        ],
        at="events_db = ",
        also=("DS901",),
    ),
    Broken(
        "DS905",
        [
            ('InfrastructureVendor("azure", ', 'InfrastructureVendor("gcp"),\n    InfrastructureVendor("azure", '),
            ('host="partners-merge.acme", location="azure/eu"', 'host="partners-merge.acme", location="gcp"'),
        ],
        [
            "error DS905: group 'Monthly' is merged into 'PartnersMerge', which stands on machines of 'gcp', and policy 'Two vendors' of the ecosystem does not allow that",
            "    in assignments/Partners.Monthly/assignments/PartnersPlatform",
            "    hint: move it or ask the owner of the policy: it allows aws, azure",
        ],
        at='{"workspace": "Partners", "dsg": "Monthly", "assignments": [{"platform": "PartnersPlatform", "status": "PROVISIONED"}]}',
        also=("DS902",),
    ),
    Broken(
        "DS906",
        [
            ('InfrastructureVendor("azure", ', 'InfrastructureVendor("gcp"),\n    InfrastructureVendor("azure", '),
            ('host="partners.acme", location="azure/eu"', 'host="partners.acme", location="gcp"'),
        ],
        [
            "error DS906: the views of workspace 'Partners' are in 'PartnersDB', which stands on machines of 'gcp', and policy 'Two vendors' of the ecosystem does not allow that",
            "    in zones/Abroad/teams/partners/workspaces/Partners/container",
            "    hint: move it or ask the owner of the policy: it allows aws, azure",
        ],
        at="partners_db = ",
        also=("DS903",),
    ),
    Broken(
        "DS907",
        [('host="events.acme", location="aws/eu/frankfurt"', 'host="events.acme"')],
        [
            "error DS907: container 'EventsDB' does not say where it stands, and policy 'European soil' of zone 'Europe' limits that",
            "    in zones/Europe/teams/sales/datastores/Events/capture/container",
            '    hint: add location="vendor/location" to it',
        ],
    ),
    Broken(
        "DS908",
        [
            ('InfrastructureVendor("azure", ', 'InfrastructureVendor("gcp"),\n    InfrastructureVendor("azure", '),
            ('host="control.acme", location="aws/eu/dublin"', 'host="control.acme", location="gcp"'),
        ],
        [
            "error DS908: the control database is 'ControlDB', which stands on machines of 'gcp', and policy 'Two vendors' of the ecosystem does not allow that",
            "    in control_database",
            "    hint: move it or ask the owner of the policy: it allows aws, azure",
        ],
        at="control_db = ",
    ),
    Broken(
        "DS911",
        [
            (
                'Column("placed", Date(), classification=INTERNAL)',
                'Column("placed", Date(), classification=CONFIDENTIAL)',
            )
        ],
        [
            "error DS911: column 'placed' of dataset 'orders' is CONFIDENTIAL, and policy 'No secrets' of team 'sales' does not allow that",
            "    in zones/Europe/teams/sales/datastores/Sales/datasets/orders/columns/placed",
            "    hint: take the column away, or ask the owner of the policy: it forbids CONFIDENTIAL",
        ],
        also=("DS703",),
    ),
    Broken(
        "DS912",
        [
            (
                'Column("orders", Integer(), classification=PUBLIC)',
                'Column("orders", Integer(), classification=INTERNAL)',
            )
        ],
        [
            "error DS912: group 'Monthly' sinks 'monthly' of 'FiguresStore', which has columns that are INTERNAL, and policy 'Public only' of zone 'Abroad' does not allow that",
            "    in zones/Abroad/teams/partners/workspaces/Partners/groups/Monthly/sinks/FiguresStore.monthly",
            "    hint: take the sink away, or ask the owner of the policy: it allows PUBLIC",
        ],
        at='sinks=figures_store.sinks("monthly")',
    ),
    Broken(
        "DS913",
        [('Column("at", Timestamp(), classification=INTERNAL)', 'Column("at", Timestamp())')],
        [
            "error DS913: column 'at' of dataset 'clicks' has no classification, and policy 'No secrets' of team 'sales' limits which it may have",
            "    in zones/Europe/teams/sales/datastores/Events/datasets/clicks/columns/at",
            "    hint: add classification= to the column or to its dataset",
        ],
        also=("DS702",),
    ),
    Broken(
        "DS914",
        [
            ('allowed=["EuropePlatform", "PartnersPlatform"]', 'allowed=["EuropePlatform"]'),
            (
                '  {"workspace": "Trials", "dsg": "Clicks", "assignments": [{"platform": "EuropePlatform", "status": "PROVISIONED"}]},\n',
                '  {"workspace": "Trials", "dsg": "Clicks", "assignments": [{"platform": "PartnersPlatform", "status": "PROVISIONED"}]},\n',
            ),
        ],
        [
            "error DS914: group 'Clicks' is assigned to platform 'PartnersPlatform', and policy 'Two platforms' of zone 'Europe' does not allow that",
            "    in assignments/Trials.Clicks/assignments/PartnersPlatform",
            "    hint: assign it to another platform, or ask the owner of the policy: it allows EuropePlatform",
        ],
        at='{"workspace": "Trials"',
        also=("DS915",),
    ),
    Broken(
        "DS915",
        [('allowed=["EuropePlatform", "PartnersPlatform"]', 'allowed=["EuropePlatform"]')],
        [
            "error DS915: platform 'PartnersPlatform' carries datastore 'FiguresStore' for group 'Monthly', and policy 'Two platforms' of zone 'Europe' does not allow that",
            "    in assignments/Partners.Monthly/assignments/PartnersPlatform",
            "    hint: assign the group to another platform, or ask the owner of the policy: it allows EuropePlatform",
        ],
        at='{"workspace": "Partners", "dsg": "Monthly", "assignments": [{"platform": "PartnersPlatform", "status": "PROVISIONED"}]}',
    ),
    Broken(
        "DS916",
        [
            (
                'policies=[ClassificationPolicy("No secrets"',
                'policies=[ProductionPolicy("Ready", forbidden=[NOT_PRODUCTION]), ClassificationPolicy("No secrets"',
            )
        ],
        [
            "error DS916: datastore 'Events' is NOT_PRODUCTION, and policy 'Ready' of team 'sales' does not allow that",
            "    in zones/Europe/teams/sales/datastores/Events",
            "    hint: move it to another team, or ask the owner of the policy: it forbids NOT_PRODUCTION",
        ],
        at="events = Datastore(",
    ),
    Broken(
        "DS917",
        [("    container=partners_db,\n", "    container=partners_db,\n    production_status=NOT_PRODUCTION,\n")],
        [
            "error DS917: workspace 'Partners' is NOT_PRODUCTION, and policy 'Production only' of zone 'Abroad' does not allow that",
            "    in zones/Abroad/teams/partners/workspaces/Partners",
            "    hint: move it to another team, or ask the owner of the policy: it allows PRODUCTION",
        ],
        at="partners = Workspace(",
    ),
    Broken(
        "DS918",
        [('sinks=figures_store.sinks("monthly")', 'sinks=[*figures_store.sinks("monthly"), *events.sinks()]')],
        [
            "error DS918: group 'Monthly' sinks from 'Events', which is NOT_PRODUCTION, and policy 'Production only' of zone 'Abroad' does not allow that",
            "    in zones/Abroad/teams/partners/workspaces/Partners/groups/Monthly/sinks/Events.clicks",
            "    hint: take the sink away, or ask the owner of the policy: it allows PRODUCTION",
        ],
        also=("DS311", "DS912"),
    ),
    Broken(
        "DS921",
        [('"azure/eu"]', '"azure/uk"]')],
        [
            "error DS921: policy 'European soil' names location 'azure/uk', and there is no 'uk'",
            "    in zones/Europe/policies/European soil",
            "    hint: add it to the vendors of the ecosystem",
        ],
        also=("DS902", "DS903"),
    ),
    Broken(
        "DS922",
        [('allowed=["aws", "azure"]', 'allowed=["aws", "azure", "azur"]')],
        [
            "error DS922: policy 'Two vendors' names vendor 'azur', which is not there",
            "    in policies/Two vendors",
            "    hint: did you mean 'azure'?",
        ],
    ),
    Broken(
        "DS923",
        [
            (
                'allowed=["EuropePlatform", "PartnersPlatform"]',
                'allowed=["EuropePlatform", "PartnersPlatform", "PartnersPlatfrom"]',
            )
        ],
        [
            "error DS923: policy 'Two platforms' names platform 'PartnersPlatfrom', which is not there",
            "    in zones/Europe/policies/Two platforms",
            "    hint: did you mean 'PartnersPlatform'?",
        ],
    ),
    Broken(
        "DS924",
        [("forbidden=[CONFIDENTIAL]", "allowed=[INTERNAL, PII, CONFIDENTIAL], forbidden=[CONFIDENTIAL]")],
        [
            "error DS924: policy 'No secrets' allows CONFIDENTIAL and forbids it as well",
            "    in zones/Europe/teams/sales/policies/No secrets",
            "    hint: take it out of allowed= or of forbidden=",
        ],
        at='policies=[ClassificationPolicy("No secrets"',
    ),
    Broken(
        "DS925",
        [('ClassificationPolicy("Public only", allowed=[PUBLIC])', 'ClassificationPolicy("Public only")')],
        [
            "warning DS925: policy 'Public only' limits nothing",
            "    in zones/Abroad/policies/Public only",
            "    hint: say what it allows or forbids; allowed=[] is nothing at all",
        ],
    ),
    Broken(
        "DS926",
        [("PartialMask(CONFIDENTIAL,", "PartialMask(PII,")],
        [
            "warning DS926: policy 'Masks' never masks PII by this PartialMask",
            "    in policies/Masks/masks/PII.PartialMask",
            "    hint: the masks before it take all columns that it fits: take it out, or put it first",
        ],
        at="masks=[HashMask(PII",
    ),
    Broken(
        "DS927",
        [('Credential("mask-key")', 'Credential("sales-reader")')],
        [
            "error DS927: policy 'Masks' hashes with credential 'sales-reader', which opens 'SalesDB'",
            "    in policies/Masks/masks/PII.HashMask",
            "    hint: name a secret that is for the hash alone",
        ],
        at="masks=[HashMask(PII",
    ),
)

"""Places and repositories."""

from tests.unit.lint.broken import Broken

CASES = (
    Broken(
        "DS801",
        [("        control_database=control_db,\n", "")],
        [
            "error DS801: the platforms have different merge databases, and the ecosystem names no control database",
            "    hint: add control_database=PostgresDatabase(...) to the ecosystem",
        ],
        at="return Ecosystem(",
    ),
    Broken(
        "DS802",
        [('host="partners.acme", location="azure/eu"', 'host="partners.acme", location="azure/eu/paris"')],
        [
            "error DS802: container 'PartnersDB' stands in 'azure/eu/paris', and there is no 'paris'",
            "    in zones/Abroad/teams/partners/workspaces/Partners/container",
            "    hint: add it to the vendors of the ecosystem",
        ],
    ),
    Broken(
        "DS803",
        [('database(\n    "FiguresDB"', 'database(\n    "EventsDB"')],
        [
            "error DS803: two different containers are named 'EventsDB' (the first is at {first})",
            "    in zones/Europe/teams/research/workspaces/Figures/transformer/produces/capture/container",
            "    hint: rename one of them, or use one object in both places",
        ],
        at="figures_db = ",
        first="events_db = ",
    ),
    Broken(
        "DS804",
        [('Location("us")', 'Location("us/west")')],
        [
            "error DS804: 'us/west' cannot be the name of a location: a / separates locations",
            "    in vendors/azure/locations/us/west",
            "    hint: nest locations: Location(..., locations=[...])",
        ],
    ),
    Broken(
        "DS805",
        [('host="figures.acme"', 'host="events.acme"')],
        [
            "warning DS805: container 'FiguresDB' is the database of 'EventsDB' (the first is at {first}), but stands in 'aws/eu/dublin' instead of 'aws/eu/frankfurt'",
            "    in zones/Europe/teams/research/workspaces/Figures/transformer/produces/capture/container",
            "    hint: give both the location where the server is",
        ],
        at="figures_db = ",
        first="events_db = ",
    ),
    Broken(
        "DS806",
        [
            ("    Column,\n    Credential,\n", "    Column,\n    Copied,\n    Credential,\n"),
            ("retention=YEAR),\n", "retention=YEAR),\n            copied=Copied(),\n"),
        ],
        [
            "error DS806: group 'Orders' is copied, and workspace 'Figures' has no database to copy it to",
            "    in zones/Europe/teams/research/workspaces/Figures/groups/Orders/copied",
            "    hint: give the workspace a container=PostgresDatabase(...), or leave copied= out",
        ],
        at="copied=Copied(",
    ),
    Broken(
        "DS811",
        [('branch="main"', 'branch="refs/heads/main"')],
        [
            "error DS811: 'refs/heads/main' of repository 'acme/partners' is a ref, not the name of a branch",
            "    in zones/Abroad/teams/partners/repository",
            "    hint: write 'main'",
        ],
    ),
)

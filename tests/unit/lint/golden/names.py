"""Names."""

from tests.unit.lint.broken import Broken

CASES = (
    Broken(
        "DS101",
        [('Column("placed", Date(), classification=INTERNAL)', 'Column("number", Date(), classification=INTERNAL)')],
        [
            "error DS101: dataset orders has the column 'number' twice (the first is at {first})",
            "    in zones/Europe/teams/sales/datastores/Sales/datasets/orders/columns/number",
            "    hint: rename one of them",
        ],
        first='Column("number", Integer()',
        also=("DS711",),
    ),
    Broken(
        "DS102",
        [
            (
                "datastores=[sales, events, old]",
                'datastores=[sales, events, old, Datastore("SALES", capture=old.capture, datasets=[monthly])]',
            )
        ],
        [
            "error DS102: the ecosystem has the datastores 'Sales' and 'SALES', which differ only in case",
            "    in zones/Europe/teams/sales/datastores/SALES",
            "    hint: rename one of them",
        ],
    ),
    Broken(
        "DS103",
        [
            (
                "datastores=[sales, events, old]",
                'datastores=[sales, events, old, Datastore("Sales-2", capture=old.capture, datasets=[monthly])]',
            )
        ],
        [
            "error DS103: 'Sales-2' cannot be the name of a datastore",
            "    in zones/Europe/teams/sales/datastores/Sales-2",
            "    hint: begin with a letter, and use only A-Z, a-z, 0-9 and _",
        ],
    ),
    Broken(
        "DS104",
        [
            (
                'Column("mail", VarChar(100)',
                'Column("mail_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", VarChar(100)',
            )
        ],
        [
            "error DS104: the name of column 'mail_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' has 65 bytes, more than 63",
            "    in zones/Europe/teams/sales/datastores/Sales/datasets/customers/columns/mail_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "    hint: offer the column under a shorter name in a view of the source",
        ],
    ),
    Broken(
        "DS105",
        [('Column("mail", VarChar(100)', 'Column("ds_surf_mail", VarChar(100)')],
        [
            "error DS105: column 'ds_surf_mail' has a name that is kept for the platforms' own columns",
            "    in zones/Europe/teams/sales/datastores/Sales/datasets/customers/columns/ds_surf_mail",
            "    hint: use a name that does not start with ds_surf_",
        ],
    ),
    Broken(
        "DS106",
        [('renamed_from="email"', 'renamed_from="name"')],
        [
            "error DS106: column 'mail' of dataset 'customers' is renamed from 'name', which is a column of its own",
            "    in zones/Europe/teams/sales/datastores/Sales/datasets/customers/columns/mail",
            "    hint: take renamed_from away, or name the column that it comes from",
        ],
    ),
)

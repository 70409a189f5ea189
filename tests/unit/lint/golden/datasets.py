"""Datasets, keys, foreign keys and watermarks."""

from tests.unit.lint.broken import Broken

CASES = (
    Broken(
        "DS201",
        [
            (
                "datastores=[sales, events, old]",
                'datastores=[sales, events, old, Datastore("More", capture=old.capture, datasets=[Dataset("empty", columns=[])])]',
            )
        ],
        [
            "error DS201: dataset 'empty' has no columns",
            "    in zones/Europe/teams/sales/datastores/More/datasets/empty",
            "    hint: list the columns of the source table",
        ],
    ),
    Broken(
        "DS202",
        [
            (
                'Column("id", Integer(), primary_key=True, classification=INTERNAL),\n        Column("at"',
                'Column("id", Integer(), classification=INTERNAL),\n        Column("at"',
            )
        ],
        [
            "error DS202: dataset 'clicks' has no primary key",
            "    in zones/Europe/teams/sales/datastores/Events/datasets/clicks",
            "    hint: mark columns with primary_key=True",
        ],
        at="clicks = Dataset(",
    ),
    Broken(
        "DS203",
        [('Column("month", Date(), ', 'Column("month", Text(), ')],
        [
            "error DS203: key column 'month' of dataset 'monthly' cannot be a Text",
            "    in zones/Europe/teams/research/workspaces/Figures/transformer/produces/datasets/monthly/columns/month",
            "    hint: use a whole number, VarChar(n), Date or Uuid",
        ],
    ),
    Broken(
        "DS204",
        [('Column("number", Integer(), ', 'Column("number", VarChar(651), ')],
        [
            "error DS204: the key of dataset 'orders' may take 2,604 bytes, more than 2,600",
            "    in zones/Europe/teams/sales/datastores/Sales/datasets/orders",
            "    hint: shorten the key's columns, or choose another key",
        ],
        at="orders = Dataset(",
    ),
    Broken(
        "DS205",
        [('ForeignKey(["customer"], "customers")', 'ForeignKey(["customer"], "customer")')],
        [
            "error DS205: a foreign key of 'orders' refers to dataset 'customer', which is not there",
            "    in zones/Europe/teams/sales/datastores/Sales/datasets/orders/foreign_keys/customer->customer",
            "    hint: did you mean 'customers'?",
        ],
    ),
    Broken(
        "DS206",
        [('ForeignKey(["customer"], "customers")', 'ForeignKey(["client"], "customers")')],
        [
            "error DS206: a foreign key of 'orders' names column 'client', which is not there",
            "    in zones/Europe/teams/sales/datastores/Sales/datasets/orders/foreign_keys/client->customers",
            "    hint: there is customer, number, placed",
        ],
    ),
    Broken(
        "DS207",
        [('Column("customer", VarChar(20)', 'Column("customer", Date()')],
        [
            "error DS207: column 'customer' of 'orders' is Date(), but refers to 'customers' by 'id', which is VarChar(20)",
            "    in zones/Europe/teams/sales/datastores/Sales/datasets/orders/foreign_keys/customer->customers",
            "    hint: give both columns one type",
        ],
        at='ForeignKey(["customer"], "customers")',
    ),
    Broken(
        "DS208",
        [('tables={"orders": ', 'tables={"order": ')],
        [
            "error DS208: the capture of 'Sales' reads table 'tbl_orders' for dataset 'order', which is not there",
            "    in zones/Europe/teams/sales/datastores/Sales/capture",
            "    hint: did you mean 'orders'?",
        ],
        at="sales = Datastore(",
    ),
    Broken(
        "DS209",
        [('column="at"', 'column="when"')],
        [
            "error DS209: the watermark 'when' of dataset 'clicks' is none of its columns",
            "    in zones/Europe/teams/sales/datastores/Events/capture",
            "    hint: there is at, id",
        ],
    ),
    Broken(
        "DS210",
        [('Column("at", Timestamp(), classification=INTERNAL)', 'Column("at", Text(), classification=INTERNAL)')],
        [
            "error DS210: column 'at' of dataset 'clicks' is a watermark and cannot be a Text",
            "    in zones/Europe/teams/sales/datastores/Events/datasets/clicks/columns/at",
            "    hint: use a Timestamp, a Date or a whole number, or read with SqlSnapshot",
        ],
    ),
    Broken(
        "DS211",
        [("window=timedelta(minutes=10)", "window=600")],
        [
            "error DS211: the window of 600 steps does not fit watermark 'at' of dataset 'clicks', a Timestamp",
            "    in zones/Europe/teams/sales/datastores/Events/capture",
            "    hint: give a span, as in window=timedelta(minutes=10)",
        ],
    ),
    Broken(
        "DS212",
        [('clicks = Dataset(\n    "clicks",\n', 'clicks = Dataset(\n    "clicks",\n    on_add=OnAdd.BACKFILL,\n')],
        [
            "error DS212: dataset 'clicks' fills new columns, and 'Events' is read by a watermark",
            "    in zones/Europe/teams/sales/datastores/Events/datasets/clicks",
            "    hint: take on_add away, or read with SqlSnapshot",
        ],
    ),
    Broken(
        "DS213",
        [('clicks = Dataset(\n    "clicks",\n', 'clicks = Dataset(\n    "clicks",\n    max_delete_fraction=0.2,\n')],
        [
            "warning DS213: max_delete_fraction of dataset 'clicks' has no effect: 'Events' is read by a watermark and deletes nothing",
            "    in zones/Europe/teams/sales/datastores/Events/datasets/clicks",
            "    hint: take max_delete_fraction away, or read with SqlSnapshot",
        ],
    ),
)

"""Secrets, access and classification."""

from tests.unit.lint.broken import Broken

CASES = (
    Broken(
        "DS601",
        [('    credential=Credential("sales-reader"),\n', "")],
        [
            "error DS601: database 'SalesDB' has no credential",
            "    in zones/Europe/teams/sales/datastores/Sales/capture/container",
            '    hint: add credential=Credential("name-of-the-secret")',
        ],
        at="sales_db = PostgresDatabase(",
    ),
    Broken(
        "DS602",
        [('host="sales.acme"', 'host="reader:tops3cret@sales.acme"')],
        [
            "error DS602: the host of a PostgresDatabase holds a literal secret",
            "    in zones/Europe/teams/sales/datastores/Sales/capture/container",
            "    hint: take it out and name a credential instead; change the secret if it was committed",
        ],
        at="sales_db = PostgresDatabase(",
    ),
    Broken(
        "DS611",
        [('sslmode="verify-full"', 'sslmode="verify_full"')],
        [
            "error DS611: database 'SalesDB' has sslmode 'verify_full', which PostgreSQL does not know",
            "    in zones/Europe/teams/sales/datastores/Sales/capture/container",
            "    hint: did you mean 'verify-full'?",
        ],
        at="sales_db = PostgresDatabase(",
    ),
    Broken(
        "DS612",
        [('sslmode="verify-full"', 'sslmode="require"')],
        [
            "warning DS612: database 'SalesDB' has a CA file and sslmode 'require', with which its certificate may go unchecked",
            "    in zones/Europe/teams/sales/datastores/Sales/capture/container",
            '    hint: add sslmode="verify-full"',
        ],
        at="sales_db = PostgresDatabase(",
    ),
    Broken(
        "DS621",
        [('host="events.acme", location="aws/eu/frankfurt"', 'host="merge.acme", location="aws/eu/dublin"')],
        [
            "error DS621: datastore 'Events' is read from 'EventsDB', where a platform merges or the configuration is",
            "    in zones/Europe/teams/sales/datastores/Events/capture/container",
            "    hint: name the producer's own database; what is merged is read by a workspace",
        ],
        at="events_db = ",
    ),
    Broken(
        "DS622",
        [('"events-login"', '"control-login"')],
        [
            "error DS622: database 'EventsDB' of team 'sales' names credential 'control-login', which opens a merge database or the control database",
            "    in zones/Europe/teams/sales/datastores/Events/capture/container",
            "    hint: give the team a credential of its own",
        ],
        at="events_db = ",
    ),
    Broken(
        "DS623",
        [('"figures-login"', '"events-login"')],
        [
            "error DS623: database 'FiguresDB' of team 'research' names credential 'events-login', which opens 'EventsDB' of team 'sales'",
            "    in zones/Europe/teams/research/workspaces/Figures/transformer/produces/capture/container",
            "    hint: give each team a credential of its own",
        ],
        at="figures_db = ",
    ),
    Broken(
        "DS624",
        [('"partners-reader"', '"figures-login"')],
        [
            "error DS624: the reader of workspace 'Partners' is credential 'figures-login', which opens 'FiguresDB'",
            "    in zones/Abroad/teams/partners/workspaces/Partners/reader",
            "    hint: give the workspace a reader of its own, and each transformer a login of its own",
        ],
        at="reader=Credential(",
    ),
    Broken(
        "DS625",
        [('function="figures.monthly:run")', 'function="figures.monthly:run", credential=Credential("sales-reader"))')],
        [
            "error DS625: the code of transformer 'MakeFigures' names credential 'sales-reader', which opens 'SalesDB'",
            "    in zones/Europe/teams/research/workspaces/Figures/transformer/code/credential",
            "    hint: give the repository a credential of its own, which may read it and nothing else",
        ],
        at="code=PythonCode(",
    ),
    Broken(
        "DS701",
        [('Column("placed", Date(), classification=INTERNAL)', 'Column("placed", Date())')],
        [
            "error DS701: column 'placed' of dataset 'orders' is not classified",
            "    in zones/Europe/teams/sales/datastores/Sales/datasets/orders/columns/placed",
            "    hint: add classification=PUBLIC, INTERNAL, CONFIDENTIAL or PII to the column or to its dataset",
        ],
    ),
    Broken(
        "DS702",
        [('Column("at", Timestamp(), classification=INTERNAL)', 'Column("at", Timestamp())')],
        [
            "warning DS702: column 'at' of dataset 'clicks' is not classified yet",
            "    in zones/Europe/teams/sales/datastores/Events/datasets/clicks/columns/at",
            "    hint: add classification=PUBLIC, INTERNAL, CONFIDENTIAL or PII to the column or to its dataset",
        ],
        also=("DS913",),
    ),
    Broken(
        "DS703",
        [("clearance=[PUBLIC, INTERNAL, PII]", "clearance=[PUBLIC, INTERNAL]")],
        [
            "warning DS703: workspace 'Figures' sinks columns that it has no clearance for: PII",
            "    in zones/Europe/teams/research/workspaces/Figures",
            "    hint: it may not see their values; add PII to its clearance, or take the sinks away",
        ],
        at="figures = Workspace(",
    ),
    Broken(
        "DS704",
        [
            (
                'Column("id", VarChar(20), primary_key=True, classification=INTERNAL)',
                'Column("id", VarChar(20), primary_key=True, classification=PII)',
            )
        ],
        [
            "warning DS704: column 'customer' of 'orders' is INTERNAL and refers to the key of 'customers', which is PII",
            "    in zones/Europe/teams/sales/datastores/Sales/datasets/orders/columns/customer",
            "    hint: give both columns one classification",
        ],
        at='Column("customer", VarChar(20)',
    ),
    Broken(
        "DS705",
        [
            (
                'Column("id", VarChar(20), primary_key=True, classification=INTERNAL)',
                'Column("id", VarChar(20), primary_key=True, classification=CONFIDENTIAL)',
            )
        ],
        [
            "warning DS705: key column 'id' of 'customers' is masked by PARTIAL for workspace 'Figures', where its rows look alike",
            "    in zones/Europe/teams/research/workspaces/Figures/groups/Orders/sinks/Sales.customers",
            "    hint: hash it by a MaskingPolicy above the datastore, or add its classification to the clearance",
        ],
        at='sinks=[*sales.sinks("customers", "orders")',
        also=("DS703", "DS704", "DS911"),
    ),
    Broken(
        "DS711",
        [('RowFilter("Sales.orders"', 'RowFilter("Sale.orders"')],
        [
            "error DS711: policy 'Rows' filters 'Sale.orders', which is not there",
            "    in zones/Europe/policies/Rows/filters/Sale.orders.placed but for Partners",
            "    hint: did you mean 'Sales.orders'?",
        ],
        at='RowFilterPolicy("Rows"',
    ),
    Broken(
        "DS712",
        [('["2030-01-01"]', '["2030-01-01", "1.1.2030"]')],
        [
            "error DS712: policy 'Rows' filters 'Sales.orders' by 'placed', a Date(), which is never '1.1.2030'",
            "    in zones/Europe/policies/Rows/filters/Sales.orders.placed but for Partners",
            '    hint: give dates as texts, as "2030-12-31"',
        ],
    ),
    Broken(
        "DS713",
        [('exempt=["Partners"]', 'exempt=["Partners", "Figures"]')],
        [
            "warning DS713: policy 'Rows' filters 'Sales.orders' by 'placed' for nobody",
            "    in zones/Europe/policies/Rows/filters/Sales.orders.placed but for Figures,Partners",
            "    hint: put it above the datastore or above a workspace that reads it, or take it out",
        ],
    ),
)

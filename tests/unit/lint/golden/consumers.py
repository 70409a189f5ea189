"""Sinks, production, deprecation and approvals."""

from tests.unit.lint.broken import Broken

CASES = (
    Broken(
        "DS301",
        [('DatasetSink("Old", ', 'DatasetSink("Odl", ')],
        [
            "error DS301: group 'Orders' sinks from datastore 'Odl', which is not there",
            "    in zones/Europe/teams/research/workspaces/Figures/groups/Orders/sinks/Odl.people",
            "    hint: did you mean 'Old'?",
        ],
    ),
    Broken(
        "DS302",
        [('DatasetSink("Old", "people"', 'DatasetSink("Old", "poeple"')],
        [
            "error DS302: group 'Orders' sinks dataset 'poeple', which 'Old' does not have",
            "    in zones/Europe/teams/research/workspaces/Figures/groups/Orders/sinks/Old.poeple",
            "    hint: did you mean 'people'?",
        ],
    ),
    Broken(
        "DS303",
        [('sales.sinks("customers", "orders")', 'sales.sinks("customers", "orders", "orders")')],
        [
            "error DS303: group 'Orders' sinks 'orders' of 'Sales' twice",
            "    in zones/Europe/teams/research/workspaces/Figures/groups/Orders/sinks/Sales.orders",
            "    hint: take one sink away",
        ],
    ),
    Broken(
        "DS304",
        [("sinks=events.sinks()", "sinks=[]")],
        [
            "error DS304: group 'Clicks' has no sinks",
            "    in zones/Europe/teams/research/workspaces/Trials/groups/Clicks",
            "    hint: add sinks, or take the group away",
        ],
        at='DatasetGroup(\n            "Clicks"',
    ),
    Broken(
        "DS305",
        [('DatasetSink("Old", "people", ', 'DatasetSink("Old", "people", name="customers", ')],
        [
            "error DS305: group 'Orders' would have the view 'customers' twice: from 'Old' and 'Sales'",
            "    in zones/Europe/teams/research/workspaces/Figures/groups/Orders/sinks/Sales.customers",
            '    hint: give one of the sinks another name: DatasetSink(..., name="...")',
        ],
    ),
    Broken(
        "DS306",
        [("workspaces=[figures, trials]", 'workspaces=[figures, trials, Workspace("Idle", groups=[])]')],
        [
            "warning DS306: workspace 'Idle' has no groups",
            "    in zones/Europe/teams/research/workspaces/Idle",
            "    hint: add a DatasetGroup, or take it away",
        ],
    ),
    Broken(
        "DS311",
        [
            (
                'sinks=[*sales.sinks("customers", "orders"), ',
                'sinks=[*sales.sinks("customers", "orders"), *events.sinks(), ',
            )
        ],
        [
            "error DS311: workspace 'Figures' is in production, and its group 'Orders' sinks from 'Events', which is not",
            "    in zones/Europe/teams/research/workspaces/Figures/groups/Orders/sinks/Events.clicks",
            "    hint: sink from a datastore in production, or give the workspace ProductionStatus.NOT_PRODUCTION",
        ],
    ),
    Broken(
        "DS312",
        [("    transformer=make_figures,\n", "    transformer=make_figures,\n    production_status=NOT_PRODUCTION,\n")],
        [
            "error DS312: datastore 'FiguresStore' is in production, and workspace 'Figures', which makes it, is not",
            "    in zones/Europe/teams/research/workspaces/Figures/transformer/produces",
            "    hint: give both the same production_status",
        ],
        at="figures_store = Datastore(",
    ),
    Broken(
        "DS321",
        [('DatasetSink("Old", "people", accepts_deprecation=True)', 'DatasetSink("Old", "people")')],
        [
            "warning DS321: group 'Orders' of 'Figures' sinks 'people' of 'Old', which goes away after 2026-06-30",
            "    in zones/Europe/teams/research/workspaces/Figures/groups/Orders/sinks/Old.people",
            "    hint: use 'Sales.customers', or say that you know it: DatasetSink(..., accepts_deprecation=True)",
        ],
    ),
    Broken(
        "DS322",
        [("sinks=events.sinks()", 'sinks=[DatasetSink("Events", "clicks", accepts_deprecation=True)]')],
        [
            "warning DS322: group 'Clicks' accepts that 'clicks' of 'Events' is deprecated, and it is not",
            "    in zones/Europe/teams/research/workspaces/Trials/groups/Clicks/sinks/Events.clicks",
            "    hint: take accepts_deprecation away",
        ],
    ),
    Broken(
        "DS323",
        [('replacement="Sales.customers"', 'replacement="Sales.customer"')],
        [
            "error DS323: dataset 'people' of 'Old' is replaced by 'Sales.customer', which is not there",
            "    in zones/Europe/teams/sales/datastores/Old/datasets/people/deprecation",
            "    hint: did you mean 'customers'?",
        ],
    ),
    Broken(
        "DS324",
        [
            (
                'Deprecation(date(2026, 12, 31), replacement="Sales")',
                'Deprecation(date(2026, 12, 31), replacement="Old")',
            )
        ],
        [
            "warning DS324: datastore 'Old' is replaced by 'Old', which is deprecated itself",
            "    in zones/Europe/teams/sales/datastores/Old/deprecation",
            "    hint: name what is to be used in the end",
        ],
    ),
    Broken(
        "DS325",
        [("date(2026, 6, 30)", "date(2027, 6, 30)")],
        [
            "error DS325: dataset 'people' is promised until 2027-06-30, and datastore 'Old' until 2026-12-31",
            "    in zones/Europe/teams/sales/datastores/Old/datasets/people/deprecation",
            "    hint: give the dataset an earlier day, or the datastore a later one",
        ],
    ),
    Broken(
        "DS331",
        [('approvals=[Approval("Figures", reason="monthly report")]', 'approvals=[Approval("Partners")]')],
        [
            "error DS331: workspace 'Figures' has no approval for 'customers' of 'Sales', which group 'Orders' sinks",
            "    in zones/Europe/teams/research/workspaces/Figures/groups/Orders/sinks/Sales.customers",
            '    hint: ask the owner of the dataset for approvals=[Approval("Figures")]',
        ],
        at="sinks=[*sales.sinks",
    ),
    Broken(
        "DS332",
        [("approvals=[", 'approvals=[Approval("Figure"), ')],
        [
            "warning DS332: dataset 'customers' is approved for workspace 'Figure', which is not there",
            "    in zones/Europe/teams/sales/datastores/Sales/datasets/customers/approvals/Figure",
            "    hint: did you mean 'Figures'?",
        ],
    ),
    Broken(
        "DS333",
        [("    requires_approval=True,\n", "")],
        [
            "warning DS333: dataset 'customers' lists approvals, and everybody may sink it",
            "    in zones/Europe/teams/sales/datastores/Sales/datasets/customers",
            "    hint: add requires_approval=True, or take the approvals away",
        ],
        at="customers = Dataset(",
    ),
    Broken(
        "DS334",
        [("approvals=[", 'approvals=[Approval("Figures"), ')],
        [
            "error DS334: dataset 'customers' is approved for workspace 'Figures' twice",
            "    in zones/Europe/teams/sales/datastores/Sales/datasets/customers/approvals/Figures",
            "    hint: keep one of the two approvals",
        ],
    ),
)

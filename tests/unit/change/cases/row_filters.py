"""Row filters that change."""

from collections.abc import Sequence

from datasurface.model import RowFilter, RowFilterPolicy
from tests.unit.change.cases.case import COMPATIBLE, NOTICE, Case
from tests.unit.change.edits import backwards, with_more, with_values, without

POLICY = "zones/Europe/policies/rows"
STATES = f"{POLICY}/filters/Shop.orders.state but for Refine"
OF_CUSTOMERS = f"{POLICY}/filters/Shop.orders.customer for Refine"

ROW_FILTERS: Sequence[Case] = [
    Case(
        "a policy with row filters is added",
        NOTICE,
        "CC761",
        "Refine, Reports see fewer rows of Shop.orders",
        [
            with_more(
                "zones/Europe/policies", RowFilterPolicy("more", filters=[RowFilter("Shop.orders", "note", ["a"])])
            )
        ],
    ),
    Case(
        "a policy with row filters is removed",
        NOTICE,
        "CC761",
        "Refine, Reports see more rows of Shop.orders",
        [without(POLICY)],
    ),
    Case(
        "a row filter is added",
        NOTICE,
        "CC761",
        "Reports sees fewer rows of Shop.orders",
        [with_more(f"{POLICY}/filters", RowFilter("Shop.orders", "customer", [7], workspaces=["Reports"]))],
    ),
    Case(
        "a row filter is removed",
        NOTICE,
        "CC761",
        "Reports sees more rows of Shop.orders",
        [without(STATES)],
    ),
    Case(
        "a row filter lets fewer values pass",
        NOTICE,
        "CC761",
        "Reports sees fewer rows of Shop.orders",
        [with_values(STATES, values=["paid"])],
    ),
    Case(
        "a row filter lets more values pass",
        NOTICE,
        "CC761",
        "Refine sees more rows of Shop.orders",
        [with_values(OF_CUSTOMERS, values=[1, 2, None])],
    ),
    Case(
        "a row filter lets other values pass",
        NOTICE,
        "CC761",
        "Refine sees other rows of Shop.orders",
        [with_values(OF_CUSTOMERS, values=[2, 3])],
    ),
    Case(
        "a row filter is for somebody else",
        NOTICE,
        "CC761",
        "Reports sees fewer rows of Shop.orders; Refine sees more rows of Shop.orders",
        [with_values(OF_CUSTOMERS, workspaces=["Reports"])],
    ),
    Case(
        "a row filter says the same in another order",
        COMPATIBLE,
        "CC761",
        "nobody who consumes what is filtered sees other rows",
        [with_values(STATES, values=["paid", "new", "new"]), backwards(POLICY, "filters")],
    ),
]

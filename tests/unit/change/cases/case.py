"""What a case is: a change of the company, and what is said of it."""

from collections.abc import Iterable

from attrs import field, frozen

from datasurface.change.compatibility import Verdict
from tests.unit.change.edits import Edit

COMPATIBLE, NOTICE, BREAKING = Verdict


def _as_edits(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    return tuple(edits)


@frozen
class Case:
    """A change with its verdict.

    Attributes:
        title: the change, in the words of a user.
        rule, reason: of the gravest judgement, or one of the gravest.
        edits: what makes the new model of the company.
    """

    title: str
    verdict: Verdict
    rule: str
    reason: str
    edits: tuple[Edit, ...] = field(converter=_as_edits)


SALES = "zones/Europe/teams/Sales"
SHOP = f"{SALES}/datastores/Shop"
ORDERS = f"{SHOP}/datasets/orders"
CUSTOMERS = f"{SHOP}/datasets/customers"
DRAFTS = f"{SHOP}/datasets/drafts"
RETURNS = f"{SHOP}/datasets/returns"
COUPONS = f"{SHOP}/datasets/coupons"
TRIAL = f"{SALES}/datastores/Trial"
EMPTY = f"{SALES}/datastores/Empty"
EVENTS = "zones/Europe/teams/Logs/datastores/Events"
WEB = "zones/Europe/teams/Logs/datastores/Web"
ANALYSTS = "zones/Europe/teams/Analysts"
REPORTS = f"{ANALYSTS}/workspaces/Reports"
DAILY = f"{REPORTS}/groups/Daily"
LAB = f"{ANALYSTS}/workspaces/Lab"
REFINE = f"{ANALYSTS}/workspaces/Refine"
INPUT = f"{REFINE}/groups/Input"
REFINER = f"{REFINE}/transformer"
TOTALS = f"{REFINER}/produces/datasets/totals"
PAST, LIVE, SPARE = "platforms/Past", "platforms/Live", "platforms/Spare"

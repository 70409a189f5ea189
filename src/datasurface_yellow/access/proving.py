"""The roles of one database, each become and tried: in merge databases and in consumers' own alike."""

from collections.abc import Iterator, Mapping
from functools import reduce
from operator import or_

from attrs import field, frozen

from datasurface.access import AccessCell, AccessReport, Seen
from datasurface.errors import AccessUnchecked
from datasurface_yellow.access.become import PREFIX, Checker, may_not_connect, no_role, no_way
from datasurface_yellow.access.expected import Expected
from datasurface_yellow.access.inventory import Inventory, Remote, existing, members
from datasurface_yellow.access.observed import Trial
from datasurface_yellow.deploy.wanted import Place
from datasurface_yellow.store.connection import ConnectionFailed


@frozen
class Proof:
    """What should be found in one database.

    Attributes:
        wanted: what each role of a workspace may do; the logins that are members of it may do the same.
        logins: what each login may do that the model itself names, whatever it is a member of.
        changed: views and functions that are not as they were made.
        remote: of a consumer's database.
    """

    wanted: Mapping[str, Expected]
    inventory: Inventory
    changed: frozenset[Place]
    logins: Mapping[str, Expected] = field(factory=dict)
    remote: Remote | None = None

    def report(self, check: Checker) -> AccessReport:
        """Everything, tried as every role that reads."""
        cells: list[AccessCell] = []
        ways: dict[str, str] = {}
        left: dict[str, str] = {}
        unreachable: dict[str, str] = {}
        named = {**self.wanted, **self.logins}
        there = existing(check.session, named)
        by_role = {role: named[role] for role in sorted(there)} | self._members(check, there)
        for role, wanted in by_role.items():
            way = check.way_to(role)
            if way is None:
                left[role] = f"{check.where.secret.user} may not become it"
                continue
            ways[role] = way
            cells += self._tried(check, role, way, wanted, unreachable)
        errors = list(_errors(check, named, there, left))
        errors += [
            AccessUnchecked(
                f"{check.where} has no answer for the views in {schema}: {why}",
                hint="its server must reach the merge database, and the reader of the workspace be let in: apply again",
            )
            for schema, why in unreachable.items()
        ]
        others = {role: why for role, why in left.items() if role not in named}
        return AccessReport(check.where.container.name, tuple(cells), ways, others, tuple(errors))

    def _members(self, check: Checker, there: frozenset[str]) -> dict[str, Expected]:
        roles = self.wanted.keys() & there
        found = members(check.session, roles, PREFIX, self.inventory.builders)
        return {
            login: reduce(or_, (self.wanted[role] for role in of))
            for login, of in found.items()
            if login not in self.logins
        }

    def _tried(
        self, check: Checker, role: str, way: str, wanted: Expected, unreachable: dict[str, str]
    ) -> Iterator[AccessCell]:
        try:
            with check.as_role(role, way) as session:
                trial = Trial(session, role, wanted, self.inventory, self.changed, self.remote, unreachable)
                yield from trial.cells()
        except ConnectionFailed as error:
            if not may_not_connect(error):
                raise
            should = Seen.ALLOWED if wanted.connects else Seen.DENIED
            yield AccessCell(role, "the database", None, "CONNECT", should, Seen.DENIED)


def _errors(
    check: Checker, named: Mapping[str, Expected], there: frozenset[str], left: Mapping[str, str]
) -> Iterator[AccessUnchecked]:
    missing = sorted(named.keys() - there)
    if missing:
        yield no_role(check.where, missing)
    closed = sorted(named.keys() & left.keys())
    if closed:
        yield no_way(check.where, closed)

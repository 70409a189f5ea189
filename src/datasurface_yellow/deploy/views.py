"""The consumers' views and functions: what stands, and the steps to what should."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import psycopg2
from attrs import define, evolve, field, frozen
from psycopg2.extensions import connection as Connection

from datasurface.deployment import Deployment
from datasurface.errors import ApplyRefused
from datasurface.results import ViewSummary
from datasurface_yellow.deploy.definition import columns_of
from datasurface_yellow.deploy.grants import TakenView, give_again, let_nobody_call, let_read, take_view_away
from datasurface_yellow.deploy.making import MadeView, Maker, as_made
from datasurface_yellow.deploy.standing import DEFINED, Standing, arrays, split, standing_views
from datasurface_yellow.deploy.wanted import Kind, Place, View
from datasurface_yellow.store.connection import (
    PlannedSession,
    bound,
    execute,
    execute_always,
    primary_message,
    rows,
)
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable

_BELOW = frozenset({Kind.HISTORY, Kind.BATCH_AT, Kind.SETTLED})
_ABOVE = frozenset({Kind.AS_OF_BATCH, Kind.AS_OF_TIME, Kind.CHANGES})
"""What stands on what: the server lets none of the first go while one of the second is there."""


@frozen
class Unit:
    """Views and functions that stand on each other, in the order in which they are made: all of them, or none.

    Attributes:
        more: what may stand on them and should not, as changes by a key that is masked now. It goes when they are made
            again, which it would hinder.
    """

    members: Sequence[MadeView]
    more: Sequence[Place]

    def by(self, maker: Maker) -> "Unit":
        """The same ones, made by another maker of their statements."""
        return evolve(self, members=[evolve(member, maker=maker) for member in self.members])

    @property
    def table(self) -> MergeTable:
        """The tables that they show."""
        return self.members[0].view.table

    def to_make(self, found: Mapping[Place, Standing]) -> list[MadeView]:
        """Those that do not stand so. Columns of a view cannot be reordered or retyped in place, so what differs is
        made again, and what stands on it."""
        differs = {member.view.kind for member in self.members if self._differs(member, found)}
        return [
            member
            for member in self.members
            if member.view.kind in differs or (member.view.kind in _ABOVE and differs & _BELOW)
        ]

    def to_let_read(self, found: Mapping[Place, Standing]) -> list[MadeView]:
        """Those of the others that their role may not read."""
        made = self.to_make(found)
        return [
            member
            for member in self.members
            if member not in made and member.view.role not in found[member.view.place].readers
        ]

    def to_describe(self, found: Mapping[Place, Standing]) -> list[MadeView]:
        """Those of the others whose comment says something else of them."""
        made = self.to_make(found)
        return [
            member
            for member in self.members
            if member not in made and not found[member.view.place].says(member.description)
        ]

    def leaving(self, found: Mapping[Place, Standing]) -> list[Place]:
        """What has to go before they are made."""
        is_below = any(it.view.kind in _BELOW and it.view.place in found for it in self.to_make(found))
        return [place for place in self.more if place in found] if is_below else []

    def stands(self, found: Mapping[Place, Standing]) -> bool:
        """Whether there is nothing to do."""
        return not self.to_make(found) and not self.to_let_read(found) and not self.to_describe(found)

    def _differs(self, member: MadeView, found: Mapping[Place, Standing]) -> bool:
        standing = found.get(member.view.place)
        return standing is None or standing.is_replaced or standing.mark != member.mark


@define
class Outcome:
    """What is done to views and functions, one after the other."""

    created: list[str] = field(factory=list)
    updated: list[str] = field(factory=list)
    unchanged: list[str] = field(factory=list)
    removed: list[str] = field(factory=list)
    waiting: list[str] = field(factory=list)
    failed: list[str] = field(factory=list)
    reasons: dict[str, str] = field(factory=dict)

    def fail(self, label: str, reason: str) -> None:
        """Something could not be done."""
        self.failed.append(label)
        self.reasons[label] = reason

    def summary(self) -> ViewSummary:
        """All of it."""
        return ViewSummary(
            created=tuple(self.created),
            updated=tuple(self.updated),
            unchanged=tuple(self.unchanged),
            removed=tuple(self.removed),
            waiting=tuple(self.waiting),
            failed=tuple(self.failed),
            reasons=self.reasons,
        )


def units_of(deployment: Deployment, views: Sequence[View], maker: Maker, outcome: Outcome) -> Sequence[Unit]:
    """What can be made of these views and functions, in units; the others wait."""
    wanted = {view.place for view in views}
    units = []
    for _, together in groupby(views, lambda view: (view.schema, view.names, view.kind is Kind.LIVE)):
        of_unit = list(together)
        reasons = [reason for view in of_unit if (reason := maker.missing(view)) is not None]
        if reasons:
            labels = [view.label for view in of_unit]
            outcome.waiting += labels
            outcome.reasons |= dict.fromkeys(labels, reasons[0])
            continue
        above = (of_unit[0].beside(kind).place for kind in _ABOVE)
        members = [as_made(view, deployment, maker) for view in of_unit]
        units.append(Unit(members, [place for place in above if place not in wanted]))
    return units


def reconcile(
    session: Connection,
    deployment: Deployment,
    views: Sequence[View],
    maker: Maker,
    *,
    may_remove: bool = True,
    schema: str | None = None,
) -> ViewSummary:
    """Make what consumers of a deployment read by be exactly these views and functions. One that cannot be made keeps
    no other from being made, but what stands on it.

    Commits nothing. Without ``may_remove`` what should go stays, and it is only tried whether it could go. ``schema``:
    what stands in others is left alone.
    """
    standing = standing_views(session, deployment).items()
    found = {place: each for place, each in standing if schema in (None, place.schema)}
    outcome = Outcome()
    units = units_of(deployment, views, maker, outcome)
    make(session, units, found, outcome)
    remove(session, views, found, outcome, only_try=not may_remove)
    return outcome.summary()


def make(
    session: Connection,
    units: Sequence[Unit],
    found: Mapping[Place, Standing],
    outcome: Outcome,
    taken: Sequence[TakenView] = (),
) -> None:
    """Make these units stand, each in a savepoint. ``found``: what stood before, of which the transaction has ``taken``
    some away."""
    away = {view.place: view for view in taken}
    found = {place: standing for place, standing in found.items() if place not in away}
    for unit in units:
        to_do = unit.leaving(found), unit.to_make(found), unit.to_let_read(found), unit.to_describe(found)
        _Making(session, unit.members, *to_do, found, away, outcome).run()


@frozen
class _Making:
    """One unit, in one savepoint."""

    session: Connection
    members: Sequence[MadeView]
    leaving: Sequence[Place]
    to_make: Sequence[MadeView]
    to_let_read: Sequence[MadeView]
    to_describe: Sequence[MadeView]
    found: Mapping[Place, Standing]
    away: Mapping[Place, TakenView]
    outcome: Outcome

    def run(self) -> None:
        if self._is_held():
            return
        at, taken = self.members[0], dict(self.away)
        touched = [*self.to_make, *self.to_let_read, *self.to_describe]
        if touched:
            execute_always(self.session, "SAVEPOINT one_unit")
            try:
                for place in self.leaving:
                    execute(self.session, _sql("drop", o=place))
                    if isinstance(self.session, PlannedSession):
                        self.session.label(str(place))
                for at in reversed(self.to_make):
                    if at.view.place in self.found:
                        taken[at.view.place] = take_view_away(self.session, at.view.place)
                for at in self.members:
                    if at in self.to_make:
                        self._make(at, taken.get(at.view.place))
                    if at in (*self.to_make, *self.to_let_read):
                        let_read(self.session, at.view.place, at.view.role)
                    if at in self.to_describe:
                        self._mark(at)
                    if isinstance(self.session, PlannedSession):
                        self.session.label(at.view.label)
            except psycopg2.Error as error:
                execute_always(self.session, "ROLLBACK TO SAVEPOINT one_unit")
                self._fail(touched, at, _reason(error))
                return
            execute_always(self.session, "RELEASE SAVEPOINT one_unit")
        for member in self.members:
            label, place = member.view.label, member.view.place
            if member in self.to_make and place not in taken:
                self.outcome.created.append(label)
            elif member in touched:
                self.outcome.updated.append(label)
            else:
                self.outcome.unchanged.append(label)
        self.outcome.removed += map(str, self.leaving)

    def _is_held(self) -> bool:
        """Whether something of others stands on what has to be made again, which has failed then. A server says so
        itself; where nothing is done, it has to be asked."""
        going = [member for member in self.to_make if member.view.place in self.found]
        if not isinstance(self.session, PlannedSession) or not going:
            return False
        ours = [*self.leaving, *(member.view.place for member in self.members if member.view.place in self.found)]
        for member in going:
            reason = _held(self.session, member.view.place, ours)
            if reason is not None:
                self._fail(self.to_make, member, reason)
                return True
        return False

    def _make(self, member: MadeView, taken: TakenView | None) -> None:
        place = member.view.place
        execute(self.session, member.create.replace("%", "%%"))
        self._mark(member)
        if not place.is_view:
            let_nobody_call(self.session, place)
        if taken is not None:
            give_again(self.session, taken, [name for name, _ in columns_of(member.view)])

    def _mark(self, member: MadeView) -> None:
        place = member.view.place
        begin, ending = split(member.mark, member.view.names[0])
        comment = f"{ending}\n{member.description}" if member.description else ending
        marked = {"object": place.quoted, "begin": begin, "ending": comment}
        body = bound(self.session, _sql("body_of_mark", o=place, **DEFINED), marked)
        execute(self.session, _sql("mark"), {"body": body})

    def _fail(self, concerned: Sequence[MadeView], at: MadeView, reason: str) -> None:
        for member in self.members:
            label = member.view.label
            if member is at:
                self.outcome.fail(label, reason)
            elif member in concerned:
                self.outcome.fail(label, f"{at.view.label}: {reason}")
            else:
                self.outcome.unchanged.append(label)


def remove(
    session: Connection,
    views: Sequence[View],
    found: Mapping[Place, Standing],
    outcome: Outcome,
    *,
    only_try: bool = False,
) -> None:
    """Drop what stands and is none of these, in the order in which it can go; what cannot go stays. ``only_try``: and
    so does what could."""
    wanted = {view.place for view in views}
    places = [place for place in found if place not in wanted and str(place) not in outcome.removed]
    if isinstance(session, PlannedSession):
        _plan_removal(session, places, outcome)
        return
    execute(session, "SAVEPOINT all_removals")
    for place in places:
        execute(session, "SAVEPOINT one_removal")
        try:
            execute(session, _sql("drop", o=place))
        except psycopg2.Error as error:
            execute(session, "ROLLBACK TO SAVEPOINT one_removal")
            outcome.fail(str(place), _reason(error))
            continue
        execute(session, "RELEASE SAVEPOINT one_removal")
        if not only_try:
            outcome.removed.append(str(place))
    if only_try:
        execute(session, "ROLLBACK TO SAVEPOINT all_removals")


def _plan_removal(session: PlannedSession, places: Sequence[Place], outcome: Outcome) -> None:
    """What removals would come to: one fails where something stands on it that stays."""
    for place in places:
        reason = _held(session, place, places)
        if reason is not None:
            outcome.fail(str(place), reason)
            continue
        execute(session, _sql("drop", o=place))
        session.label(str(place))
        outcome.removed.append(str(place))


def _held(session: Connection, place: Place, going: Sequence[Place]) -> str | None:
    """Why a view or function cannot go, in the server's words: what stands on it and does not go with it."""
    others = others_on(session, [place], going)
    if not others:
        return None
    on_it = "; ".join(f"{other} depends on it" for other in others)
    return f"cannot drop {place.word.lower()} {place} because other objects depend on it: {on_it}"


def others_on(session: Connection, places: Sequence[Place], going: Iterable[Place]) -> list[str]:
    """What stands on views, functions or tables, and is none of those that go, in the server's words."""
    found = rows(session, _sql("others_on"), arrays("on", places) | arrays("but", going))
    return [str(other) for (other,) in found]


def _reason(error: psycopg2.Error) -> str:
    """What the server says; of objects that are in the way their names, too."""
    message = primary_message(error)
    if isinstance(error, psycopg2.errors.DependentObjectsStillExist) and error.diag.message_detail:
        return f"{message}: {'; '.join(error.diag.message_detail.splitlines())}"
    return message


def _sql(block: str, /, **context: object) -> str:
    return statement("deploy", "views.sql.j2", block, **context)


def refuse_failed(summary: ViewSummary) -> None:
    """ApplyRefused where something cannot be made or removed."""
    if summary.failed:
        problems = "; ".join(f"{name}: {summary.reasons[name]}" for name in summary.failed)
        raise ApplyRefused(
            f"views cannot be made or removed: {problems}",
            hint="another view may stand on them, or something else in their place, as `\\d+` in psql shows; "
            "or somebody reads them for long",
        )

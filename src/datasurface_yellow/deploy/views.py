"""The consumers' views and functions: what stands, and the steps to what should."""

from collections.abc import Mapping, Sequence
from itertools import groupby

import psycopg2
from attrs import define, field, frozen
from psycopg2.extensions import connection as Connection

from datasurface.deployment import Deployment
from datasurface.results import ViewSummary
from datasurface_yellow.deploy.definition import columns_of
from datasurface_yellow.deploy.grants import TakenView, give_again, let_nobody_call, let_read, take_view_away
from datasurface_yellow.deploy.making import MadeView, Maker, as_made
from datasurface_yellow.deploy.standing import Standing, arrays, standing_views
from datasurface_yellow.deploy.wanted import Kind, Place, View
from datasurface_yellow.store.connection import PlannedSession, execute, execute_always, primary_message, rows
from datasurface_yellow.store.statements import statement

_BELOW = frozenset({Kind.HISTORY, Kind.BATCH_AT, Kind.SETTLED})
_ABOVE = frozenset({Kind.AS_OF_BATCH, Kind.AS_OF_TIME, Kind.CHANGES})
"""What stands on what: the server lets none of the first go while one of the second is there."""


@define
class _Outcome:
    created: list[str] = field(factory=list)
    updated: list[str] = field(factory=list)
    unchanged: list[str] = field(factory=list)
    removed: list[str] = field(factory=list)
    waiting: list[str] = field(factory=list)
    failed: list[str] = field(factory=list)
    reasons: dict[str, str] = field(factory=dict)

    def fail(self, label: str, reason: str) -> None:
        self.failed.append(label)
        self.reasons[label] = reason

    def summary(self) -> ViewSummary:
        return ViewSummary(
            created=tuple(self.created),
            updated=tuple(self.updated),
            unchanged=tuple(self.unchanged),
            removed=tuple(self.removed),
            waiting=tuple(self.waiting),
            failed=tuple(self.failed),
            reasons=self.reasons,
        )


def reconcile(
    session: Connection,
    deployment: Deployment,
    views: Sequence[View],
    maker: Maker,
    *,
    may_remove: bool = True,
    taken: Sequence[TakenView] = (),
    schema: str | None = None,
) -> ViewSummary:
    """Make what consumers of a deployment read by be exactly these views and functions. One that cannot be made keeps
    no other from being made, but what stands on it.

    Commits nothing; what stands on each other has one savepoint. Without ``may_remove`` what should go stays, and it is
    only tried whether it could go. ``taken``: what this transaction has taken away. ``schema``: what stands in others
    is left alone.
    """
    away = {view.place: view for view in taken}
    found = standing_views(session, deployment)
    found = {
        place: standing
        for place, standing in found.items()
        if place not in away and schema in (None, place.schema)  # what is away stands in a planned session
    }
    outcome = _Outcome()
    wanted = {view.place for view in views}
    left = {place for place in found if place not in wanted}
    for _, together in groupby(views, lambda view: (view.schema, view.names, view.kind is Kind.LIVE)):
        unit = list(together)
        reasons = {view.label: reason for view in unit if (reason := maker.missing(view)) is not None}
        if not reasons:
            members = [as_made(view, deployment, maker) for view in unit]
            leaving = [place for place in (unit[0].beside(kind).place for kind in _ABOVE) if place in left]
            left -= {*_Unit(session, members, leaving, found, away, outcome).reconcile()}
            continue
        outcome.waiting += [view.label for view in unit]
        outcome.reasons |= {view.label: next(iter(reasons.values())) for view in unit}
    _remove(session, [place for place in found if place in left], outcome, only_try=not may_remove)
    return outcome.summary()


@frozen
class _Unit:
    """Views and functions that stand on each other, in the order in which they are made: all of them, or none.

    Attributes:
        leaving: what stands on them and should not, as changes by a key that is masked now. It goes when they are made
            again, which it would hinder.
    """

    session: Connection
    members: Sequence[MadeView]
    leaving: Sequence[Place]
    found: Mapping[Place, Standing]
    away: Mapping[Place, TakenView]
    outcome: _Outcome

    def reconcile(self) -> Sequence[Place]:
        """Make them as they should be; what of the leaving has gone with that."""
        to_make = [member for member in self.members if self._is_to_make(member)]
        to_let_read = [member for member in self.members if member not in to_make and not self._is_readable(member)]
        if self._is_held(to_make):
            return ()
        execute_always(self.session, "SAVEPOINT one_unit")
        at = self.members[0]
        is_below = any(member.view.kind in _BELOW and member.view.place in self.found for member in to_make)
        going = self.leaving if is_below else ()
        try:
            taken = dict(self.away)
            for place in going:
                execute(self.session, _sql("drop", o=place))
                if isinstance(self.session, PlannedSession):
                    self.session.label(str(place))
            for at in reversed(to_make):
                if at.view.place in self.found:
                    taken[at.view.place] = take_view_away(self.session, at.view.place)
            for at in self.members:
                if at in to_make:
                    self._make(at, taken.get(at.view.place))
                if at in (*to_make, *to_let_read):
                    let_read(self.session, at.view.place, at.view.role)
                if isinstance(self.session, PlannedSession):
                    self.session.label(at.view.label)
        except psycopg2.Error as error:
            execute_always(self.session, "ROLLBACK TO SAVEPOINT one_unit")
            self._fail([*to_make, *to_let_read], at, _reason(error))
            return ()
        execute_always(self.session, "RELEASE SAVEPOINT one_unit")
        for member in self.members:
            label, place = member.view.label, member.view.place
            if member in to_make and place not in taken:
                self.outcome.created.append(label)
            elif member in to_make or member in to_let_read:
                self.outcome.updated.append(label)
            else:
                self.outcome.unchanged.append(label)
        self.outcome.removed += map(str, going)
        return going

    def _is_held(self, to_make: Sequence[MadeView]) -> bool:
        """Whether something of others stands on what has to be made again, which has failed then. A server says so
        itself; where nothing is done, it has to be asked."""
        going = [member for member in to_make if member.view.place in self.found]
        if not isinstance(self.session, PlannedSession) or not going:
            return False
        ours = [*self.leaving, *(member.view.place for member in self.members if member.view.place in self.found)]
        for member in going:
            reason = _held(self.session, member.view.place, ours)
            if reason is not None:
                self._fail(to_make, member, reason)
                return True
        return False

    def _is_to_make(self, member: MadeView) -> bool:
        """Columns of a view cannot be reordered or retyped in place, so what differs is made again, and what stands on
        it."""
        below = _BELOW if member.view.kind in _ABOVE else frozenset()
        return any(
            self.found[other.view.place].mark != other.mark if other.view.place in self.found else True
            for other in self.members
            if other is member or other.view.kind in below
        )

    def _is_readable(self, member: MadeView) -> bool:
        return member.view.role in self.found[member.view.place].readers

    def _make(self, member: MadeView, taken: TakenView | None) -> None:
        place = member.view.place
        execute(self.session, member.create.replace("%", "%%"))
        execute(self.session, _sql("mark", o=place), {"mark": member.mark})
        if not place.is_view:
            let_nobody_call(self.session, place)
        if taken is not None:
            give_again(self.session, taken, [name for name, _ in columns_of(member.view)])

    def _fail(self, concerned: Sequence[MadeView], at: MadeView, reason: str) -> None:
        for member in self.members:
            label = member.view.label
            if member is at:
                self.outcome.fail(label, reason)
            elif member in concerned:
                self.outcome.fail(label, f"{at.view.label}: {reason}")
            else:
                self.outcome.unchanged.append(label)


def _remove(session: Connection, places: Sequence[Place], outcome: _Outcome, *, only_try: bool) -> None:
    """Drop what should go, in this order; what cannot go stays."""
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


def _plan_removal(session: PlannedSession, places: Sequence[Place], outcome: _Outcome) -> None:
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
    others = rows(session, _sql("others_on"), arrays("on", [place]) | arrays("but", going))
    if not others:
        return None
    on_it = "; ".join(f"{other} depends on it" for (other,) in others)
    return f"cannot drop {place.word.lower()} {place} because other objects depend on it: {on_it}"


def _reason(error: psycopg2.Error) -> str:
    """What the server says; of objects that are in the way their names, too."""
    message = primary_message(error)
    if isinstance(error, psycopg2.errors.DependentObjectsStillExist) and error.diag.message_detail:
        return f"{message}: {'; '.join(error.diag.message_detail.splitlines())}"
    return message


def _sql(block: str, /, **context: object) -> str:
    return statement("deploy", "views.sql.j2", block, **context)

"""Apply on one platform: all that stands is read in a few queries, compared with what should, and made so in parts.

Each part is a transaction. An apply that ends before the last one leaves parts that are done: nobody uses them before
the generation is in force, and the next apply finds them done.
"""

from collections.abc import Collection, Mapping, Sequence

from attrs import evolve, field, frozen
from psycopg2.extensions import connection as Connection

from datasurface.credentials import Credentials
from datasurface.deployment import Deployment, HandOver
from datasurface.results import Step, ViewSummary
from datasurface_yellow.batch.evolving import Evolving
from datasurface_yellow.deploy.definition import can_be_made
from datasurface_yellow.deploy.grants import TakenView, ensure_schemas
from datasurface_yellow.deploy.making import OverMergeTables
from datasurface_yellow.deploy.mask_keys import ensure_mask_keys, forget_mask_keys
from datasurface_yellow.deploy.origin import refuse_rows_of_other_streams
from datasurface_yellow.deploy.owners import keep_owners
from datasurface_yellow.deploy.parts import Part, parts
from datasurface_yellow.deploy.standing import Standing, standing_views
from datasurface_yellow.deploy.state import State, read_state
from datasurface_yellow.deploy.tables import are_missing, ensure_tables, refuse_lost_parts, refuse_other_milestoning
from datasurface_yellow.deploy.views import Outcome, make, reconcile, refuse_failed, remove, units_of
from datasurface_yellow.deploy.wanted import Memory, Place, View, table_of, wanted_views
from datasurface_yellow.store.catalog import PlatformNames, ensure_catalog, relations
from datasurface_yellow.store.connection import PlannedSession
from datasurface_yellow.store.layout import TableLayout
from datasurface_yellow.store.layouts import read_layouts, write_layout
from datasurface_yellow.store.planned import with_rest, with_sql
from datasurface_yellow.store.table import MergeTable, stream_tables

REPLACED = "its definition is not the one that was made here: somebody replaced it, or the database was restored"


@frozen
class Desired:
    """What should stand of a deployment: worked out once, however often it is compared with what does.

    Attributes:
        schema: of the platform's tables.
        tables: of each stream, as they are made.
    """

    deployment: Deployment
    schema: str
    tables: Mapping[str, Sequence[MergeTable]]
    _views: Memory = field(factory=dict)
    digests: dict[View, str] = field(factory=dict)
    """By what views are known to be made as they should."""
    found: list["_Look"] = field(factory=list)
    """What a dry run has found, until it is done."""

    @classmethod
    def of(cls, deployment: Deployment, schema: str) -> "Desired":
        """That of a deployment."""
        streams = deployment.streams
        return cls(deployment, schema, {stream.key: stream_tables(deployment, stream, schema) for stream in streams})

    def known(self) -> dict[str, MergeTable]:
        """The tables by name, and those that only views show: their streams have stopped."""
        known = {table.merge: table for of_stream in self.tables.values() for table in of_stream}
        shown = (table_of(self.deployment, config, self.schema, {}, known) for config in self.deployment.views)
        return known | {table.merge: table for table in shown}

    def views(self, layouts: Mapping[str, TableLayout]) -> Sequence[View]:
        """What consumers read by. ``layouts``: of the tables that stand, by their names."""
        wanted = wanted_views(self.deployment, self.schema, layouts, self.known(), self._views)
        return [view for view in wanted if can_be_made(view)]


@frozen
class Applied:
    """What was done, or would be.

    Attributes:
        views: what consumers read by.
        shown: those that are new to them, or others than before.
    """

    steps: list[Step]
    views: Sequence[View]
    shown: Sequence[str]


@frozen
class _Look:
    """What was found, and what has to be done about it."""

    state: State
    standing: Mapping[Place, Standing]
    views: Sequence[View]
    parts: Sequence[Part]


@frozen
class Applying:
    """One deployment, in one session of the merge database. A planned session changes nothing."""

    session: Connection
    names: PlatformNames
    desired: Desired
    credentials: Credentials

    def run(self, handed_over: Sequence[HandOver] = ()) -> Applied:
        """Make tables, views and grants exist. ApplyRefused, before anything is done, where that can be known."""
        session, names, deployment = self.session, self.names, self.desired.deployment
        steps = with_sql(session, ensure_catalog(session, names.catalogue))
        look_again = bool(steps)
        steps += with_sql(session, keep_owners(session, names, deployment, self.desired.tables, handed_over))
        look = self._look() if look_again else self._found()
        steps = with_rest(session, steps)
        steps += with_sql(session, ensure_mask_keys(session, deployment, names, self.credentials))
        steps += with_sql(session, ensure_schemas(session, look.views))
        removals = Outcome()  # what will go once the generation is in force: it is only tried whether it could
        remove(session, look.views, look.standing, removals, only_try=True)
        refuse_failed(removals.summary())
        self._commit()
        summary = ViewSummary()
        for part in look.parts:
            done, changed = self._do(part, look)
            steps += done
            summary = summary.plus(changed)
            self._commit()
        going = ViewSummary(removed=tuple(label for label in removals.removed if label not in summary.removed))
        return Applied([*steps, *self._steps(going)], look.views, (*summary.created, *summary.updated))

    def remove_views(self) -> tuple[Sequence[View], ViewSummary]:
        """Take away what consumers read by and the deployment no longer has, once an apply has made all that it has."""
        session, deployment = self.session, self.desired.deployment
        views, outcome = self.desired.views(read_layouts(session, self.names)), Outcome()
        remove(session, views, standing_views(session, deployment), outcome)
        summary = outcome.summary()
        self._forget_mask_keys(summary)
        session.commit()
        return views, summary

    def reconcile_views(self) -> tuple[Sequence[View], ViewSummary]:
        """Make what consumers read by be exactly the deployment's, with what that is. What cannot be made keeps nothing
        else from it."""
        session, deployment = self.session, self.desired.deployment
        views = self.desired.views(read_layouts(session, self.names))
        list(ensure_schemas(session, views))
        tables = relations(session, self.names.schema, {view.table.merge for view in views})
        summary = reconcile(session, deployment, views, self._maker(tables))
        self._forget_mask_keys(summary)
        session.commit()
        return views, summary

    def _forget_mask_keys(self, summary: ViewSummary) -> None:
        if not summary.failed:  # a view that could not go may still need its key
            forget_mask_keys(self.session, self.desired.deployment, self.names)

    def _found(self) -> _Look:
        """What there is to do. An apply tries dry what it does, on all platforms before it begins on one; it does what
        that has found, which is not looked for again."""
        if isinstance(self.session, PlannedSession):
            look = self._look()
            self.desired.found[:] = [look]
            return look
        if not self.desired.found:
            return self._look()
        look = self.desired.found.pop()
        maker = self._maker(())
        return evolve(look, parts=[evolve(part, units=[unit.by(maker) for unit in part.units]) for part in look.parts])

    def _look(self) -> _Look:
        session, desired = self.session, self.desired
        known = desired.known()
        state = read_state(session, self.names, list(known.values()))
        refuse_rows_of_other_streams(session, self.names, desired.deployment, desired.tables, state)
        for table in known.values():
            refuse_other_milestoning(table, state.kinds)
            refuse_lost_parts(table, state.kinds)
        found = Evolving(session, self.names, desired.deployment).find(desired.tables, state)
        views = desired.views({**state.layouts, **found.layouts})
        # The tables of streams will stand when the views are made.
        units = units_of(desired.deployment, views, self._maker({*state.kinds, *found.layouts}), Outcome())
        standing = standing_views(session, desired.deployment)
        changed = {change.table.merge for changes in found.changes.values() for change in changes}
        to_do = parts(
            found.changes,
            [known[name] for name in found.layouts if are_missing(known[name], state.kinds)],
            {name: layout for name, layout in found.layouts.items() if state.layouts.get(name) != layout},
            [unit for unit in units if unit.table.merge in changed or not unit.stands(standing)],
        )
        return _Look(state, standing, views, list(to_do))

    def _do(self, part: Part, look: _Look) -> tuple[list[Step], ViewSummary]:
        """One transaction's work."""
        session, steps, layouts = self.session, list[Step](), dict(part.layouts)
        taken: Sequence[TakenView] = ()
        if part.changes:
            evolved = Evolving(session, self.names, self.desired.deployment).run(part.changes)
            steps, taken = list(evolved.steps), evolved.taken
            layouts |= {name: layout for name, layout in evolved.layouts.items() if name in layouts}
        for table in part.tables:
            steps += with_sql(session, ensure_tables(session, table, look.state.kinds))
        for name, layout in layouts.items():
            write_layout(session, self.names, name, layout)
        steps = with_rest(session, steps)
        outcome = Outcome()
        make(session, part.units, look.standing, outcome, taken)
        summary = outcome.summary()
        refuse_failed(summary)
        return [*steps, *self._noted(self._steps(summary), look.standing)], summary

    def _steps(self, summary: ViewSummary) -> list[Step]:
        return summary.steps(self.session.labelled if isinstance(self.session, PlannedSession) else {})

    def _noted(self, steps: Sequence[Step], standing: Mapping[Place, Standing]) -> list[Step]:
        """The steps of a dry run, of which those that mend what somebody did say so."""
        replaced = {str(place) for place, found in standing.items() if found.is_replaced}
        note = REPLACED if isinstance(self.session, PlannedSession) else None
        return [evolve(step, note=note) if step.object in replaced else step for step in steps]

    def _maker(self, tables: Collection[str]) -> OverMergeTables:
        return OverMergeTables(self.session, self.names, tables, self.desired.digests)

    def _commit(self) -> None:
        if not isinstance(self.session, PlannedSession):  # it sees one moment
            self.session.commit()

"""Rollback: a model that was in force once comes into force again, as a new generation."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from attrs import evolve, frozen

from datasurface.change.compatibility import RULES as COMPATIBILITY_RULES
from datasurface.change.lines import Line, details, summary
from datasurface.change.plan import Plan
from datasurface.change.plan import plan as plan_of
from datasurface.collector import rare_collection
from datasurface.deployment import HandOver
from datasurface.errors import ApplyRefused, NotApplied
from datasurface.graph import hand_overs
from datasurface.interchange.canonical import NotCanonical
from datasurface.model import Ecosystem
from datasurface.operations.apply import ApplyReport, change_of, put_in_force
from datasurface.operations.jobs import InForce
from datasurface.operations.model import CheckedModel
from datasurface.plugins.manager import Plugins
from datasurface.results import Step
from datasurface.runtime import ControlStore, Generation, GenerationChange


@frozen
class Rollback:
    """A rollback that was thought through, and not done yet.

    Attributes:
        before: the generation in force, which it takes back.
        to: the one whose model comes into force again, with the places that it was bound to.
        model: of ``to``, as its owners wrote it.
        plan: of going from the one model to the other; None where an earlier version applied ``before``, and kept no
            model. Nothing in it refuses: who takes back a change knows that it goes.
        handed_over: the datastores that go back to a former owner with their rows.
        steps: what each platform would do.
    """

    before: Generation
    to: Generation
    model: Ecosystem
    plan: Plan | None
    handed_over: tuple[HandOver, ...]
    steps: Mapping[str, tuple[Step, ...]]

    @property
    def change(self) -> GenerationChange:
        """What is kept of it with the new generation."""
        number = self.to.number
        if self.plan is None:
            return GenerationChange(f"rollback to generation {number}", None, number)
        found = change_of(self.plan)
        return evolve(found, summary=f"rollback to generation {number}: {found.summary}", rollback_to=number)

    def lines(self) -> tuple[Line, ...]:
        """What becomes of the model, for people."""
        return () if self.plan is None else tuple(details(self.plan))

    def summary(self) -> str:
        """What becomes of the model, on one line."""
        return "what changes is not known" if self.plan is None else summary(self.plan)

    @property
    def _checked(self) -> CheckedModel:
        """The model that is applied. It was checked when it came into force first."""
        return CheckedModel(self.model, self.model, tuple(self.to.deployments), (), self.to.commit)


def preview_rollback(in_force: InForce, to: int | None = None) -> Rollback:
    """What a rollback would do; changes nothing.

    Args:
        to: the generation whose model comes into force again; by default the one before that in force.

    Raises:
        NotApplied: there is no such generation.
        ApplyRefused: its model was not kept, or this version cannot read it; or a platform refuses it.
    """
    before, control = in_force.generation, in_force.control
    number = before.number - 1 if to is None else to
    if number == before.number:
        raise ApplyRefused(
            f"generation {number} is in force", hint="name an earlier one: `datasurface history` lists them"
        )
    if number < 1:
        raise NotApplied(f"there is no generation before {before.number}", hint="there is nothing to go back to")
    try:
        generation, model = control.generation(number), control.model_of(number)
    except NotCanonical as error:
        raise ApplyRefused(
            f"the model of generation {number} cannot be read by this version: {error.message}",
            hint="apply its commit from git instead, or use the version of DataSurface and plugins that applied it",
        ) from error
    if model is None:
        raise ApplyRefused(
            f"generation {number} was applied by an earlier version, which did not keep its model",
            hint="apply its commit from git instead",
        )
    base = control.model_of(before.number)
    handed_over = _hand_overs(control, base, before.number, model, number)
    steps = {
        deployment.platform.name: tuple(
            in_force.plugins.runtime(deployment, None, in_force.credentials).apply(
                dry_run=True, handed_over=handed_over
            )
        )
        for deployment in generation.deployments
    }
    plan = None if base is None else _plan(base, model, in_force.plugins)
    return Rollback(before, generation, model, plan, handed_over, steps)


@rare_collection()
def rollback(
    in_force: InForce,
    seen: Rollback,
    on_steps: Callable[[str, tuple[Step, ...]], None] = lambda _platform, _steps: None,
) -> ApplyReport:
    """Do what ``preview_rollback`` said. Drops no table and no column: streams that the older model does not have stop,
    and what it does not know of columns stays beside it.

    Raises:
        ApplyRefused: another generation came into force since it was said, or a platform refuses.
    """
    control = in_force.control
    with control.lock():
        current = control.current()
        if current is None or current.number != seen.before.number:
            raise ApplyRefused(
                f"another generation came into force since: {current.number if current else 'none'} instead of "
                f"{seen.before.number}; nothing was changed",
                hint="see `datasurface history`, then roll back again if it is still wanted",
            )
        return put_in_force(
            control,
            None,
            seen._checked,
            seen.change,
            seen.handed_over,
            in_force.plugins,
            in_force.credentials,
            on_steps,
            {},
        )


def _hand_overs(
    control: ControlStore, base: Ecosystem | None, before: int, model: Ecosystem, to: int
) -> tuple[HandOver, ...]:
    """The datastores that go back with their rows: those that every generation since has had. One that was gone in
    between is another's now, who has not the rows of the first."""
    changed = hand_overs(base, model)
    for number in range(to + 1, before):
        if not changed:
            break
        between = control.model_of(number)
        had = set() if between is None else {store.name for store in between.datastores()}
        changed = tuple(each for each in changed if each.store in had)
    return changed


def _plan(base: Ecosystem, model: Ecosystem, plugins: Plugins) -> Plan:
    """The plan of going from the model in force to an older one, without a reason to refuse it: a rollback takes steps
    of statuses that a commit may not, and asks no owner of what it takes back."""
    rules = (*COMPATIBILITY_RULES, *plugins.compatibility_rules())
    return evolve(plan_of(base, model, today=datetime.now(UTC).date(), rules=rules), refusals=(), consents=())

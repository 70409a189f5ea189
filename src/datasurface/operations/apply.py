"""Apply: make what a model needs exist on every platform, then put its deployments in force."""

from collections.abc import Callable, Mapping, Sequence

from attrs import evolve, field, frozen

from datasurface.change.lines import refusal_text, summary
from datasurface.change.plan import Plan, Reason, Refusal
from datasurface.collector import rare_collection
from datasurface.credentials import Credentials
from datasurface.deployment import HandOver, has_only_grown
from datasurface.errors import ApplyRefused, ChangeRefused, DataSurfaceError, StoreUnavailable
from datasurface.graph import hand_overs
from datasurface.model import Ecosystem, GitRepository
from datasurface.operations.ancestry import MayFollow, any_may_follow
from datasurface.operations.code import pinned
from datasurface.operations.control import control_container, model_in_force
from datasurface.operations.model import CheckedModel
from datasurface.operations.plan import plan as plan_change
from datasurface.operations.unused import Found, find, may_drop, without
from datasurface.plugins.manager import Plugins
from datasurface.results import Step
from datasurface.runtime import ControlStore, Generation, GenerationChange, PlatformRuntime

_NOTHING: Found = {}
_BOUND = "bound to other places or code"


@frozen
class ApplyReport:
    """What an apply did, or would do.

    Attributes:
        generation: the number that is in force now; None before the first apply.
        commit: the one that is in force, or would be.
        publishes: whether the apply puts another generation in force; otherwise the model in force is the same.
        steps: what each platform does, in the order of the model.
        pruned: what is dropped because nothing uses it, by platform that has such.
        unused: what nothing uses and stays, likewise.
    """

    generation: int | None
    commit: str | None
    publishes: bool
    steps: Mapping[str, tuple[Step, ...]]
    pruned: Found = field(factory=dict)
    unused: Found = field(factory=dict)

    @property
    def changes(self) -> bool:
        """Whether anything is done at all."""
        return self.publishes or any(self.steps.values())


@rare_collection()
def apply(
    model: CheckedModel,
    plugins: Plugins,
    credentials: Credentials,
    on_steps: Callable[[str, tuple[Step, ...]], None] = lambda _platform, _steps: None,
    *,
    change_source: GitRepository | None = None,
    allow_breaking: bool = False,
    may_follow: MayFollow = any_may_follow,
    prune: Found | None = None,
) -> ApplyReport:
    """Apply a model; idempotent. ``on_steps`` hears of each platform once it is done.

    ``change_source``: the repository and branch that the change comes from; None where nobody is held to what they own.
    ``allow_breaking``: let consumers lose what they rely on.
    ``may_follow``: raises where the model may not come after the generation in force; asked under the lock.
    ``prune``: what ``plan`` said that it would drop, and nothing else.

    The generation is published when every table and view is there: until then jobs run the one before, and its views
    stand. Every change of the model is a generation of its own: the next change is compared with it. Views that the
    model no longer has go last, and then what is to be pruned. A platform or stream that the model no longer has stops;
    its tables stay otherwise. The code of transformers is pinned: a branch that has moved on is a change, too.

    Raises:
        ChangeRefused: the model in force may not become this one; nothing was done.
        ApplyRefused: a platform refuses, or another ecosystem's generation is in force; it stays in force, whole. All
            platforms are asked before the first one does anything.
        NotApplied: whether the source may make the change is not known: the model in force was not kept.
        CheckoutError: git does not say at which commit the code of a transformer is.
    """
    control = plugins.control_store(control_container(model.ecosystem), credentials)
    with control.lock():
        generation = control.current()
        may_follow(generation)
        base, change = _way(control, generation, model, plugins, change_source, allow_breaking=allow_breaking)
        model = evolve(model, deployments=pinned(model.deployments, credentials))
        handed_over = hand_overs(base, model.written)
        publishes = generation is None or _differs(generation, base, model)
        in_force = None if publishes else generation
        return put_in_force(
            control, in_force, model, change, handed_over, plugins, credentials, on_steps, prune or _NOTHING
        )


def put_in_force(
    control: ControlStore,
    in_force: Generation | None,
    model: CheckedModel,
    change: GenerationChange | None,
    handed_over: Sequence[HandOver],
    plugins: Plugins,
    credentials: Credentials,
    on_steps: Callable[[str, tuple[Step, ...]], None],
    prune: Found,
) -> ApplyReport:
    """The steps of an apply, for who has the lock. ``in_force``: the generation that this model has already; None where
    it has to be a new one, which is kept with ``change``. ``handed_over``: the datastores that change hands by it.
    ``prune``: what was agreed to be dropped, as far as it is unused then."""
    deployments = model.deployments
    runtimes = {each.platform.name: plugins.runtime(each, None, credentials) for each in deployments}
    for runtime in runtimes.values():  # nothing is done on one platform that another one refuses
        runtime.apply(dry_run=True, handed_over=handed_over)
    for name, seen in prune.items():
        runtimes[name].drop_unused(seen, dry_run=True)
    steps: dict[str, tuple[Step, ...]] = {}
    for name, runtime in runtimes.items():
        steps[name] = tuple(runtime.apply(handed_over=handed_over))
        on_steps(name, steps[name])
    generation = in_force or control.publish(model.written, deployments, model.commit, change)
    for name, restored in control.restore(in_force).items() if in_force else ():
        steps[name] += tuple(restored)
        on_steps(name, tuple(restored))
    away: list[DataSurfaceError] = []
    for name, runtime in runtimes.items():
        try:
            removed = _remove_views(runtime)
        except DataSurfaceError as error:  # what the others no longer have need not stand until it is back
            away.append(error)
            continue
        steps[name] += removed
        on_steps(name, removed)
    if away:
        raise StoreUnavailable(
            f"generation {generation.number} is in force, but views that it no longer has may stand yet: "
            + "; ".join(error.message for error in away),
            hint="apply again once that is cured",
        ) from away[0]
    for name, seen in prune.items():
        dropped = tuple(runtimes[name].drop_unused(seen))
        steps[name] += dropped
        on_steps(name, dropped)
    unused = find(runtimes, generation)
    pruned = without(prune, unused)
    return ApplyReport(generation.number, generation.commit, in_force is None, steps, pruned, unused)


@rare_collection()
def plan(
    model: CheckedModel,
    plugins: Plugins,
    credentials: Credentials,
    *,
    change_source: GitRepository | None = None,
    allow_breaking: bool = False,
    may_follow: MayFollow = any_may_follow,
    prune: bool = False,
) -> ApplyReport:
    """What ``apply`` would do now; changes nothing. Raises what ``apply`` would.

    It keeps no apply out, unless one that is at work takes away what was just seen: then it waits for that one, and
    looks again.

    ``prune``: also what it would drop because nothing uses it. With ``change_source`` that is what this source owns, or
    all of it where it owns the ecosystem.
    """
    control = plugins.control_store(control_container(model.ecosystem), credentials)

    def look() -> ApplyReport:
        return _planned(
            control, model, plugins, credentials, change_source, may_follow, allow_breaking=allow_breaking, prune=prune
        )

    try:
        return look()
    except StoreUnavailable:
        with control.lock():
            return look()


def _planned(
    control: ControlStore,
    model: CheckedModel,
    plugins: Plugins,
    credentials: Credentials,
    change_source: GitRepository | None,
    may_follow: MayFollow,
    *,
    allow_breaking: bool,
    prune: bool,
) -> ApplyReport:
    """One look at what ``apply`` would do."""
    generation = control.current()
    may_follow(generation)
    base, _ = _way(control, generation, model, plugins, change_source, allow_breaking=allow_breaking)
    model = evolve(model, deployments=pinned(model.deployments, credentials))
    handed_over = hand_overs(base, model.written)
    runtimes = {each.platform.name: plugins.runtime(each, None, credentials) for each in model.deployments}
    steps = {name: tuple(runtime.apply(dry_run=True, handed_over=handed_over)) for name, runtime in runtimes.items()}
    unused, pruned = find(runtimes, generation, count=prune), _NOTHING
    if prune:
        pruned = may_drop(unused, model.ecosystem, change_source)
        unused = without(unused, pruned)
        for name, seen in pruned.items():
            steps[name] += tuple(runtimes[name].drop_unused(seen, dry_run=True))
    if generation is None:
        return ApplyReport(None, model.commit, True, steps, pruned, unused)
    publishes = _differs(generation, base, model)
    if not publishes:
        for name, restored in control.restore(generation, dry_run=True).items():
            steps[name] += tuple(restored)
    commit = model.commit if publishes else generation.commit
    return ApplyReport(generation.number, commit, publishes, steps, pruned, unused)


def _way(
    control: ControlStore,
    generation: Generation | None,
    model: CheckedModel,
    plugins: Plugins,
    change_source: GitRepository | None,
    *,
    allow_breaking: bool,
) -> tuple[Ecosystem | None, GenerationChange | None]:
    """The model in force, which may become this one, and the way there; None for both where it was not kept, and for
    the model where there is none."""
    base = None
    if generation is not None:
        base = control.model_of(generation.number) if change_source is None else model_in_force(control)
        if base is None or base.name != model.ecosystem.name:
            _refuse_other_ecosystem(generation, model.ecosystem.name)
        if base is None:  # an earlier version applied it: what the change is cannot be known
            return None, None
    planned = plan_change(model, base, plugins, change_source=change_source)
    if allow_breaking:
        planned = planned.without_breaking()
    if planned.refusals:
        raise ChangeRefused([(refusal_text(refusal), _hint(refusal)) for refusal in planned.refusals])
    has_grown = (
        planned.is_empty and generation is not None and has_only_grown(tuple(generation.deployments), model.deployments)
    )
    return base, change_of(planned, "kept as this version does" if has_grown else _BOUND)


def change_of(planned: Plan, otherwise: str = _BOUND) -> GenerationChange:
    """What is kept of a plan that is applied. ``otherwise``: what is another where the model is the same."""
    return GenerationChange(otherwise if planned.is_empty else summary(planned), planned.document())


def _hint(refusal: Refusal) -> str:
    if refusal.reason is not Reason.BREAKING:
        return refusal.hint
    return f"{refusal.hint}; --allow-breaking applies it all the same"


def _differs(generation: Generation, base: Ecosystem | None, model: CheckedModel) -> bool:
    """Whether a model is another than the one in force, or is bound to other places; also where that is not known."""
    return base != model.written or generation.deployments != model.deployments


def _remove_views(runtime: PlatformRuntime) -> tuple[Step, ...]:
    summary = runtime.remove_views()
    return (
        *(Step(f"removed {summary.kind_of(name)}", name) for name in summary.removed),
        *(
            Step(f"could not remove {summary.kind_of(name)}", name, note=summary.reasons.get(name))
            for name in summary.failed
        ),
    )


def _refuse_other_ecosystem(generation: Generation, ecosystem: str) -> None:
    """One control database has one generation in force: another ecosystem's model would stop all that it runs."""
    others = {deployment.ecosystem for deployment in generation.deployments if deployment.streams} - {ecosystem}
    if others:
        raise ApplyRefused(
            f"the control database runs ecosystem {', '.join(sorted(others))}, and the model is of {ecosystem}",
            hint="give each ecosystem a control database of its own: Ecosystem(..., control_database=...). To rename "
            "one, first apply it under its old name until every assignment is DECOMMISSIONED",
        )

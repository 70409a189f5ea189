"""Plan: what a model would change against another one, or against the one in force."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from datasurface.change.compatibility import RULES
from datasurface.change.plan import Plan, RowImpact
from datasurface.change.plan import plan as plan_of
from datasurface.collector import rare_collection
from datasurface.credentials import Credentials
from datasurface.environment import Environment
from datasurface.errors import BaseRefused
from datasurface.findings import Finding
from datasurface.graph import hand_overs
from datasurface.loader import TIMEOUT, load
from datasurface.loading.pieces import Shared
from datasurface.model import Ecosystem, GitRepository
from datasurface.operations.checkout import ModelSource, base_of, model_folder
from datasurface.operations.control import control_container, model_in_force
from datasurface.operations.model import CheckedModel, check
from datasurface.plugins.manager import Plugins


def base_model(
    source: ModelSource, base: str, plugins: Plugins, *, seconds: float | None = None, takes: Shared | None = None
) -> Ecosystem:
    """The model of a folder or a revision of the model's repository, in a process of its own. It is not linted: what
    was wrong before may be what is being repaired.

    ``seconds`` is how long its code may run; None for the loader's limit. ``takes`` as in ``load``.

    Raises:
        CheckoutError: git cannot give it.
        BaseRefused: it does not load.
    """
    with model_folder(base_of(source, base)) as folder:
        loaded = load(
            folder.path,
            plugins.platform_classes(),
            containers=plugins.container_classes(),
            timeout=seconds or TIMEOUT,
            takes=takes,
        )
    if loaded.ecosystem is None:
        raise _refused(base, loaded.findings[0])
    return loaded.ecosystem


def model_and_base(
    source: ModelSource, base: str, plugins: Plugins, environment: Environment, *, seconds: float | None = None
) -> tuple[CheckedModel, Ecosystem]:
    """The model and the one that it is compared with. Their code runs at the same time, each in its own process; a
    datastore that is the same in both is one object.

    Raises:
        ModelRefused: the model has errors, whatever is wrong with the base.
        BaseRefused: the base does not load. Else as ``check`` and ``base_model``.
    """
    with rare_collection(), ThreadPoolExecutor(1) as beside:
        shared = Shared()
        before = beside.submit(base_model, source, base, plugins, seconds=seconds, takes=shared)
        try:
            model = check(source, plugins, environment, seconds=seconds, gives=shared)
        finally:
            shared.give({})  # nobody waits for a model that did not come
        return model, before.result()


def plan(
    model: CheckedModel, base: Ecosystem | None, plugins: Plugins, *, change_source: GitRepository | None = None
) -> Plan:
    """The plan of going from ``base``, or from nothing, to a model, today."""
    return plan_of(
        base,
        model.written,
        today=datetime.now(UTC).date(),
        change_source=change_source,
        rules=(*RULES, *plugins.compatibility_rules()),
    )


def plan_against_force(
    model: CheckedModel,
    plugins: Plugins,
    credentials: Credentials,
    *,
    change_source: GitRepository | None = None,
) -> Plan:
    """The plan of going from the model in force, as the control database keeps it, to another.

    Raises:
        NotApplied: an earlier version applied what is in force, and kept no model.
    """
    control = plugins.control_store(control_container(model.ecosystem), credentials)
    return plan(model, model_in_force(control), plugins, change_source=change_source)


def rows_touched(model: CheckedModel, plugins: Plugins, credentials: Credentials) -> tuple[RowImpact, ...]:
    """How many stored rows an apply of the model, and the batches after it, would write, as the platforms' databases
    have them now; nothing is changed. Where a platform refuses the model, ApplyRefused, as ``apply`` would."""
    control = plugins.control_store(control_container(model.ecosystem), credentials)
    generation = control.current()
    in_force = control.model_of(generation.number) if generation else None
    handed_over = hand_overs(in_force, model.written)
    return tuple(
        RowImpact(deployment.platform.name, f"{step.action} {step.object}", step.rows, step.note or "")
        for deployment in model.deployments
        for step in plugins.runtime(deployment, None, credentials).apply(dry_run=True, handed_over=handed_over)
        if step.rows is not None
    )


def _refused(base: str, finding: Finding) -> BaseRefused:
    place = f"{finding.source}: " if finding.source else ""
    return BaseRefused(
        f"the base '{base}' cannot be loaded: {place}{finding.message}",
        hint="compare with an older revision that can, as in --base HEAD~2; or without --base, with what is in force",
    )

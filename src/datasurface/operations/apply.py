"""Apply: make what a model needs exist on every platform, then put its deployments in force."""

from collections.abc import Callable, Mapping

from attrs import frozen

from datasurface.credentials import Credentials
from datasurface.operations.control import control_container
from datasurface.operations.model import CheckedModel
from datasurface.plugins.manager import Plugins
from datasurface.runtime import Step


@frozen
class ApplyReport:
    """What an apply did.

    Attributes:
        generation: the number that is in force now, of the commit ``commit``.
        published: whether this apply put it in force; otherwise the same deployments were in force before.
        steps: what each platform did, in the order of the model.
    """

    generation: int
    commit: str | None
    published: bool
    steps: Mapping[str, tuple[Step, ...]]

    @property
    def changed(self) -> bool:
        """Whether anything was done at all."""
        return self.published or any(self.steps.values())


def apply(
    model: CheckedModel,
    plugins: Plugins,
    credentials: Credentials,
    on_steps: Callable[[str, tuple[Step, ...]], None] = lambda _platform, _steps: None,
) -> ApplyReport:
    """Apply a model; idempotent. ``on_steps`` hears of each platform once it is done.

    The generation is published last, so that jobs keep running the one before until every table and view is there. A
    platform or stream that the model no longer has stops with it; nothing is dropped.
    """
    control = plugins.control_store(control_container(model.ecosystem), credentials)
    deployments = model.deployments
    with control.lock():
        steps: dict[str, tuple[Step, ...]] = {}
        for deployment in deployments:
            name = deployment.platform.name
            steps[name] = tuple(plugins.runtime(deployment, None, credentials).apply())
            on_steps(name, steps[name])
        generation = control.current()
        published = generation is None or generation.deployments != deployments
        if generation is None or published:
            generation = control.publish(deployments, model.commit)
    return ApplyReport(generation.number, generation.commit, published, steps)

"""Which commit of which repository to apply, where a command does not say all of it, and whether it is in force.

What is not said comes from the model: the repository and branch that own the ecosystem.
"""

from pathlib import Path

from attrs import evolve, frozen

from datasurface.credentials import Secret
from datasurface.environment import Environment, credentials
from datasurface.errors import ModelRefused, NotApplied, UsageError
from datasurface.git_url import clone_url
from datasurface.model import GitRepository
from datasurface.operations.ancestry import MayFollow, may_follow
from datasurface.operations.checkout import ModelFolder, ModelSource, Repository, commit_of
from datasurface.operations.control import container_of_url, control_container, model_in_force
from datasurface.operations.model import CheckedModel, check, validate
from datasurface.operations.taken_back import is_taken_back, taken_back
from datasurface.plugins.manager import Plugins
from datasurface.runtime import ControlStore, Generation

_HEAD = "HEAD"


@frozen
class Asked:
    """What a command says about the model to apply; None where it says nothing.

    Attributes:
        folder: with the model.
        url, revision: the model in git instead.
        secret: lets git in.
        store: the URL of the control database where what is in force is looked up, and what it does not say is found.
        if_changed: whether nothing is to be done where the newest commit is in force.
    """

    folder: Path | None = None
    url: str | None = None
    revision: str | None = None
    secret: Secret | None = None
    store: str | None = None
    if_changed: bool = False


@frozen
class Candidate:
    """A model to apply; ``may_follow`` refuses a generation that it must not come after."""

    model: CheckedModel
    may_follow: MayFollow


@frozen
class Unchanged:
    """Nothing to apply: the newest commit is in force, or was taken back by the rollback that is."""

    generation: Generation
    commit: str
    is_taken_back: bool


def candidate(
    asked: Asked, plugins: Plugins, environment: Environment, *, seconds: float | None = None
) -> Candidate | Unchanged:
    """The model that a command is about, loaded and checked; or, with ``if_changed``, that there is nothing to do.

    ``seconds`` is how long the model's own code may run; None for the loader's limit.

    Raises:
        UsageError: the words contradict each other, or say too little; or the model keeps its generations elsewhere
            than in ``store``. Else as ``check``.
    """
    _refuse_contradictions(asked)
    access, control = credentials(environment), None
    source: ModelSource
    if asked.store is not None:
        control = plugins.control_store(container_of_url(asked.store), access)
        source = followed(control, asked.url, asked.revision, asked.secret)
    elif asked.url is not None:
        source = (
            with_own_branch(asked.url, plugins, environment, secret=asked.secret, seconds=seconds)
            if asked.revision is None
            else Repository(asked.url, asked.revision, asked.secret)
        )
    elif asked.if_changed:
        control, source = _said_by(asked, plugins, environment, seconds)
    else:
        source = ModelFolder(asked.folder or Path())
    if asked.if_changed and control is not None and isinstance(source, Repository):
        source = evolve(source, revision=commit_of(source))
        unchanged = _unchanged(control, source.revision)
        if unchanged is not None:
            return unchanged
    model = check(source, plugins, environment, seconds=seconds)
    of_model = plugins.control_store(control_container(model.ecosystem), access)
    if control is not None:
        _refuse_other_store(control, of_model)
    if asked.if_changed and model.commit is not None:
        unchanged = _unchanged(of_model, model.commit, model)
        if unchanged is not None:
            return unchanged
    return Candidate(model, may_follow(source, model.commit))


def _unchanged(control: ControlStore, commit: str, model: CheckedModel | None = None) -> Unchanged | None:
    """Whether a commit is in force, or was taken back; ``model`` is its model, where it was loaded."""
    generation = control.current()
    if generation is None:
        return None
    if generation.commit == commit:
        return Unchanged(generation, commit, False)
    taken = taken_back(control)
    if any(each.commit == commit for each in taken) or (model and is_taken_back(control, taken, model.written)):
        return Unchanged(generation, commit, True)
    return None


def _refuse_contradictions(asked: Asked) -> None:
    if asked.folder is not None and (asked.url or asked.store):
        raise UsageError(
            f"a model folder and {'--repo' if asked.url else '--store'} exclude each other",
            hint="give the one or the other",
        )
    if asked.revision is not None and asked.url is None and asked.store is None and not asked.if_changed:
        raise UsageError("--rev was given without --repo", hint="name the repository of the revision")


def _said_by(
    asked: Asked, plugins: Plugins, environment: Environment, seconds: float | None
) -> tuple[ControlStore, Repository]:
    """The control database and the branch that the model in a folder names."""
    found = validate(ModelFolder(asked.folder or Path()), plugins, environment, seconds=seconds)
    if found.ecosystem is None or found.written is None:
        raise ModelRefused(found.findings)
    control = plugins.control_store(control_container(found.ecosystem), credentials(environment))
    branch = owning_repository(found.written.repository, asked.secret)
    return control, evolve(branch, revision=asked.revision or branch.revision)


def _refuse_other_store(store: ControlStore, of_model: ControlStore) -> None:
    """What was looked up must be what is changed: a generation, once there, is the same for ever."""
    generation = store.current()
    if generation is None:
        return
    try:
        is_same = store.model_of(generation.number) == of_model.model_of(generation.number)
    except NotApplied:
        is_same = False
    if not is_same:
        raise UsageError(
            "the model keeps its generations in another control database than --store",
            hint="name the one that the model and its environment file name",
        )


def owning_repository(owner: GitRepository, secret: Secret | None = None) -> Repository:
    """The repository and branch that own a model, as git finds them."""
    return Repository(clone_url(owner.url), owner.branch, secret)


def followed(
    control: ControlStore, url: str | None = None, revision: str | None = None, secret: Secret | None = None
) -> Repository:
    """What to apply from: as it is said, and otherwise the repository and the branch that own the model in force.

    Raises:
        UsageError: nothing is in force that would say what is not said.
        NotApplied: an earlier version applied what is in force, and kept no model.
    """
    if url is not None and revision is not None:
        return Repository(url, revision, secret)
    model = model_in_force(control)
    if model is None:
        raise UsageError(
            "nothing is in force whose repository could be followed",
            hint="name it, with --repo and --rev; or apply a first generation",
        )
    owner = owning_repository(model.repository, secret)
    return Repository(url or owner.url, revision or owner.revision, secret)


def with_own_branch(
    url: str,
    plugins: Plugins,
    environment: Environment,
    *,
    secret: Secret | None = None,
    seconds: float | None = None,
) -> Repository:
    """A repository at the branch which its model, as it is at the repository's HEAD, says that owns it.

    Raises:
        ModelRefused: that model does not load. Else as ``validate``.
    """
    written = validate(Repository(url, _HEAD, secret), plugins, environment, seconds=seconds)
    if written.written is None:
        raise ModelRefused(written.findings)
    return Repository(url, written.written.repository.branch, secret)

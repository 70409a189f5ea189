"""The code of transformers: which commit of it runs, and its files."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from attrs import evolve

from datasurface.deployment import Deployment, TransformerConfig
from datasurface.errors import CheckoutError, NotApplied
from datasurface.git_url import clone_url
from datasurface.model import GitRepository
from datasurface.operations.checkout import Repository, commit_of, files_at


def pinned(deployments: Sequence[Deployment]) -> tuple[Deployment, ...]:
    """The deployments with the commit at which each transformer's branch is now. CheckoutError, with the transformer's
    name, where git cannot say it."""
    return tuple(
        evolve(each, transformers=tuple(map(_pinned, each.transformers))) if each.transformers else each
        for each in deployments
    )


def unpinned(deployments: Sequence[Deployment]) -> tuple[Deployment, ...]:
    """The deployments as they are of a model, before it is applied."""
    return tuple(
        evolve(each, transformers=tuple(evolve(config, commit=None) for config in each.transformers))
        for each in deployments
    )


def opened(config: TransformerConfig) -> AbstractContextManager[Path]:
    """A folder with the code that is in force, for as long as it runs. CheckoutError where git cannot give it."""
    if config.commit is None:
        raise NotApplied(f"transformer {config.name} has no commit of its code", hint="run `datasurface apply`")
    return files_at(clone_url(config.repository.url), config.commit)


def _pinned(config: TransformerConfig) -> TransformerConfig:
    return evolve(config, commit=_commit(config.name, config.repository))


def _commit(transformer: str, repository: GitRepository) -> str:
    try:
        return commit_of(Repository(clone_url(repository.url), repository.branch))
    except CheckoutError as error:
        raise CheckoutError(f"the code of transformer {transformer}: {error.message}", hint=error.hint) from error

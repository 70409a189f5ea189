"""The code of transformers: which commit of it runs, and its files."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from attrs import evolve

from datasurface.credentials import Credentials
from datasurface.deployment import Deployment, TransformerConfig
from datasurface.errors import CheckoutError, NotApplied, UsageError
from datasurface.git_url import clone_url
from datasurface.operations.checkout import Repository, commit_of, files_at


def pinned(deployments: Sequence[Deployment], credentials: Credentials) -> tuple[Deployment, ...]:
    """The deployments with the commit at which each transformer's branch is now.

    Raises:
        CheckoutError: git cannot say it; with the transformer's name.
        MissingCredential: there is no secret for a repository that names one.
    """
    return tuple(
        evolve(each, transformers=tuple(_pinned(config, credentials) for config in each.transformers))
        if each.transformers
        else each
        for each in deployments
    )


def unpinned(deployments: Sequence[Deployment]) -> tuple[Deployment, ...]:
    """The deployments as they are of a model, before it is applied."""
    return tuple(
        evolve(each, transformers=tuple(evolve(config, commit=None) for config in each.transformers))
        for each in deployments
    )


def opened(config: TransformerConfig, credentials: Credentials) -> AbstractContextManager[Path]:
    """A folder with the code that is in force, for as long as it runs. Raises as ``pinned``."""
    if config.commit is None:
        raise NotApplied(f"transformer {config.name} has no commit of its code", hint="run `datasurface apply`")
    return files_at(_source(config, config.commit, credentials))


def _pinned(config: TransformerConfig, credentials: Credentials) -> TransformerConfig:
    try:
        return evolve(config, commit=commit_of(_source(config, config.repository.branch, credentials)))
    except (CheckoutError, UsageError) as error:
        raise CheckoutError(f"the code of transformer {config.name}: {error.message}", hint=error.hint) from error


def _source(config: TransformerConfig, revision: str, credentials: Credentials) -> Repository:
    named = config.code_credential
    secret = None if named is None else credentials.secret(named.name)
    return Repository(clone_url(config.repository.url), revision, secret)

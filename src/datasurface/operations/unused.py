"""What stands on platforms and is used no longer: found, with who reads it still, and what of it may be dropped."""

from collections.abc import Mapping

from attrs import evolve

from datasurface.deployment import Deployment
from datasurface.model import Ecosystem, GitRepository
from datasurface.results import Consumer, consumers
from datasurface.runtime import Generation, PlatformRuntime
from datasurface.unused import UnusedDataset

Found = Mapping[str, tuple[UnusedDataset, ...]]
"""By platform that has such."""


def find(runtimes: Mapping[str, PlatformRuntime], in_force: Generation | None, *, count: bool = False) -> Found:
    """What the deployments of these runtimes do not use, with who reads it in the generation in force. ``count``: the
    rows, too."""
    deployments = {} if in_force is None else {each.platform.name: each for each in in_force.deployments}
    found = {
        name: tuple(
            evolve(each, consumers=readers(deployments[name], each)) if name in deployments else each
            for each in runtime.unused(count=count)
        )
        for name, runtime in runtimes.items()
    }
    return {name: of_platform for name, of_platform in found.items() if of_platform}


def readers(deployment: Deployment, dataset: UnusedDataset) -> tuple[Consumer, ...]:
    """Who reads a dataset, by the names of their views."""
    which = (dataset.store, dataset.dataset)
    return consumers(view for view in deployment.views if (view.store, view.dataset.name) == which)


def may_drop(found: Found, ecosystem: Ecosystem, source: GitRepository | None) -> Found:
    """What a source of changes may drop: what it owns, and all of it where it owns the ecosystem; None for who is held
    to nothing."""
    if source is None or source.is_same(ecosystem.repository):
        return found
    mine = {
        name: tuple(each for each in of_platform if each.owner == source.owner) for name, of_platform in found.items()
    }
    return {name: of_platform for name, of_platform in mine.items() if of_platform}


def without(found: Found, others: Found) -> Found:
    """What is not among the others."""
    keys = {(name, each.stream, each.dataset) for name, of_platform in others.items() for each in of_platform}
    left = {
        name: tuple(each for each in of_platform if (name, each.stream, each.dataset) not in keys)
        for name, of_platform in found.items()
    }
    return {name: of_platform for name, of_platform in left.items() if of_platform}

"""Who takes part, and in which environment."""

from collections.abc import Callable, Sequence
from pathlib import Path

from attrs import frozen

from benchmarks.peers import dbt_peer, dlt_peer, sqlmesh_peer
from benchmarks.peers.contender import Contender
from benchmarks.peers.environments import Installed, NotInstalled, environment, told
from benchmarks.peers.ours import Ours
from datasurface import Milestoning


@frozen
class Product:
    """Another product: what to install, in order of preference, and how it takes part."""

    name: str
    choices: Sequence[Sequence[str]]
    distributions: Sequence[str]
    ways: Callable[[Installed, bool], Sequence[Contender]]


@frozen
class Field:
    """All that take part, and a line about each product's environment."""

    contenders: tuple[Contender, ...]
    environments: tuple[str, ...]


def _dlt(installed: Installed, fast: bool) -> Sequence[Contender]:
    strategies = ("scd2", "delete-insert", "replace") if fast else ("scd2",)
    return [dlt_peer.DltPeer(installed, strategy, fast) for strategy in strategies]


PRODUCTS = (
    Product("dlt", dlt_peer.CHOICES, dlt_peer.DISTRIBUTIONS, _dlt),
    Product("dbt", dbt_peer.CHOICES, dbt_peer.DISTRIBUTIONS, lambda installed, _fast: [dbt_peer.DbtPeer(installed)]),
    Product(
        "sqlmesh",
        sqlmesh_peer.CHOICES,
        sqlmesh_peer.DISTRIBUTIONS,
        lambda installed, _fast: [sqlmesh_peer.SqlmeshPeer(installed)],
    ),
)


def field_of(cache: Path, names: Sequence[str], *, fast: bool) -> Field:
    """We and the named products that can be installed. ``fast``: for a contest of speed, with every way of use; else
    for one of right histories, with the settings for exact types."""
    contenders: list[Contender] = [Ours(Milestoning.FORENSIC)]
    if fast:
        contenders.insert(0, Ours(Milestoning.LIVE_ONLY))
    environments: list[str] = []
    for product in PRODUCTS:
        if product.name not in names:
            continue
        found = environment(cache, product.name, product.choices)
        environments.append(told(product.name, found, product.distributions))
        if not isinstance(found, NotInstalled):
            contenders += product.ways(found, fast)
    return Field(tuple(contenders), tuple(environments))

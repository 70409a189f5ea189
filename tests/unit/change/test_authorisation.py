"""Every change of a model that uses every class: refused from every repository but the one that owns it."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from attrs import evolve, field, frozen

from datasurface.change.diff import diff
from datasurface.change.ownership import unauthorised
from datasurface.model import Ecosystem, Element, GitRepository, GovernanceZone, Team, walk
from tests.support.every_class import SHOP, every_class
from tests.support.mutations import Mutation, attributes_of, mutations, places

Owner = Ecosystem | GovernanceZone | Team
MODEL = evolve(
    every_class(),
    zones=[
        *every_class().zones,
        GovernanceZone(
            "US",
            repository=GitRepository("https://git.acme.com/us-zone.git"),
            teams=[Team("archive", repository=GitRepository("/srv/git/archive"), datastores=[SHOP])],
        ),
    ],
)
OWNERS = [element for _, element in walk(MODEL) if isinstance(element, Owner)]
STRANGER = GitRepository("acme/masking")
"""Named in the model, but as code, not as an owner."""


@pytest.fixture(scope="module")
def every_mutation() -> list[Mutation]:
    return list(mutations(MODEL))


def refused(old: Ecosystem, new: Ecosystem, source: GitRepository) -> bool:
    changes = diff(old, new)
    assert changes
    found = unauthorised(changes, source)
    assert all("\n" not in it.message and it.change.path in it.message for it in found)
    return bool(found)


def right_one(chain: tuple[Element, ...], attribute: str) -> GitRepository:
    """Who owns an attribute of the last element: told without the code that is tested."""
    owners = [element for element in chain if isinstance(element, Owner)]
    is_its_own = chain[-1] is owners[-1] and attribute in ("repository", "name")
    is_given_by_the_one_above = is_its_own or chain[-1] is owners[-1].repository
    return owners[-2 if is_given_by_the_one_above and len(owners) > 1 else -1].repository


def wrong_ones(right: GitRepository) -> Iterator[GitRepository]:
    yield from (owner.repository for owner in OWNERS if owner.repository != right)
    yield STRANGER
    yield evolve(right, branch=f"{right.branch}2")
    yield evolve(right, url=f"{right.url}2")


def test_every_change_is_refused_from_every_wrong_repository(
    every_mutation: list[Mutation], capsys: pytest.CaptureFixture[str]
) -> None:
    seen, refusals, changes = Counter[tuple[type, str]](), 0, 0
    for mutation in every_mutation:
        new, right = mutation.make(), right_one(mutation.above, mutation.attribute)
        wrong = list(wrong_ones(right))
        assert [it for it in wrong if not refused(MODEL, new, it)] == [], mutation
        if isinstance(mutation.removed, Team | GovernanceZone):
            assert refused(MODEL, new, right), "what its owner has made goes by its owner's hand"
        else:
            assert not refused(MODEL, new, right), mutation
            changes += 1
        seen[type(mutation.above[-1]), mutation.attribute] += 1
        refusals += len(wrong)
    everything = {(type(element), item.name) for _, element in walk(MODEL) for item in attributes_of(type(element))}
    assert {f"{cls.__name__}.{name}" for cls, name in everything - seen.keys()} == set(), "could not be changed"
    with capsys.disabled():
        sys.stdout.write(f"\n{changes} changes accepted from their owner, refused {refusals} times from others\n")
    assert refusals > 2000


@pytest.mark.parametrize("kind", [Team, GovernanceZone])
def test_what_an_owner_has_emptied_is_removed_by_the_owner_above(
    kind: type[Element], every_mutation: list[Mutation]
) -> None:
    rebuild = {chain[-1]: rebuild for chain, rebuild in places(MODEL)}
    removals = [mutation for mutation in every_mutation if type(mutation.removed) is kind]
    assert len(removals) == sum(type(owner) is kind for owner in OWNERS)
    for mutation in removals:
        owner = mutation.removed
        assert owner is not None
        lists = [it.name for it in attributes_of(kind) if isinstance(getattr(owner, it.name), tuple)]
        emptied, without = rebuild[owner](evolve(owner, **dict.fromkeys(lists, ()))), mutation.make()
        above = right_one(mutation.above, mutation.attribute)
        assert not refused(emptied, without, above), mutation
        assert all(refused(emptied, without, wrong) for wrong in wrong_ones(above)), mutation


def test_an_attribute_that_a_class_gets_one_day_is_owned_from_the_first() -> None:
    """Each element becomes one of a class with an attribute more, which then changes."""
    checked = set[type]()
    for chain, rebuild in places(MODEL):
        cls = type(chain[-1])
        attribute = {"__annotations__": {"more": str}, "more": field(default="a", kw_only=True)}
        with_more: Callable[..., Element] = frozen(repr=False)(type(f"More{cls.__name__}", (cls,), attribute))
        values = {it.name: getattr(chain[-1], it.name) for it in attributes_of(cls)}
        old, new = rebuild(with_more(**values)), rebuild(with_more(**values, more="b"))
        (change,) = diff(old, new)
        assert (change.attribute, change.old, change.new) == ("more", "a", "b")
        right = right_one(chain, "more")
        assert not unauthorised([change], right), change
        assert all(unauthorised([change], wrong) for wrong in wrong_ones(right)), change
        checked.add(cls)
    assert checked == {type(element) for _, element in walk(MODEL)}

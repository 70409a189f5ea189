"""Every object of a model is visited once, with a path of its own."""

from attrs import frozen
from hypothesis import HealthCheck, given, settings

from datasurface.loader import load
from datasurface.model import Column, Container, Dataset, Datastore, Ecosystem, Element, Location, elements, walk
from datasurface.model.containers import containers
from datasurface.model.rebuild import evolved, rebuilt
from datasurface.types import Date
from datasurface_yellow import YellowDataPlatform
from tests.support.models import ecosystems
from tests.unit.lint.models import database, model, platform, store
from tests.unit.mistakes.mistake import EXAMPLE

SLOW = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def test_paths_are_made_of_fields_and_names() -> None:
    paths = [path for path, _ in walk(model())]
    assert paths == [
        "",
        "repository",
        "platforms/Live",
        "platforms/Live/store",
        "platforms/Live/store/credential",
        "zones/zone",
        "zones/zone/repository",
        "zones/zone/teams/team",
        "zones/zone/teams/team/repository",
        "zones/zone/teams/team/datastores/Store1",
        "zones/zone/teams/team/datastores/Store1/capture",
        "zones/zone/teams/team/datastores/Store1/capture/container",
        "zones/zone/teams/team/datastores/Store1/capture/container/credential",
        "zones/zone/teams/team/datastores/Store1/datasets/customers",
        "zones/zone/teams/team/datastores/Store1/datasets/customers/columns/id",
        "zones/zone/teams/team/workspaces/Work",
        "zones/zone/teams/team/workspaces/Work/groups/Group",
        "zones/zone/teams/team/workspaces/Work/groups/Group/sinks/Store1.customers",
        "zones/zone/teams/team/workspaces/Work/groups/Group/requires",
        "zones/zone/teams/team/workspaces/Work/container",
        "assignments/Work.Group",
        "assignments/Work.Group/assignments/Live",
    ]


def test_paths_of_the_example_are_different() -> None:
    ecosystem = load(EXAMPLE, [YellowDataPlatform]).ecosystem
    assert ecosystem is not None
    paths = [path for path, _ in walk(ecosystem)]
    assert len(set(paths)) == len(paths)


@SLOW
@given(ecosystems)
def test_equal_models_are_walked_in_the_same_order(ecosystem: Ecosystem) -> None:
    copy = rebuilt(ecosystem, evolved)
    assert copy == ecosystem
    assert copy is not ecosystem
    assert [(path, type(element)) for path, element in walk(copy)] == [
        (path, type(element)) for path, element in walk(ecosystem)
    ]
    assert [element.source for _, element in walk(copy)] == [element.source for _, element in walk(ecosystem)]


@SLOW
@given(ecosystems)
def test_containers_are_all_that_a_walk_finds(ecosystem: Ecosystem) -> None:
    found = [element for _, element in walk(ecosystem) if isinstance(element, Container)]
    assert {id(element) for element in containers(ecosystem)} == {id(element) for element in found}


def renamed(element: Element) -> Element:
    return evolved(element, name="other") if getattr(element, "name", None) == "Source" else element


def test_a_change_reaches_every_place_and_leaves_the_rest_as_it_is() -> None:
    before = model(stores=[store(), store("Store2")], platforms=[platform(store=database("Source"))])
    after = rebuilt(before, renamed)
    assert [container.name for container in containers(after)] == ["other", "other", "other"]
    assert [element.source for _, element in walk(after)] == [element.source for _, element in walk(before)]
    assert after.zones[0].teams[0].workspaces is before.zones[0].teams[0].workspaces
    assert rebuilt(after, renamed) is after


def test_leaves_are_left_alone() -> None:
    dataset = Dataset("d", columns=[Column("Source", Date())])
    assert rebuilt(dataset, renamed).columns[0].name == "other"
    assert rebuilt(dataset, renamed, leaves=(Column,)) is dataset


def test_nested_locations_have_nested_paths() -> None:
    place = Location("eu", locations=[Location("zurich", locations=[Location("hall")])])
    assert [path for path, _ in walk(place)] == ["", "locations/zurich", "locations/zurich/locations/hall"]


@SLOW
@given(ecosystems)
def test_elements_are_those_of_a_walk_in_its_order(ecosystem: Ecosystem) -> None:
    assert [id(element) for element in elements(ecosystem)] == [id(element) for _, element in walk(ecosystem)]


@SLOW
@given(ecosystems)
def test_a_walk_does_not_look_into_leaves(ecosystem: Ecosystem) -> None:
    inside = {id(inner) for store in ecosystem.datastores() for inner in elements(store) if inner is not store}
    pruned = [path for path, _ in walk(ecosystem, leaves=(Datastore,))]
    assert pruned == [path for path, element in walk(ecosystem) if id(element) not in inside]


@frozen(repr=False)
class Sign(Element):
    """A plugin's element, in a field of another class that says nothing of what it holds."""

    name: str
    inner: object = None
    later: "NotThere" = None  # type: ignore[name-defined]  # noqa: F821  only type checkers know it


def test_fields_of_unknown_types_are_looked_into() -> None:
    sign = Sign("outer", [], (Sign("first"), 3, Sign("second", Sign("third"))))
    names = ["outer", "first", "second", "third"]
    assert [getattr(element, "name", None) for element in elements(sign)] == names
    assert [getattr(element, "name", None) for _, element in walk(sign)] == names

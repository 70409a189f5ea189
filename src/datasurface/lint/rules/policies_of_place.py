"""Where data may be: containers stand where the policies above them allow it, whoever reads or writes them."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from datasurface.lint.governed import Bound, allows_place, carrying, governed, serving, sinking, terms
from datasurface.lint.parts import stores_of
from datasurface.lint.registry import Problem, rule
from datasurface.model import Container, Ecosystem, Element, StorageLocationPolicy, VendorPolicy
from datasurface.model.policy import allows

P = TypeVar("P", StorageLocationPolicy, VendorPolicy)
Refusal = Callable[[Container, Bound[P]], str | None]
"""Says where a container stands, if a policy does not allow that."""


def _location(container: Container, bound: Bound[StorageLocationPolicy]) -> str | None:
    place = container.location
    return None if place is None or allows_place(bound.policy, place) else f"in '{place}'"


def _vendor(container: Container, bound: Bound[VendorPolicy]) -> str | None:
    if container.location is None:
        return None
    vendor = container.location.partition("/")[0]
    policy = bound.policy
    return None if allows(policy.allowed, policy.forbidden, vendor) else f"on machines of '{vendor}'"


def _sources(ecosystem: Ecosystem, kind: type[P]) -> Iterator[tuple[Container, str, Bound[P]]]:
    """What the captures of datastores read, and what transformers write, with each policy above; what transformers
    write also with each policy above what they read."""
    for team, bound in governed(ecosystem, kind).teams:
        for store in stores_of(team):
            for policy in bound:
                yield store.capture.container, f"datastore '{store.name}' is in", policy
    for workspace, read, policy in sinking(ecosystem, kind):
        if workspace.transformer is not None:
            made = workspace.transformer.produces
            yield made.capture.container, f"datastore '{made.name}', which is made of '{read}', is in", policy


def _workspaces(ecosystem: Ecosystem, kind: type[P]) -> Iterator[tuple[Container, str, Bound[P]]]:
    """The containers that workspaces bring themselves, with each policy above, and above what they show."""
    for team, bound in governed(ecosystem, kind).teams:
        for workspace in team.workspaces:
            if isinstance(workspace.container, Container):
                for policy in bound:
                    yield workspace.container, f"the views of workspace '{workspace.name}' are in", policy
    for workspace, read, policy in sinking(ecosystem, kind):
        if isinstance(workspace.container, Container):
            words = f"the views of workspace '{workspace.name}', which show '{read}', are in"
            yield workspace.container, words, policy


def _merge_stores(ecosystem: Ecosystem, kind: type[P]) -> Iterator[tuple[Element, Container, str, Bound[P]]]:
    """The merge stores that data are brought to, by assignment, for those who produce and those who consume them."""
    for item, policy in serving(ecosystem, kind):
        container = item.platform.merge_store
        yield item.assignment, container, f"group '{item.group.name}' is merged into", policy
    for item, store, policy in carrying(ecosystem, kind):
        container = item.platform.merge_store
        yield item.assignment, container, f"datastore '{store}' is merged for '{item.group.name}' into", policy


def _refused(uses: Iterator[tuple[Element, Container, str, Bound[P]]], refusal: Refusal[P]) -> Iterator[Problem]:
    for element, container, words, bound in uses:
        place = refusal(container, bound)
        if place is not None:
            yield Problem(
                element,
                f"{words} '{container.name}', which stands {place}, and {bound} does not allow that",
                f"move it or ask the owner of the policy: {terms(bound.policy)}",
            )


def _itself(uses: Iterator[tuple[Container, str, Bound[P]]]) -> Iterator[tuple[Element, Container, str, Bound[P]]]:
    return ((container, container, words, bound) for container, words, bound in uses)


@rule("DS901", "Sources stand where data may be")
def sources_in_place(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The container that a datastore is read from, or that a transformer writes to, stands at a location that a
    `StorageLocationPolicy` of the ecosystem, the zone or the team does not allow. A transformer's output is bound by
    the policies above the datastores that it reads, too: data do not leave a country by being worked on.

    A place inside an allowed location is allowed; one inside a forbidden location, or around it, is not.
    """
    return _refused(_itself(_sources(ecosystem, StorageLocationPolicy)), _location)


@rule("DS902", "Data are merged where they may be")
def merged_in_place(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A group is assigned to a platform whose merge store stands at a location that a `StorageLocationPolicy` does not
    allow: one above the workspace, or one above a datastore whose data are carried there.

    So data that may not leave a country do not leave it by a consumer of another zone either.
    """
    return _refused(_merge_stores(ecosystem, StorageLocationPolicy), _location)


@rule("DS903", "Views stand where data may be")
def views_in_place(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The database that a workspace brings for its views stands at a location that a `StorageLocationPolicy` does not
    allow: one above the workspace, or one above a datastore that it sinks."""
    return _refused(_itself(_workspaces(ecosystem, StorageLocationPolicy)), _location)


@rule("DS904", "Sources stand on machines that may hold data")
def sources_of_vendor(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The container that a datastore is read from, or that a transformer writes to, stands on machines of a vendor that
    a `VendorPolicy` of the ecosystem, the zone or the team does not allow, or for a transformer's output one above the
    datastores that it reads. The vendor is the first name of the container's location."""
    return _refused(_itself(_sources(ecosystem, VendorPolicy)), _vendor)


@rule("DS905", "Data are merged on machines that may hold them")
def merged_at_vendor(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A group is assigned to a platform whose merge store stands on machines of a vendor that a `VendorPolicy` does not
    allow: one above the workspace, or one above a datastore whose data are carried there."""
    return _refused(_merge_stores(ecosystem, VendorPolicy), _vendor)


@rule("DS906", "Views stand on machines that may hold data")
def views_at_vendor(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The database that a workspace brings for its views stands on machines of a vendor that a `VendorPolicy` does not
    allow: one above the workspace, or one above a datastore that it sinks."""
    return _refused(_itself(_workspaces(ecosystem, VendorPolicy)), _vendor)


@rule("DS907", "A container says where it stands, where policies ask")
def says_where(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A container has no location, and a `StorageLocationPolicy` or a `VendorPolicy` limits where it may be: a source,
    a workspace's database, a merge store that carries data which the policy protects, or the control database.

    What is not said cannot be checked. Give the container `location="vendor/location"`.
    """
    limiting: dict[int, tuple[Container, list[str]]] = {}
    for container, policy in (*_limited(ecosystem, StorageLocationPolicy), *_limited(ecosystem, VendorPolicy)):
        if container.location is None:
            limiting.setdefault(id(container), (container, []))[1].append(policy)
    for container, policies in limiting.values():
        yield Problem(
            container,
            f"container '{container.name}' does not say where it stands, and {min(policies)} limits that",
            'add location="vendor/location" to it',
        )


@rule("DS908", "The control database stands where data may be")
def control_in_place(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The control database holds the configuration in force and what jobs report, and belongs to the ecosystem. It
    stands at a location or on machines that a policy of the ecosystem does not allow."""
    yield from _refused(_itself(_control(ecosystem, StorageLocationPolicy)), _location)
    yield from _refused(_itself(_control(ecosystem, VendorPolicy)), _vendor)


def _control(ecosystem: Ecosystem, kind: type[P]) -> Iterator[tuple[Container, str, Bound[P]]]:
    """The control database, if it is named, with each policy of the ecosystem."""
    if ecosystem.control_database is not None:
        for policy in governed(ecosystem, kind).ecosystem:
            yield ecosystem.control_database, "the control database is", policy


def _limited(ecosystem: Ecosystem, kind: type[P]) -> Iterator[tuple[Container, str]]:
    """Every container whose place a policy of a kind limits, with the policy's name."""
    for uses in (_sources(ecosystem, kind), _workspaces(ecosystem, kind), _control(ecosystem, kind)):
        for container, _, policy in uses:
            yield container, str(policy)
    for _, container, _, policy in _merge_stores(ecosystem, kind):
        yield container, str(policy)

"""Places: containers that can be told apart, stand where the model knows, and hold what is in force."""

from collections.abc import Callable, Iterable, Iterator

from datasurface.findings import Severity
from datasurface.hints import did_you_mean
from datasurface.lint.addresses import address, is_of_the_machine
from datasurface.lint.parts import first_unknown_step, place_in_files
from datasurface.lint.registry import Problem, rule
from datasurface.model import (
    Container,
    Ecosystem,
    InfrastructureVendor,
    Location,
    PlatformManaged,
)
from datasurface.model.containers import containers


@rule("DS801", "It is clear which database holds what is in force")
def control_database(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The configuration in force stands in the control database. Where all platforms share one merge database it is
    that one; otherwise the ecosystem names it, with `Ecosystem(..., control_database=PostgresDatabase(...))`."""
    stores = {platform.merge_store for platform in ecosystem.platforms}
    if ecosystem.control_database is None and len(stores) > 1:
        yield Problem(
            ecosystem,
            "the platforms have different merge databases, and the ecosystem names no control database",
            "add control_database=PostgresDatabase(...) to the ecosystem",
        )


@rule("DS802", "A container stands in a location of the ecosystem")
def known_location(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The location of a container, `vendor/location/…`, is made of names that the ecosystem's vendors and their
    locations do not have."""
    for container in containers(ecosystem):
        unknown = first_unknown_step(ecosystem, container.location) if container.location is not None else None
        if unknown is not None:
            step, known = unknown
            yield Problem(
                container,
                f"container '{container.name}' stands in '{container.location}', and there is no '{step}'",
                did_you_mean(step, known, "add it to the vendors of the ecosystem"),
            )


@rule("DS803", "Containers of one name are one container")
def one_name_one_container(ecosystem: Ecosystem) -> Iterator[Problem]:
    """Two containers have one name and different content. An environment file binds containers by name to other
    places, so it would make them one."""
    for container, first in _unlike_the_first(ecosystem, lambda container: container.name):
        yield Problem(
            container,
            f"two different containers are named '{container.name}'{_at(first)}",
            "rename one of them, or use one object in both places",
        )


@rule("DS804", "Names of vendors and locations are steps of a path")
def names_without_slashes(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A container and a policy name a location by its path, `vendor/location/…`. A name with a `/` in it can be in no
    path, so nothing could ever stand there."""
    for vendor in ecosystem.vendors:
        named: list[InfrastructureVendor | Location] = [vendor, *_below(vendor.locations)]
        for element in named:
            if "/" in element.name:
                kind = "vendor" if isinstance(element, InfrastructureVendor) else "location"
                yield Problem(
                    element,
                    f"'{element.name}' cannot be the name of a {kind}: a / separates locations",
                    "nest locations: Location(..., locations=[...])",
                )


@rule("DS805", "A database stands in one place", Severity.WARNING)
def one_database_one_place(ecosystem: Ecosystem) -> Iterator[Problem]:
    """Two containers are the same database, of one host, port and name, and say different locations. One of them is
    wrong, and a policy that looks at it lets data be where they may not.

    A warning, because an environment file may bring together for a trial what the model keeps apart. Databases of the
    machine itself, as on `localhost` or in a file, are not compared.
    """
    for container, first in _unlike_the_first(ecosystem, _server, lambda container: container.location):
        yield Problem(
            container,
            f"container '{container.name}' is the database of '{first.name}'{_at(first)}, but stands in "
            f"{_shown(container.location)} instead of {_shown(first.location)}",
            "give both the location where the server is",
        )


@rule("DS806", "Copies stand in a database of the workspace's own")
def copies_have_a_place(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A group is `copied=`, and its workspace has no database of its own: its views stand in the merge database, where
    the rows are, and a copy would be the same rows again. Give the workspace a `container=`, or leave `copied=` out."""
    for workspace in ecosystem.workspaces():
        for group in workspace.groups:
            if group.copied is not None and isinstance(workspace.container, PlatformManaged):
                yield Problem(
                    group.copied,
                    f"group '{group.name}' is copied, and workspace '{workspace.name}' has no database to copy it to",
                    "give the workspace a container=PostgresDatabase(...), or leave copied= out",
                )


def _server(container: Container) -> object:
    """The address of a database that is one wherever it is named; None for one of the machine itself."""
    return None if is_of_the_machine(container) else address(container)


def _unlike_the_first(
    ecosystem: Ecosystem,
    key: Callable[[Container], object],
    content: Callable[[Container], object] = lambda container: container,
) -> Iterator[tuple[Container, Container]]:
    """Every container that has its key in common with one before it in the user's files, and other content, with the
    one before."""
    by_key: dict[object, list[Container]] = {}
    for container in containers(ecosystem):
        by_key.setdefault(key(container), []).append(container)
    by_key.pop(None, None)
    for alike in by_key.values():
        if len({content(container) for container in alike}) > 1:
            first, *others = sorted(alike, key=lambda container: (place_in_files(container), repr(container)))
            for container in others:
                if content(container) != content(first):
                    yield container, first


def _below(locations: Iterable[Location]) -> Iterator[Location]:
    for location in locations:
        yield location
        yield from _below(location.locations)


def _at(first: Container) -> str:
    return f" (the first is at {first.source})" if first.source else ""


def _shown(location: str | None) -> str:
    return "no location" if location is None else f"'{location}'"

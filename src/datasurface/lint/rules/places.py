"""Places: containers that can be told apart, stand where the model knows, and hold what is in force."""

from collections.abc import Iterator

from datasurface.hints import did_you_mean
from datasurface.lint.parts import distinct
from datasurface.lint.registry import Problem, rule
from datasurface.model import Container, Ecosystem, Location
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
    for container in distinct(containers(ecosystem)):
        if container.location is None:
            continue
        known: dict[str, tuple[Location, ...]] = {vendor.name: vendor.locations for vendor in ecosystem.vendors}
        for step in container.location.split("/"):
            if step not in known:
                yield Problem(
                    container,
                    f"container '{container.name}' stands in '{container.location}', and there is no '{step}'",
                    did_you_mean(step, known, "add it to the vendors of the ecosystem"),
                )
                break
            known = {location.name: location.locations for location in known[step]}


@rule("DS803", "Containers of one name are one container")
def one_name_one_container(ecosystem: Ecosystem) -> Iterator[Problem]:
    """Two containers have one name and different content. An environment file binds containers by name to other
    places, so it would make them one."""
    first: dict[str, Container] = {}
    for container in distinct(containers(ecosystem)):
        other = first.setdefault(container.name, container)
        if other != container:
            before = f" (the first is at {other.source})" if other.source else ""
            yield Problem(
                container,
                f"two different containers are named '{container.name}'{before}",
                "rename one of them, or use one object in both places",
            )

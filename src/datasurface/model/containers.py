"""The places of a model: what says where data is and how it is reached."""

from collections.abc import Iterator

from datasurface.model.ecosystem import Ecosystem
from datasurface.model.element import Element
from datasurface.model.place import Container
from datasurface.model.walk import walk


def containers(ecosystem: Ecosystem) -> Iterator[Container]:
    """Every container, as often as it is named."""
    for root in places(ecosystem):
        for _, element in walk(root):
            if isinstance(element, Container):
                yield element


def places(ecosystem: Ecosystem) -> Iterator[Element]:
    """What can have containers or credentials in it: platforms, captures, the workspaces' containers, readers and
    transformers, the control database."""
    yield from ecosystem.platforms
    for store in ecosystem.datastores():
        yield store.capture
    for workspace in ecosystem.workspaces():
        yield workspace.container
        if workspace.reader is not None:
            yield workspace.reader
        if workspace.transformer is not None and workspace.transformer.credential is not None:
            yield workspace.transformer.credential
    if ecosystem.control_database is not None:
        yield ecosystem.control_database

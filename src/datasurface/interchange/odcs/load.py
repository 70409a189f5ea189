"""A contract's file as the datastore that it describes, ours with everything that the model had."""

import json
from typing import TypeVar, cast

from attrs import frozen
from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject, SchemaProperty, Server

from datasurface.interchange.canonical import Canonical, JsonValue, NotCanonical, canonical_text
from datasurface.interchange.odcs.custom import Document, attributes, completed
from datasurface.interchange.odcs.fields import left_out
from datasurface.interchange.odcs.parse import NotAContract, contract_model, parsed
from datasurface.interchange.odcs.read import heading, read
from datasurface.interchange.odcs.servers import CAPTURE, CONTAINER, chosen_server, with_ports_that_are_numbers
from datasurface.interchange.remarks import Remark
from datasurface.model import Capture, Column, Container, Dataset, Datastore

T = TypeVar("T")


@frozen
class Imported:
    """What came of a contract.

    Attributes:
        remarks: what was chosen, and what was left out.
        heading: where it comes from, in a sentence.
    """

    store: Datastore
    remarks: tuple[Remark, ...]
    heading: str


def import_contract(text: str, source: str, canonical: Canonical, server: str | None = None) -> Imported:
    """The datastore of a contract's text; NotAContract where it is none.

    Args:
        source: what the text is called, for messages.
        server: the name of the server or the environment to take.
    """
    document, of_ports = with_ports_that_are_numbers(parsed(text, source))
    contract = contract_model(document, source)
    known = [name for each in contract.servers or () for name in (each.server, each.environment) if name]
    if server is not None and server not in known:
        raise NotAContract(f"{source} has no server {server}", hint=f"it has {', '.join(known) or 'none'}")
    found = read(contract, server)
    chosen = chosen_server(contract.servers or (), server)
    store = _Completion(source, canonical).store(found.store, contract, chosen)
    return Imported(store, (*of_ports, *found.remarks, *left_out(document)), heading(contract, source))


@frozen
class _Completion:
    """Puts what custom properties of ours say in the place of what was read without them."""

    source: str
    canonical: Canonical

    def store(self, read: Datastore, contract: OpenDataContractStandard, server: Server | None) -> Datastore:
        document = self._document(read)
        objects = [found for found in contract.schema_ or () if found.name]
        document["capture"] = self._capture(_part(document, "capture"), server)
        document["datasets"] = [
            self._dataset(dataset, found) for dataset, found in zip(_parts(document, "datasets"), objects, strict=True)
        ]
        whole = completed(document, attributes(contract.customProperties), ("capture", "datasets"))
        return self._value(whole, Datastore, "the contract")

    def _capture(self, read: Document, server: Server | None) -> Document:
        properties = server.customProperties if server else None
        name = (server.server if server else None) or "the server"
        container = completed(_part(read, "container"), attributes(properties, CONTAINER), ())
        self._value(container, Container, name)
        capture = completed({**read, "container": container}, attributes(properties, CAPTURE), ("container",))
        self._value(capture, Capture, name)
        return capture

    def _dataset(self, read: Document, found: SchemaObject) -> Document:
        name = found.name or ""
        fields = [field for field in found.properties or () if field.name]
        columns: list[JsonValue] = [
            self._column(column, field, name) for column, field in zip(_parts(read, "columns"), fields, strict=True)
        ]
        dataset = completed({**read, "columns": columns}, attributes(found.customProperties), ("columns",))
        self._value(dataset, Dataset, name)
        return dataset

    def _column(self, read: Document, found: SchemaProperty, dataset: str) -> Document:
        column = completed(read, attributes(found.customProperties), ())
        self._value(column, Column, f"{dataset}.{found.name}")
        return column

    def _document(self, store: Datastore) -> Document:
        return cast(Document, self.canonical.document(store))

    def _value(self, document: Document, cls: type[T], where: str) -> T:
        try:
            value = self.canonical.value(document, cls)
            if _plain(self.canonical.document(value, cls)) == _plain(document):
                return value
            reason = f"a value is of another kind than {cls.__name__} has"
        except NotCanonical as error:
            reason = error.message
        raise NotAContract(
            f"{self.source}: the custom properties datasurface.… of {where} are off: {reason}",
            hint="take them away, or write them as `datasurface export odcs` does",
        )


def _plain(document: JsonValue) -> object:
    """Without the difference between lists and tuples."""
    plain: object = json.loads(canonical_text(document))
    return plain


def _part(document: Document, name: str) -> Document:
    return cast(Document, document[name])


def _parts(document: Document, name: str) -> list[Document]:
    return cast("list[Document]", document[name])

"""A datastore as a contract, of version 3.1 of the standard."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import cast

import yaml

from datasurface.interchange.canonical import Canonical, JsonValue
from datasurface.interchange.odcs.about import About, Required
from datasurface.interchange.odcs.custom import Document, custom_properties, missing
from datasurface.interchange.odcs.parse import contract_model
from datasurface.interchange.odcs.read import REQUIRED, read
from datasurface.interchange.odcs.servers import CAPTURE, CONTAINER, DATABASES
from datasurface.interchange.odcs.types import type_document
from datasurface.model import Capture, Column, Container, Dataset, Datastore, ForeignKey, ProductionStatus
from datasurface.model.datastore import SqlCapture

API_VERSION = "v3.1.0"
_REFERENCE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def contract_of(store: Datastore, about: About, canonical: Canonical) -> Document:
    """The contract as plain JSON values. What does not come back by reading it is put into custom properties."""
    document = _in_words_of_the_standard(store, about)
    returned = read(contract_model(document)).store
    actual, read_back = _document(canonical, store), _document(canonical, returned)
    _add(document, missing(actual, read_back, ("capture", "datasets")))
    server = _list(document["servers"])[0]
    capture, capture_back = _part(actual, "capture"), _part(read_back, "capture")
    of_capture = missing(capture, capture_back, ("container",))
    of_container = missing(_part(capture, "container"), _part(capture_back, "container"), ())
    _append(server, [*custom_properties(of_capture, CAPTURE), *custom_properties(of_container, CONTAINER)])
    for schema, dataset, dataset_back in zip(
        _list(document["schema"]), _list(actual["datasets"]), _list(read_back["datasets"]), strict=True
    ):
        _add(schema, missing(dataset, dataset_back, ("columns",)))
        columns = zip(
            _list(schema["properties"]), _list(dataset["columns"]), _list(dataset_back["columns"]), strict=True
        )
        for field, column, column_back in columns:
            _add(field, missing(column, column_back, ()))
    return document


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as it stands, and escapes what editors do not show or take for the end of a line."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        is_shown = all(character.isprintable() or character == "\n" for character in text)
        style = ("|" if "\n" in text else None) if is_shown else '"'
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _Dumper.represent_text)


def yaml_text(document: Mapping[str, JsonValue]) -> str:
    """The contract as a file."""
    return str(yaml.dump(dict(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120))


def _in_words_of_the_standard(store: Datastore, about: About) -> Document:
    in_production = store.production_status is ProductionStatus.PRODUCTION
    status = "deprecated" if store.deprecation else "active" if in_production else "draft"
    team = {"name": about.team, "description": about.team_description or None} if about.team else None
    levels = (level for required in about.required for level in _levels(required))
    sla = [*_ends(store), *({"id": f"{REQUIRED}{number}", **level} for number, level in enumerate(levels, 1))]
    document: Document = {
        "kind": "DataContract",
        "apiVersion": API_VERSION,
        "id": f"{about.ecosystem}.{store.name}",
        "name": store.name,
        "version": about.version,
        "status": status,
        "domain": about.zone,
        "team": _given(team) if team else None,
        "description": {"purpose": store.description} if store.description else None,
        "servers": [_server(store.capture)],
        "schema": [_object(dataset, store) for dataset in store.datasets],
        "slaProperties": cast(JsonValue, sla) or None,
    }
    return _given(document)


def _server(capture: Capture) -> Document:
    container = capture.container
    database = next((word for word, cls in DATABASES.items() if type(container) is cls), None)
    document: Document = {"server": container.name, "type": database or "custom"}
    if container.description:
        document["description"] = container.description
    if database is not None:
        document.update({name: _plain(container, name) for name in ("host", "port", "database")})
    if database == "postgresql":
        document["schema"] = capture.schema if isinstance(capture, SqlCapture) else "public"
    return document


def _plain(container: Container, name: str) -> str | int:
    return cast("str | int", getattr(container, name))


def _object(dataset: Dataset, store: Datastore) -> Document:
    tables = dict(store.capture.tables) if isinstance(store.capture, SqlCapture) else {}
    positions = {id(column): at for at, column in enumerate(dataset.key_columns, 1)}
    return _given(
        {
            "name": dataset.name,
            "physicalName": tables.get(dataset.name),
            "logicalType": "object",
            "physicalType": "table",
            "description": dataset.description or None,
            "properties": [_property(column, dataset, positions.get(id(column))) for column in dataset.columns],
            "relationships": cast(JsonValue, _relationships(dataset, store.datasets)) or None,
            "customProperties": custom_properties({"classification": dataset.classification.value})
            if dataset.classification
            else None,
        }
    )


def _property(column: Column, dataset: Dataset, position: int | None) -> Document:
    classification = dataset.classification_of(column)
    return _given(
        {
            "name": column.name,
            **type_document(column.type),
            "required": not column.nullable,
            "primaryKey": True if column.primary_key else None,
            "primaryKeyPosition": position,
            "classification": classification.value if classification else None,
            "description": column.description or None,
        }
    )


def _relationships(dataset: Dataset, datasets: Sequence[Dataset]) -> list[Document]:
    """All foreign keys, or none where the standard cannot name all columns: its references know letters and digits."""
    written = [_relationship(key, dataset, datasets) for key in dataset.foreign_keys]
    return [] if None in written else [each for each in written if each is not None]


def _relationship(key: ForeignKey, dataset: Dataset, datasets: Sequence[Dataset]) -> Document | None:
    target = next((other for other in datasets if other.name == key.dataset), None)
    if target is None or not key.columns or len(key.columns) != len(target.key_columns):
        return None
    named = [key.dataset, dataset.name, *key.columns, *(column.name for column in target.key_columns)]
    if not all(_REFERENCE.fullmatch(name) for name in named):
        return None
    start: list[JsonValue] = [f"{dataset.name}.{name}" for name in key.columns]
    end: list[JsonValue] = [f"{target.name}.{column.name}" for column in target.key_columns]
    pair: Document = {"from": start[0], "to": end[0]} if len(start) == 1 else {"from": start, "to": end}
    return {"type": "foreignKey", **pair}


def _ends(store: Datastore) -> Iterator[Document]:
    """The days on which the store and its datasets go away."""
    if store.deprecation:
        yield {"property": "endOfLife", "value": store.deprecation.until.isoformat()}
    for dataset in store.datasets:
        if dataset.deprecation:
            yield {"property": "endOfLife", "value": dataset.deprecation.until.isoformat(), "element": dataset.name}


def _levels(required: Required) -> Iterator[Document]:
    """What the consumers of a dataset require."""
    spans = {"latency": required.latency, "retention": required.retention}
    for name, span in spans.items():
        if span is not None:
            days, rest = divmod(span, timedelta(days=1))
            seconds = span.total_seconds()
            yield {
                "property": name,
                "value": days if days and not rest else int(seconds) if seconds.is_integer() else seconds,
                "unit": "d" if days and not rest else "s",
                "element": required.dataset,
                "description": f"Required by {', '.join(required.groups)}",
            }


def _given(document: Mapping[str, JsonValue]) -> Document:
    return {name: value for name, value in document.items() if value is not None}


def _document(canonical: Canonical, store: Datastore) -> Document:
    return cast(Document, canonical.document(store))


def _part(document: Mapping[str, JsonValue], name: str) -> Document:
    return cast(Document, document[name])


def _list(value: JsonValue) -> list[Document]:
    return cast("list[Document]", value)


def _add(target: Document, attributes: Mapping[str, JsonValue]) -> None:
    _append(target, custom_properties(attributes))


def _append(target: Document, properties: list[JsonValue]) -> None:
    if properties:
        present = cast("list[JsonValue]", target.get("customProperties", []))
        target["customProperties"] = [*present, *properties]

"""Which fields of a contract become what of a model, and which have no place in one.

The standard has more about data than a model: how they are sold, supported and tested. An import says what it left out.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from datasurface.interchange.canonical import JsonValue
from datasurface.interchange.odcs.custom import PREFIX
from datasurface.interchange.remarks import Remark

KEPT: Mapping[str, Mapping[str, str]] = {
    "contract": {
        "apiVersion": "is checked",
        "kind": "is checked",
        "id": "a comment",
        "version": "a comment",
        "domain": "a comment: the zone is where the team puts the store",
        "team": "a comment, its name",
        "name": "`Datastore.name`",
        "status": "`Datastore.production_status`; `draft` and `proposed` are not production",
        "description": "`Datastore.description`",
        "servers": "the container of `Datastore.capture`",
        "schema": "`Datastore.datasets`",
        "slaProperties": "`Datastore.deprecation`, `Dataset.deprecation`",
        "customProperties": "what a model has and the standard has not, where the name begins with `datasurface.`",
    },
    "description": {
        "purpose": "the first part of `Datastore.description`",
        "usage": "a part of `Datastore.description`",
        "limitations": "a part of `Datastore.description`",
    },
    "server": {
        "server": "`Container.name`",
        "type": "`PostgresDatabase` or `MySqlDatabase`",
        "description": "`Container.description`",
        "host": "`host`",
        "port": "`port`",
        "database": "`database`",
        "schema": "`SqlSnapshot.schema`",
        "environment": "chooses the server, with `--server`",
        "customProperties": "as above, of container and capture",
    },
    "object": {
        "id": "for references",
        "name": "`Dataset.name`",
        "physicalName": "`SqlSnapshot.tables`",
        "physicalType": "is not looked at",
        "logicalType": "is not looked at",
        "description": "`Dataset.description`",
        "properties": "`Dataset.columns`",
        "relationships": "`Dataset.foreign_keys`",
        "customProperties": "as above, of the dataset",
    },
    "property": {
        "id": "for references",
        "name": "`Column.name`",
        "physicalName": "`Column.name`, where it is another",
        "logicalType": "`Column.type`, where there is no physical type",
        "logicalTypeOptions": "`Column.type`, where there is no physical type",
        "physicalType": "`Column.type`",
        "items": "`Column.type`, the element of an `Array`",
        "required": "`Column.nullable`",
        "primaryKey": "`Column.primary_key`",
        "primaryKeyPosition": "the key's order is that of the columns",
        "classification": "`Column.classification`; `Dataset.classification` where the dataset's own is the same",
        "description": "`Column.description`",
        "relationships": "`Dataset.foreign_keys`",
        "properties": "one column of `Json()`",
        "map": "one column of `Json()`",
        "customProperties": "as above, of the column",
    },
    "relationship": {
        "type": "is checked",
        "from": "`ForeignKey.columns`",
        "to": "`ForeignKey.dataset`; its primary key must be what is referred to",
    },
    "sla": {
        "property": "`endOfLife` and `endOfSupport` are a deprecation; others are left out",
        "value": "`Deprecation.until`",
        "element": "the dataset; the whole store where there is none",
        "id": "tells what consumers of a model require from what a producer promises",
        "description": "is written again",
        "unit": "is written again",
    },
}
"""Fields that an import reads, by the kind of object, and what they become."""

LEFT_OUT: Mapping[str, tuple[str, ...]] = {
    "contract": (
        *("tenant", "tags", "dataProduct", "support", "price", "roles", "slaDefaultElement"),
        *("authoritativeDefinitions", "context", "contractCreatedTs"),
    ),
    "description": ("authoritativeDefinitions", "customProperties"),
    "server": (
        *("id", "roles", "account", "catalog", "catalogUrl", "dataset", "delimiter", "encoding", "endpointUrl"),
        *("format", "location", "namespace", "path", "project", "region", "regionName", "serviceName", "stagingDir"),
        *("stream", "warehouse", "workgroup"),
    ),
    "object": (
        *("businessName", "deprecated", "synonyms", "authoritativeDefinitions", "tags"),
        *("dataGranularityDescription", "quality", "context"),
    ),
    "property": (
        *("businessName", "deprecated", "synonyms", "authoritativeDefinitions", "tags", "semanticType", "unique"),
        *("partitioned", "partitionKeyPosition", "encryptedName", "transformSourceObjects", "transformLogic"),
        *("transformDescription", "examples", "enum", "criticalDataElement", "quality"),
    ),
    "relationship": ("id", "customProperties"),
    "sla": ("customProperties", "valueExt", "driver", "scheduler", "schedule", "authoritativeDefinitions"),
}
"""Fields that have no place in a model."""

_PARTS: Mapping[str, Mapping[str, str]] = {
    "contract": {"description": "description", "servers": "server", "schema": "object", "slaProperties": "sla"},
    "object": {"properties": "property", "relationships": "relationship"},
    "property": {"relationships": "relationship"},
}
"""Fields that hold objects of the kinds above."""

_WORDS = {"sla": "SLA property", "object": "schema object", "property": "schema property"}


def left_out(contract: Mapping[str, JsonValue]) -> Iterator[Remark]:
    """A remark for each kind of field that a contract has and a model has not, however often it is there."""
    for (kind, name), count in sorted(Counter(_unread("contract", contract)).items()):
        where = "the contract" if kind == "contract" else f"{count} × {_WORDS.get(kind, kind)}"
        yield Remark(where, f"{name} has no place in a model and was left out", "keep the contract for it")


def _unread(kind: str, document: Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    for name, value in document.items():
        if value is None or value == [] or value == {}:
            continue
        if name not in KEPT[kind]:
            yield kind, name
        elif name == "customProperties":
            yield from ((kind, f"custom property {other}") for other in _of_others(value))
        elif name in _PARTS.get(kind, {}):
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, dict):
                    yield from _unread(_PARTS[kind][name], part)


def _of_others(properties: JsonValue) -> Iterator[str]:
    for each in properties if isinstance(properties, list) else []:
        name = str(each.get("property")) if isinstance(each, dict) else ""
        if not name.startswith(PREFIX):
            yield name

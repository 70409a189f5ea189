"""Relationships of a contract as foreign keys of a model, which refer to the primary key of a dataset in the store."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen
from open_data_contract_standard.model import Relationship, SchemaObject, SchemaProperty

from datasurface.interchange.remarks import Remark
from datasurface.model import ForeignKey

_WRITE_IT = "write the ForeignKey by hand if there is one"
Reference = tuple[str, str]
"""Names of a schema object and of one of its properties."""


@frozen
class References:
    """Where the references of a contract lead: ``object.property``, or by ids ``schema/ID/properties/ID``.

    Attributes:
        datasets: what the dataset of each object is called, by the object's name.
    """

    by_name: Mapping[str, SchemaObject]
    by_id: Mapping[str, SchemaObject]
    datasets: Mapping[str, str]

    @classmethod
    def of(cls, objects: Sequence[SchemaObject], names: Sequence[str]) -> "References":
        """Those of a contract's schema, whose datasets have these names; of two objects with one name the first is
        meant."""
        return cls(
            {found.name: found for found in reversed(objects) if found.name},
            {found.id: found for found in reversed(objects) if found.id},
            {found.name: name for found, name in reversed([*zip(objects, names, strict=True)]) if found.name},
        )

    def resolved(self, reference: str) -> Reference | None:
        """What a reference means; None where it leads out of the contract or nowhere."""
        parts = reference.removeprefix("/").split("/")
        if len(parts) == 4 and (parts[0], parts[2]) == ("schema", "properties"):
            schema = self.by_id.get(parts[1]) or self.by_name.get(parts[1])
            fields = (schema.properties if schema else None) or []
            name = next((field.name for field in fields if parts[3] in (field.id, field.name)), None)
            return (schema.name, name) if schema and schema.name and name else None
        schema_name, _, name = reference.partition(".")
        return (schema_name, name) if name and schema_name in self.by_name else None

    def column(self, reference: Reference) -> str:
        """What the column of a property that is referred to is called."""
        fields = self.by_name[reference[0]].properties or ()
        return next((column_name(field) for field in fields if field.name == reference[1]), reference[1])


def column_name(field: SchemaProperty) -> str:
    """What a property's column is called in the source, and so in a model."""
    return field.physicalName or field.name or ""


def foreign_keys(schema: SchemaObject, references: References, remarks: list[Remark]) -> Iterator[ForeignKey]:
    """The foreign keys of one schema object: those of its properties, then its own."""
    name = schema.name or ""
    for field in schema.properties or ():
        for relationship in field.relationships or ():
            yield from _foreign_key(name, [f"{name}.{field.name}"], relationship, references, remarks)
    for relationship in schema.relationships or ():
        yield from _foreign_key(name, _listed(relationship.from_), relationship, references, remarks)


def _foreign_key(
    name: str, start: Sequence[str], relationship: Relationship, references: References, remarks: list[Remark]
) -> Iterator[ForeignKey]:
    end = _listed(relationship.to)
    written = f"the relationship from {', '.join(start)} to {', '.join(end)}"
    sources = [references.resolved(reference) for reference in start]
    targets = [references.resolved(reference) for reference in end]
    if (relationship.type or "foreignKey") != "foreignKey":
        remarks.append(Remark(name, f"{written} is a {relationship.type} and was left out", _WRITE_IT))
    elif None in targets or not targets or len({target[0] for target in targets if target}) != 1:
        remarks.append(Remark(name, f"{written} leads out of the contract and was left out", _WRITE_IT))
    elif any(source is None or source[0] != name for source in sources) or len(sources) != len(targets):
        remarks.append(Remark(name, f"{written} does not begin at columns of {name} and was left out", _WRITE_IT))
    else:
        columns = [references.column(source) for source in sources if source]
        to = [target for target in targets if target]
        schema = references.by_name[to[0][0]]
        ordered = in_order_of_the_key(columns, [target[1] for target in to], _key(schema.properties or ()))
        if ordered is None:
            remarks.append(
                Remark(
                    name,
                    f"{written} refers to columns that are not the primary key and was left out",
                    "a ForeignKey of a model names a row by its primary key",
                )
            )
        else:
            yield ForeignKey(ordered, references.datasets[to[0][0]])


def in_order_of_the_key(columns: Sequence[str], referred: Sequence[str], key: Sequence[str]) -> list[str] | None:
    """The columns as a foreign key lists them, which refer to a key's columns in another order; None where it is not
    the key that they refer to."""
    if list(referred) == list(key):
        return list(columns)
    if sorted(referred) != sorted(key):
        return None
    by_referred = dict(zip(referred, columns, strict=True))
    return [by_referred[name] for name in key]


def _key(fields: Sequence[SchemaProperty]) -> list[str]:
    return [field.name or "" for field in fields if field.primaryKey]


def _listed(reference: str | list[str] | None) -> list[str]:
    return [reference] if isinstance(reference, str) else list(reference or ())

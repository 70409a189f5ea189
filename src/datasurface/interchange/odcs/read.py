"""A contract as a datastore: what the standard's own words say, and what is chosen where they say too little."""

from collections.abc import Mapping, Sequence
from datetime import date

from attrs import frozen
from open_data_contract_standard.model import (
    Description,
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
    ServiceLevelAgreementProperty,
)

from datasurface.classification import Classification
from datasurface.interchange.odcs.custom import attributes
from datasurface.interchange.odcs.references import References, column_name, foreign_keys
from datasurface.interchange.odcs.servers import capture_of
from datasurface.interchange.odcs.types import type_of
from datasurface.interchange.plain_names import plain_name, unique_names
from datasurface.interchange.remarks import Remark
from datasurface.model import Column, Dataset, Datastore, Deprecation, ProductionStatus

_SIMILAR: Mapping[str, Classification] = {
    "open": Classification.PUBLIC,
    "restricted": Classification.CONFIDENTIAL,
    "secret": Classification.CONFIDENTIAL,
    "sensitive": Classification.CONFIDENTIAL,
    "personal": Classification.PII,
}
"""What others call the classifications of a model."""

_STATUSES: Mapping[str, ProductionStatus] = {
    "active": ProductionStatus.PRODUCTION,
    "deprecated": ProductionStatus.PRODUCTION,
    "draft": ProductionStatus.NOT_PRODUCTION,
    "proposed": ProductionStatus.NOT_PRODUCTION,
    "retired": ProductionStatus.NOT_PRODUCTION,
}
REQUIRED = "datasurface-requirement-"
"""What the ids of service levels begin with that say what a model's consumers require."""

_ENDS = ("endoflife", "endofsupport")


@frozen
class Read:
    """The datastore of a contract, without what custom properties say, and what there is to say about it."""

    store: Datastore
    remarks: tuple[Remark, ...]


def read(contract: OpenDataContractStandard, server: str | None = None) -> Read:
    """The datastore that the standard's words describe.

    Args:
        server: the name of the server or of the environment to take; the first that a model can read where None.
    """
    remarks: list[Remark] = []
    objects = [found for found in contract.schema_ or () if _has_name(found, "schema", "object", remarks)]
    names = unique_names([found.name or "" for found in objects])
    references = References.of(objects, names)
    written = contract.name or contract.dataProduct or contract.id or "Store"
    name = plain_name(written)
    _tell_name(written, name, "the contract", remarks)
    ends = _ends(contract.slaProperties or (), objects, remarks)
    status = contract.status or "active"
    if status not in _STATUSES:
        remarks.append(Remark("the contract", f"its status {status} was read as active", "set production_status="))
    if status in ("deprecated", "retired") and None not in ends:
        hint = "add deprecation=Deprecation(until=…) to the datastore"
        remarks.append(Remark("the contract", f"it is {status}, and does not say until when", hint))
    store = Datastore(
        name,
        capture=capture_of(contract.servers or (), dict(zip(names, objects, strict=True)), server, name, remarks),
        datasets=[
            _dataset(name, found, references, ends.get(found.name or ""), remarks)
            for name, found in zip(names, objects, strict=True)
        ],
        production_status=_STATUSES.get(status, ProductionStatus.PRODUCTION),
        deprecation=ends.get(None),
        description=_description(contract.description),
    )
    return Read(store, tuple(remarks))


def _dataset(
    called: str, found: SchemaObject, references: References, deprecation: Deprecation | None, remarks: list[Remark]
) -> Dataset:
    name = found.name or ""
    _tell_name(name, called, name, remarks)
    classification = _own_classification(found)
    fields = [each for each in found.properties or () if _has_name(each, name, "property", remarks)]
    return Dataset(
        called,
        columns=[_column(field, f"{name}.{field.name}", classification, remarks) for field in fields],
        foreign_keys=list(foreign_keys(found, references, remarks)),
        classification=classification,
        deprecation=deprecation,
        description=found.description or "",
    )


def _own_classification(found: SchemaObject) -> Classification | None:
    """A dataset's own, which stands in a custom property."""
    word = attributes(found.customProperties).get("classification")
    return Classification(word) if word in [each.value for each in Classification] else None


def _column(found: SchemaProperty, where: str, of_dataset: Classification | None, remarks: list[Remark]) -> Column:
    name, key = column_name(found), bool(found.primaryKey)
    if name != found.name:
        remarks.append(Remark(where, f"it has its name in the source: {name}", "columns of a model keep their names"))
    type_found = type_of(found)
    if type_found.doubt:
        remarks.append(Remark(where, type_found.doubt, "choose the type that fills it"))
    classification = _classification(found.classification, where, remarks)
    return Column(
        name,
        type_found.type,
        primary_key=key,
        nullable=not (key or found.required),
        classification=None if classification is of_dataset else classification,
        description=found.description or "",
    )


def _classification(word: str | None, where: str, remarks: list[Remark]) -> Classification | None:
    if not word:
        return None
    lowered = word.strip().lower()
    for classification in Classification:
        if lowered == classification.value:
            return classification
    similar = _SIMILAR.get(lowered)
    became = f"was read as {similar.name}" if similar else "is none of a model's, so the column has none"
    remarks.append(Remark(where, f"its classification {word} {became}", "PUBLIC, INTERNAL, CONFIDENTIAL or PII"))
    return similar


def _ends(
    slas: Sequence[ServiceLevelAgreementProperty], objects: Sequence[SchemaObject], remarks: list[Remark]
) -> dict[str | None, Deprecation]:
    """The deprecations by name of the schema object; that of the whole store under None."""
    known = {None, *(found.name for found in objects)}
    ends: dict[str | None, Deprecation] = {}
    for sla in slas:
        element = sla.element or None
        until = _day(sla.value) if (sla.property or "").lower() in _ENDS else None
        if until is not None and element in known:
            before = ends.get(element)
            ends[element] = Deprecation(min(until, before.until) if before else until)
        elif not (sla.id or "").startswith(REQUIRED):
            said = " ".join(str(part) for part in (sla.property, sla.value, sla.unit) if part is not None)
            remarks.append(
                Remark(
                    element or "the contract",
                    f"its service level {said} was left out",
                    "in a model consumers say what they require: Requirements(latency=, retention=)",
                )
            )
    return ends


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _description(found: Description | None) -> str:
    if found is None:
        return ""
    parts = [found.purpose, found.usage and f"Usage: {found.usage}"]
    return "\n\n".join(filter(None, [*parts, found.limitations and f"Limitations: {found.limitations}"]))


def _tell_name(written: str, called: str, where: str, remarks: list[Remark]) -> None:
    if called != written:
        hint = "names of a model are letters, digits and _, and no two of a store are alike"
        remarks.append(Remark(where, f"{written!r} is called {called}", hint))


def _has_name(found: SchemaObject | SchemaProperty, where: str, kind: str, remarks: list[Remark]) -> bool:
    if not found.name:
        remarks.append(Remark(where, f"an {kind} without a name was left out", "name it in the contract"))
    return bool(found.name)


def heading(contract: OpenDataContractStandard, source: str) -> str:
    """Where a datastore comes from, in a sentence."""
    team = contract.team.name if contract.team is not None and not isinstance(contract.team, list) else None
    words = [f"From {source}: contract {contract.id}", f"version {contract.version}"]
    words += [f"team {team}"] if team else []
    words += [f"domain {contract.domain}"] if contract.domain else []
    return ", ".join(words)

"""What a login may read of a workspace: found in a database, by what the comments of its views say."""

import json
from collections.abc import Iterable, Mapping
from typing import cast

from attrs import frozen

from datasurface.errors import NotApplied
from datasurface.hints import listed
from datasurface_yellow.notebook.errors import NoSuchName
from datasurface_yellow.notebook.session import Session
from datasurface_yellow.store import naming
from datasurface_yellow.store.quoting import identifier, qualified
from datasurface_yellow.store.statements import statement

_FORMAT = 1
"""Of what a comment says."""


@frozen
class ReadColumn:
    """A column that can be read.

    Attributes:
        sql_type: as the server writes it, such as ``numeric`` or ``text[]``.
        type: as the model has it, such as ``Decimal(10, 2)``; empty of a column that the platform adds.
        classification: such as ``PII``; empty without one.
        mask: what is shown in place of values: ``null``, ``hash``, ``partial`` or ``year``; empty where nothing is.
    """

    name: str
    sql_type: str
    type: str = ""
    is_key: bool = False
    classification: str = ""
    mask: str = ""
    description: str = ""

    @property
    def quoted(self) -> str:
        """The name, quoted."""
        return identifier(self.name)


@frozen(eq=False)
class Offer:
    """A dataset as one platform shows it to one group.

    Attributes:
        name: what stands for the dataset: the sink's name, else the dataset's.
        dataset: with its datastore, as ``Store1.customers``.
        owner: repository and branch of the team whose datastore it is; empty where that is not known.
    """

    session: Session
    schema: str
    platform: str
    workspace: str
    group: str
    name: str
    dataset: str
    is_forensic: bool
    owner: str
    description: str
    columns: tuple[ReadColumn, ...]

    def relation(self, ending: str) -> str:
        """The quoted name of what the group reads it by: the view or function with this ending."""
        names = self.platform, self.workspace, self.group, self.name
        return qualified(self.schema, naming.consumers_name(*names, ending))


def find_offers(session: Session) -> list[Offer]:
    """All that a login may read in a database, in the order of platforms, groups and names.

    Raises:
        NotApplied: there is something, and an earlier version made it.
    """
    found = cast(
        "list[tuple[str, str | None, list[str], list[str]]]",
        session.rows(statement("notebook", "notebook.sql.j2", "offers")),
    )
    offers = [offer for row in found if row[1] and (offer := _offer(session, row[0], row[1], row[2], row[3]))]
    if found and not offers:
        raise NotApplied(
            f"the views in {session.where} say nothing of what they show: an earlier version made them",
            hint="the platform's operators run `datasurface views reconcile`, or apply, with this version once",
        )
    return sorted(offers, key=lambda offer: (offer.workspace, offer.group, offer.name, offer.platform))


def of_workspace(offers: Iterable[Offer], workspace: str | None, where: str) -> list[Offer]:
    """Those of one workspace; of the only one there is where none is named.

    Raises:
        NoSuchName: the login may read nothing of it, or several workspaces.
    """
    offers = list(offers)
    known = sorted({offer.workspace for offer in offers})
    chosen = workspace or (known[0] if len(known) == 1 else None)
    if not known:
        raise NoSuchName(
            f"there is nothing that this login may read in {where}",
            hint="it has to be a member of the role {workspace}_reader; and the model has to be applied",
        )
    if chosen is None:
        raise NoSuchName(
            f"this login may read several workspaces in {where}",
            hint=f'say workspace="{known[0]}", or another of {listed(known)}',
        )
    mine = [offer for offer in offers if offer.workspace == chosen]
    if not mine:
        raise NoSuchName(
            f"this login may read nothing of workspace {chosen} in {where}", hint=f"it may read {listed(known)}"
        )
    return mine


def _offer(session: Session, schema: str, description: str, names: list[str], types: list[str]) -> Offer | None:
    """None where the words are of a later version, or not in the schema of their workspace."""
    document = json.loads(description)
    if document["format"] != _FORMAT or naming.workspace_schema(document["workspace"]) != schema:
        return None
    told = {column["name"]: column for column in document["columns"]}
    return Offer(
        session=session,
        schema=schema,
        platform=document["platform"],
        workspace=document["workspace"],
        group=document["group"],
        name=document["name"],
        dataset=document["dataset"],
        is_forensic=document["milestoning"] == "FORENSIC",
        owner=document["owner"] or "",
        description=document["description"],
        columns=tuple(_column(name, kind, told.get(name, {})) for name, kind in zip(names, types, strict=True)),
    )


def _column(name: str, sql_type: str, told: Mapping[str, object]) -> ReadColumn:
    return ReadColumn(
        name,
        sql_type,
        type=str(told.get("type") or ""),
        is_key=bool(told.get("key")),
        classification=str(told.get("classification") or ""),
        mask=str(told.get("mask") or ""),
        description=str(told.get("description") or ""),
    )

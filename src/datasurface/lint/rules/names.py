"""Names: one thing has one name, and every name fits where it will be used."""

import re
from collections.abc import Iterator, Sequence

from attrs import frozen

from datasurface.lint.parts import datasets, groups, place_in_files
from datasurface.lint.registry import Problem, rule
from datasurface.model import (
    Column,
    DataPlatform,
    Dataset,
    DatasetGroup,
    Datastore,
    DataTransformer,
    Ecosystem,
    GovernanceZone,
    InfrastructureVendor,
    Location,
    Policy,
    Team,
    Workspace,
)

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_MOST_BYTES = 63
_MOST_BYTES_OF_A_CHARACTER = 4
_RESERVED = "ds_surf_"

_NamedElement = (
    Column
    | DataPlatform
    | Dataset
    | DatasetGroup
    | Datastore
    | DataTransformer
    | GovernanceZone
    | InfrastructureVendor
    | Location
    | Policy
    | Team
    | Workspace
)


@frozen(eq=False)
class _Scope:
    """Elements of one kind of which no two may have one name."""

    kind: str
    where: str
    members: Sequence[_NamedElement]

    def repeated(self) -> Iterator[tuple[_NamedElement, _NamedElement]]:
        """The first of each name in the user's files, with every other; with itself, too, where another one comes from
        the same line, so that neither is the first."""
        if len({member.name for member in self.members}) == len(self.members):
            return
        by_name: dict[str, list[_NamedElement]] = {}
        for member in sorted(self.members, key=place_in_files):
            by_name.setdefault(member.name, []).append(member)
        for first, *others in by_name.values():
            if others and others[0].source == first.source:
                yield first, first
            for other in others:
                yield first, other


def _working_scopes(ecosystem: Ecosystem) -> Iterator[_Scope]:
    """Names that become parts of the names of tables, views and jobs."""
    yield _Scope("platform", "the ecosystem", ecosystem.platforms)
    yield _Scope("datastore", "the ecosystem", list(ecosystem.datastores()))
    workspaces = list(ecosystem.workspaces())
    yield _Scope("workspace", "the ecosystem", workspaces)
    transformers = [workspace.transformer for workspace in workspaces if workspace.transformer is not None]
    yield _Scope("transformer", "the ecosystem", transformers)
    for store in ecosystem.datastores():
        yield _Scope("dataset", f"datastore {store.name}", store.datasets)
    for workspace in workspaces:
        yield _Scope("group", f"workspace {workspace.name}", workspace.groups)


def _all_scopes(ecosystem: Ecosystem) -> Iterator[_Scope]:
    yield from _working_scopes(ecosystem)
    yield _Scope("zone", "the ecosystem", ecosystem.zones)
    yield _Scope("vendor", "the ecosystem", ecosystem.vendors)
    yield _Scope("policy", "the ecosystem", ecosystem.policies)
    for zone in ecosystem.zones:
        yield _Scope("team", f"zone {zone.name}", zone.teams)
        yield _Scope("policy", f"zone {zone.name}", zone.policies)
        for team in zone.teams:
            yield _Scope("policy", f"team {team.name}", team.policies)
    for vendor in ecosystem.vendors:
        yield from _location_scopes(vendor.name, vendor.locations)
    for dataset in datasets(ecosystem):
        yield _Scope("column", f"dataset {dataset.name}", dataset.columns)


def _location_scopes(where: str, locations: Sequence[Location]) -> Iterator[_Scope]:
    yield _Scope("location", where, locations)
    for location in locations:
        yield from _location_scopes(f"{where}/{location.name}", location.locations)


@rule("DS101", "A name means one thing")
def one_name_one_thing(ecosystem: Ecosystem) -> Iterator[Problem]:
    """Two things of one kind have the same name, so that nobody can say which one is meant.

    Datastores, workspaces, transformers, platforms, zones and vendors have names of their own in the whole ecosystem;
    teams in their zone, datasets in their datastore, groups in their workspace, columns in their dataset, policies with
    their owner. Rename one of the two.
    """
    for scope in _all_scopes(ecosystem):
        for first, member in scope.repeated():
            before = f" (the first is at {first.source})" if first.source else ""
            yield Problem(
                member, f"{scope.where} has the {scope.kind} '{member.name}' twice{before}", "rename one of them"
            )


@rule("DS102", "Names differ by more than case")
def names_differ_by_more_than_case(ecosystem: Ecosystem) -> Iterator[Problem]:
    """Two names differ only in upper and lower case; tables, views and schemas are named in lower case and would meet.

    This is about platforms, datastores, datasets, workspaces, groups and transformers. Columns keep their exact names,
    so two of them may differ only in case.
    """
    for scope in _working_scopes(ecosystem):
        if len({member.name.lower() for member in scope.members}) == len(scope.members):
            continue
        first: dict[str, str] = {}
        for member in sorted(scope.members, key=lambda member: (place_in_files(member), member.name)):
            other = first.setdefault(member.name.lower(), member.name)
            if other != member.name:
                yield Problem(
                    member,
                    f"{scope.where} has the {scope.kind}s '{other}' and '{member.name}', which differ only in case",
                    "rename one of them",
                )


@rule("DS103", "A name is a letter, then letters, digits and _")
def names_are_plain(ecosystem: Ecosystem) -> Iterator[Problem]:
    """Names of platforms, datastores, datasets, workspaces, groups and transformers, and those that sinks give, become
    parts of the names of tables, schemas, views and DAGs; what is more than letters, digits and `_` cannot be used in
    all of these.

    A table of the source that has another kind of name is given with `SqlSnapshot(..., tables={"dataset": "table"})`.
    """
    hint = "begin with a letter, and use only A-Z, a-z, 0-9 and _"
    for scope in _working_scopes(ecosystem):
        for member in scope.members:
            if not _NAME.fullmatch(member.name):
                yield Problem(member, f"'{member.name}' cannot be the name of a {scope.kind}", hint)
    for group in groups(ecosystem):
        for sink in group.sinks:
            if sink.name is not None and not _NAME.fullmatch(sink.name):
                yield Problem(sink, f"'{sink.name}' cannot be the name of a sink", hint)


@rule("DS104", "A column's name has at most 63 bytes")
def column_names_are_short(ecosystem: Ecosystem) -> Iterator[Problem]:
    """Columns keep their exact names in every table and view, and PostgreSQL cuts names after 63 bytes in UTF-8."""
    for dataset in datasets(ecosystem):
        for column in dataset.columns:
            name = column.name
            if len(name) * _MOST_BYTES_OF_A_CHARACTER <= _MOST_BYTES:
                continue
            size = len(name.encode())
            if size > _MOST_BYTES:
                yield Problem(
                    column,
                    f"the name of column '{name}' has {size} bytes, more than {_MOST_BYTES}",
                    "offer the column under a shorter name in a view of the source",
                )


@rule("DS105", "Column names that start with ds_surf_ are the platforms'")
def reserved_prefix(ecosystem: Ecosystem) -> Iterator[Problem]:
    """Merge tables have columns of their own beside the dataset's; their names start with `ds_surf_`."""
    for dataset in datasets(ecosystem):
        for column in dataset.columns:
            if column.name.lower().startswith(_RESERVED):
                yield Problem(
                    column,
                    f"column '{column.name}' has a name that is kept for the platforms' own columns",
                    f"use a name that does not start with {_RESERVED}",
                )


@rule("DS106", "A column is renamed from a name that is free")
def renamed_from_a_free_name(ecosystem: Ecosystem) -> Iterator[Problem]:
    """`renamed_from` says which column of an earlier model holds the values of this one. That name cannot be another
    column's today, and no two columns can come from one.

    Once the model has been applied everywhere, `renamed_from` can be taken away.
    """
    for dataset in datasets(ecosystem):
        renamed = [(column, column.renamed_from) for column in dataset.columns if column.renamed_from is not None]
        names, seen = {column.name for column in dataset.columns} if renamed else set(), set[str]()
        for column, former in renamed:
            if former in names or former in seen:
                taken = "is a column of its own" if former in names else "was renamed to another column, too"
                yield Problem(
                    column,
                    f"column '{column.name}' of dataset '{dataset.name}' is renamed from '{former}', which {taken}",
                    "take renamed_from away, or name the column that it comes from",
                )
            seen.add(former)

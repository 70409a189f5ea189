"""What consumers may not see as it is: which columns of a dataset are hidden from a workspace, which are masked by
what, and which rows it sees."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import field, frozen

from datasurface.classification import Classification
from datasurface.deployment import ColumnFilter, ColumnMask, MaskKind
from datasurface.model import (
    Column,
    Dataset,
    Datastore,
    Ecosystem,
    FilterValue,
    HashMask,
    Mask,
    MaskingPolicy,
    PartialMask,
    Policy,
    ProductionStatus,
    RowFilterPolicy,
    Team,
    Workspace,
    YearMask,
)

Protecting = MaskingPolicy | RowFilterPolicy


@frozen
class Protection:
    """What a workspace sees of a dataset otherwise than it is.

    Attributes:
        hidden: columns that its views do not have.
        masks: one for each column whose values are masked.
        filters: all that a row passes which it sees.
    """

    hidden: tuple[str, ...] = ()
    masks: tuple[ColumnMask, ...] = ()
    filters: tuple[ColumnFilter, ...] = ()


@frozen
class Protections:
    """The policies of a model that protect values and rows, by what they bind.

    Attributes:
        of_stores, of_workspaces: those above each datastore and each workspace, by name, the ecosystem's first.
    """

    of_stores: Mapping[str, tuple[Protecting, ...]] = field(factory=dict)
    of_workspaces: Mapping[str, tuple[Protecting, ...]] = field(factory=dict)

    @classmethod
    def of(cls, ecosystem: Ecosystem) -> "Protections":
        """Those of a model. Where two owners use one name, which lint refuses, the policies of both hold."""
        of_stores: dict[str, tuple[Protecting, ...]] = {}
        of_workspaces: dict[str, tuple[Protecting, ...]] = {}
        for team, policies in _binding(ecosystem):
            for store in (*team.datastores, *_produced(team)):
                of_stores[store.name] = (*of_stores.get(store.name, ()), *policies)
            for workspace in team.workspaces:
                of_workspaces[workspace.name] = (*of_workspaces.get(workspace.name, ()), *policies)
        return cls(of_stores, of_workspaces)

    def of_sink(self, workspace: Workspace, store: Datastore, dataset: Dataset) -> Protection:
        """What of a dataset the workspace does not see as it is.

        A column of a store in production that has no classification is hidden: nobody knows who may see it. One whose
        classification is not in the workspace's clearance is masked.
        """
        in_production = store.production_status is ProductionStatus.PRODUCTION
        of_store = _masking(self.of_stores.get(store.name, ()))
        of_workspace = _masking(self.of_workspaces.get(workspace.name, ()))
        hidden, masks = [], []
        for column in dataset.columns:
            classification = dataset.classification_of(column)
            if classification is None and in_production:
                hidden.append(column.name)
            elif workspace.clearance is not None and classification not in workspace.clearance:
                masks.append(mask_of(column, classification, of_store, of_workspace))
        return Protection(tuple(hidden), tuple(masks), self.filters_of(workspace.name, store.name, dataset.name))

    def filters_of(self, workspace: str, store: str, dataset: str) -> tuple[ColumnFilter, ...]:
        """All that rows of a dataset pass which a workspace sees, in whatever order they were written. Those of both
        sides hold at once, so neither shows what the other does not."""
        found = {
            ColumnFilter(each.column, _in_order(each.values))
            for policy in (*self.of_stores.get(store, ()), *self.of_workspaces.get(workspace, ()))
            if isinstance(policy, RowFilterPolicy)
            for each in policy.filters
            if each.dataset == f"{store}.{dataset}" and each.is_for(workspace)
        }
        return tuple(sorted(found, key=lambda each: (each.column, repr(each.values))))


def mask_of(
    column: Column,
    classification: Classification | None,
    of_store: Sequence[MaskingPolicy],
    of_workspace: Sequence[MaskingPolicy] = (),
) -> ColumnMask:
    """What a column is masked by. The policies above its datastore choose; those above the workspace can only show
    less. Of several masks it is the one that shows least, and of two hashes the one of the outermost policy."""
    own = [mask for policy in of_store for mask in _chosen(policy, column, classification)]
    if not own:
        return ColumnMask(column.name, MaskKind.NULL)
    chosen = [*own, *(mask for policy in of_workspace for mask in _chosen(policy, column, classification))]
    return min((_resolved(column, mask, chosen) for mask in chosen), key=lambda mask: _SHOWS[mask.kind])


_SHOWS = {MaskKind.NULL: 0, MaskKind.HASH: 1, MaskKind.PARTIAL: 2, MaskKind.YEAR: 2}
"""How much of a value each kind shows."""


def _chosen(policy: MaskingPolicy, column: Column, classification: Classification | None) -> Iterator[Mask]:
    """The mask that one policy chooses; none where it says nothing of the classification.

    Where it masks the classification by kinds that do not fit the type there is one, too: NULL.
    """
    of_it = [mask for mask in policy.masks if mask.classification is classification]
    yield from (next((mask for mask in of_it if mask.fits(column.type)), of_it[0]),) if of_it else ()


def _resolved(column: Column, mask: Mask, chosen: Iterable[Mask]) -> ColumnMask:
    if not mask.fits(column.type):
        return ColumnMask(column.name, MaskKind.NULL)
    match mask:
        case HashMask():
            return ColumnMask(column.name, MaskKind.HASH, credential=mask.credential.name)
        case PartialMask():
            parts = [other for other in chosen if isinstance(other, PartialMask)]
            first, last = min(part.first for part in parts), min(part.last for part in parts)
            if first or last:
                return ColumnMask(column.name, MaskKind.PARTIAL, first=first, last=last)
        case YearMask():
            return ColumnMask(column.name, MaskKind.YEAR)
    return ColumnMask(column.name, MaskKind.NULL)


def _in_order(values: Iterable[FilterValue]) -> tuple[FilterValue, ...]:
    return tuple(sorted(set(values), key=repr))


def _binding(ecosystem: Ecosystem) -> Iterator[tuple[Team, tuple[Protecting, ...]]]:
    """Every team with the policies that bind its part, the outermost first."""
    for zone in ecosystem.zones:
        for team in zone.teams:
            policies = (*ecosystem.policies, *zone.policies, *team.policies)
            yield team, tuple(policy for policy in policies if isinstance(policy, MaskingPolicy | RowFilterPolicy))


def _masking(policies: Iterable[Policy]) -> tuple[MaskingPolicy, ...]:
    return tuple(policy for policy in policies if isinstance(policy, MaskingPolicy))


def _produced(team: Team) -> Iterator[Datastore]:
    return (workspace.transformer.produces for workspace in team.workspaces if workspace.transformer is not None)

"""What data may be used, and by what: policies for classifications, platforms and production."""

from collections.abc import Iterator

from datasurface.classification import Classification
from datasurface.lint.governed import Bound, carrying, governed, serving, terms
from datasurface.lint.parts import stores_of, sunk
from datasurface.lint.registry import Problem, rule
from datasurface.lint.rules.classification import classes_of, words_for
from datasurface.model import (
    ClassificationPolicy,
    Dataset,
    Datastore,
    Ecosystem,
    PlatformPolicy,
    ProductionPolicy,
    ProductionStatus,
)
from datasurface.model.policy import allows


def _refused_classes(bound: Bound[ClassificationPolicy]) -> set[Classification]:
    policy = bound.policy
    return {each for each in Classification if not allows(policy.allowed, policy.forbidden, each)}


@rule("DS911", "Columns have classifications that may be produced")
def produces_classes(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A column, by its own classification or its dataset's, is of a kind that a `ClassificationPolicy` above its
    datastore does not allow, as personal data in a zone that may hold none."""
    for team, bound in governed(ecosystem, ClassificationPolicy).teams:
        refused = [(policy, _refused_classes(policy)) for policy in bound]
        every = set().union(*(classes for _, classes in refused))
        for store in stores_of(team):
            for dataset in store.datasets if every else ():
                for column in dataset.columns:
                    classification = column.classification or dataset.classification
                    if classification in every:
                        for policy, classes in refused:
                            if classification in classes:
                                yield Problem(
                                    column,
                                    f"column '{column.name}' of dataset '{dataset.name}' is {classification.name}, and "
                                    f"{policy} does not allow that",
                                    f"take the column away, or ask the owner of the policy: {terms(policy.policy)}",
                                )


@rule("DS912", "Columns have classifications that may be consumed")
def consumes_classes(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A workspace sinks a dataset that has columns of a classification which a `ClassificationPolicy` above the
    workspace does not allow, or of none: what is not said cannot be checked. Policies that bind the
    dataset's own datastore as well are told there."""
    policies = governed(ecosystem, ClassificationPolicy)
    of_workspaces, of_stores = policies.of_workspaces(), policies.of_stores()
    refused = {id(policy): _refused_classes(policy) for _, bound in policies.teams for policy in bound}
    classes: dict[tuple[int, int], set[Classification | None]] = {}
    for workspace, group, sink, store, dataset in sunk(ecosystem) if of_workspaces else ():
        for policy in of_workspaces.get(workspace.name, ()):
            if policy in of_stores.get(store.name, ()):
                continue
            found = _classes(store, dataset, classes) & {None, *refused[id(policy)]}
            if found:
                way = "have the columns classified" if found == {None} else "take the sink away"
                yield Problem(
                    sink,
                    f"group '{group.name}' sinks '{dataset.name}' of '{store.name}', which has columns that are "
                    f"{words_for(found)}, and {policy} does not allow that",
                    f"{way}, or ask the owner of the policy: {terms(policy.policy)}",
                )


@rule("DS913", "Columns are classified where policies ask")
def classified_for_policies(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A column of a datastore that is not in production has no classification, and a `ClassificationPolicy` limits what
    it may have. What is not said cannot be checked. In production every column is classified anyway."""
    for team, bound in governed(ecosystem, ClassificationPolicy).teams:
        for store in stores_of(team):
            if store.production_status is ProductionStatus.PRODUCTION:
                continue
            for dataset in store.datasets:
                for column in dataset.columns:
                    if column.classification is None and dataset.classification is None:
                        yield Problem(
                            column,
                            f"column '{column.name}' of dataset '{dataset.name}' has no classification, and {bound[0]} "
                            "limits which it may have",
                            "add classification= to the column or to its dataset",
                        )


@rule("DS914", "Groups are served by platforms that may serve them")
def served_by_platforms(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A group is assigned to a platform that a `PlatformPolicy` above its workspace does not allow."""
    for item, bound in serving(ecosystem, PlatformPolicy):
        if not allows(bound.policy.allowed, bound.policy.forbidden, item.platform.name):
            yield Problem(
                item.assignment,
                f"group '{item.group.name}' is assigned to platform '{item.platform.name}', and {bound} does not allow "
                "that",
                f"assign it to another platform, or ask the owner of the policy: {terms(bound.policy)}",
            )


@rule("DS915", "Data are carried by platforms that may carry them")
def carried_by_platforms(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A group is assigned to a platform that a `PlatformPolicy` above one of the datastores it sinks from does not
    allow. Policies that bind the group itself as well are told there."""
    for item, store, bound in carrying(ecosystem, PlatformPolicy):
        if not allows(bound.policy.allowed, bound.policy.forbidden, item.platform.name):
            yield Problem(
                item.assignment,
                f"platform '{item.platform.name}' carries datastore '{store}' for group '{item.group.name}', and "
                f"{bound} does not allow that",
                f"assign the group to another platform, or ask the owner of the policy: {terms(bound.policy)}",
            )


@rule("DS916", "Datastores have production statuses that are allowed")
def status_of_stores(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A datastore has a production status that a `ProductionPolicy` above it does not allow, as one that is
    `NOT_PRODUCTION` in a zone of production only."""
    for team, bound in governed(ecosystem, ProductionPolicy).teams:
        for store in stores_of(team):
            for policy in bound:
                if not _allows_status(policy, store.production_status):
                    yield Problem(
                        store,
                        f"datastore '{store.name}' is {store.production_status.name}, and {policy} does not allow that",
                        f"move it to another team, or ask the owner of the policy: {terms(policy.policy)}",
                    )


@rule("DS917", "Workspaces have production statuses that are allowed")
def status_of_workspaces(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A workspace has a production status that a `ProductionPolicy` above it does not allow."""
    for team, bound in governed(ecosystem, ProductionPolicy).teams:
        for workspace in team.workspaces:
            for policy in bound:
                status = workspace.production_status
                if not _allows_status(policy, status):
                    yield Problem(
                        workspace,
                        f"workspace '{workspace.name}' is {status.name}, and {policy} does not allow that",
                        f"move it to another team, or ask the owner of the policy: {terms(policy.policy)}",
                    )


@rule("DS918", "What is consumed has a production status that is allowed")
def status_of_what_is_sunk(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A workspace sinks from a datastore whose production status a `ProductionPolicy` above the workspace does not
    allow. Policies that bind the datastore as well are told there."""
    policies = governed(ecosystem, ProductionPolicy)
    of_workspaces, of_stores = policies.of_workspaces(), policies.of_stores()
    for workspace, group, sink, store, _ in sunk(ecosystem) if of_workspaces else ():
        for policy in of_workspaces.get(workspace.name, ()):
            if policy not in of_stores.get(store.name, ()) and not _allows_status(policy, store.production_status):
                yield Problem(
                    sink,
                    f"group '{group.name}' sinks from '{store.name}', which is {store.production_status.name}, and "
                    f"{policy} does not allow that",
                    f"take the sink away, or ask the owner of the policy: {terms(policy.policy)}",
                )


def _allows_status(bound: Bound[ProductionPolicy], status: ProductionStatus) -> bool:
    return allows(bound.policy.allowed, bound.policy.forbidden, status)


def _classes(
    store: Datastore, dataset: Dataset, known: dict[tuple[int, int], set[Classification | None]]
) -> set[Classification | None]:
    """The classifications of a dataset's columns, looked at once for all who sink it."""
    both = id(store), id(dataset)
    if both not in known:
        known[both] = classes_of(store, dataset)
    return known[both]

"""Approvals: the owner of a dataset says who may read it."""

from collections.abc import Iterator

from datasurface.findings import Severity
from datasurface.hints import did_you_mean
from datasurface.lint.parts import datasets, place_in_files, sunk
from datasurface.lint.registry import Problem, rule
from datasurface.model import Ecosystem


@rule("DS331", "Who sinks a dataset that requires approval has it")
def is_approved(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A workspace sinks a dataset with `requires_approval=True`, and the dataset's owner has not let it: there is no
    `Approval` with the workspace's name in its `approvals`. The owner adds it, in the part of the model that it
    owns."""
    approved: dict[int, set[str]] = {}
    for workspace, group, sink, store, dataset in sunk(ecosystem):
        if not dataset.requires_approval:
            continue
        if id(dataset) not in approved:
            approved[id(dataset)] = {given.workspace for given in dataset.approvals}
        if workspace.name not in approved[id(dataset)]:
            yield Problem(
                sink,
                f"workspace '{workspace.name}' has no approval for '{dataset.name}' of '{store.name}', which group "
                f"'{group.name}' sinks",
                f'ask the owner of the dataset for approvals=[Approval("{workspace.name}")]',
            )


@rule("DS332", "An approval names a workspace", Severity.WARNING)
def known_workspace(ecosystem: Ecosystem) -> Iterator[Problem]:
    """An approval is for a workspace that no team has. A warning, because an owner may approve a workspace before it is
    there; a workspace of that name that comes later may sink the dataset at once."""
    workspaces = {workspace.name for workspace in ecosystem.workspaces()}
    for dataset in datasets(ecosystem):
        for approval in dataset.approvals:
            if approval.workspace not in workspaces:
                yield Problem(
                    approval,
                    f"dataset '{dataset.name}' is approved for workspace '{approval.workspace}', which is not there",
                    did_you_mean(approval.workspace, workspaces),
                )


@rule("DS333", "Approvals are required where they are given", Severity.WARNING)
def has_an_effect(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A dataset lists approvals, and `requires_approval` is not set: every workspace may sink it."""
    for dataset in datasets(ecosystem):
        if dataset.approvals and not dataset.requires_approval:
            yield Problem(
                dataset,
                f"dataset '{dataset.name}' lists approvals, and everybody may sink it",
                "add requires_approval=True, or take the approvals away",
            )


@rule("DS334", "A workspace is approved once")
def approved_once(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A dataset has two approvals for one workspace: who takes one of them away would believe that the workspace may
    not read any more."""
    for dataset in datasets(ecosystem):
        seen: set[str] = set()
        for approval in sorted(dataset.approvals, key=place_in_files) if dataset.approvals else ():
            if approval.workspace in seen:
                yield Problem(
                    approval,
                    f"dataset '{dataset.name}' is approved for workspace '{approval.workspace}' twice",
                    "keep one of the two approvals",
                )
            seen.add(approval.workspace)

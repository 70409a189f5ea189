"""Production, deprecation, approvals, clearance and transformers: what each of their rules looks at, and what not."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from datasurface.classification import CONFIDENTIAL, INTERNAL, PII, PUBLIC, Classification
from datasurface.model import (
    Approval,
    Column,
    Dataset,
    DatasetGroup,
    DatasetSink,
    Datastore,
    DataTransformer,
    Deprecation,
    Ecosystem,
    ForeignKey,
    GitRepository,
    GovernanceZone,
    Milestoning,
    PostgresDatabase,
    ProductionStatus,
    PythonCode,
    Requirements,
    SqlSnapshot,
    TransformerOutput,
    Workspace,
)
from datasurface.types import Integer
from tests.unit.lint.models import MINUTE, assign, codes, column, database, dataset, group, model, store

TEAM = "zones/zone/teams/team"
DATASET = f"{TEAM}/datastores/Store1/datasets/customers"
WORK = f"{TEAM}/workspaces/Work"
SINK = f"{TEAM}/workspaces/Work/groups/Group/sinks/Store1.customers"
PRODUCTION, NOT_PRODUCTION = ProductionStatus
LATER, SOON = date(2099, 12, 31), date(2030, 1, 1)


def produced(
    *,
    status: ProductionStatus = PRODUCTION,
    deprecation: Deprecation | None = None,
    of_dataset: Deprecation | None = None,
    approvals: Sequence[Approval] = (),
    requires_approval: bool = False,
    classification: Classification | None = PUBLIC,
) -> Datastore:
    customers = Dataset(
        "customers",
        columns=[Column("id", Integer(), primary_key=True, classification=classification)],
        deprecation=of_dataset,
        requires_approval=requires_approval,
        approvals=approvals,
    )
    return Datastore(
        "Store1",
        capture=SqlSnapshot(database()),
        datasets=[customers],
        production_status=status,
        deprecation=deprecation,
    )


def consumed(
    sold: Datastore,
    *more: Datastore,
    accepts: bool = False,
    status: ProductionStatus = PRODUCTION,
    clearance: Sequence[Classification] | None = None,
) -> Ecosystem:
    sinks = [DatasetSink("Store1", "customers", accepts_deprecation=accepts)]
    work = Workspace("Work", groups=[group("Group", *sinks)], production_status=status, clearance=clearance)
    return model(stores=[sold, *more], workspaces=[work])


def chain(*steps: tuple[str, str], container: str = "") -> Ecosystem:
    """Workspaces with a transformer each, which read one store and make another: names of the two."""
    workspaces = [
        Workspace(
            f"W{made}",
            groups=[group("Group", DatasetSink(read, "customers"))],
            transformer=DataTransformer(
                f"T{made}",
                code=PythonCode(GitRepository("acme/code"), function="made:run"),
                produces=store(made, dataset(), capture=TransformerOutput(database(container or f"Out{made}"))),
            ),
        )
        for read, made in steps
    ]
    return model(
        workspaces=workspaces, assignments=[assign(workspace.name, "Group", "Live") for workspace in workspaces]
    )


def calling(function: str) -> Ecosystem:
    ecosystem = chain(("Store1", "A"))
    (workspace,) = ecosystem.workspaces()
    assert workspace.transformer is not None
    code = PythonCode(GitRepository("acme/code"), function=function)
    makes = DataTransformer("TA", code=code, produces=workspace.transformer.produces)
    changed = Workspace("WA", groups=workspace.groups, transformer=makes)
    return model(workspaces=[changed], assignments=[assign("WA", "Group", "Live")])


def asking(requires: Requirements) -> Ecosystem:
    asks = DatasetGroup("Group", sinks=[DatasetSink("Store1", "customers")], requires=requires)
    return model(workspaces=[Workspace("Work", groups=[asks])])


def referring(mine: Classification | None, theirs: Classification | None) -> Ecosystem:
    orders = Dataset(
        "orders",
        columns=[column(key=True), Column("who", Integer(), classification=mine)],
        foreign_keys=[ForeignKey(["who"], "customers")],
        classification=PUBLIC,
    )
    customers = Dataset(
        "customers", columns=[Column("id", Integer(), primary_key=True, classification=theirs)], classification=PUBLIC
    )
    return model(stores=[store("Store1", customers, orders)])


def reached_by(mode: str | None = None, ca_file: str | None = None) -> Ecosystem:
    plain = database()
    source = PostgresDatabase(
        "Source", host="h", database="d", credential=plain.credential, sslmode=mode, sslrootcert=ca_file
    )
    return model(stores=[store("Store1", dataset(), capture=SqlSnapshot(source))])


def owned(branch: str) -> Ecosystem:
    zones = [GovernanceZone("zone", repository=GitRepository("acme/zone", branch=branch))]
    return model(zones=zones, assignments=[])


BROKEN: list[tuple[str, str, Ecosystem]] = [
    ("DS311", SINK, consumed(produced(status=NOT_PRODUCTION))),
    ("DS321", SINK, consumed(produced(deprecation=Deprecation(LATER)))),
    ("DS321", SINK, consumed(produced(of_dataset=Deprecation(LATER)))),
    ("DS322", SINK, consumed(produced(), accepts=True)),
    *(
        (
            "DS323",
            f"{TEAM}/datastores/Store1/deprecation",
            consumed(produced(deprecation=Deprecation(LATER, replacement=name)), store("Store2"), accepts=True),
        )
        for name in ("Store3", "Store2.orders", "Store2.", ".customers", "store2")
    ),
    (
        "DS324",
        f"{DATASET}/deprecation",
        consumed(
            produced(of_dataset=Deprecation(LATER, replacement="Store2.customers")),
            Datastore("Store2", capture=SqlSnapshot(database()), datasets=[dataset()], deprecation=Deprecation(LATER)),
            accepts=True,
        ),
    ),
    (
        "DS325",
        f"{DATASET}/deprecation",
        consumed(produced(deprecation=Deprecation(SOON), of_dataset=Deprecation(LATER)), accepts=True),
    ),
    ("DS331", SINK, consumed(produced(requires_approval=True))),
    (
        "DS334",
        f"{DATASET}/approvals/Work",
        consumed(produced(requires_approval=True, approvals=[Approval("Work")] * 2)),
    ),
    ("DS333", DATASET, consumed(produced(approvals=[Approval("Work")]))),
    (
        "DS702",
        f"{DATASET}/columns/id",
        consumed(produced(status=NOT_PRODUCTION, classification=None), status=NOT_PRODUCTION),
    ),
    *(
        ("DS704", f"{TEAM}/datastores/Store1/datasets/orders/columns/who", referring(mine, theirs))
        for mine, theirs in ((PUBLIC, INTERNAL), (INTERNAL, PII), (CONFIDENTIAL, PII), (None, CONFIDENTIAL))
    ),
    ("DS223", f"{TEAM}/workspaces/WA/transformer", chain(("A", "A"))),
    ("DS223", f"{TEAM}/workspaces/WA/transformer", chain(("C", "B"), ("B", "A"), ("A", "C"), ("C", "D"))),
    (
        "DS226",
        f"{TEAM}/workspaces/WB/transformer/produces/datasets/customers",
        chain(("Store1", "A"), ("Store1", "B"), container="Out"),
    ),
    *(
        ("DS225", f"{TEAM}/workspaces/WA/transformer/code", calling(function))
        for function in (
            "run",
            "made.run",
            "made:",
            ":run",
            "made:run()",
            "made py:run",
            "made..x:run",
            "a:b:c",
            "1a:run",
        )
    ),
    *(
        (
            "DS511",
            f"{WORK}/groups/Group/requires",
            asking(Requirements(Milestoning.LIVE_ONLY, latency=span)),
        )
        for span in (timedelta(0), -MINUTE)
    ),
    *(
        ("DS611", f"{TEAM}/datastores/Store1/capture/container", reached_by(mode))
        for mode in ("", "verify_full", "REQUIRE", "on")
    ),
    *(
        ("DS612", f"{TEAM}/datastores/Store1/capture/container", reached_by(mode, "/ca.pem"))
        for mode in (None, "prefer", "require", "disable")
    ),
    *(
        ("DS811", "zones/zone/repository", owned(branch))
        for branch in (
            "refs/heads/main",
            "a b",
            "a..b",
            "/main",
            "main/",
            "main.lock",
            ".main",
            "a/.b",
            "a//b",
            "-main",
            "main.",
            "@",
            "a@{1}",
            "a~1",
            "a^",
            "a:b",
            "a?",
            "*",
            "a[b",
            "a\\b",
            "a\tb",
        )
    ),
]

SOUND: dict[str, Ecosystem] = {
    "no production on no production": consumed(produced(status=NOT_PRODUCTION), status=NOT_PRODUCTION),
    "no production on production": consumed(produced(), status=NOT_PRODUCTION),
    "an accepted deprecation of a store": consumed(produced(deprecation=Deprecation(SOON)), accepts=True),
    "a deprecation without consumers": model(
        stores=[store(), Datastore("Old", capture=SqlSnapshot(database()), datasets=[], deprecation=Deprecation(SOON))]
    ),
    "a dataset that goes before its store": consumed(
        produced(deprecation=Deprecation(LATER), of_dataset=Deprecation(SOON)), accepts=True
    ),
    "a day that has passed": consumed(produced(deprecation=Deprecation(date(2001, 1, 1))), accepts=True),
    "a store for a replacement": consumed(
        produced(deprecation=Deprecation(SOON, replacement="Store2")), store("Store2"), accepts=True
    ),
    "a dataset for a replacement": consumed(
        produced(deprecation=Deprecation(SOON, replacement="Store2.customers")), store("Store2"), accepts=True
    ),
    "an approval": consumed(produced(requires_approval=True, approvals=[Approval("Work")])),
    "a clearance": consumed(produced(), clearance=[PUBLIC]),
    "a foreign key that is more protected": referring(PII, INTERNAL),
    "a foreign key that is as protected": referring(PII, PII),
    "transformers in a row": chain(("Store1", "A"), ("A", "B"), ("B", "C"), ("A", "D")),
    "a function of a package": calling("made.monthly:run"),
    "no sslmode": reached_by(),
    **{f"sslmode {mode}": reached_by(mode) for mode in ("disable", "allow", "prefer", "require", "verify-full")},
    "a CA file": reached_by("verify-ca", "/ca.pem"),
    **{
        f"branch {branch}": owned(branch)
        for branch in (
            "main",
            "release/1.2",
            "feature/a-b_c",
            "ünicode",
            "a.b",
            "a@b",
            "heads/main",
            "HEAD-1",
            "a.locked",
        )
    },
}


@pytest.mark.parametrize(
    "ecosystem",
    [consumed(produced(), clearance=[]), consumed(produced(classification=PII), clearance=[PUBLIC, CONFIDENTIAL])],
)
def test_a_workspace_without_clearance_sees_neither_values_nor_which_row_is_which(ecosystem: Ecosystem) -> None:
    sink = f"{WORK}/groups/Group/sinks/Store1.customers"

    assert codes(ecosystem) == [("DS703", WORK), ("DS705", sink)]


@pytest.mark.parametrize(("code", "path", "ecosystem"), BROKEN, ids=[f"{code} {path}" for code, path, _ in BROKEN])
def test_a_rule_says_what_is_wrong_and_where(code: str, path: str, ecosystem: Ecosystem) -> None:
    assert codes(ecosystem) == [(code, path)]


@pytest.mark.parametrize("ecosystem", SOUND.values(), ids=SOUND)
def test_what_is_right_has_no_findings(ecosystem: Ecosystem) -> None:
    assert codes(ecosystem) == []

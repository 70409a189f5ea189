"""Policies: enforced wherever data are, from every owner above, all at once; `allowed=[]` is nothing."""

from collections.abc import Sequence

import pytest

from datasurface.classification import CONFIDENTIAL, PII, PUBLIC, Classification
from datasurface.lint.governed import allows_place
from datasurface.lint.registry import lint
from datasurface.lint.rules import RULES
from datasurface.model import (
    ClassificationPolicy,
    Column,
    DatasetSink,
    Datastore,
    DataTransformer,
    Ecosystem,
    GitRepository,
    GovernanceZone,
    InfrastructureVendor,
    Location,
    PlatformPolicy,
    Policy,
    PostgresDatabase,
    ProductionPolicy,
    ProductionStatus,
    PythonCode,
    SqlSnapshot,
    StorageLocationPolicy,
    Team,
    TransformerOutput,
    VendorPolicy,
    Workspace,
)
from datasurface.types import Integer
from tests.unit.lint.models import REPOSITORY, assign, codes, column, database, dataset, group, platform, store

VENDORS = [
    InfrastructureVendor("aws", locations=[Location("eu", locations=[Location("dublin")]), Location("us")]),
    InfrastructureVendor("azure"),
]
SALES = "zones/europe/teams/sales"
WORK = "zones/europe/teams/consumers/workspaces/Work"
ASSIGNMENT = "assignments/Work.Group/assignments/Live"
NOTHING: Sequence[Policy] = (
    StorageLocationPolicy("p", allowed=[]),
    VendorPolicy("p", allowed=[]),
    PlatformPolicy("p", allowed=[]),
    ClassificationPolicy("p", allowed=[]),
    ProductionPolicy("p", allowed=[]),
)


def at(name: str, location: str | None) -> PostgresDatabase:
    plain = database(name)
    return PostgresDatabase(name, host=name, database="data", credential=plain.credential, location=location)


def produced(location: str | None = "aws/eu/dublin") -> Datastore:
    return store("Store1", dataset(), capture=SqlSnapshot(at("Source", location)))


def company(
    *,
    ecosystem: Sequence[Policy] = (),
    zone: Sequence[Policy] = (),
    sales: Sequence[Policy] = (),
    consumers: Sequence[Policy] = (),
    sold: Datastore | None = None,
    workspace: Workspace | None = None,
    merge: str | None = "aws/eu",
    consumers_zone: str = "europe",
) -> Ecosystem:
    """A zone with a team that produces and one that consumes; the second may stand in a zone of its own."""
    teams = {
        "sales": Team("sales", repository=REPOSITORY, datastores=[sold or produced()], policies=sales),
        "consumers": Team(
            "consumers",
            repository=REPOSITORY,
            workspaces=[workspace or Workspace("Work", groups=[group()])],
            policies=consumers,
        ),
    }
    inside = [teams["sales"], *([teams["consumers"]] if consumers_zone == "europe" else [])]
    zones = [GovernanceZone("europe", repository=REPOSITORY, teams=inside, policies=zone)]
    if consumers_zone != "europe":
        zones.append(GovernanceZone(consumers_zone, repository=REPOSITORY, teams=[teams["consumers"]]))
    return Ecosystem(
        "E",
        repository=REPOSITORY,
        platforms=[platform(store=at("Merge", merge))],
        vendors=VENDORS,
        zones=zones,
        policies=ecosystem,
        assignments=[assign("Work", "Group", "Live")],
    )


@pytest.mark.parametrize("owner", ["ecosystem", "zone", "sales"])
@pytest.mark.parametrize("policy", NOTHING, ids=lambda policy: type(policy).__name__)
def test_what_allows_nothing_refuses_what_a_team_produces(policy: Policy, owner: str) -> None:
    ecosystem = {"ecosystem": company(ecosystem=[policy]), "zone": company(zone=[policy])}.get(
        owner, company(sales=[policy])
    )
    found = codes(ecosystem)
    expected = {
        StorageLocationPolicy: ("DS901", f"{SALES}/datastores/Store1/capture/container"),
        VendorPolicy: ("DS904", f"{SALES}/datastores/Store1/capture/container"),
        PlatformPolicy: ("DS915" if owner == "sales" else "DS914", ASSIGNMENT),
        ClassificationPolicy: ("DS911", f"{SALES}/datastores/Store1/datasets/customers/columns/id"),
        ProductionPolicy: ("DS916", f"{SALES}/datastores/Store1"),
    }
    assert expected[type(policy)] in found


@pytest.mark.parametrize("policy", NOTHING, ids=lambda policy: type(policy).__name__)
def test_what_allows_nothing_refuses_what_a_team_consumes(policy: Policy) -> None:
    found = codes(company(consumers=[policy]))
    expected = {
        StorageLocationPolicy: [("DS902", ASSIGNMENT)],
        VendorPolicy: [("DS905", ASSIGNMENT)],
        PlatformPolicy: [("DS914", ASSIGNMENT)],
        ClassificationPolicy: [("DS912", f"{WORK}/groups/Group/sinks/Store1.customers")],
        ProductionPolicy: [("DS917", WORK), ("DS918", f"{WORK}/groups/Group/sinks/Store1.customers")],
    }
    assert found == expected[type(policy)]


@pytest.mark.parametrize(
    "policies",
    [
        [
            StorageLocationPolicy("a", allowed=["aws"]),
            StorageLocationPolicy("b", allowed=["aws/eu"], forbidden=["aws/us"]),
        ],
        [VendorPolicy("a", allowed=["aws", "azure"]), VendorPolicy("b", forbidden=["azure"])],
        [PlatformPolicy("a", allowed=["Live"])],
        [ClassificationPolicy("a", allowed=[PUBLIC, PII]), ClassificationPolicy("b", forbidden=[CONFIDENTIAL])],
        [ProductionPolicy("a", allowed=[ProductionStatus.PRODUCTION])],
    ],
    ids=lambda policies: type(policies[0]).__name__,
)
def test_what_is_allowed_by_all_has_no_findings(policies: list[Policy]) -> None:
    assert codes(company(ecosystem=policies)) == []


def test_policies_of_ecosystem_zone_and_team_hold_at_once() -> None:
    everywhere, in_zone, of_team = (StorageLocationPolicy("p", allowed=[place]) for place in ("aws", "aws/eu", "azure"))
    found = codes(company(ecosystem=[everywhere], zone=[in_zone], sales=[of_team]))
    assert found == [("DS901", f"{SALES}/datastores/Store1/capture/container"), ("DS902", ASSIGNMENT)]
    messages = {finding.message for finding in lint(company(sales=[of_team], zone=[of_team]), RULES)}
    assert sum("of team 'sales'" in message for message in messages) == 2
    assert sum("of zone 'europe'" in message for message in messages) == 2


def test_a_team_cannot_allow_what_its_zone_forbids() -> None:
    forbids = ClassificationPolicy("no", forbidden=[PUBLIC])
    allows = ClassificationPolicy("yes", allowed=[PUBLIC])
    found = codes(company(zone=[forbids], sales=[allows]))
    assert found == [("DS911", f"{SALES}/datastores/Store1/datasets/customers/columns/id")]


def test_data_do_not_leave_a_zone_by_a_consumer_of_another() -> None:
    at_home = StorageLocationPolicy("at home", allowed=["aws/eu"])
    assert codes(company(zone=[at_home], merge="aws/us", consumers_zone="abroad")) == [("DS902", ASSIGNMENT)]
    ours = PlatformPolicy("ours", allowed=[], forbidden=["Live"])
    assert codes(company(zone=[ours], consumers_zone="abroad")) == [("DS915", ASSIGNMENT)]


def test_what_a_transformer_writes_is_bound_by_the_policies_of_its_team() -> None:
    written = store("Made", dataset("figures"), capture=TransformerOutput(at("Figures", "aws/us")))
    makes = DataTransformer("Make", code=PythonCode(GitRepository("acme/x"), function="m:f"), produces=written)
    workspace = Workspace("Work", groups=[group()], transformer=makes)
    policies = [
        StorageLocationPolicy("p", allowed=["aws/eu"]),
        VendorPolicy("v", allowed=["aws"]),
        ProductionPolicy("s", allowed=[ProductionStatus.PRODUCTION]),
    ]
    found = codes(company(consumers=policies, workspace=workspace))
    assert found == [("DS901", f"{WORK}/transformer/produces/capture/container")]


AT_HOME: Sequence[Policy] = (StorageLocationPolicy("at home", allowed=["aws/eu"]), VendorPolicy("v", allowed=["aws"]))


def test_data_do_not_leave_a_zone_by_a_workspaces_database() -> None:
    views = Workspace("Work", groups=[group()], container=at("Views", "azure"))
    place = "zones/abroad/teams/consumers/workspaces/Work/container"
    found = company(zone=AT_HOME, workspace=views, consumers_zone="abroad")
    assert codes(found) == [("DS903", place), ("DS906", place)]
    assert {finding.message for finding in lint(found, RULES)} == {
        "the views of workspace 'Work', which show 'Store1', are in 'Views', which stands in 'azure', and policy 'at "
        "home' of zone 'europe' does not allow that",
        "the views of workspace 'Work', which show 'Store1', are in 'Views', which stands on machines of 'azure', and "
        "policy 'v' of zone 'europe' does not allow that",
    }
    silent = Workspace("Work", groups=[group()], container=at("Views", None))
    assert codes(company(zone=AT_HOME, workspace=silent, consumers_zone="abroad")) == [("DS907", place)]
    inside = Workspace("Work", groups=[group()], container=at("Views", "aws/eu/dublin"))
    assert codes(company(zone=AT_HOME, workspace=inside, consumers_zone="abroad")) == []


def test_data_do_not_leave_a_zone_by_what_a_transformer_of_another_writes() -> None:
    def made_in(location: str | None) -> Ecosystem:
        written = store("Made", dataset("figures"), capture=TransformerOutput(at("Figures", location)))
        makes = DataTransformer("Make", code=PythonCode(GitRepository("acme/x"), function="m:f"), produces=written)
        work = Workspace("Work", groups=[group()], transformer=makes)
        return company(zone=AT_HOME, workspace=work, consumers_zone="abroad")

    place = "zones/abroad/teams/consumers/workspaces/Work/transformer/produces/capture/container"
    assert codes(made_in("azure")) == [("DS901", place), ("DS904", place)]
    assert codes(made_in(None)) == [("DS907", place)]
    assert codes(made_in("aws/eu")) == []


def test_a_workspaces_own_database_is_bound() -> None:
    workspace = Workspace("Work", groups=[group()], container=at("Views", "azure"))
    policies = [StorageLocationPolicy("p", allowed=["aws"]), VendorPolicy("v", forbidden=["azure"])]
    found = codes(company(consumers=policies, workspace=workspace))
    assert found == [("DS903", f"{WORK}/container"), ("DS906", f"{WORK}/container")]


@pytest.mark.parametrize("kind", [StorageLocationPolicy, VendorPolicy])
def test_a_container_without_a_location_is_told_once_wherever_a_policy_limits_it(
    kind: type[StorageLocationPolicy] | type[VendorPolicy],
) -> None:
    policy = kind("p", forbidden=["azure"])
    workspace = Workspace("Work", groups=[group()], container=at("Views", None))
    silent = company(ecosystem=[policy], zone=[policy], sold=produced(None), workspace=workspace, merge=None)
    assert codes(silent) == [
        ("DS907", "platforms/Live/store"),
        ("DS907", f"{WORK}/container"),
        ("DS907", f"{SALES}/datastores/Store1/capture/container"),
    ]


def test_a_container_that_no_policy_limits_may_be_silent() -> None:
    limits_nothing = StorageLocationPolicy("p")
    found = codes(company(ecosystem=[limits_nothing], sold=produced(None), merge=None))
    assert found == [("DS925", "policies/p")]


def test_a_sunk_column_is_told_where_its_producer_is_not_bound() -> None:
    secret = store("Store1", dataset("customers", column(key=True), column("iban")))
    assert codes(company(sold=secret, consumers=[ClassificationPolicy("p", forbidden=[PUBLIC])])) == [
        ("DS912", f"{WORK}/groups/Group/sinks/Store1.customers")
    ]
    assert {code for code, _ in codes(company(sold=secret, zone=[ClassificationPolicy("p", forbidden=[PUBLIC])]))} == {
        "DS911"
    }


@pytest.mark.parametrize(
    "policy", [ClassificationPolicy("p", forbidden=[PII]), ClassificationPolicy("p", allowed=[PUBLIC])]
)
def test_a_column_without_a_classification_passes_no_policy(policy: ClassificationPolicy) -> None:
    def sold(status: ProductionStatus) -> Datastore:
        unsaid = dataset("customers", column(key=True), Column("iban", Integer()))
        return Datastore(
            "Store1", capture=SqlSnapshot(at("Source", "aws/eu")), datasets=[unsaid], production_status=status
        )

    def work(status: ProductionStatus) -> Workspace:
        return Workspace("Work", groups=[group()], production_status=status)

    trial, ready = ProductionStatus.NOT_PRODUCTION, ProductionStatus.PRODUCTION
    sink, unsaid = (
        f"{WORK}/groups/Group/sinks/Store1.customers",
        f"{SALES}/datastores/Store1/datasets/customers/columns/iban",
    )
    assert codes(company(sold=sold(trial), workspace=work(trial), consumers=[policy])) == [
        ("DS702", unsaid),
        ("DS912", sink),
    ]
    # each of these is told where the column is
    assert codes(company(sold=sold(trial), workspace=work(trial), zone=[policy])) == [
        ("DS702", unsaid),
        ("DS913", unsaid),
    ]
    assert codes(company(sold=sold(ready), workspace=work(ready), consumers=[policy])) == [("DS701", unsaid)]


def test_no_clearance_is_for_columns_without_a_classification() -> None:
    unsaid = dataset("customers", column(key=True), Column("iban", Integer()))
    trial = ProductionStatus.NOT_PRODUCTION
    sold = Datastore("Store1", capture=SqlSnapshot(at("Source", None)), datasets=[unsaid], production_status=trial)
    everything = Workspace("Work", groups=[group()], production_status=trial, clearance=list(Classification))
    findings = lint(company(sold=sold, workspace=everything, merge=None), RULES)
    (said,) = (finding for finding in findings if finding.code == "DS703")
    assert said.message == "workspace 'Work' sinks columns that it has no clearance for: unclassified"
    assert said.hint == "it may not see their values; have the columns classified, or take the sinks away"


@pytest.mark.parametrize(
    ("allowed", "forbidden", "location", "is_allowed"),
    [
        (None, [], "aws/eu", True),
        ([], [], "aws/eu", False),
        (["aws/eu"], [], "aws/eu", True),
        (["aws/eu"], [], "aws/eu/dublin", True),
        (["aws/eu"], [], "aws/europe", False),
        (["aws/eu"], [], "aws", False),
        (None, ["aws/eu"], "aws/eu", False),
        (None, ["aws/eu"], "aws/eu/dublin", False),
        (None, ["aws/eu"], "aws", False),
        (None, ["aws/eu"], "aws/us", True),
        (["aws"], ["aws/us"], "aws/eu", True),
        (["aws"], ["aws"], "aws/eu", False),
    ],
)
def test_a_location_is_allowed_inside_what_is_allowed_and_apart_from_what_is_forbidden(
    allowed: list[str] | None, forbidden: list[str], location: str, is_allowed: bool
) -> None:
    assert allows_place(StorageLocationPolicy("p", allowed=allowed, forbidden=forbidden), location) is is_allowed


def test_an_unknown_dataset_is_told_by_its_own_rule_alone() -> None:
    workspace = Workspace("Work", groups=[group("Group", DatasetSink("Store1", "nothing"))])
    found = codes(company(consumers=NOTHING, workspace=workspace))
    assert ("DS302", f"{WORK}/groups/Group/sinks/Store1.nothing") in found
    assert not {"DS912", "DS918"} & {code for code, _ in found}

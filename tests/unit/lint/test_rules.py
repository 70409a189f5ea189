"""Each rule says what it must, and nothing else. In what words and at which line is in ``golden``."""

from datetime import timedelta

import pytest
from attrs import evolve

from datasurface import types
from datasurface.classification import PII
from datasurface.lint.registry import lint
from datasurface.lint.rules import RULES
from datasurface.model import (
    AssignmentStatus,
    Column,
    Dataset,
    DatasetGroup,
    DatasetSink,
    Ecosystem,
    ForeignKey,
    GitRepository,
    GovernanceZone,
    InfrastructureVendor,
    Location,
    Milestoning,
    OnAdd,
    PostgresDatabase,
    SqlSnapshot,
    SqlWatermark,
    Team,
    Workspace,
)
from datasurface.types import DataType
from tests.unit.lint.models import (
    MINUTE,
    REPOSITORY,
    assign,
    codes,
    column,
    database,
    dataset,
    group,
    model,
    platform,
    store,
)

TEAM = "zones/zone/teams/team"
DATASET = f"{TEAM}/datastores/Store1/datasets/customers"
FOREIGN_KEYS = f"{TEAM}/datastores/Store1/datasets/orders/foreign_keys"
GROUP = f"{TEAM}/workspaces/Work/groups/Group"
CUSTOMERS = DatasetSink("Store1", "customers")
FORENSIC = Milestoning.FORENSIC


WINDOWS: dict[DataType, timedelta | int] = {
    types.Timestamp(): MINUTE,
    types.Timestamp(timezone=True): MINUTE,
    types.Date(): timedelta(days=2),
    types.TinyInt(): 1,
    types.SmallInt(): 1,
    types.Integer(): 1,
    types.BigInt(): 1,
}
"""A window that fits, by type of watermark."""


def zone(*teams: Team, name: str = "zone") -> GovernanceZone:
    return GovernanceZone(name, repository=REPOSITORY, teams=teams)


def with_zones(*zones: GovernanceZone) -> Ecosystem:
    return model(zones=zones, assignments=[])


def with_columns(*columns: Column) -> Ecosystem:
    return model(stores=[store("Store1", dataset("customers", column(key=True), *columns))])


def with_key(*types_: DataType) -> Ecosystem:
    columns = [column(f"k{number}", type_, key=True) for number, type_ in enumerate(types_)]
    return model(stores=[store("Store1", dataset("customers", *columns))])


def with_group(changed: DatasetGroup) -> Ecosystem:
    return model(
        stores=[store(), store("Store2", dataset(), dataset("orders"))],
        workspaces=[Workspace("Work", groups=[changed])],
        assignments=[assign("Work", changed.name, "Live")],
    )


def with_foreign_key(columns: list[str], target: str, type_: DataType | None = None) -> Ecosystem:
    orders = dataset("orders", column(key=True), column("who", type_), foreign_keys=[ForeignKey(columns, target)])
    return model(stores=[store("Store1", dataset(), orders)])


def with_source(container: PostgresDatabase, *vendors: InfrastructureVendor) -> Ecosystem:
    return model(stores=[store("Store1", dataset(), capture=SqlSnapshot(container))], vendors=vendors)


def by_watermark(
    type_: DataType | None = None,
    *,
    column_name: str | dict[str, str] = "seen",
    window: timedelta | int = MINUTE,
    tables: dict[str, str] | None = None,
    on_add: OnAdd = OnAdd.NEW_VERSION,
) -> Ecosystem:
    customers = evolve(
        dataset("customers", column(key=True), column("seen", type_ or types.Timestamp())), on_add=on_add
    )
    capture = SqlWatermark(database(), column=column_name, window=window, tables=tables or {})
    return model(stores=[store("Store1", customers, capture=capture)])


def in_place(location: str) -> Ecosystem:
    cloud = InfrastructureVendor("cloud", locations=[Location("eu", locations=[Location("zurich")])])
    source = PostgresDatabase("Source", host="h", database="d", credential=database().credential, location=location)
    return with_source(source, cloud)


def served(
    *,
    schedule: str = "* * * * *",
    timezone: str = "UTC",
    latency: timedelta = MINUTE,
    keeps: Milestoning = Milestoning.LIVE_ONLY,
    needs: Milestoning = Milestoning.LIVE_ONLY,
    status: AssignmentStatus = AssignmentStatus.PROVISIONED,
) -> Ecosystem:
    return model(
        platforms=[platform(schedule=schedule, timezone=timezone, milestoning=keeps)],
        workspaces=[Workspace("Work", groups=[group(latency=latency, milestoning=needs)])],
        assignments=[assign("Work", "Group", "Live", status=status)],
    )


def unclassified(dataset_classified: bool) -> Ecosystem:
    classification = PII if dataset_classified else None
    columns = [Column("id", types.Integer(), primary_key=True), Column("dob", types.Date(), classification=PII)]
    return model(stores=[store("Store1", Dataset("customers", columns=columns, classification=classification))])


def test_a_sound_model_has_no_findings() -> None:
    assert codes(model()) == []


BROKEN: list[tuple[str, str, Ecosystem]] = [
    ("DS101", "zones/zone", with_zones(zone(), zone())),
    ("DS101", "zones/zone/teams/t", with_zones(zone(*[Team("t", repository=REPOSITORY)] * 2))),
    ("DS101", "platforms/Live", model(platforms=[platform(), platform()])),
    ("DS101", "vendors/cloud", model(vendors=[InfrastructureVendor("cloud"), InfrastructureVendor("cloud")])),
    (
        "DS101",
        "vendors/cloud/locations/eu/locations/a",
        model(vendors=[InfrastructureVendor("cloud", locations=[Location("eu", locations=[Location("a")] * 2)])]),
    ),
    ("DS101", f"{TEAM}/datastores/Store1", model(stores=[store(), store()])),
    ("DS101", DATASET, model(stores=[store("Store1", dataset(), dataset())])),
    ("DS101", f"{DATASET}/columns/a", with_columns(column("a"), column("a"))),
    ("DS101", GROUP, model(workspaces=[Workspace("Work", groups=[group(), group()])])),
    (
        "DS101",
        f"{TEAM}/workspaces/Work",
        model(workspaces=[Workspace("Work", groups=[group()])] * 2),
    ),
    ("DS102", f"{TEAM}/datastores/Store1", model(stores=[store(), store("STORE1")])),
    (
        "DS102",
        DATASET,
        model(stores=[store("Store1", dataset(), dataset("Customers"))]),
    ),
    (
        "DS102",
        "platforms/Live",
        model(platforms=[platform(), platform("LIVE")], assignments=[assign("Work", "Group", "Live", "LIVE")]),
    ),
    (
        "DS102",
        f"{TEAM}/workspaces/work",
        model(
            workspaces=[Workspace(name, groups=[group()]) for name in ("Work", "work")],
            assignments=[assign("Work", "Group", "Live"), assign("work", "Group", "Live")],
        ),
    ),
    (
        "DS102",
        GROUP,
        model(
            workspaces=[Workspace("Work", groups=[group(), group("GROUP")])],
            assignments=[assign("Work", "Group", "Live"), assign("Work", "GROUP", "Live")],
        ),
    ),
    ("DS103", f"{TEAM}/datastores/1st", model(stores=[store(), store("1st")])),
    ("DS103", f"{TEAM}/datastores/Käufer", model(stores=[store(), store("Käufer")])),
    ("DS103", f"{TEAM}/datastores/a b", model(stores=[store(), store("a b")])),
    ("DS103", f"{TEAM}/datastores/x\n", model(stores=[store(), store("x\n")])),
    (
        "DS103",
        f"{TEAM}/workspaces/Work/groups/Group/sinks/Store1.customers",
        with_group(group("Group", DatasetSink("Store1", "customers", name="a-b"))),
    ),
    ("DS104", f"{DATASET}/columns/{'ä' * 32}", with_columns(column("ä" * 32))),
    ("DS105", f"{DATASET}/columns/DS_Surf_x", with_columns(column("DS_Surf_x"))),
    ("DS106", f"{DATASET}/columns/mail", with_columns(evolve(column("mail"), renamed_from="post"), column("post"))),
    ("DS106", f"{DATASET}/columns/b", with_columns(*(evolve(column(name), renamed_from="x") for name in "ab"))),
    ("DS106", f"{DATASET}/columns/mail", with_columns(evolve(column("mail"), renamed_from="mail"))),
    ("DS201", DATASET, model(stores=[store("Store1", Dataset("customers", columns=[]))])),
    ("DS202", DATASET, model(stores=[store("Store1", dataset("customers", column()))])),
    *(
        ("DS203", f"{DATASET}/columns/k0", with_key(type_))
        for type_ in (
            types.Decimal(),
            types.Decimal(5),
            types.Float32(),
            types.Float64(),
            types.Char(3),
            types.Text(),
            types.Interval(),
            types.Binary(),
            types.Json(),
            types.Array(types.Integer()),
            types.Vector(3),
        )
    ),
    ("DS204", DATASET, with_key(types.VarChar(325), types.Integer(), types.NVarChar(326))),
    ("DS205", f"{FOREIGN_KEYS}/who->customer", with_foreign_key(["who"], "customer")),
    ("DS206", f"{FOREIGN_KEYS}/whom->customers", with_foreign_key(["whom"], "customers")),
    ("DS207", f"{FOREIGN_KEYS}/who,id->customers", with_foreign_key(["who", "id"], "customers")),
    ("DS207", f"{FOREIGN_KEYS}/->customers", with_foreign_key([], "customers")),
    (
        "DS207",
        f"{FOREIGN_KEYS}/who->customers",
        with_foreign_key(["who"], "customers", types.Date()),
    ),
    (
        "DS208",
        f"{TEAM}/datastores/Store1/capture",
        model(stores=[store("Store1", dataset(), capture=SqlSnapshot(database(), tables={"customer": "t"}))]),
    ),
    ("DS208", f"{TEAM}/datastores/Store1/capture", by_watermark(tables={"customer": "t"})),
    ("DS209", f"{TEAM}/datastores/Store1/capture", by_watermark(column_name="Seen")),
    *(
        ("DS209", f"{TEAM}/datastores/Store1/capture", by_watermark(column_name=names))
        for names in ({"customers": "Seen"}, {"customers": "seen", "customer": "seen"})
    ),
    *(
        ("DS210", f"{DATASET}/columns/seen", by_watermark(type_))
        for type_ in (types.Text(), types.Decimal(10, 0), types.Time(), types.Interval(), types.Float64())
    ),
    *(
        ("DS211", f"{TEAM}/datastores/Store1/capture", by_watermark(type_, window=window))
        for type_, window in (
            (types.Timestamp(), 600),
            (types.Timestamp(timezone=True), 600),
            (types.Date(), 2),
            (types.Date(), timedelta(hours=36)),
            (types.BigInt(), timedelta(days=1)),
        )
    ),
    ("DS212", DATASET, by_watermark(on_add=OnAdd.BACKFILL)),
    ("DS301", f"{GROUP}/sinks/Store3.customers", with_group(group("Group", DatasetSink("Store3", "customers")))),
    ("DS302", f"{GROUP}/sinks/Store1.orders", with_group(group("Group", DatasetSink("Store1", "orders")))),
    (
        "DS303",
        f"{GROUP}/sinks/Store1.customers",
        with_group(group("Group", CUSTOMERS, DatasetSink("Store1", "customers", name="twice"))),
    ),
    ("DS304", GROUP, with_group(DatasetGroup("Group", sinks=[], requires=group().requires))),
    (
        "DS305",
        f"{GROUP}/sinks/Store2.customers",
        with_group(group("Group", CUSTOMERS, DatasetSink("Store2", "customers"))),
    ),
    (
        "DS305",
        f"{GROUP}/sinks/Store2.orders",
        with_group(group("Group", CUSTOMERS, DatasetSink("Store2", "orders", name="Customers"))),
    ),
    (
        "DS401",
        "assignments/Wirk.Group",
        model(assignments=[assign("Work", "Group", "Live"), assign("Wirk", "Group", "Live")]),
    ),
    (
        "DS402",
        "assignments/Work.Grup",
        model(assignments=[assign("Work", "Group", "Live"), assign("Work", "Grup", "Live")]),
    ),
    ("DS403", "assignments/Work.Group/assignments/Life", model(assignments=[assign("Work", "Group", "Live", "Life")])),
    (
        "DS404",
        "assignments/Work.Group",
        model(assignments=[assign("Work", "Group", "Live"), assign("Work", "Group", "Live")]),
    ),
    ("DS405", "assignments/Work.Group/assignments/Live", model(assignments=[assign("Work", "Group", "Live", "Live")])),
    ("DS406", GROUP, model(assignments=[])),
    ("DS406", GROUP, model(assignments=[assign("Work", "Group")])),
    ("DS407", "assignments/Work.Group/assignments/Live", served(needs=FORENSIC)),
    ("DS501", "platforms/Live", served(schedule="every now and then")),
    ("DS501", "platforms/Live", served(schedule="0 0 30 2 *")),
    ("DS501", "platforms/Live", served(timezone="Mars/Olympus")),
    ("DS502", "assignments/Work.Group/assignments/Live", served(schedule="*/2 * * * *")),
    ("DS502", "assignments/Work.Group/assignments/Live", served(schedule="every 61 seconds")),
    ("DS502", "assignments/Work.Group/assignments/Live", served(schedule="* 9-17 * * *", latency=timedelta(hours=15))),
    (
        "DS502",
        "assignments/Work.Group/assignments/Live",
        served(schedule="0 3 * * *", timezone="Europe/Berlin", latency=timedelta(days=1)),
    ),
    ("DS601", f"{TEAM}/datastores/Store1/capture/container", with_source(database(credential=None))),
    *(
        ("DS602", f"{TEAM}/datastores/Store1/capture/container/credential", with_source(database(credential=name)))
        for name in ("s3cret!", "user:pw", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "aB3dE5fG7h", "x" * 64, "päss")
    ),
    ("DS602", f"{TEAM}/datastores/Store1/capture/container", with_source(database(host="reader:pw@localhost"))),
    ("DS602", f"{TEAM}/datastores/Store1/capture/container", with_source(database(host="db?Password=pw"))),
    *(
        ("DS602", "zones/zone/repository", with_zones(GovernanceZone("zone", repository=GitRepository(url))))
        for url in (
            "https://me:pw@git.acme/model",
            "https://git.acme/model?access_token=abc",
            "https://ghp_16C7e42F292c6912E7710c838347Ae178B4a@github.com/acme/x",
            "https://glpat-abcdefgh:@gitlab.com/acme/x",
            "https://3ba7f2d9c04e5a1b8f6d7e9c0a2b4c6d8e0f1a3b@git.acme/x",
        )
    ),
    ("DS701", f"{DATASET}/columns/id", unclassified(dataset_classified=False)),
    (
        "DS801",
        "",
        model(
            platforms=[platform(), platform("Other", store=database("Elsewhere"))],
            assignments=[assign("Work", "Group", "Live", "Other")],
        ),
    ),
    *(
        ("DS802", f"{TEAM}/datastores/Store1/capture/container", in_place(location))
        for location in ("clod", "cloud/us", "cloud/eu/geneva", "cloud/eu/zurich/hall", "eu", "")
    ),
    (
        "DS803",
        f"{TEAM}/datastores/Store1/capture/container",
        with_source(database("Merge", host="other", credential="reader")),
    ),
    (
        "DS803",
        f"{TEAM}/datastores/Store2/capture/container",
        model(
            stores=[
                store("Store1", capture=SqlSnapshot(database(host="a"))),
                store("Store2", capture=SqlSnapshot(database(host="b"))),
            ]
        ),
    ),
]

IDLE = ("DS406", "DS408", "DS409")
"""Warnings that groups or platforms have nothing to do, which is not what the models below are about."""

SOUND: dict[str, Ecosystem] = {
    "columns that differ in case": with_columns(column("a"), column("A")),
    "a column name of 63 bytes": with_columns(column("ä" * 31 + "a")),
    "teams of two zones": with_zones(
        zone(Team("t", repository=REPOSITORY)), zone(Team("t", repository=REPOSITORY), name="other")
    ),
    "datasets of two stores": model(stores=[store(), store("Store2")]),
    "key types": with_key(
        types.TinyInt(),
        types.SmallInt(),
        types.Integer(),
        types.BigInt(),
        types.Decimal(10, 0),
        types.Boolean(),
        types.Date(),
        types.Time(),
        types.Timestamp(),
        types.Timestamp(timezone=True),
        types.Uuid(),
    ),
    "a key of 2,600 bytes": with_key(types.VarChar(325), types.NVarChar(325), types.BigInt()),
    "a foreign key of another whole number": with_foreign_key(["who"], "customers", types.BigInt()),
    "a table under another name": model(
        stores=[store("Store1", dataset(), capture=SqlSnapshot(database(), tables={"customers": "t"}))]
    ),
    "two datasets of one name with another name for one": with_group(
        group("Group", CUSTOMERS, DatasetSink("Store2", "customers", name="others"))
    ),
    "history for one who needs none": served(keeps=FORENSIC),
    "a stopped assignment may be slow": served(schedule="0 0 1 1 *", status=AssignmentStatus.DECOMMISSIONED),
    "a latency that is just met": served(schedule="* 9-17 * * *", latency=timedelta(hours=15, minutes=1)),
    "two platforms for a group": model(
        platforms=[platform(), platform("Next")], assignments=[assign("Work", "Group", "Live", "Next")]
    ),
    "ordinary credentials": model(
        stores=[
            store(f"Store{number}", dataset(), capture=SqlSnapshot(database(f"Source{number}", credential=name)))
            for number, name in enumerate(
                ("reader", "customer-db-reader", "team1_prod.v2", "CustomerDbReader2024", "s3-bucket-2-read", "k8s"), 1
            )
        ]
    ),
    "ordinary repositories": with_zones(
        *(
            GovernanceZone(f"z{number}", repository=GitRepository(url))
            for number, url in enumerate(
                (
                    "acme/model",
                    "git@github.com:acme/model.git",
                    "ssh://git@git.acme:22/model",
                    "https://me@git/x",
                    "https://me.and.a-long-name%40acme.example@git/x",
                    "https://A-Rather-Long-Organization@dev.azure.com/x/y/_git/z",
                    "ssh://APKAEIBAERJR2EXAMPLE@git-codecommit/v1/repos/x",
                    "/srv/x",
                )
            )
        )
    ),
    "a dataset that is classified as a whole": unclassified(dataset_classified=True),
    "two merge databases and a control database": model(
        platforms=[platform(), platform("Other", store=database("Elsewhere"))], control=database("Control")
    ),
    "a watermark of every kind": model(
        stores=[
            store(
                f"Store{number}",
                dataset("customers", column(key=True), column("seen", type_)),
                capture=SqlWatermark(database(), column={"customers": "seen"}, window=window),
            )
            for number, (type_, window) in enumerate(WINDOWS.items(), 1)
        ]
    ),
    "a location": in_place("cloud/eu/zurich"),
    "a vendor for a location": in_place("cloud"),
    "one container in two places": model(stores=[store(), store("Store2")], platforms=[platform(), platform("Other")]),
}


@pytest.mark.parametrize(("code", "path", "ecosystem"), BROKEN, ids=[f"{code} {path}" for code, path, _ in BROKEN])
def test_a_rule_says_what_is_wrong_and_where(code: str, path: str, ecosystem: Ecosystem) -> None:
    assert codes(ecosystem) == [(code, path)]


@pytest.mark.parametrize("ecosystem", SOUND.values(), ids=SOUND)
def test_what_is_right_has_no_findings(ecosystem: Ecosystem) -> None:
    assert [code for code, _ in codes(ecosystem) if code not in IDLE] == []


def test_a_platform_that_cannot_keep_enough_is_wrong_for_a_stopped_group_as_well() -> None:
    stopped = served(needs=FORENSIC, status=AssignmentStatus.DECOMMISSIONED)
    assert ("DS407", "assignments/Work.Group/assignments/Live") in codes(stopped)


def test_no_finding_of_a_branch_repeats_a_password() -> None:
    repository = GitRepository("https://me:t0ken@git.acme/model", branch="refs/heads/main")
    found = lint(with_zones(GovernanceZone("zone", repository=repository)), RULES)
    assert {finding.code for finding in found} == {"DS602", "DS811"}
    assert not [finding for finding in found if "t0ken" in finding.message + finding.hint]

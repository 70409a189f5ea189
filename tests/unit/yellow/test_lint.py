"""What Yellow refuses of a model before anything is applied."""

import gc
import weakref
from collections.abc import Sequence

import pytest
from attrs import evolve

from datasurface.deployment import Deployment
from datasurface.findings import Finding
from datasurface.graph import deployments
from datasurface.model import (
    Assignment,
    AssignmentStatus,
    Capture,
    Column,
    Container,
    Credential,
    Dataset,
    Datastore,
    DataTransformer,
    Ecosystem,
    GitRepository,
    GroupAssignments,
    MySqlDatabase,
    PostgresDatabase,
    PythonCode,
    SqliteDatabase,
    SqlSnapshot,
    SqlWatermark,
    Team,
    TransformerOutput,
    Workspace,
)
from datasurface.model.rebuild import rebuilt
from datasurface.types import Array, BigInt, DataType, Vector
from datasurface_yellow import YellowDataPlatform, lint
from datasurface_yellow.lint import findings
from tests.support.people import PEOPLE, PETS
from tests.support.pipeline import FORENSIC, LIVE, ecosystem

SOURCE = PostgresDatabase("customer_db", host="h", database="customer_db")
TARGET = PostgresDatabase("merge", host="h", database="merge")


def _model(*datasets: Dataset) -> Ecosystem:
    return ecosystem(datasets or [PEOPLE, PETS], SOURCE, TARGET)


def _team(model: Ecosystem) -> Team:
    return model.zones[0].teams[0]


def _with_team(model: Ecosystem, team: Team) -> Ecosystem:
    return evolve(model, zones=[evolve(model.zones[0], teams=[team])])


def _with_store(model: Ecosystem, store: Datastore) -> Ecosystem:
    return _with_team(model, evolve(_team(model), datastores=[store]))


def _with_workspace(model: Ecosystem, workspace: Workspace) -> Ecosystem:
    assignments = [evolve(entry, workspace=workspace.name) for entry in model.assignments]
    return evolve(_with_team(model, evolve(_team(model), workspaces=[workspace])), assignments=assignments)


def _found(model: Ecosystem, platform: str = LIVE) -> Sequence[Finding]:
    yellow = next(found for found in model.platforms if found.name == platform)
    assert isinstance(yellow, YellowDataPlatform)
    return list(findings(yellow, model))


def test_a_model_that_yellow_can_run_has_no_findings() -> None:
    assert _found(_model()) == []


def test_a_watermark_of_a_postgres_database_has_no_findings() -> None:
    [store] = _team(_model()).datastores

    assert _found(_with_store(_model(), evolve(store, capture=SqlWatermark(SOURCE, column="id", window=1)))) == []


def test_another_capture() -> None:
    [store] = _team(_model()).datastores

    [finding] = _found(_with_store(_model(), evolve(store, capture=Capture(SOURCE))))

    assert (finding.code, finding.is_error) == ("YE101", True)
    assert finding.message == "YellowLive cannot run a Capture (store Store1)"
    assert finding.hint == "use SqlSnapshot or SqlWatermark"


def _transforming(produces: Datastore, credential: Credential | None = None) -> Ecosystem:
    """A model whose workspace has one group and a transformer, whose output another workspace sinks."""
    model = _model()
    [workspace] = _team(model).workspaces
    code = PythonCode(GitRepository("acme/code"), function="code:run")
    live, _ = workspace.groups
    wash = DataTransformer("Wash", code=code, produces=produces, credential=credential)
    reader = Workspace("Reader", groups=[evolve(live, sinks=produces.sinks())])
    changed = _with_team(
        model,
        evolve(_team(model), workspaces=[evolve(workspace, groups=[live], transformer=wash), reader]),
    )
    first = model.assignments[0]
    return evolve(changed, assignments=[first, evolve(first, workspace="Reader")])


def test_a_transformer_with_a_login_that_writes_to_postgres_has_no_findings() -> None:
    produces = Datastore("Nice", capture=TransformerOutput(SOURCE), datasets=[PETS])

    assert _found(_transforming(produces, Credential("wash"))) == []


def test_a_transformer_that_cannot_be_run() -> None:
    name = "p" * 64
    elsewhere = MySqlDatabase("nice", host="h", database="nice", credential=Credential("nice"))
    produces = Datastore("Nice", capture=TransformerOutput(elsewhere), datasets=[PETS, evolve(PEOPLE, name=name)])

    found = {finding.code: finding for finding in _found(_transforming(produces))}

    assert set(found) == {"YE108", "YE114", "YE115"}
    assert all(finding.is_error for finding in found.values())
    assert found["YE108"].message == "YellowLive cannot run transformer Wash without a login of its own"
    assert found["YE108"].path.endswith("workspaces/Consumer1/transformer")
    assert found["YE114"].message == "YellowLive cannot write what transformer Wash makes to a MySqlDatabase"
    assert found["YE114"].path.endswith("transformer/produces/capture/container")
    assert found["YE115"].path.endswith(f"transformer/produces/datasets/{name}")


@pytest.mark.parametrize(
    "capture", [SqlSnapshot(Container("files")), SqlWatermark(Container("files"), column="id", window=1)], ids=repr
)
def test_another_container(capture: Capture) -> None:
    [store] = _team(_model()).datastores

    [finding] = _found(_with_store(_model(), evolve(store, capture=capture)))

    assert (finding.code, finding.message) == ("YE102", "YellowLive cannot read a Container (store Store1)")


OTHER_SOURCES = [
    MySqlDatabase("shop", host="h", database="shop", credential=Credential("reader")),
    SqliteDatabase("shop", path="/srv/shop.db"),
]


@pytest.mark.parametrize("database", OTHER_SOURCES, ids=lambda database: type(database).__name__)
def test_other_databases_are_read_and_have_no_schemas(database: Container) -> None:
    [store] = _team(_model()).datastores
    assert _found(_with_store(_model(), evolve(store, capture=SqlSnapshot(database)))) == []

    [finding] = _found(_with_store(_model(), evolve(store, capture=SqlSnapshot(database, schema="sales"))))

    assert (finding.code, finding.is_error) == ("YE107", True)
    assert finding.message.endswith(f"from schema sales, and a {type(database).__name__} has no schemas")


@pytest.mark.parametrize("database", OTHER_SOURCES, ids=lambda database: type(database).__name__)
def test_only_postgres_is_read_by_a_watermark(database: Container) -> None:
    [store] = _team(_model()).datastores

    [finding] = _found(_with_store(_model(), evolve(store, capture=SqlWatermark(database, column="id", window=1))))

    assert (finding.code, finding.is_error) == ("YE102", True)
    assert finding.message == f"YellowLive cannot read a {type(database).__name__} by a watermark (store Store1)"


@pytest.mark.parametrize("kind", [Vector(3), Array(Array(BigInt()))], ids=repr)
def test_a_type_that_cannot_be_stored(kind: DataType) -> None:
    [finding] = _found(_model(evolve(PEOPLE, columns=[*PEOPLE.columns, Column("embedding", kind)]), PETS))

    assert finding.code == "YE103"
    assert finding.message == f"YellowLive cannot store {kind!r} (column embedding of Store1.people)"
    assert finding.path.endswith("people/columns/embedding")


def test_names_that_meet_in_one_table() -> None:
    model = _model(evolve(PEOPLE, name="b_c"))
    [first] = _team(model).datastores
    second = evolve(first, name="Store1_b", datasets=[evolve(PETS, name="c")])
    [workspace] = _team(model).workspaces
    groups = [evolve(group, sinks=[*group.sinks, *second.sinks()]) for group in workspace.groups]
    team = evolve(_team(model), datastores=[first, second], workspaces=[evolve(workspace, groups=groups)])

    [finding] = _found(_with_team(model, team))

    assert finding.code == "YE104"
    assert finding.message == (
        "YellowLive.Store1.b_c and YellowLive.Store1_b.c would both be public.yellowlive_store1_b_c_merge "
        "in the merge database"
    )


def test_names_that_meet_in_one_view() -> None:
    model = _model()
    [workspace] = _team(model).workspaces
    live, forensic = workspace.groups
    other = evolve(live, name="LiveDSG_our", sinks=live.sinks[:1])
    sinks = [evolve(live.sinks[0], name="our_people")]
    assigned = GroupAssignments(
        "Consumer1", "LiveDSG_our", assignments=[Assignment(LIVE, status=AssignmentStatus.PROVISIONED)]
    )
    changed = evolve(workspace, groups=[evolve(live, sinks=sinks), forensic, other])

    [finding] = _found(evolve(_with_workspace(model, changed), assignments=[*model.assignments, assigned]))

    assert finding.code == "YE104"
    assert "consumer1.yellowlive_consumer1_livedsg_our_people_view in the merge database" in finding.message


def test_platforms_in_schemas_or_databases_of_their_own_do_not_meet() -> None:
    model = _model()
    live, forensic = model.platforms
    assert isinstance(forensic, YellowDataPlatform)
    twin = evolve(forensic, name="yellowlive")
    assigned = [
        *model.assignments,
        GroupAssignments(
            "Consumer1", "LiveDSG", assignments=[Assignment("yellowlive", status=AssignmentStatus.PROVISIONED)]
        ),
    ]

    def with_twin(changed: YellowDataPlatform) -> Ecosystem:
        return evolve(model, platforms=[live, changed], assignments=assigned)

    assert {finding.code for finding in _found(with_twin(twin))} == {"YE104"}
    assert {finding.code for finding in _found(with_twin(twin), "yellowlive")} == {"YE104"}
    assert _found(with_twin(evolve(twin, schema="other"))) == []
    assert _found(with_twin(evolve(twin, merge_database=evolve(TARGET, database="other")))) == []


def test_platforms_that_share_a_merge_database_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model = _model()
    [live, _] = model.platforms
    assert isinstance(live, YellowDataPlatform)
    platforms = [evolve(live, name=f"Live{number}") for number in range(12)]
    many = evolve(model, platforms=platforms, assignments=[])
    made: list[Ecosystem] = []

    def counting(ecosystem: Ecosystem, *, with_coming_views: bool = False) -> tuple[Deployment, ...]:
        made.append(ecosystem)
        return deployments(ecosystem, with_coming_views=with_coming_views)

    monkeypatch.setattr("datasurface_yellow.lint.deployments", counting)
    assert [each for platform in platforms for each in findings(platform, many)] == []
    assert made == [many]


def test_what_was_looked_at_is_not_kept_longer_than_its_model() -> None:
    model = evolve(_model(), name="Gone")
    gone = weakref.ref(model)
    assert _found(model) == []
    del model
    gc.collect()
    assert gone() is None
    assert lint._last == []


MINE = PostgresDatabase("mine", host="h", database="mine")


def test_a_database_of_its_own_needs_a_reader() -> None:
    [workspace] = _team(_model()).workspaces

    [finding] = _found(_with_workspace(_model(), evolve(workspace, container=MINE)))

    assert (finding.code, finding.path.rpartition("/")[2]) == ("YE105", "Consumer1")
    assert _found(_with_workspace(_model(), evolve(workspace, container=MINE, reader=Credential("reads")))) == []


@pytest.mark.parametrize("host", ["h", "localhost"])
def test_a_database_of_its_own_is_no_merge_database(host: str) -> None:
    [workspace] = _team(_model()).workspaces
    named_otherwise = evolve(TARGET, name="Mine", host="127.0.0.1" if host == "localhost" else TARGET.host)
    own = evolve(workspace, container=named_otherwise, reader=Credential("reads"))
    model = evolve(_with_workspace(_model(), own), control_database=evolve(TARGET, host=host))

    assert [finding.code for finding in _found(model)] == ["YE112"]


def test_two_workspaces_of_one_schema_in_one_database() -> None:
    model = _model()
    [workspace] = _team(model).workspaces
    own = evolve(workspace, container=MINE, reader=Credential("reads"))
    other = evolve(own, name="Consumer1_remote", reader=Credential("reads-too"))
    both = rebuilt(model, lambda it: evolve(it, workspaces=[own, other]) if isinstance(it, Team) else it)
    assigned = [evolve(entry, workspace=name) for name in (own.name, other.name) for entry in model.assignments]

    [finding] = _found(evolve(both, assignments=assigned))

    assert (finding.code, finding.path.rpartition("/")[2]) == ("YE113", "Consumer1_remote")
    assert finding.message == "Consumer1_remote and Consumer1 would both have schema consumer1_remote in mine"


@pytest.mark.parametrize("name", ["public", "Public", "information_schema", "pg_catalog", "PG_mine"])
def test_a_workspace_whose_schema_has_another_use(name: str) -> None:
    [workspace] = _team(_model()).workspaces

    [finding] = _found(_with_workspace(_model(), evolve(workspace, name=name)))

    assert finding.code == "YE106"
    assert f"would stand in schema {name.lower()}" in finding.message


def test_views_that_no_consumer_is_shown_yet_are_looked_at() -> None:
    model = _model()
    [workspace] = _team(model).workspaces
    filling = [
        evolve(entry, assignments=[evolve(it, status=AssignmentStatus.PROVISIONING) for it in entry.assignments])
        for entry in model.assignments
    ]
    changed = evolve(_with_workspace(model, evolve(workspace, container=MINE)), assignments=filling)
    assert [finding.code for finding in _found(changed)] == ["YE105"]


def test_only_assigned_work_is_looked_at() -> None:
    model = evolve(_model(evolve(PEOPLE, columns=[*PEOPLE.columns, Column("v", Vector(3))])), assignments=[])

    assert _found(model) == []


def _wide(keys: int, others: int = 0) -> Dataset:
    columns = [Column(f"k{number}", BigInt(), primary_key=True) for number in range(keys)]
    more = [Column(f"c{number}", BigInt()) for number in range(others)]
    return evolve(PEOPLE, columns=[*columns, *more], foreign_keys=[])


@pytest.mark.parametrize(("platform", "most"), [(LIVE, 32), (FORENSIC, 31)])
def test_a_key_of_more_columns_than_an_index_can_have(platform: str, most: int) -> None:
    assert _found(_model(_wide(most)), platform) == []
    [finding] = _found(_model(_wide(most + 1)), platform)
    assert (finding.code, finding.path.rpartition("/")[2]) == ("YE110", "people")
    assert f"has {most + 1} columns, and an index of {platform} holds {most}" in finding.message


def test_more_columns_than_a_table_can_have() -> None:
    assert _found(_model(_wide(1, 1594))) == []
    [finding] = _found(_model(_wide(1, 1595)))
    assert finding.code == "YE111"
    assert finding.message == "Store1.people has 1,596 columns, and a table of YellowLive holds 1,595"

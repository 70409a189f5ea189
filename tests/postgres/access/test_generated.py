"""The matrix of generated models: what roles are found to get is what the model says, cell by cell."""

from itertools import chain
from uuid import UUID

import pytest
from attrs import define, evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasurface import types
from datasurface.access import AccessReport, Seen
from datasurface.classification import Classification
from datasurface.credentials import Credentials, EnvironmentVariables
from datasurface.deployment import Deployment
from datasurface.model import (
    Column,
    Credential,
    Dataset,
    Ecosystem,
    FilterValue,
    HashMask,
    MaskingPolicy,
    NullMask,
    PartialMask,
    Policy,
    ProductionStatus,
    RowFilter,
    RowFilterPolicy,
    YearMask,
)
from datasurface_yellow.deploy.definition import can_be_made
from datasurface_yellow.deploy.wanted import Kind, View, wanted_views
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.store.quoting import identifier
from datasurface_yellow.store.table import stream_tables
from tests.postgres.access.conftest import with_reader_roles
from tests.support.clients import Clearance, WithKey, deploy, with_masks
from tests.support.databases import Databases
from tests.support.length import long_or
from tests.support.pipeline import Pipeline, make_pipeline

VALUES: dict[types.DataType, str] = {
    types.VarChar(50): "'zyx-mail'",
    types.Text(): "'zyx'",
    types.Char(8): "'zyx'",
    types.Date(): "date '1970-03-05'",
    types.Timestamp(): "timestamp '1970-03-05 10:00'",
    types.Timestamp(timezone=True): "timestamptz '1970-12-31 23:00-05'",
    types.Integer(): "4711",
    types.Decimal(10, 2): "47.11",
    types.Boolean(): "true",
    types.Uuid(): f"'{UUID(int=4711)}'::uuid",
    types.Json(): """'{"a": "zyx"}'""",
    types.Binary(): r"'\x7a7978'",
    types.Array(types.Integer()): "ARRAY[4711]",
}
"""A value of each type that is tried; the first ones can be keys."""
KEYS = list(VALUES)[:2]
PASSING: dict[types.DataType, tuple[FilterValue, FilterValue]] = {
    types.VarChar(50): ("zyx-mail", "it's 5 %"),
    types.Text(): ("zyx", "zyx "),
    types.Char(8): ("zyx", ""),
    types.Date(): ("1970-03-05", "1970-03-06"),
    types.Integer(): (4711, -1),
    types.Decimal(10, 2): ("47.11", 47),
    types.Boolean(): (True, False),
    types.Uuid(): (str(UUID(int=4711)), str(UUID(int=0))),
}
"""How a model writes that value, and one that the row does not have, of the types that rows are filtered by."""
classifications = st.none() | st.sampled_from(Classification)
clearances = st.none() | st.lists(st.sampled_from(Classification), max_size=3, unique=True)
kinds = st.sampled_from(Classification)
masks = st.one_of(
    st.builds(HashMask, kinds, credential=st.just(Credential("mask-key"))),
    st.builds(PartialMask, kinds, first=st.integers(1, 3), last=st.integers(0, 3)),
    st.builds(YearMask, kinds),
    st.builds(NullMask, kinds),
)
policies = st.lists(
    st.builds(MaskingPolicy, st.sampled_from(["one", "two"]), masks=st.lists(masks, max_size=4)), max_size=2
)


Drawn = tuple[list[Dataset], list[Policy], tuple[Clearance, Clearance], ProductionStatus]


@st.composite
def datasets(draw: st.DrawFn) -> list[Dataset]:
    made = []
    for name in draw(st.sampled_from([("one",), ("one", "two")])):
        key = Column(f"{name} key", draw(st.sampled_from(KEYS)), primary_key=True, classification=draw(classifications))
        others = draw(st.lists(st.tuples(st.sampled_from(list(VALUES)), classifications), max_size=5))
        columns = [Column(f"{name} {at}%", of, classification=kind) for at, (of, kind) in enumerate(others)]
        made.append(Dataset(name, columns=[key, *columns]))
    return made


@st.composite
def row_filters(draw: st.DrawFn, of: list[Dataset]) -> RowFilter:
    dataset = draw(st.sampled_from(of))
    column = draw(st.sampled_from([column for column in dataset.columns if column.type in PASSING]))
    values = draw(st.lists(st.sampled_from([*PASSING[column.type], None]), max_size=3))
    return RowFilter(f"Store1.{dataset.name}", column.name, values, workspaces=draw(st.sampled_from(FOR)))


FOR = (None, ["Consumer1"], ["Consumer2"])


@st.composite
def models(draw: st.DrawFn) -> Drawn:
    of = draw(datasets())
    filters = draw(st.lists(row_filters(of), max_size=3))
    return (
        of,
        [*draw(policies), RowFilterPolicy("rows", filters=filters)],
        (draw(clearances), draw(clearances)),
        draw(st.sampled_from(ProductionStatus)),
    )


@define
class Ground:
    """A merge database that is emptied for each model."""

    pipeline: Pipeline

    def fill(self, model: Ecosystem) -> dict[str, Deployment]:
        """Apply a model to the empty database, and put a row into each table."""
        writer = self.pipeline.access.writer.name
        self.pipeline.store(
            "DROP SCHEMA IF EXISTS consumer1, consumer2, public CASCADE",
            "CREATE SCHEMA public",
            f"GRANT CREATE, USAGE ON SCHEMA public TO {writer}",
        )
        found = deploy(self.pipeline, model, WithKey(self.pipeline).credentials)
        for deployment in found.values():
            tables = (stream_tables(deployment, stream, "public") for stream in deployment.streams)
            for table in chain.from_iterable(tables):
                pairs = zip(table.columns, table.dataset.columns, strict=True)
                columns = {stored.quoted: VALUES[column.type] for stored, column in pairs}
                columns |= {"ds_surf_key_hash": "1", "ds_surf_all_hash": "1", "ds_surf_batch_in": "1"}
                columns |= {"ds_surf_batch_out": "2147483647"} if table.is_forensic else {}
                into = f"INSERT INTO {identifier(table.merge)} ({', '.join(columns)}) "
                self.pipeline.store((into + f"VALUES ({', '.join(columns.values())})").replace("%%", "%"))
        return found

    def check(self, name: str) -> AccessReport:
        """What a superuser's login finds."""
        server = self.pipeline.server
        variables = {**self.pipeline.access.variables, "CHECK_USER": server.user, "CHECK_PASSWORD": server.password}
        runtime = evolve(self.pipeline.runtime(name), credentials=Credentials([EnvironmentVariables(variables)]))
        [report] = runtime.check_access("check")
        return report


@pytest.fixture(scope="module")
def ground(pg_server: PostgresServer, session_databases: Databases) -> Ground:
    made = make_pipeline(pg_server, session_databases.create, session_databases.role, [])
    with_reader_roles(made)
    return Ground(made)


@pytest.mark.slow
@settings(max_examples=long_or(60, 3), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(models())
def test_what_roles_get_is_what_the_model_says(ground: Ground, drawn: Drawn) -> None:
    of, policies, clearances, status = drawn
    ground.pipeline.datasets = of
    model = with_masks(ground.pipeline.model, policies, clearances=clearances, status=status)
    columns = {column.name: column.classification for dataset in of for column in dataset.columns}
    cleared = dict(zip(("consumer1_reader", "consumer2_reader"), clearances, strict=True))
    for name in ground.fill(model):
        report = ground.check(name)
        assert report.differences == ()
        for cell in report.cells:
            if cell.column in columns and cell.role in cleared:
                wanted = sight(columns[cell.column], cleared[cell.role], status)
                assert wanted in (cell.observed, MASKED.get(cell.observed))
        filters = [each for policy in policies if isinstance(policy, RowFilterPolicy) for each in policy.filters]
        for view in wanted_views(ground.pipeline.by_name[name], "public"):
            if view.kind in (Kind.LIVE, Kind.HISTORY) and can_be_made(view):
                found = ground.pipeline.query(f"SELECT count(*) FROM {view.place.quoted}")  # noqa: S608 quoted
                assert found == [(1 if passes(view, filters) else 0,)]


def passes(view: View, filters: list[RowFilter]) -> bool:
    """Whether the row of a view's table is seen: told without the code that is tested."""
    types_of = {column.name: column.type for column in view.table.dataset.columns}
    concerned = [
        each
        for each in filters
        if each.dataset == f"Store1.{view.table.dataset.name}"
        and (each.workspaces is None or view.names[1] in each.workspaces)
    ]
    return all(PASSING[types_of[each.column]][0] in each.values for each in concerned)


MASKED = dict.fromkeys((Seen.NULL, Seen.HASH, Seen.PARTIAL, Seen.YEAR), Seen.NULL)


def sight(classification: Classification | None, clearance: Clearance, status: ProductionStatus) -> Seen:
    """What a workspace should get of a column; NULL for any mask."""
    if classification is None and status is ProductionStatus.PRODUCTION:
        return Seen.ABSENT
    return Seen.ALLOWED if clearance is None or classification in clearance else Seen.NULL

"""The lineage of columns that is told of views is that of the views' real definitions: as another program reads them,
and as the server notes what they depend on."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection
from sqlglot import exp, parse_one
from sqlglot.lineage import lineage

from datasurface.classification import PII, PUBLIC
from datasurface.deployment import ColumnFilter, ColumnMask, Deployment, MaskKind
from datasurface.graph import deployments
from datasurface.lineage.delivery import Delivery
from datasurface.lineage.facets import shown_columns
from datasurface.lineage.places import Place
from datasurface.lineage.settings import LineageSettings
from datasurface.lineage.watch import LineageWatch
from datasurface.model import (
    Column,
    Dataset,
    Ecosystem,
    MaskingPolicy,
    PartialMask,
    PostgresDatabase,
    RowFilter,
    RowFilterPolicy,
)
from datasurface.model.rebuild import rebuilt
from datasurface.types import Date, VarChar
from datasurface.watching import JobKind, StartedJob
from datasurface_yellow.deploy.definition import can_be_made, definition
from datasurface_yellow.deploy.wanted import Kind, wanted_views
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.store.catalog import platform_names
from tests.support.databases import MakeDatabase, Role
from tests.support.length import long_or
from tests.support.openlineage import lineage_of, understood
from tests.support.people import CREATE, PEOPLE, fill
from tests.support.pipeline import LIVE, Pipeline, ecosystem, make_pipeline

SOURCE = PostgresDatabase("customer_db", host="h", database="customer_db")
NAMES = [f"c{number}" for number in range(6)]
WIDE = Dataset(
    "wide",
    columns=[
        Column("id", VarChar(20), primary_key=True),
        *(Column(name, Date() if name == "c5" else VarChar(20)) for name in NAMES),
    ],
    classification=PUBLIC,
)
MERGE = Place("postgres://h:5432", "db.public.merge", "merge")


@cache
def plain() -> tuple[Deployment, ...]:
    return deployments(ecosystem([WIDE], SOURCE, SOURCE))


@st.composite
def shown(draw: st.DrawFn) -> Deployment:
    """A platform whose views hide, mask and filter what columns they like."""
    whole = draw(st.sampled_from(plain()))
    hidden = draw(st.sets(st.sampled_from(NAMES)))
    kinds = draw(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(MaskKind)))
    masks = tuple(
        ColumnMask(name, MaskKind.YEAR if name == "c5" else kind, "key" if kind is MaskKind.HASH else None, 1, 2)
        for name, kind in kinds.items()
        if (name == "c5") == (kind is MaskKind.YEAR)
    )
    filters = tuple(ColumnFilter(name, ("1990-01-01", None)) for name in draw(st.sets(st.sampled_from(NAMES))))
    views = tuple(evolve(view, hidden=tuple(hidden), masks=masks, filters=filters) for view in whole.views)
    return evolve(whole, views=views)


@settings(max_examples=long_or(300, 12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shown())
def test_the_lineage_of_a_view_is_what_another_program_finds_in_its_definition(
    administrator: Connection, deployment: Deployment
) -> None:
    [config] = deployment.views
    told = shown_columns(config, MERGE)
    for view in wanted_views(deployment, "public"):
        if view.kind not in (Kind.LIVE, Kind.HISTORY) or not can_be_made(view):
            continue
        made = definition(administrator, view, platform_names(deployment.platform.name, "public"))
        select = parse_one(made.partition(" AS\n")[2], dialect="postgres", into=exp.Select)
        found = {name: columns for name, columns in _read(select, view.table.merge).items() if _is_of_model(name)}
        masked_away = {mask.column for mask in config.masks if mask.kind is MaskKind.NULL}
        assert {name: set() if name in masked_away else columns for name, columns in _fields(told).items()} == found
        assert _filters(told) == {name for name in _filtered(select) if _is_of_model(name)}


def _read(select: exp.Select, merge: str) -> Mapping[str, set[str]]:
    """By column of the view, the columns of its merge table that it is made of."""
    found: dict[str, set[str]] = {}
    for name in select.named_selects:
        nodes = lineage(_quoted(name), select.copy(), schema={}, dialect="postgres").walk()
        found[name] = {
            parse_one(node.name, dialect="postgres").name
            for node in nodes
            if isinstance(node.source, exp.Table) and node.source.name == merge
        }
    return found


def _quoted(name: str) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True))


def _filtered(select: exp.Select) -> set[str]:
    where = select.args.get("where")
    return set() if where is None else {column.name for column in where.find_all(exp.Column)}


def _is_of_model(name: str) -> bool:
    return not name.startswith("ds_surf_")


def _fields(told: Mapping[str, object]) -> dict[str, set[str]]:
    fields = told["fields"]
    assert isinstance(fields, dict)
    return {name: {each["field"] for each in field["inputFields"]} for name, field in fields.items()}


def _filters(told: Mapping[str, object]) -> set[str]:
    filters = told.get("dataset", [])
    assert isinstance(filters, list)
    return {each["field"] for each in filters}


DEPENDS = """
SELECT a.attname::text FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
    JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE r.ev_class = '{view}'::regclass AND d.refobjid = '{table}'::regclass AND d.refobjsubid > 0
"""


def _guarded(model: Ecosystem) -> Ecosystem:
    """People are masked for who has no clearance, and seen by number."""
    [workspace] = model.workspaces()
    cleared = evolve(workspace, clearance=(PUBLIC,))
    guarded = rebuilt(model, lambda it: cleared if it == workspace else it)
    rows = RowFilterPolicy("rows", filters=[RowFilter("Store1.people", "city", ["zyx-city-1"])])
    masks = MaskingPolicy("people", masks=[PartialMask(PII, last=2)])
    return evolve(guarded, policies=[masks, rows])


@pytest.fixture
def guarded(pg_server: PostgresServer, make_database: MakeDatabase, make_role: Callable[[str], Role]) -> Pipeline:
    class Guarded(Pipeline):
        @property
        def model(self) -> Ecosystem:
            return _guarded(super().model)

    made = make_pipeline(pg_server, make_database, make_role, [PEOPLE], *CREATE)
    pipeline = Guarded(made.server, made.source, made.target, made.access, made.datasets)
    pipeline.apply()
    pipeline.producer(fill(people=20)[0])
    return pipeline


def test_a_batch_tells_what_the_server_knows_of_the_views(guarded: Pipeline, tmp_path: Path) -> None:
    runtime, file = guarded.runtime(LIVE), tmp_path / "events.jsonl"
    delivery = Delivery(LineageSettings(file=file), pytest.fail)
    watch = LineageWatch(delivery, lambda part: list(evolve(runtime, deployment=part).objects()))
    job = StartedJob(JobKind.INGESTION, LIVE, "Store1", "r", 1, None, guarded.by_name[LIVE], datetime.now(UTC))
    watch.started(job)
    watch.ended(job, guarded.run(LIVE))
    delivery.close()

    _, last = (understood(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines())
    [merge, view] = last.outputs or []
    assert merge.outputFacets is not None
    assert merge.outputFacets["outputStatistics"].rowCount == 20  # type: ignore[attr-defined]  # of this facet
    told = lineage_of(view)
    masked = {
        name for name, it in told.fields.items() for way in it.inputFields[0].transformations or [] if way.masking
    }
    assert masked == {"name", "city"}
    of_columns = {each.field for field in told.fields.values() for each in field.inputFields}
    of_rows = {each.field for each in told.dataset or []}
    assert of_rows == {"city"}
    names = (each.name.partition(".")[2] for each in (view, merge))
    depends = DEPENDS.replace("{view}", next(names)).replace("{table}", next(names))
    assert {column for (column,) in guarded.query(depends)} == of_columns | of_rows

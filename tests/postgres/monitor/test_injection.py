# ruff: noqa: S608 every text in these statements went through a quoting function
"""Names and values of others are text on the page, whatever they are made of: nothing of them runs, nothing is asked of
anybody, and they are there to be read."""

import json
from urllib.parse import quote

from attrs import evolve
from playwright.sync_api import Browser

from datasurface.classification import PUBLIC
from datasurface.deployment import ColumnFilter, Deployment
from datasurface.model import Column, Dataset, Ecosystem
from datasurface.runtime import GenerationChange
from datasurface.types import BigInt, VarChar
from tests.postgres.conftest import NewPipeline
from tests.support.browser import CANARY, Visitor, visitor
from tests.support.monitors import monitor_of
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.processes import control_store

EVIL = (
    f"\"'><script>{CANARY}</script><img src=x onerror={CANARY.replace(' ', '')}>"
    f"<a href=javascript:{CANARY.replace(' ', '')}>{{{{7*7}}}}</a>&lt;\u202egnp\u202c</title>\x07"
)
LONG = "w" * 3000
READ = "<script>window.canary = 1</script>"
"""What of it has to be there to read, as text."""

VALUES = Dataset(
    "values",
    columns=[
        Column("id", VarChar(4000), primary_key=True, classification=PUBLIC),
        Column("value", VarChar(4000), classification=PUBLIC),
    ],
)
KEY = EVIL.replace("\x07", "")


def test_nothing_of_a_model_a_message_or_a_row_runs(browser: Browser, new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline([VALUES], "CREATE TABLE values (id varchar(4000), value varchar(4000))")
    pipeline.producer(f"INSERT INTO values VALUES ({_sql(KEY)}, {_sql(EVIL)})")
    pipeline.run(FORENSIC)
    pipeline.producer(f"UPDATE values SET value = {_sql(LONG)}")
    pipeline.run(FORENSIC)
    _publish(pipeline)
    _write_records(pipeline)
    stream = f"platform={LIVE}&stream={quote(EVIL)}"
    with monitor_of(pipeline) as home, visitor(browser, home) as seen:
        for path, status in (
            ("/", 200),
            (f"/?q={quote(EVIL)}&platform={quote(EVIL)}&state={quote(EVIL)}&order={quote(EVIL)}", 200),
            (f"/stream?{stream}", 200),
            (f"/stream?{stream}&span={quote(EVIL)}", 200),
            ("/graph", 200),
            (f"/graph?q={quote(EVIL)}", 200),
            ("/history", 200),
            (f"/history?q={quote(EVIL)}", 200),
            (f"/history?{stream}&dataset={quote(EVIL)}", 200),
            (f"/history?platform={FORENSIC}&stream=Store1&dataset=values&key={quote(KEY)}", 200),
            (f"/history?platform={FORENSIC}&stream=Store1&dataset=values&key={quote(EVIL)}x", 200),
            ("/generations", 200),
            ("/generation?number=1", 200),
            ("/access", 200),
            (f"/access?q={quote('<script>')}", 200),
            (f"/access/dataset?workspace={quote(EVIL)}&store={quote(EVIL)}&dataset={quote(EVIL)}", 200),
            (f"/stream?platform={quote(EVIL)}&stream=x", 404),
            (f"/stream?platform={LIVE}&stream={quote(EVIL)}&before={quote(EVIL)}", 400),
            (f"/{quote(EVIL)}", 404),
        ):
            seen.open(path, status=status)
            _is_text(seen, path)
        _is_readable(seen, stream)
        seen.check()


def _is_text(seen: Visitor, path: str) -> None:
    assert not seen.has_run(), path
    assert seen.page.locator("script").count() == 1, path
    assert seen.page.locator("img").count() == 1, path
    assert set(seen.page.eval_on_selector_all("a", "(all) => all.map((each) => each.protocol)")) == {"http:"}, path
    shown = seen.page.evaluate("() => document.documentElement.textContent")
    assert "\u202e" not in shown, path
    assert "49" not in seen.text("h1"), path
    for width in (360, 1280):
        seen.page.set_viewport_size({"width": width, "height": 800})
        assert seen.too_wide() == [], f"{path} at {width}"


def _is_readable(seen: Visitor, stream: str) -> None:
    """Escaped, and not taken out."""
    seen.open(f"/stream?{stream}")
    for part in ("h1", "#head .notice", "#waiting", "#datasets", "#batches"):
        assert READ in seen.text(part), part
    seen.open("/graph")
    assert READ in str(seen.page.text_content(".drawing svg"))
    assert READ in seen.text("#graph tbody")
    seen.open(f"/history?platform={FORENSIC}&stream=Store1&dataset=values&key={quote(KEY)}")
    assert seen.page.locator("[aria-label=Versions] tbody tr").count() == 2
    assert READ in seen.text("[aria-label=Versions]")
    assert LONG in seen.text("[aria-label=Versions]")
    seen.open("/generation?number=1")
    assert seen.text().count(READ) >= 6


def _publish(pipeline: Pipeline) -> None:
    """What is applied, and beside it streams, views and a platform of which every name is evil."""
    deployments = [_evil(deployment) for deployment in pipeline.by_name.values()]
    unknown = evolve(deployments[0], platform=evolve(deployments[0].platform, name=EVIL))
    change = {
        "path": EVIL,
        "kind": "added",
        "what": EVIL,
        "object": {"path": f"{EVIL}/b", "kind": EVIL, "name": EVIL, "part": ""},
    }
    judgement = {
        "verdict": "notice",
        "rule": EVIL,
        "reason": EVIL,
        "changes": [change],
        "affected": [{"team": EVIL, "workspace": EVIL}],
    }
    plan = {
        "first": True,
        "judgements": [judgement],
        "platforms": {EVIL: [{"kind": "added", "thing": "view", "name": EVIL, "detail": EVIL}]},
    }
    control_store(pipeline).publish(
        _model(pipeline.model), [*deployments, unknown], EVIL, GenerationChange(EVIL, json.loads(json.dumps(plan)))
    )


def _evil(deployment: Deployment) -> Deployment:
    stream, view = deployment.streams[0], deployment.views[0]
    dataset = Dataset(
        EVIL,
        description=EVIL,
        columns=[Column(EVIL, BigInt(), primary_key=True, classification=PUBLIC, description=EVIL)],
    )
    evil_view = evolve(
        view, workspace=EVIL, group=EVIL, store=EVIL, stream=EVIL, dataset=dataset, name=EVIL, path=EVIL,
        filters=(ColumnFilter(EVIL, (EVIL,)),),
    )  # fmt: skip
    evil_stream = evolve(stream, key=EVIL, store=EVIL, datasets=(dataset,), path=EVIL, description=EVIL)
    return evolve(
        deployment,
        ecosystem=EVIL,
        streams=(*deployment.streams, evil_stream),
        views=(*deployment.views, evil_view),
    )


def _model(model: Ecosystem) -> Ecosystem:
    zone = model.zones[0]
    team = zone.teams[0]
    store = evolve(team.datastores[0], name=EVIL, description=EVIL)
    group = evolve(team.workspaces[0].groups[0], name=EVIL, sinks=store.sinks())
    workspace = evolve(team.workspaces[0], name=EVIL, groups=[group])
    teams = [team, evolve(team, name=EVIL, datastores=[store], workspaces=[workspace])]
    return evolve(model, name=EVIL, zones=[evolve(zone, teams=teams)])


def _write_records(pipeline: Pipeline) -> None:
    """A batch and results whose every text is evil, as jobs write them."""
    error = json.dumps({"type": EVIL, "message": EVIL, "dataset": EVIL, "hint": EVIL})
    counts = {"read": 1, "inserted": 1, "updated": 0, "deleted": 0, "unchanged": 0}
    datasets = json.dumps({EVIL: {**counts, "fingerprint": {"rows": 1, "xor": "0", "recipe": ""}}})
    seconds = json.dumps({"wait": 0.1, "source": 0.1, "transfer": 0.1, "merge": 0.1})
    document = json.dumps({"seconds": json.loads(seconds), "error": json.loads(error)})
    for key in (EVIL, "@verify"):
        pipeline.store(
            "INSERT INTO yellowlive_job_result (stream, run_id, batch, code, document) "
            f"VALUES ({_sql(key)}, {_sql(EVIL)}, 2, -1, {_sql(document)}::jsonb)"
        )
    for batch, status in ((1, "COMMITTED"), (2, "FAILED")):
        pipeline.store(
            "INSERT INTO yellowlive_batch_metrics (stream, batch, status, run_id, generation, schema_hash, "
            "schema_columns, started_at, committed_at, datasets, seconds, error, reason) "
            f"VALUES ({_sql(EVIL)}, {batch}, '{status}', {_sql(EVIL)}, 1, '', '{{}}', clock_timestamp(), "
            f"clock_timestamp(), {_sql(datasets)}::jsonb, {_sql(seconds)}::jsonb, {_sql(error)}::jsonb, {_sql(EVIL)})"
        )


def _sql(text: str) -> str:
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"

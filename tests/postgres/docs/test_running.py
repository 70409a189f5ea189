"""The page on running works as written, and what it leaves is what the contract says."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from attrs import define, field

from tests.postgres.docs.conftest import Cluster, statements
from tests.support.notebooks import NOTEBOOKS, outputs_of
from tests.unit.docs.markdown import REPOSITORY, Block, blocks, page, shape, table, text_of, words

RUNNING, CONTRACT = page("running.md"), page("contract.md")
STATEMENTS_AT = text_of(RUNNING).partition("## 3.")[0].count("\n") + 1


def password_of_consumer() -> str:
    """Of the page on privileges."""
    [password] = re.findall(r"CREATE ROLE consumer1 LOGIN PASSWORD '(.*)'", text_of(page("privileges.md")))
    return str(password)


@define
class Reader:
    """Somebody who does what a page says, block by block, in one folder, with one terminal that stays open."""

    cluster: Cluster
    folder: Path
    exports: list[str] = field(factory=list)
    printed: str = ""
    at: Path = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.at = self.folder

    def bash(self, text: str) -> str:
        """Run commands where the last ones ended; what they print."""
        place = self.folder.with_name(f"{self.folder.name}-terminal")  # beside it: the folder may be a repository
        script = "\n".join([*self.exports, f"trap 'pwd > {place}' EXIT", text])
        self.exports += re.findall(r"^export .*$", text, flags=re.MULTILINE)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.at,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
        self.at = Path(place.read_text(encoding="utf-8").strip())
        self.printed = done.stdout + done.stderr
        return done.stdout

    def does(self, block: Block) -> None:
        text = block.text.replace("5432", str(self.cluster.server.port))
        match block.language:
            case "bash":
                self.bash(text)
            case "toml":
                (self.folder / text.splitlines()[0].removeprefix("# ")).write_text(text, encoding="utf-8")
            case "text":
                printed = re.sub(r"\s+", " ", self.printed)
                assert all(line in printed for line in text.splitlines()), self.printed
            case "sql":
                assert self.asks(text)
            case other:
                pytest.fail(f"{block} is {other}")

    def asks(self, sql: str) -> list[tuple[object, ...]]:
        """The answer to the consumer's last query; each must have one."""
        answers = [
            self.cluster.run("consumer_db", query, user="consumer1", password=password_of_consumer())
            for query in sql.split(";")
            if query.strip()
        ]
        assert all(answers)
        return answers[-1]

    def _environment(self) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        server = self.cluster.server
        checker = {"ACCESS_CHECKER_USER": server.user, "ACCESS_CHECKER_PASSWORD": server.password}
        return {**os.environ, **checker, "PATH": path, "CUSTOMER_DB_PASSWORD": server.password}


@pytest.fixture(scope="module")
def reader(cluster: Cluster) -> Reader:
    """A reader who has done what the page says."""
    folder = cluster.folder / "clone"
    folder.mkdir()
    (folder / "examples").symlink_to(REPOSITORY / "examples")
    (folder / "unassigned").mkdir()
    shutil.copy(REPOSITORY / "examples" / "customer360" / "eco.py", folder / "unassigned")
    reader = Reader(cluster, folder)
    todo = [block for block in blocks(RUNNING) if not block.is_skipped]
    for block in todo:
        if block.line < STATEMENTS_AT:
            reader.does(block)
    for statement in statements():
        cluster.run(statement.database, statement.sql)
    for block in todo:
        if block.line >= STATEMENTS_AT:
            reader.does(block)
    return reader


def test_the_page_works_as_written(reader: Reader) -> None:
    assert "first check-in" in reader.printed


@pytest.mark.parametrize("path", [CONTRACT, page("reading.md")], ids=lambda path: path.stem)
def test_queries_of_pages_have_answers(reader: Reader, path: Path) -> None:
    for block in blocks(path, "sql"):
        assert reader.asks(block.text)


def test_the_page_on_notebooks_works_as_written(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSUMER1_USER", "consumer1")
    monkeypatch.setenv("CONSUMER1_PASSWORD", password_of_consumer())
    monkeypatch.chdir(reader.folder)
    names: dict[str, object] = {}
    for block in blocks(page("notebook.md"), "python"):
        code = block.text.replace("5432", str(reader.cluster.server.port))
        exec(compile("\n" * (block.line - 1) + code, str(block.page), "exec"), names)  # noqa: S102 our own page
    for name, rows in (("frame", "shape"), ("ada", "num_rows"), ("before", "num_rows"), ("changed", "num_rows")):
        assert getattr(names[name], rows), name


def test_the_analysts_notebook_shows_tables_and_plots(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "CONSUMER1_URL", f"postgresql://127.0.0.1:{reader.cluster.server.port}/consumer_db?credential=consumer1"
    )
    monkeypatch.setenv("CONSUMER1_USER", "consumer1")
    monkeypatch.setenv("CONSUMER1_PASSWORD", password_of_consumer())
    shown = outputs_of(NOTEBOOKS / "analyst.ipynb")
    tables = [output for output in shown if "<table" in output]
    for shows in ("now and the past", "Date of birth", "newest batch", "ds_surf_valid_from", "as of 20"):
        assert any(shows in table for table in tables), shows
    assert sum("<svg" in output for output in shown) == 2
    assert re.fullmatch(r"\d+ versions\n", shown[-1])


def test_what_the_page_says_of_access_is_found(reader: Reader) -> None:
    for block in blocks(page("access.md"), "bash", "text"):
        reader.does(block)


PRINTED = [block for path in (CONTRACT, page("simulator.md")) for block in blocks(path, "json") if block.mark]


@pytest.mark.parametrize("block", PRINTED, ids=str)
def test_documents_have_the_keys_of_the_contract(reader: Reader, block: Block) -> None:
    command = block.mark.removeprefix("prints: ").replace("5432", str(reader.cluster.server.port))
    if command.startswith("apply"):
        _take_away(reader.cluster)
    printed = json.loads(reader.bash(f"datasurface {command} --json || true"))
    if "--dry-run" in command:
        reader.bash(f"datasurface {command.replace('--dry-run', '')}")
    assert shape(printed) == shape(json.loads(block.text))


def _take_away(cluster: Cluster) -> None:
    """Something of each platform, so that the next apply has something to do."""
    cluster.run("datasurface_merge", "DROP TABLE yellowlive_job_result, yellowforensic_job_result")


def test_the_page_on_erasure_works_as_written(reader: Reader) -> None:
    places = {"as the producer's owner": "customer_db", "as the administrator": "datasurface_merge"}
    for block in blocks(page("erasure.md")):
        if block.mark in places:
            reader.cluster.run(places[block.mark], block.text)
        else:
            reader.does(block)


def test_a_job_needs_no_more_of_the_control_database_than_to_read_generations(reader: Reader) -> None:
    reader.cluster.run(
        "datasurface_merge",
        "CREATE ROLE generation_reader LOGIN PASSWORD 'reads'",
        "GRANT CONNECT ON DATABASE datasurface_merge TO generation_reader",
        "GRANT USAGE ON SCHEMA public TO generation_reader",
        "GRANT SELECT ON public.datasurface_generation, public.datasurface_control TO generation_reader",
    )
    store = f"postgresql://127.0.0.1:{reader.cluster.server.port}/datasurface_merge?credential=generation-reader"
    secret = "export GENERATION_READER_USER=generation_reader GENERATION_READER_PASSWORD=reads"
    assert "DONE" in reader.bash(
        f"{secret}; datasurface ingest --store '{store}' --platform YellowLive --stream Store1"
    )


COLUMNS = """
SELECT format('%s.%s', n.nspname, c.relname), attname::text, format_type(atttypid, NULL)
FROM pg_attribute JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
WHERE attnum > 0 AND NOT attisdropped ORDER BY attrelid, attnum
"""

TABLES: Mapping[str, str] = {
    "merge": "public.yellowforensic_store1_customers_merge",
    "staging": "public.yellowforensic_store1_customers_staging",
    "batch_counter": "public.yellowlive_batch_counter",
    "batch_metrics": "public.yellowlive_batch_metrics",
    "job_result": "public.yellowlive_job_result",
    "layout": "public.yellowlive_layout",
    "consumer_database": "public.yellowlive_consumer_database",
    "owner": "public.yellowlive_owner",
    "erasure": "public.yellowlive_erasure",
    "horizon": "public.yellowlive_horizon",
    "catalog": "public.yellowlive_catalog",
    "datasurface_generation": "public.datasurface_generation",
    "datasurface_control": "public.datasurface_control",
    "airflow_dsg": "public.yellowlive_airflow_dsg",
    "history": "consumer1.yellowforensic_consumer1_forensicdsg_customers_history",
    "batches": "consumer1.yellowforensic_consumer1_forensicdsg_customers_batches",
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_have_the_columns_of_the_contract(reader: Reader, name: str) -> None:
    documented = [
        (column, kind)
        for cell, kinds, _ in table(CONTRACT, f"<!-- columns: {name} -->")
        for column, kind in zip(words(cell), kinds.split(", ") * len(words(cell)), strict=False)
    ]
    customers = {"id", "firstName", "lastName", "dob", "email", "phone", "primaryAddressId", "billingAddressId"}
    found = reader.cluster.run("datasurface_merge", COLUMNS)
    of_table = [(column, kind) for relation, column, kind in found if relation == TABLES[name]]
    assert [(column, kind) for column, kind in of_table if column not in customers] == documented


def test_every_table_of_the_contract_is_compared() -> None:
    assert set(re.findall(r"<!-- columns: (\w+) -->", text_of(CONTRACT))) == TABLES.keys()

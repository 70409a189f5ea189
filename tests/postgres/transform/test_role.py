# ruff: noqa: S608 names of tests
"""What the login of a transformer may do, and what apply refuses."""

import psycopg2
import psycopg2.errors
import pytest
from attrs import evolve

from datasurface.classification import PUBLIC
from datasurface.errors import ApplyRefused
from datasurface.model import Column
from datasurface.results import ResultCode
from datasurface.types import Integer, VarChar
from tests.support.pipeline import LIVE
from tests.support.transforming import LARGE, TOTALS, Works


@pytest.fixture
def works(shared_works: Works) -> Works:
    """Every test leaves roles and grants as it found them."""
    return shared_works


VIEW = "refine.yellowlive_refine_in_orders_view"


def test_the_login_reads_its_views_and_writes_nothing_but_what_its_runs_write(works: Works) -> None:
    assert works.as_login(works.merge, f"SELECT count(*) FROM {VIEW}") == [(0,)]
    assert works.as_login(works.output, "SELECT count(*) FROM totals") == [(0,)]
    denied = [
        (works.merge, f"DELETE FROM {VIEW}"),
        (works.merge, "SELECT * FROM yellowlive_shop_orders_merge"),
        (works.merge, "SELECT * FROM yellowlive_batch_counter"),
        (works.merge, "SELECT * FROM board.yellowlive_board_out_totals_view"),
        (works.merge, "SELECT * FROM datasurface_generation"),
        (works.merge, "CREATE TABLE mine (id int)"),
        (works.output, "INSERT INTO totals VALUES (1, 'x', 1)"),
        (works.output, "UPDATE totals SET cents = 0"),
        (works.output, "DELETE FROM totals"),
        (works.output, "TRUNCATE totals"),
        (works.output, "DROP TABLE totals"),
        (works.output, "SELECT * FROM figures_transform.state"),
        (works.output, "UPDATE figures_transform.state SET basis = NULL"),
        (works.output, "CREATE TABLE figures_transform.mine (id int)"),
        (works.output, "CREATE TABLE public.mine (id int)"),
        (works.output, "CREATE SCHEMA mine"),
    ]
    for database, statement in denied:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            works.as_login(database, statement)


def test_the_code_has_no_secret_but_its_own(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRITER_PASSWORD", "a secret of the job")
    works.write_code(
        "import os\n\ndef run(inputs, outputs):\n"
        "    assert not [name for name in os.environ if 'PASSWORD' in name or 'DATASURFACE' in name]\n"
        "    outputs.write('totals', [])\n    outputs.write('large', [])\n"
    )
    works.apply()
    works.ingest("Shop", "People")

    assert works.transform().code is ResultCode.DONE


def test_apply_refuses_a_login_that_may_do_more(works: Works) -> None:
    login, writer = works.roles["login"].name, works.roles["writer"].name
    grants = [
        (works.merge, f"GRANT {writer} TO {login}", f"REVOKE {writer} FROM {login}", f"a member of {writer}"),
        (
            works.merge,
            f"GRANT SELECT ON yellowlive_shop_orders_merge TO {login}",
            f"REVOKE SELECT ON yellowlive_shop_orders_merge FROM {login}",
            "has grants of its own",
        ),
        (
            works.merge,
            f"REVOKE refine_reader FROM {login}",
            f"GRANT refine_reader TO {login}",
            "may not read its views",
        ),
        (works.merge, f"ALTER ROLE {login} CREATEROLE", f"ALTER ROLE {login} NOCREATEROLE", "administrator"),
        (
            works.output,
            f"GRANT DELETE ON totals TO {login}",
            f"REVOKE DELETE ON totals FROM {login}",
            "DELETE on public",
        ),
        (
            works.output,
            f"GRANT CREATE ON SCHEMA public TO {login}",
            f"REVOKE CREATE ON SCHEMA public FROM {login}",
            "CREATE in schema public",
        ),
    ]
    for database, more, less, message in grants:
        works.run(database, more)
        with pytest.raises(ApplyRefused, match=message):
            works.apply()
        works.run(database, less)
    works.apply()


def test_a_login_that_is_not_there_is_said_before_anything_is_done(works: Works) -> None:
    role = works.roles["login"]
    other = evolve(works, roles={**works.roles, "login": evolve(role, name="nobody_here")})
    with pytest.raises(ApplyRefused, match="role nobody_here, as which transformer MakeFigures"):
        other.apply()


def test_a_table_that_somebody_else_made_is_not_taken(works: Works) -> None:
    [(mark,)] = works.run(works.output, "SELECT obj_description('totals'::regclass, 'pg_class')")
    works.run(works.output, "COMMENT ON TABLE totals IS NULL")
    with pytest.raises(ApplyRefused, match="which transformer MakeFigures would write, is not its table"):
        works.apply()
    works.run(works.output, f"COMMENT ON TABLE totals IS '{mark}'")


def test_new_columns_and_wider_types_are_made_in_place(works: Works) -> None:
    wider = [
        *(evolve(each, type=VarChar(40)) if each.name == "name" else each for each in TOTALS.columns),
        Column("orders", Integer(), nullable=False, classification=PUBLIC),
    ]
    other = evolve(works, outputs=[evolve(TOTALS, columns=wider), LARGE])
    before = works.run(works.output, "SELECT count(*) FROM totals")
    steps = [step for found in other.apply().steps.values() for step in found]

    done = [(step.action, step.object) for step in steps if "public.totals" in step.object]
    where = f"in {works.output.name}"
    assert done == [("added column", f"public.totals.orders {where}"), ("changed type", f"public.totals.name {where}")]
    assert works.run(works.output, "SELECT count(*) FROM totals") == before
    assert other.apply().steps == {LIVE: ()}

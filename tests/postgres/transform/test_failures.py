# ruff: noqa: S608 names of tests
"""A run that fails leaves what the last good one made, and says why."""

import re

import pytest

from datasurface.results import ResultCode
from tests.support.transforming import CODE, Works, expected

GOOD = expected({1: "Ann"}, {1: (1, 1000)})
HEAD = "def run(inputs, outputs):\n    outputs.write('large', [])\n"

MISTAKES: dict[str, tuple[str, str, str | None]] = {
    "an exception": (
        HEAD + "    raise ValueError('Ann is SECRET')\n",
        r"ValueError at code_of_totals.py:3 in run: its message is not shown",
        None,
    ),
    "another type": (
        HEAD + "    outputs.write('totals', [{'customer': 'SECRET', 'cents': 1}])\n",
        r"what was written to totals column customer does not fit: invalid_text_representation \(22P02\)",
        "totals",
    ),
    "a key twice": (
        HEAD + "    outputs.write('totals', [{'customer': 7, 'cents': 1, 'name': 'SECRET'}] * 2)\n",
        r"more than one row of totals for a key \(customer\): \(7\)",
        "totals",
    ),
    "a key that is NULL": (
        HEAD + "    outputs.write('totals', [{'cents': 1, 'name': 'SECRET'}])\n",
        r"key column customer of totals is NULL in 1 rows that the code wrote, among them \(NULL\)",
        "totals",
    ),
    "an output left out": (HEAD, r"the code wrote nothing to totals", "totals"),
    "a process that is killed": (
        HEAD + "    import os\n    os.kill(os.getpid(), 9)\n",
        r"the process of the code was ended by signal 9",
        None,
    ),
    "what it commits by itself": (
        HEAD + "    outputs.execute(f\"INSERT INTO {outputs.table('totals')} VALUES (9, 'SECRET', 9)\")\n"
        "    outputs.execute('COMMIT')\n    raise ValueError\n",
        r"ValueError at code_of_totals.py:5 in run",
        None,
    ),
}
RARE: dict[str, tuple[str, str, str | None]] = {
    "another column": (
        HEAD + "    outputs.write('totals', [{'customer': 1, 'nickname': 'SECRET'}])\n",
        r"totals has no column nickname",
        "totals",
    ),
    "a text that is too long": (
        HEAD + "    outputs.write('totals', [{'customer': 1, 'cents': 1, 'name': 'SECRET' * 9}])\n",
        r"what was written to totals column name does not fit: string_data_right_truncation \(22001\)",
        "totals",
    ),
    "a value that is missing": (
        HEAD + "    outputs.write('totals', [{'customer': 7, 'name': 'SECRET'}])\n",
        r"column cents of totals is NULL in 1 rows that the code wrote, among them \(7\)",
        "totals",
    ),
    "a statement that failed and was passed over": (
        HEAD + "    outputs.write('totals', [])\n    try:\n        outputs.execute('SELECT 1 / 0')\n"
        "    except Exception:\n        pass\n",
        r"a statement on the outputs failed, and the code went on",
        None,
    ),
    "a process that ends itself": (
        HEAD + "    import os\n    os._exit(3)\n",
        r"the process of the code ended with code 3 before the code had returned",
        None,
    ),
    "no such function": ("x = 1\n", r"module code_of_totals has no function run", None),
}


@pytest.fixture
def worked(works: Works) -> Works:
    """With a good run behind it, and something new."""
    works.produce("INSERT INTO customers VALUES (1, 'Ann')", "INSERT INTO orders VALUES (1, 1, 1000)")
    works.ingest("Shop", "People")
    assert works.transform().code is ResultCode.DONE
    assert works.held() == GOOD
    works.produce("INSERT INTO orders VALUES (2, 2, 2000)")
    works.ingest("Shop")
    return works


@pytest.mark.parametrize("mistakes", [MISTAKES, pytest.param(RARE, marks=pytest.mark.slow)], ids=["common", "rare"])
def test_what_code_can_do_wrong(
    worked: Works, capfd: pytest.CaptureFixture[str], mistakes: dict[str, tuple[str, str, str | None]]
) -> None:
    for name, (code, message, dataset) in mistakes.items():
        worked.write_code(code)
        result = worked.transform_new_code(run_id=name)

        assert (result.code, result.way, dict(result.outputs)) == (ResultCode.ERROR, "", {}), name
        assert result.error is not None
        assert re.search(message, result.error.message), (name, result.error)
        assert result.error.message.startswith("YellowLive, transformer MakeFigures: "), name
        assert (result.error.dataset, "SECRET" in result.error.message) == (dataset, False), name
        assert worked.held() == GOOD, name
        [(kept,)] = worked.run(
            worked.merge,
            f"SELECT document FROM yellowlive_job_result WHERE stream = '@transform MakeFigures' AND run_id = '{name}'",
        )
        assert kept == result.document(), name
        log = capfd.readouterr().err
        values = [line for line in log.splitlines() if "SECRET" in line and "outputs." not in line]
        assert [line for line in values if "raise ValueError" not in line] == [], name

    worked.write_code(CODE)
    assert worked.transform_new_code().code is ResultCode.DONE
    assert worked.held() == expected({1: "Ann"}, {1: (1, 1000), 2: (2, 2000)})
    [(left,)] = worked.run(
        worked.output, "SELECT count(*) FROM pg_tables WHERE schemaname = 'figures_transform' AND tablename <> 'state'"
    )
    assert left == 0

    worked.write_code(
        "def run(inputs, outputs):\n    print('hello')\n    deeper()\n\ndef deeper():\n    raise OSError\n"
    )
    worked.transform_new_code()
    printed = capfd.readouterr()
    assert (printed.out, "hello" in printed.err) == ("", True)
    assert re.search(r'code_of_totals.py", line 3, in run\n.*\n.*code_of_totals.py", line 6, in deeper', printed.err)

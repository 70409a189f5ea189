"""The page of figures, from the benchmarks' files."""

import json

from benchmarks.evolution import report as evolution_report
from benchmarks.evolution.cases import cases as changes
from benchmarks.evolution.measured import Measurement as Changed
from benchmarks.evolution.measured import figures as changed
from benchmarks.merge.cases import FLOOR, NO_CHANGE, cases_of
from benchmarks.merge.measured import Measurement, figures
from benchmarks.merge.report import document
from benchmarks.merge.shapes import STANDARD
from benchmarks.model_size import report as model_size_report
from benchmarks.model_size.course import Run
from benchmarks.model_size.sizes import WHOLE
from benchmarks.model_size.watched import Taken
from benchmarks.page.__main__ import PAGE
from benchmarks.page.tables import Document, Measured, renewed

CHANGES = changes()


def page_of(name: str) -> str:
    """A page with one measured part."""
    return f"Before.\n\n<!-- measured: {name} -->\nold\n<!-- end -->\n\nAfter.\n"


def merge_document(rows: int, seconds: float) -> Document:
    """What the merge benchmark writes, with a floor of one second."""
    measurements = [
        Measurement(1, FLOOR, None, 1.0),
        Measurement(1, NO_CHANGE, "Live", seconds, level="fingerprint"),
    ]
    about = {
        "benchmark": "merge",
        "rows": rows,
        "runs": 1,
        "postgres": "18.6",
        "machine": {"cores": 2},
        "load_before": 0.1,
    }
    written = json.dumps(document(about, measurements, figures(measurements, cases_of(STANDARD))))
    read: Document = json.loads(written)
    return read


PEERS: Document = {
    "benchmark": "peers",
    "rows": 1000,
    "runs": 3,
    "postgres": "18.6",
    "machine": {"cores": 2},
    "load_before": 0.1,
    "environments": ["other: other 1.0"],
    "floors": {"no change": 0.5},
    "outcomes": [
        {
            "case": "no change",
            "title": "Other",
            "seconds": 9.0,
            "inside": None,
            "landing": 1.5,
            "fault": "wrong: 11 live rows",
        },
    ],
    "leads": [{"case": "no change", "ours": "We", "peer": "Other", "measure": "work", "times": 7.25}],
    "notes": {"Other": ["one setting", "another"]},
}

APPLIES: Document = {
    "benchmark": "apply",
    "streams": 10,
    "runs": 1,
    "postgres": "18.6",
    "machine": {"cores": 2},
    "load_before": 0.1,
    "bounds": {"first": 60},
    "measured": [
        {"what": "first", "seconds": 61.0, "processor": 7.5, "steps": 1200, "relations": 3000},
        {"what": "the same again", "seconds": 1.5, "processor": 0.5, "steps": 0, "relations": 3000},
    ],
}

AIRFLOW: Document = {
    "benchmark": "airflow parse",
    "runs": 1,
    "machine": {"cores": 2},
    "load_before": 0.1,
    "measured": [
        {
            "airflow": "3.3.2",
            "what": what,
            "streams": 5000,
            "run": 1,
            "dags": 5000,
            "steps": {step: {"seconds": each, "processor": 25.0} for step, each in steps.items()},
        }
        for what, steps in {
            "rows, one file": {"parsing": 20.0, "serialising": 31.0},
            "plain files, all of them": {"parsing": 40.0, "serialising": 20.0, "writing": 10.0},
        }.items()
    ],
}

DIVERGENCE: Document = {
    "benchmark": "divergence",
    "postgres": "18.6",
    "cases": {"swapped": "values change places"},
    "contenders": {"we": "We", "other": "Other"},
    "judgements": {
        "we": {"swapped": {"verdict": "right", "reason": "", "documented": ""}},
        "other": {"swapped": {"verdict": "WRONG", "reason": "missing (1, 'a|b')", "documented": "so it says"}},
    },
}


def evolution_document() -> Document:
    """What the benchmark of changes writes, of one that took two seconds beside a floor of one."""
    measured = Changed(1, CHANGES[0], 2.0, 1.0, 100, 0, (), {"AccessExclusiveLock": 0.0125}, 0.003)
    about = {
        "benchmark": "evolution",
        "rows": 1000,
        "runs": 1,
        "history": 3,
        "postgres": "18.6",
        "machine": {"cores": 2},
        "load_before": 0.1,
    }
    read: Document = json.loads(
        json.dumps(evolution_report.document(about, [measured], changed([measured], CHANGES[:1])))
    )
    return read


def model_size_document() -> Document:
    """What the benchmark of model sizes writes, of a whole model that took 33 and 44 seconds beside a floor of two."""
    validated, planned = Taken(33.0, 31.0, 2_000_000_000), Taken(44.0, 43.0, 2_500_000_000)
    run = Run(WHOLE, 2.0, 1.0, 10, validated, validated, planned)
    about = {"benchmark": "model size", "runs": 1, "machine": {"cores": 2}, "load_before": 0.1}
    read: Document = json.loads(json.dumps(model_size_report.document(about, [run])))
    return read


def test_a_model_s_commands_stand_with_their_bounds() -> None:
    page = renewed(page_of("model size"), Measured.of([model_size_document()]))
    assert "| validate | 1,000,000 | 33.00 | 33.00–33.00 | 16.50 | 31.00 |  | 2000 | 30 | **no** |" in page
    assert "| floor | 1,000,000 | 2.00 | 2.00–2.00 |" in page


def test_a_case_stands_with_its_ratio_its_bound_and_whether_it_is_within() -> None:
    page = renewed(page_of("merge"), Measured.of([merge_document(1_000_000, 0.75)]))
    assert "| no change, live | fingerprint | 0.75 | 0.75 | 0.75–0.75 | 0.50 | **no** |" in page
    assert "PostgreSQL 18.6, 1,000,000 rows, 1 runs, 2 cores, load 0.1 before:" in page
    assert page.startswith("Before.")
    assert page.endswith("After.\n")


def test_two_sizes_give_the_growth_of_the_ratio() -> None:
    documents = [merge_document(5_000_000, 0.33), merge_document(1_000_000, 0.3)]
    page = renewed(page_of("growth"), Measured.of(documents))
    assert "| no change, live | 1,000,000 to 5,000,000 | 1.10 × | 1.20 | yes |" in page


def test_a_change_stands_with_its_locks_and_whom_they_kept_waiting() -> None:
    page = renewed(page_of("evolution"), Measured.of([evolution_document()]))
    assert "PostgreSQL 18.6, 1,000 rows, 1 runs, 2 cores, load 0.1 before, 3 batches of history:" in page
    line = "| add a nullable column | 2.00 | 2.00 | 2.00–2.00 | 0 | AccessExclusiveLock 12 ms | 3 ms |"
    assert line in page


def test_an_apply_stands_with_its_steps_and_its_bound() -> None:
    page = renewed(page_of("applies"), Measured.of([APPLIES]))
    assert "PostgreSQL 18.6, 10 streams, 1 runs, 2 cores, load 0.1 before:" in page
    assert "| first | 61.00 |  | 7.50 | 1,200 | 3,000 | 60 | **no** |" in page
    assert "| the same again | 1.50 |  | 0.50 | 0 | 3,000 |  |  |" in page


def test_dag_files_stand_with_their_steps_and_the_limits_that_they_keep() -> None:
    page = renewed(page_of("airflow"), Measured.of([AIRFLOW]))
    assert "Median of 1 runs, 2 cores, load 0.1 before:" in page
    assert "| 3.3.2 | rows, one file | 5,000 | 20.0 | 31.0 |  | 10.0 | yes | **no** |" in page
    assert "| 3.3.2 | plain files, all of them | 5,000 | 40.0 | 20.0 | 10.0 | 10.0 |  |  |" in page


def test_a_product_stands_with_its_seconds_and_what_is_wrong_with_its_result() -> None:
    page = renewed(page_of("peers"), Measured.of([PEERS]))
    assert "| no change | Other | 1.50 | 9.00 |  | 0.50 | wrong: 11 live rows |" in page
    assert "- other: other 1.0" in page
    assert "| no change | We | work | 7.2 × | Other |" in renewed(page_of("leads"), Measured.of([PEERS]))
    assert "- **Other**: one setting; another." in renewed(page_of("settings"), Measured.of([PEERS]))


def test_verdicts_stand_by_product_and_reasons_below() -> None:
    assert "| values change places | right | **wrong** |" in renewed(page_of("divergence"), Measured.of([DIVERGENCE]))
    reasons = renewed(page_of("reasons"), Measured.of([DIVERGENCE]))
    assert "| Other | values change places | missing (1, 'a\\|b') | so it says |" in reasons


def test_a_part_that_no_file_speaks_of_stays() -> None:
    assert renewed(page_of("peers"), Measured.of([DIVERGENCE])) == page_of("peers")


def test_the_page_has_every_part() -> None:
    merges = [merge_document(1000, 1.0), merge_document(5000, 1.0)]
    everything = Measured.of(
        [*merges, evolution_document(), PEERS, DIVERGENCE, model_size_document(), APPLIES, AIRFLOW]
    )
    page = renewed(PAGE.read_text(encoding="utf-8"), everything)
    assert "Not measured yet" not in page
    assert renewed(page, everything) == page

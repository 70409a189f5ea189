"""The names that Yellow gives to its tables, views and roles."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasurface_yellow.store import naming
from datasurface_yellow.store.quoting import identifier, qualified

OF_A_DATASET: list[Callable[[str, str, str], str]] = [
    naming.merge_table,
    naming.live_partition,
    naming.history_partition,
    naming.key_index,
    naming.history_index,
    naming.staging_table,
]
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=80)


def test_names_are_those_that_the_contract_promises() -> None:
    dataset = ("YellowLive", "Store1", "customers")
    assert naming.merge_table(*dataset) == "yellowlive_store1_customers_merge"
    assert naming.staging_table(*dataset) == "yellowlive_store1_customers_staging"
    assert naming.batch_counter("YellowLive") == "yellowlive_batch_counter"
    assert naming.batch_metrics("YellowLive") == "yellowlive_batch_metrics"
    assert naming.job_result("YellowLive") == "yellowlive_job_result"
    assert naming.configuration("YellowLive") == "yellowlive_airflow_dsg"
    view = ("YellowLive", "Consumer1", "LiveDSG", "customers")
    assert naming.workspace_schema("Consumer1") == "consumer1"
    assert naming.reader_role("Consumer1") == "consumer1_reader"
    assert naming.consumers_name(*view, "view") == "yellowlive_consumer1_livedsg_customers_view"
    assert naming.consumers_name(*view, "history") == "yellowlive_consumer1_livedsg_customers_history"


@given(NAMES, NAMES, NAMES)
def test_every_name_is_one_that_postgres_keeps_as_it_is(platform: str, store: str, dataset: str) -> None:
    names = [name(platform, store, dataset) for name in OF_A_DATASET]
    names += [naming.consumers_name(platform, store, "G", dataset, "view"), naming.workspace_schema(platform)]
    for name in names:
        assert len(name.encode()) <= 63
        assert name == name.lower()
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("letter", ["a", "ü", "€", "🐘"])
@pytest.mark.parametrize("length", [20, 55, 56, 57, 58, 63, 64, 200])
def test_a_long_name_keeps_its_beginning_and_its_end(letter: str, length: int) -> None:
    name = naming.merge_table("p", "s", letter * length)

    assert name.startswith(f"p_s_{letter * 5}")
    assert name.endswith("_merge")
    assert len(name.encode()) <= 63


def test_names_that_are_cut_are_told_apart() -> None:
    long = "x" * 80
    names = {naming.merge_table("p", "s", f"{long}{number}") for number in range(2000)}

    assert len(names) == 2000


def test_a_name_of_63_bytes_is_not_cut_and_one_of_64_is() -> None:
    assert naming.merge_table("p", "s", "d" * 53) == f"p_s_{'d' * 53}_merge"
    assert naming.merge_table("p", "s", "d" * 54) != f"p_s_{'d' * 54}_merge"


@given(NAMES)
def test_quoting_keeps_every_name_whole(name: str) -> None:
    quoted = identifier(name)

    assert quoted[0] == quoted[-1] == '"'
    assert quoted[1:-1].replace('""', '"').replace("%%", "%") == name
    assert '"' not in quoted[1:-1].replace('""', "")


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_what_is_no_name_is_not_quoted(name: str) -> None:
    with pytest.raises(ValueError, match="no identifier"):
        identifier(name)


def test_a_qualified_name_is_quoted_in_both_parts() -> None:
    assert qualified("Sales 100%", 'a"b') == '"Sales 100%%"."a""b"'

"""Objects of the model: values that know where the user wrote them, and refuse what can never be right."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasurface import types
from datasurface.classification import PII
from datasurface.errors import ModelValueError
from datasurface.findings import SourceLine
from datasurface.model import (
    Column,
    Credential,
    Dataset,
    Datastore,
    Deprecation,
    ForeignKey,
    GitRepository,
    InfrastructureVendor,
    Location,
    Milestoning,
    MySqlDatabase,
    PlatformPolicy,
    PostgresDatabase,
    Requirements,
    SqliteDatabase,
    SqlSnapshot,
    SqlWatermark,
    StorageLocationPolicy,
    Team,
)
from datasurface.types import Date, VarChar

DATABASE = PostgresDatabase("db", host="h", database="d")


def this_line() -> int:
    import sys

    return sys._getframe(1).f_lineno


def test_an_object_knows_the_users_line() -> None:
    column = Column(
        "id",
        VarChar(20),
    )
    assert column.source == SourceLine(__file__, this_line() - 4)


def test_a_copy_is_on_the_line_that_copied_it() -> None:
    column = Column("id", VarChar(20))
    copy = attrs.evolve(column, name="other")
    assert copy.source == SourceLine(__file__, this_line() - 1)


def test_lines_play_no_part_in_equality_hash_and_repr() -> None:
    first = Column("id", VarChar(20))
    second = Column("id", VarChar(20))
    assert first.source != second.source
    assert (first, hash(first), repr(first)) == (second, hash(second), repr(second))


def test_objects_do_not_change() -> None:
    column = Column("id", VarChar(20))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        column.name = "other"  # type: ignore[misc]


def test_lists_become_tuples_so_that_models_can_be_hashed() -> None:
    columns = [Column("id", VarChar(20), primary_key=True)]
    dataset = Dataset("customers", columns=columns)
    columns.clear()
    assert dataset.columns == (Column("id", VarChar(20), primary_key=True),)
    assert isinstance(hash(dataset), int)


def test_a_key_column_is_not_nullable_and_others_are() -> None:
    assert not Column("id", VarChar(20), primary_key=True).nullable
    assert Column("id", VarChar(20)).nullable


def test_a_column_has_its_own_classification_or_that_of_its_dataset() -> None:
    own, inherited = Column("dob", Date(), classification=PII), Column("id", Date())
    assert Dataset("d", columns=[own, inherited]).classification_of(inherited) is None
    assert Dataset("d", columns=[own, inherited], classification=PII).classification_of(inherited) is PII
    assert Dataset("d", columns=[own]).classification_of(own) is PII


def test_sinks_of_a_store_are_for_the_named_datasets_or_for_all() -> None:
    store = Datastore("S", capture=SqlSnapshot(DATABASE), datasets=[Dataset(n, columns=[]) for n in ("a", "b")])
    assert [(sink.store, sink.dataset) for sink in store.sinks()] == [("S", "a"), ("S", "b")]
    assert [(sink.store, sink.dataset) for sink in store.sinks("b", "c")] == [("S", "b"), ("S", "c")]


def test_a_snapshot_reads_the_table_of_the_datasets_name_or_the_one_that_is_given() -> None:
    capture = SqlSnapshot(DATABASE, tables={"customers": "tbl_cust"})
    assert capture.table_of("customers") == "tbl_cust"
    assert capture.table_of("addresses") == "addresses"
    assert capture == SqlSnapshot(DATABASE, tables={"customers": "tbl_cust"})
    assert isinstance(hash(capture), int)


def test_a_watermark_is_one_column_for_all_datasets_or_one_for_each() -> None:
    assert SqlWatermark(DATABASE, column="seen").column_of("customers") == "seen"
    by_dataset = SqlWatermark(DATABASE, column={"orders": "seen", "customers": "version"})
    assert by_dataset.column_of("customers") == "version"
    assert by_dataset.column_of("parts") is None
    assert by_dataset == SqlWatermark(DATABASE, column={"customers": "version", "orders": "seen"})
    assert isinstance(hash(by_dataset), int)


REFUSED: dict[str, Callable[[], object]] = {
    "Column: name must be a non-empty string": lambda: Column("", VarChar(1)),
    "Credential: name must be a non-empty string": lambda: Credential(7),  # type: ignore[arg-type]
    "Column 'id': type must be DataType": lambda: Column("id", VarChar),  # type: ignore[arg-type]
    "Column 'id': classification must be Classification or None": lambda: Column("id", Date(), classification="pii"),  # type: ignore[arg-type]
    "Column 'id': a primary key column cannot be nullable": lambda: Column(
        "id", Date(), primary_key=True, nullable=True
    ),
    "Dataset 'd': columns takes Column objects": lambda: Dataset("d", columns=["id"]),  # type: ignore[list-item]
    "a list is needed, not 'id'": lambda: ForeignKey("id", "d"),
    "max_delete_fraction must be between 0 and 1": lambda: Dataset("d", columns=[], max_delete_fraction=50),
    "max_delete_fraction must be between 0 and 1, not nan": lambda: Dataset(
        "d", columns=[], max_delete_fraction=float("nan")
    ),
    "Requirements: latency must be timedelta": lambda: Requirements(Milestoning.LIVE_ONLY, latency=60),  # type: ignore[arg-type]
    "port must be between 1 and 65535": lambda: PostgresDatabase("db", host="h", database="d", port=0),
    "MySqlDatabase 'db': port must be between 1 and 65535": lambda: MySqlDatabase("db", host="h", database="d", port=0),
    "SqliteDatabase 'db': path must be absolute, not 'shop.db'": lambda: SqliteDatabase("db", path="shop.db"),
    "Location 'l': locations takes Location objects": lambda: Location("l", locations=["m"]),  # type: ignore[list-item]
    "InfrastructureVendor 'v': locations takes": lambda: InfrastructureVendor("v", locations=["m"]),  # type: ignore[list-item]
    "Team 't': repository must be GitRepository": lambda: Team("t", repository="acme/model"),  # type: ignore[arg-type]
    "holds a character that no database can store": lambda: GitRepository("a\0b"),
    r"description '\\ud800' holds a character": lambda: Dataset("d", columns=[], description="\ud800"),
    "VarChar: length must be a whole number from 1 up": lambda: VarChar(0),
    "Char: length must be a whole number from 1 up, not True": lambda: types.Char(True),
    "Vector: dimensions must be": lambda: types.Vector("3"),  # type: ignore[arg-type]
    "Decimal: precision must be": lambda: types.Decimal(0),
    "Decimal: a scale of 3 needs a precision of at least 3, not 2": lambda: types.Decimal(2, 3),
    "Decimal: a scale of 2 needs a precision of at least 2, not None": lambda: types.Decimal(scale=2),
    "Timestamp: timezone must be True or False": lambda: types.Timestamp("UTC"),  # type: ignore[arg-type]
    "SqlWatermark: column must name a column, not ''": lambda: SqlWatermark(DATABASE, column=""),
    r"SqlWatermark: column must name a column, not \(\)": lambda: SqlWatermark(DATABASE, column={}),
    r"SqlWatermark: column must name a column, not \(\('d', ''\),\)": lambda: SqlWatermark(DATABASE, column={"d": ""}),
    r"SqlWatermark: window must be a positive span \(up to 100 years\) or a positive number, not 0": lambda: (
        SqlWatermark(DATABASE, column="c", window=0)
    ),
    "SqlWatermark: window .* not True": lambda: SqlWatermark(DATABASE, column="c", window=True),
    r"SqlWatermark: window .* not datetime.timedelta\(0\)": lambda: SqlWatermark(
        DATABASE, column="c", window=timedelta(0)
    ),
    r"SqlWatermark: window .* not datetime.timedelta\(days=36526\)": lambda: SqlWatermark(
        DATABASE, column="c", window=timedelta(days=36_526)
    ),
    "SqlWatermark: rows_per_batch must be a whole number from 1 up or None, not 0": lambda: SqlWatermark(
        DATABASE, column="c", rows_per_batch=0
    ),
    "Array: element must be a type": lambda: types.Array(int),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_can_never_be_right_is_refused_with_a_sentence_and_a_hint(message: str) -> None:
    with pytest.raises(ModelValueError, match=message) as refused:
        REFUSED[message]()
    assert refused.value.hint


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_any_text_that_a_database_can_store_is_a_column_name(name: str) -> None:
    assert Column(name, Date()).name == name


def test_types_are_values() -> None:
    assert types.Decimal(10, 2) == types.Decimal(10, 2) != types.Decimal(10, 3)
    assert len({types.Integer(), types.BigInt(), types.Integer()}) == 2
    assert {types.Array(VarChar(5)), types.Array(VarChar(5))} == {types.Array(VarChar(5))}
    assert timedelta(minutes=1) == Requirements(Milestoning.LIVE_ONLY, latency=timedelta(seconds=60)).latency


@pytest.mark.parametrize("bad", ["a\0b", "\ud800", "\udfff tail"])
@pytest.mark.parametrize(
    "build",
    [
        lambda text: ForeignKey([text], "customers"),
        lambda text: ForeignKey(["id", text], "customers"),
        lambda text: SqlSnapshot(DATABASE, tables={text: "t"}),
        lambda text: SqlSnapshot(DATABASE, tables={"customers": text}),
        lambda text: SqlWatermark(DATABASE, column=text),
        lambda text: SqlWatermark(DATABASE, column={"customers": text}),
        lambda text: PlatformPolicy("p", allowed=[text]),
        lambda text: StorageLocationPolicy("p", forbidden=["aws", text]),
    ],
)
def test_no_list_takes_text_that_no_database_can_store(build: Callable[[str], object], bad: str) -> None:
    build("größe")
    with pytest.raises(ModelValueError, match="no database can store"):
        build(bad)


def test_a_deprecation_ends_on_a_day() -> None:
    with pytest.raises(ModelValueError, match="until must be a day") as refused:
        Deprecation(datetime(2030, 1, 31, 12, tzinfo=UTC))
    assert refused.value.hint == "write until=date(2030, 1, 31)"

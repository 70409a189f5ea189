"""The log file: what is written comes back, and what a crash leaves behind does no harm."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasurface_yellow.simulator.changes import ADDRESSES, COLUMNS, CUSTOMERS, Change, ChangeKind, Operation, RowChange
from datasurface_yellow.simulator.errors import ChangeLogError
from datasurface_yellow.simulator.log import ChangeLog, decode, encode, read_log
from tests.unit.customer360.builders import address, change, customer, deleted, inserted, updated

NASTY = [
    "",
    "null",
    "O'Brien",
    'said "hello"',
    "back\\slash\\n",
    "tab\tnew\nline\rreturn",
    "line\u2028and\u2029paragraph",
    "\x85\x0b\x0c\x1c",
    "Zoë 東京 🏠 é",
    "{}[],:",
    "x" * 10_000,
]

_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
_values = {"dob": st.dates(), "id": _text}
_rows = {
    table: st.fixed_dictionaries({column: _values.get(column, st.none() | _text) for column in columns})
    for table, columns in COLUMNS.items()
}
_row_changes = st.sampled_from([CUSTOMERS, ADDRESSES]).flatmap(
    lambda table: st.builds(
        RowChange, st.just(table), st.sampled_from(Operation), _text, st.none() | _rows[table], st.none() | _rows[table]
    )
)
_changes = st.builds(
    Change,
    number=st.integers(1, 2**31),
    at=st.datetimes(timezones=st.just(UTC)),
    xid=st.integers(3, 2**63),
    kind=st.sampled_from(ChangeKind),
    rows=st.lists(_row_changes, min_size=1, max_size=4).map(tuple),
)


@given(_changes)
def test_any_change_comes_back_from_its_line(original: Change) -> None:
    line = encode(original)

    assert decode(line) == original
    assert line.isascii()
    assert len(line.splitlines()) == 1


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_comes_back_from_the_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "log"
    first = change(1, ChangeKind.ADDRESS_UPDATE, updated(ADDRESSES, address("A1", "C1"), streetName=text))
    second = change(2, ChangeKind.ADDRESS_DELETE, deleted(ADDRESSES, address("A1", "C1", streetName=text)))

    with ChangeLog(path) as log:
        log.write(first)
        log.write(second)

    assert read_log(path) == [first, second]


def test_dates_nulls_and_moments_keep_their_types(tmp_path: Path) -> None:
    path = tmp_path / "log"
    at = datetime(2024, 3, 10, 3, 0, 0, 1, tzinfo=timezone(timedelta(hours=-7)))
    row = customer("C1", dob=date(2000, 2, 29), email=None, phone="")
    written = Change(1, at, 2**33, ChangeKind.NEW_CUSTOMER, (inserted(CUSTOMERS, row),))

    with ChangeLog(path) as log:
        log.write(written)
    [read] = read_log(path)

    assert read.rows[0].row == row
    assert type(read.rows[0].row["dob"]) is date
    assert (read.at, read.xid) == (at, 2**33)


def test_a_change_can_be_read_while_the_log_is_still_open(tmp_path: Path) -> None:
    written = change(1, ChangeKind.ADDRESS_INSERT, inserted(ADDRESSES, address("A1", "C1")))

    with ChangeLog(tmp_path / "log") as log:
        log.write(written)

        assert read_log(tmp_path / "log") == [written]


def test_a_log_that_exists_is_continued(tmp_path: Path) -> None:
    path = tmp_path / "log"
    first, second = (change(number, ChangeKind.CUSTOMER_UPDATE) for number in (1, 2))
    with ChangeLog(path) as log:
        assert log.last is None
        log.write(first)

    with ChangeLog(path) as log:
        assert log.last == first
        log.write(second)
        assert log.last == second

    assert read_log(path) == [first, second]


def test_a_line_cut_off_in_the_middle_is_passed_over_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "log"
    first, second = (change(number, ChangeKind.CUSTOMER_UPDATE) for number in (1, 2))
    path.write_text(f"{encode(first)}\n{encode(second)[:20]}", encoding="ascii")

    assert read_log(path) == [first]
    with ChangeLog(path) as log:
        assert log.last == first
        log.write(second)

    assert read_log(path) == [first, second]


def test_the_last_line_can_be_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "log"
    first, second, other = (change(number, ChangeKind.CUSTOMER_UPDATE) for number in (1, 2, 3))
    with ChangeLog(path) as log:
        log.write(first)
        log.write(second)

        log.take_back_last()

        assert log.last == first
        log.write(other)
    assert read_log(path) == [first, other]


def test_the_only_line_can_be_taken_back(tmp_path: Path) -> None:
    with ChangeLog(tmp_path / "log") as log:
        log.write(change(1, ChangeKind.CUSTOMER_UPDATE))

        log.take_back_last()

        assert log.last is None
    assert read_log(tmp_path / "log") == []


@pytest.mark.parametrize("line", ["", "hello", "{}", '{"number": 1}', "[]", '"text"', "\x00"])
def test_a_line_that_is_no_change_is_named_by_file_and_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "changes.jsonl"
    path.write_text(f"{encode(change(1, ChangeKind.CUSTOMER_UPDATE))}\n{line}\n", encoding="ascii")

    with pytest.raises(ChangeLogError) as caught:
        read_log(path)

    assert caught.value.message == f"{path}, line 2: not a change"


def test_a_line_that_is_no_text_is_named_by_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    path.write_bytes(b"\xff\xfe\n")

    with pytest.raises(ChangeLogError, match="line 1: not a change"):
        ChangeLog(path)


def test_a_log_that_cannot_be_read_or_written_is_an_error_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(ChangeLogError, match=r"cannot read .*/log: No such file"):
        read_log(tmp_path / "log")
    with pytest.raises(ChangeLogError, match=r"cannot write .*/nowhere/log: No such file"):
        ChangeLog(tmp_path / "nowhere" / "log")
    with pytest.raises(ChangeLogError, match="Is a directory"):
        ChangeLog(tmp_path)

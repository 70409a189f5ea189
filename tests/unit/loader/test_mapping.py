"""The mapping file: what is read, where what is wrong stands, and that its JSON Schema says the same."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from datasurface.findings import Finding, SourceLine
from datasurface.located_json import Node, Object, read_json
from datasurface.mapping import SCHEMA_FILE, read_mapping
from datasurface.model import Assignment, AssignmentStatus, GroupAssignments
from tests.unit.mistakes.mistake import EXAMPLE, MAPPING

LIVE = {"platform": "YellowLive", "status": "PROVISIONED"}
ENTRY = {"workspace": "Consumer1", "dsg": "LiveDSG", "assignments": [LIVE]}
SCHEMA = Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))

ACCEPTED: list[object] = [
    [],
    [ENTRY],
    [ENTRY, {**ENTRY, "dsg": "Other"}],
    [{**ENTRY, "assignments": []}],
    [{**ENTRY, "assignments": [{**LIVE, "documentation": "Until May"}]}],
    *([{**ENTRY, "assignments": [{**LIVE, "status": status.value}]}] for status in AssignmentStatus),
]
REFUSED: list[object] = [
    None,
    {},
    "text",
    {"workspace": "Consumer1"},
    [None],
    [[]],
    [{}],
    [{**ENTRY, "extra": 1}],
    [{**ENTRY, "workspace": ""}],
    [{**ENTRY, "dsg": 1}],
    [{**ENTRY, "assignments": {}}],
    [{**ENTRY, "assignments": ["YellowLive"]}],
    [{**ENTRY, "assignments": [{}]}],
    [{**ENTRY, "assignments": [{**LIVE, "status": "provisioned"}]}],
    [{**ENTRY, "assignments": [{**LIVE, "status": None}]}],
    [{**ENTRY, "assignments": [{**LIVE, "documentation": ["a"]}]}],
    [{**ENTRY, "assignments": [{**LIVE, "owner": "me"}]}],
    [{key: value for key, value in ENTRY.items() if key != "assignments"}],
]


def read(folder: Path, content: str | bytes) -> tuple[tuple[GroupAssignments, ...], tuple[Finding, ...]]:
    path = folder / MAPPING
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_mapping(path)


def test_an_entry_becomes_assignments_on_their_lines(tmp_path: Path) -> None:
    moving = {**LIVE, "platform": "Other", "status": "DECOMMISSIONING", "documentation": "Until **May**"}
    entries, findings = read(tmp_path, json.dumps([{**ENTRY, "assignments": [LIVE, moving]}], indent=1))
    assert findings == ()
    assert entries == (
        GroupAssignments(
            "Consumer1",
            "LiveDSG",
            assignments=[
                Assignment("YellowLive", status=AssignmentStatus.PROVISIONED),
                Assignment("Other", status=AssignmentStatus.DECOMMISSIONING, documentation="Until **May**"),
            ],
        ),
    )
    assert entries[0].source == SourceLine(MAPPING, 2)
    assert [assignment.source for assignment in entries[0].assignments] == [
        SourceLine(MAPPING, 6),
        SourceLine(MAPPING, 10),
    ]


def test_without_a_file_there_are_no_assignments(tmp_path: Path) -> None:
    assert read_mapping(tmp_path / MAPPING) == ((), ())


def test_every_wrong_entry_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    wrong = {**ENTRY, "assignments": [{**LIVE, "status": "GONE"}]}
    entries, findings = read(tmp_path, "[\n" + ",\n".join(map(json.dumps, [wrong, ENTRY, 7, wrong])) + "\n]")
    assert [entry.dsg for entry in entries] == ["LiveDSG"]
    assert [finding.source for finding in findings] == [SourceLine(MAPPING, line) for line in (2, 4, 5)]
    assert {finding.code for finding in findings} == {"DS022"}


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 1),
        (b"[\n\n\xff]", 3),
        (b'[\n{"workspace": "a",,}]', 2),
        (b"[" * 100_000, 1),
        (b"[" + b"9" * 10_000 + b"]", 1),
        (b"[]\n[]", 2),
    ],
    ids=["empty", "not UTF-8", "comma", "deep", "long number", "two values"],
)
def test_what_is_no_json_is_told_with_its_line(content: bytes, line: int, tmp_path: Path) -> None:
    entries, findings = read(tmp_path, content)
    assert entries == ()
    assert [(finding.code, finding.source) for finding in findings] == [("DS021", SourceLine(MAPPING, line))]


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    (tmp_path / MAPPING).mkdir()
    assert [finding.code for finding in read_mapping(tmp_path / MAPPING)[1]] == ["DS021"]


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbf[]") == ((), ())


def test_a_key_that_comes_twice_is_refused(tmp_path: Path) -> None:
    _, findings = read(tmp_path, '[{"workspace": "a",\n"workspace": "b", "dsg": "c", "assignments": []}]')
    assert [(finding.message, finding.source) for finding in findings] == [
        ("a consumer group has 'workspace' twice", SourceLine(MAPPING, 2))
    ]


def test_a_name_that_no_database_can_store_is_refused(tmp_path: Path) -> None:
    _, findings = read(tmp_path, r'[{"workspace": "a\u0000", "dsg": "c", "assignments": []}]')
    assert [finding.code for finding in findings] == ["DS022"]


@pytest.mark.parametrize("document", ACCEPTED, ids=json.dumps)
def test_reader_and_schema_accept_the_same(document: object, tmp_path: Path) -> None:
    assert SCHEMA.is_valid(document)
    entries, findings = read(tmp_path, json.dumps(document))
    assert findings == ()
    assert isinstance(document, list)
    assert len(entries) == len(document)


@pytest.mark.parametrize("document", REFUSED, ids=json.dumps)
def test_reader_and_schema_refuse_the_same(document: object, tmp_path: Path) -> None:
    assert not SCHEMA.is_valid(document)
    assert read(tmp_path, json.dumps(document))[1] != ()


def test_the_schema_is_one_and_knows_the_example() -> None:
    Draft202012Validator.check_schema(SCHEMA.schema)
    assert SCHEMA.is_valid(json.loads((EXAMPLE / MAPPING).read_text(encoding="utf-8")))


def plain(node: Node) -> object:
    """The value that the json module would give."""
    match node.value:
        case Object(pairs=pairs):
            return {key: plain(value) for key, value in pairs}
        case list(items):
            return [plain(item) for item in items]
        case scalar:
            return scalar


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values, st.sampled_from([None, 0, 1, "\t"]))
@example({"a": [{}, [], {"b": '}{[]\\"\n,:'}]}, 1)
def test_json_with_lines_has_the_same_values(value: object, indent: int | str | None) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False).encode()
    assert plain(read_json(text)) == value


@given(st.lists(st.lists(st.integers())))
def test_lines_are_those_of_the_file(value: list[list[int]]) -> None:
    root = read_json(json.dumps(value, indent=1).encode())
    assert isinstance(root.value, list)
    line = 2
    for item, numbers in zip(root.value, value, strict=True):
        assert item.line == line
        line += len(numbers) + 2 if numbers else 1


def test_a_link_inside_the_folder_is_followed(tmp_path: Path) -> None:
    """Kubernetes mounts the files of a ConfigMap so."""
    (tmp_path / "..data").mkdir()
    entries, findings = read(tmp_path / "..data", json.dumps([ENTRY]))
    (tmp_path / MAPPING).symlink_to(f"..data/{MAPPING}")
    assert findings == ()
    assert read_mapping(tmp_path / MAPPING) == (entries, ())


@pytest.mark.parametrize("target", ["nowhere.json", MAPPING, "/nowhere/at/all.json"])
def test_a_link_that_leads_to_no_file_is_not_the_lack_of_one(target: str, tmp_path: Path) -> None:
    """To a plan, a model without assignments is one that gives up all of them."""
    (tmp_path / MAPPING).symlink_to(target)
    entries, findings = read_mapping(tmp_path / MAPPING)
    assert (entries, [finding.code for finding in findings]) == ((), ["DS021"])

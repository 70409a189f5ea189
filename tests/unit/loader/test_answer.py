"""Nothing that stands in an answer does more than one finding: any code can have written it."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasurface.findings import Finding, Severity, SourceLine
from datasurface.loading.answer import shut_off, understood
from datasurface.loading.classes import Classes
from datasurface.loading.pieces import in_pieces
from datasurface.loading.printable import printable
from datasurface.loading.users_files import UsersFiles
from datasurface.model import Ecosystem, elements
from datasurface_yellow import YellowDataPlatform
from tests.support.models import ecosystems

CLASSES = Classes((YellowDataPlatform,))
NO_MODEL: Mapping[str, bytes] = {
    "nothing": b" ",
    "no JSON": b"Kilroy was here",
    "no UTF-8": b'"\xff"',
    "deep": b"[" * 100_000,
    "deep in a model": b'{"ecosystem": ' + b'{"zones": [' * 50_000,
    "a number": b"1",
    "a long number": b"1" * 5000,
    "NaN": b'{"ecosystem": NaN}',
    "Infinity": b'{"ecosystem": {}, "files": [], "lines": [Infinity]}',
    "an empty model": b'{"ecosystem": {}, "files": [], "lines": []}',
    "no lines": b'{"ecosystem": {"name": "E"}}',
    "a broken installation": b'{"failed": "reinstall"}',
    "a finding without a line": b'{"finding": {"code": "DS004"}}',
    "a finding at no line": b'{"finding": {"code": "DS004", "line": -1}}',
    "a finding at true": b'{"finding": {"code": "DS004", "line": true}}',
    "no finding": b'{"finding": 7}',
    "more than a model has": b"[" + b"[]," * 25_000_001 + b"[]]",
    "more pieces than a model has": b"{}" + b"\n" * 50_000_001,
}


@pytest.mark.parametrize("answer", NO_MODEL.values(), ids=NO_MODEL.keys())
def test_what_is_no_model_is_one_finding(answer: bytes) -> None:
    finding = understood(answer, CLASSES)
    assert isinstance(finding, Finding)
    assert (finding.code, finding.severity, finding.source) == ("DS013", Severity.ERROR, SourceLine("eco.py", 1))
    assert finding.message.startswith("what came back from the process that ran eco.py is no model: ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(("name", "zones", "type")), inner),
    max_leaves=10,
)


PARTS = dict.fromkeys(("finding", "ecosystem", "files", "lines"), JSON)


@given(st.binary() | st.fixed_dictionaries({}, optional=PARTS))
def test_any_answer_is_a_model_or_a_finding(answer: bytes | Mapping[str, object]) -> None:
    result = understood(answer if isinstance(answer, bytes) else json.dumps(answer).encode(), CLASSES)
    assert isinstance(result, Ecosystem) or result.is_error


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(ecosystems)
def test_a_model_comes_back_with_its_lines(ecosystem: Ecosystem) -> None:
    for index, element in enumerate(elements(ecosystem)):
        element.with_source(SourceLine("eco.py", index))
    first, *pieces = in_pieces(ecosystem, CLASSES.canonical(), str).split("\n")
    document = json.loads(first)

    def answered(**changes: object) -> Ecosystem | Finding:
        return understood("\n".join((json.dumps({**document, **changes}), *pieces)).encode(), CLASSES)

    result = answered()
    assert result == ecosystem
    assert isinstance(result, Ecosystem)
    assert [element.source for element in elements(result)] == [element.source for element in elements(ecosystem)]
    lines = document["lines"]
    assert isinstance(answered(lines=lines[:-2]), Finding)
    assert isinstance(answered(lines=lines[:-1]), Finding)
    assert isinstance(answered(lines=[*lines, 0, 1]), Finding)
    assert isinstance(answered(lines=[1, *lines[1:]]), Finding)
    assert isinstance(answered(lines=[False, *lines[1:]]), Finding)


def test_a_finding_is_an_error_whatever_it_says_of_itself() -> None:
    place = {"path": "", "file": "eco.py", "line": 7}
    document = {**place, "code": "DS004", "severity": "warning", "message": "\x1b[2Jfine", "hint": "merge it"}
    finding = understood(json.dumps({"finding": document}).encode(), CLASSES)
    assert isinstance(finding, Finding)
    assert (finding.severity, finding.message, finding.source) == (
        Severity.ERROR,
        "\ufffd[2Jfine",
        SourceLine("eco.py", 7),
    )


@given(st.text())
def test_printable_text_is_short_and_can_be_written_anywhere(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown.encode()) <= 4 * 1001


FRAMES = st.text(alphabet='File "/model/eco.py", line 0123456789 in \\xuU\n') | st.just('  File "/model/\\U')


@given(st.lists(FRAMES).map("".join))
def test_no_dump_of_frames_breaks_what_reads_it(dump: str) -> None:
    files = UsersFiles("/model")
    line = files.innermost_dumped(dump)
    assert line is None or line.line >= 0
    assert files.innermost_dumped(f'  File "/model/{dump}\\Uffffffff", line {"9" * 5000} in f') in (None, line)


def test_the_first_note_says_what_was_shut_off() -> None:
    assert shut_off("") is None
    assert shut_off('["files"]') is None
    assert shut_off('["files"]\n["network"]\n') == frozenset({"files"})

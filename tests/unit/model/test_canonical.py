"""Canonical JSON: the same text for equal values, and the value back from it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve, frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasurface.deployment import Deployment, StreamConfig, ViewConfig
from datasurface.errors import ModelValueError
from datasurface.interchange.canonical import Canonical, NotCanonical
from datasurface.model import (
    Capture,
    Column,
    Container,
    DataPlatform,
    Ecosystem,
    PlatformManaged,
    PostgresDatabase,
    Workspace,
)
from datasurface.types import Array, DataType, Date, VarChar
from datasurface_yellow import YellowDataPlatform
from tests.support.models import (
    captures,
    data_types,
    databases,
    datasets,
    ecosystems,
    few,
    milestonings,
    names,
    other_sources,
    platforms,
    workspaces,
)

SLOW = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
CANONICAL = Canonical([YellowDataPlatform])
OTHER = Canonical([YellowDataPlatform])
BRIEF = Canonical([YellowDataPlatform], omit_defaults=True)

WATERMARK: dict[str, object] = {
    "type": "SqlWatermark",
    "container": {"type": "PostgresDatabase", "name": "n", "host": "h", "database": "d"},
    "column": "c",
}

owners = st.none() | names
deployments = st.builds(
    Deployment,
    names,
    platforms,
    few(st.builds(StreamConfig, names, names, captures, few(datasets, 2).map(tuple), names, owners), 2).map(tuple),
    few(st.builds(ViewConfig, names, names, names, names, datasets, milestonings, names, names), 2).map(tuple),
)


@SLOW
@given(ecosystems)
def test_a_model_comes_back_as_it_was(ecosystem: Ecosystem) -> None:
    text = CANONICAL.text(ecosystem)
    back = OTHER.value(json.loads(text), Ecosystem)
    assert back == ecosystem
    assert hash(back) == hash(ecosystem)
    assert OTHER.text(back) == text


@SLOW
@given(ecosystems)
def test_a_model_comes_back_without_its_defaults(ecosystem: Ecosystem) -> None:
    document = BRIEF.document(ecosystem)
    assert BRIEF.value(json.loads(json.dumps(document)), Ecosystem) == ecosystem
    assert CANONICAL.value(document, Ecosystem) == ecosystem


def test_a_default_that_depends_on_another_field_is_left_out_only_where_it_is_as_it_would_be() -> None:
    key, plain = Column("id", Date(), primary_key=True), Column("on", Date(), nullable=False)
    assert BRIEF.document(key) == {"name": "id", "type": {"type": "Date"}, "primary_key": True}
    assert BRIEF.document(plain) == {"name": "on", "type": {"type": "Date"}, "nullable": False}


def test_equal_documents_of_types_become_one_object() -> None:
    documents = [CANONICAL.document(type_, DataType) for type_ in (VarChar(3), VarChar(3), VarChar(4))]
    first, second, other = (OTHER.value(document, DataType) for document in documents)
    assert first is second
    assert other == VarChar(4)
    with pytest.raises(NotCanonical, match="must be a whole number from 1 up"):
        OTHER.value({"type": "VarChar", "length": 0}, DataType)


def test_objects_that_a_document_describes_are_on_the_line_that_reads_it() -> None:
    document = CANONICAL.document(PostgresDatabase("db", host="h", database="d"))
    read = OTHER.value(document, PostgresDatabase)
    built = PostgresDatabase("db", host="h", database="d")
    assert read.source is not None
    assert built.source is not None
    assert (read.source.file, read.source.line) == (__file__, built.source.line - 1)


@SLOW
@given(deployments)
def test_a_deployment_comes_back_as_it_was(deployment: Deployment) -> None:
    assert OTHER.value(json.loads(CANONICAL.text(deployment)), Deployment) == deployment


@SLOW
@given(deployments)
def test_a_deployment_of_a_version_that_knew_no_owners_is_read(deployment: Deployment) -> None:
    document = json.loads(CANONICAL.text(deployment))
    for stream in document["streams"]:
        del stream["owner"]
    streams = tuple(evolve(stream, owner=None) for stream in deployment.streams)
    assert OTHER.value(document, Deployment) == evolve(deployment, streams=streams)


@given(data_types)
def test_a_type_comes_back_by_its_name(type_: DataType) -> None:
    document = CANONICAL.document(type_, DataType)
    assert isinstance(document, dict)
    assert document["type"] == type(type_).__name__
    assert OTHER.value(document, DataType) == type_


@given(databases | other_sources, workspaces)
def test_a_container_comes_back_by_its_name(database: Container, workspace: Workspace) -> None:
    assert OTHER.value(CANONICAL.document(database, Container), Container) == database
    document = CANONICAL.document(workspace)
    assert isinstance(document, dict)
    container = document["container"]
    assert isinstance(container, dict)
    expected = "PlatformManaged" if isinstance(workspace.container, PlatformManaged) else "PostgresDatabase"
    assert container["type"] == expected


def test_text_has_no_spaces_sorted_keys_and_no_escapes() -> None:
    assert CANONICAL.text(PostgresDatabase("ä", host="h", database="d")) == (
        '{"credential":null,"database":"d","description":"","host":"h","location":null,"name":"ä","port":5432,'
        '"sslmode":null,"sslrootcert":null}'
    )


@frozen
class Moment:
    at: datetime
    span: timedelta
    window: timedelta | int


spans = st.timedeltas() | st.timedeltas(timedelta(-36_500), timedelta(36_500))


@given(st.datetimes(timezones=st.just(UTC)), spans, spans | st.integers())
def test_times_come_back_to_the_microsecond(at: datetime, span: timedelta, window: timedelta | int) -> None:
    moment = Moment(at, span, window)
    assert OTHER.value(json.loads(CANONICAL.text(moment)), Moment) == moment


@pytest.mark.parametrize(
    "span", [timedelta.max, timedelta.min, timedelta.max - timedelta.resolution, timedelta(300_000, microseconds=1)]
)
def test_the_longest_spans_come_back(span: timedelta) -> None:
    moment = Moment(datetime(2024, 1, 1, tzinfo=UTC), span, span)
    assert OTHER.value(json.loads(CANONICAL.text(moment)), Moment) == moment


def test_spans_that_were_stored_as_seconds_are_read_and_written_as_before() -> None:
    stored = {"at": "2024-01-01T00:00:00+00:00", "span": 600.5, "window": {"seconds": 86400.0}}
    moment = Moment(datetime(2024, 1, 1, tzinfo=UTC), timedelta(seconds=600.5), timedelta(1))
    assert CANONICAL.value(stored, Moment) == moment  # type: ignore[arg-type]
    assert CANONICAL.document(moment) == stored


def test_lines_are_not_part_of_it() -> None:
    assert "source" not in CANONICAL.text(PostgresDatabase("x", host="h", database="d"))


@pytest.mark.parametrize(
    ("document", "cls", "message"),
    [
        ({"type": "Nothing"}, DataType, "'Nothing' is none of Array, BigInt"),
        ({"type": ["VarChar"]}, DataType, "is none of"),
        ("VarChar", DataType, "None is none of"),
        ({"length": 5}, DataType, "None is none of"),
        ({"type": "VarChar", "length": 5, "extra": 1}, DataType, "extra"),
        ({"type": "VarChar", "length": 0}, DataType, "whole number from 1 up"),
        ({"name": "x"}, PostgresDatabase, "host"),
        ([], Ecosystem, "Ecosystem"),
        ({"type": "YellowDataPlatform"}, DataPlatform, "name"),
        (
            {"type": "SqlSnapshot", "container": {"type": "SqlSnapshot"}},
            Capture,
            "is none of MySqlDatabase, PostgresDatabase, SqliteDatabase",
        ),
        ({**WATERMARK, "window": 1.5}, Capture, "1.5 is no span and no number"),
        ({**WATERMARK, "window": {"hours": 1}}, Capture, "is no span and no number"),
        ({**WATERMARK, "window": True}, Capture, "True is no span and no number"),
        ({"at": "2024-01-01", "span": "1 day", "window": 1}, Moment, "'1 day' is no span"),
        ({"at": "2024-01-01", "span": {"microseconds": 1.5}, "window": 1}, Moment, "is no span"),
        ({**WATERMARK, "column": 7}, Capture, "7 is no name and no list of pairs"),
        ({**WATERMARK, "column": [["orders"]]}, Capture, "is no name and no list of pairs"),
    ],
)
def test_a_document_of_another_form_is_refused(document: object, cls: type, message: str) -> None:
    with pytest.raises(NotCanonical, match=message):
        CANONICAL.value(document, cls)  # type: ignore[arg-type]


def test_a_document_can_only_name_the_classes_that_it_is_read_with() -> None:
    document = CANONICAL.document(Array(VarChar(3)), DataType)
    assert CANONICAL.value(document, DataType) == Array(VarChar(3))
    with pytest.raises(NotCanonical, match="the known classes"):
        Canonical().value({"type": "YellowDataPlatform"}, DataPlatform)


def test_an_object_of_an_unknown_class_is_not_written() -> None:
    @frozen
    class Mine(PostgresDatabase):
        pass

    with pytest.raises(NotCanonical, match="no class that a plugin registered"):
        CANONICAL.document(Mine("x", host="h", database="d"), Container)
    with pytest.raises(ModelValueError):
        Mine("", host="h", database="d")

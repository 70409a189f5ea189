"""Values of Python as COPY takes them."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from datasurface_yellow.transform.cells import cell


@pytest.mark.parametrize(
    ("value", "type_", "text"),
    [
        (None, "jsonb", None),
        (True, "boolean", "true"),
        (7, "integer", "7"),
        (Decimal("1.00"), "numeric(5,2)", "1.00"),
        (1e300, "double precision", "1e+300"),
        ("a\tb\\", "text", "a\tb\\"),
        (b"\x00\xff", "bytea", "\\x00ff"),
        (memoryview(b"\x01"), "bytea", "\\x01"),
        (date(2026, 1, 2), "date", "2026-01-02"),
        (time(1, 2, 3), "time", "01:02:03"),
        (datetime(2026, 1, 2, tzinfo=UTC), "timestamptz", "2026-01-02T00:00:00+00:00"),
        (timedelta(days=-1, microseconds=5), "interval", "-1 days 0 seconds 5 microseconds"),
        (UUID(int=1), "uuid", "00000000-0000-0000-0000-000000000001"),
        ("a", "jsonb", '"a"'),
        ({"a": [1, None]}, "jsonb", '{"a": [1, null]}'),
        ([1, None, 3], "integer[]", '{"1",NULL,"3"}'),
        (['a"b', "c\\", "NULL"], "text[]", '{"a\\"b","c\\\\","NULL"}'),
    ],
)
def test_a_value(value: object, type_: str, text: str | None) -> None:
    assert cell(value, type_) == text

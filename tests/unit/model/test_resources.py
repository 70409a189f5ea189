"""Quantities of Kubernetes are read as Kubernetes reads them, and wrong ones refused where they are written."""

from decimal import Decimal

import pytest

from datasurface.errors import ModelValueError
from datasurface.model.resources import Resources, quantity


@pytest.mark.parametrize(
    ("kind", "text", "worth"),
    [
        ("cpu", "250m", "0.25"),
        ("cpu", "2", "2"),
        ("cpu", "0.5", "0.5"),
        ("memory", "1000", "1000"),
        ("memory", "1k", "1000"),
        ("memory", "1Ki", "1024"),
        ("memory", "1.5Gi", "1610612736"),
        ("storage", "20Gi", "21474836480"),
    ],
)
def test_what_a_quantity_is_worth(kind: str, text: str, worth: str) -> None:
    assert quantity(kind, text) == Decimal(worth)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"cpu": "1Gi"}, "cpu: '1Gi' is no number of cores"),
        ({"cpu": "0.5m"}, "cpu: '0.5m' is no number of cores"),
        ({"cpu": "0"}, "cpu: '0' is no quantity"),
        ({"cpu": "-1"}, "cpu: '-1' is no quantity"),
        ({"cpu_limit": ""}, "cpu_limit: '' is no quantity"),
        ({"cpu_limit": 2}, "cpu_limit: 2 is no text"),
        ({"memory": "256MB"}, "memory: '256MB' is no quantity"),
        ({"memory": "256m"}, "memory: '256m' is no number of bytes"),
        ({"memory": "256Mi\n"}, "is no quantity"),
        ({"memory": "2Gi"}, "memory_limit '1Gi' is less than memory '2Gi'"),
        ({"cpu": "1500m"}, "cpu_limit '1' is less than cpu '1500m'"),
    ],
)
def test_a_wrong_one_is_refused_with_its_place(values: dict[str, str], said: str) -> None:
    with pytest.raises(ModelValueError, match=r"^Resources: ") as refused:
        Resources(**values)
    assert said in refused.value.message
    assert refused.value.hint

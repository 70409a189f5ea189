"""What a job may take of a machine, in the quantities of Kubernetes."""

import re
from collections.abc import Mapping
from decimal import Decimal

from attrs import Attribute, field, frozen

from datasurface.errors import ModelValueError
from datasurface.model.element import Element

_QUANTITY = re.compile(r"(?P<number>[0-9]{1,15}(?:\.[0-9]{1,3})?)(?P<unit>m|k|[MGTP]|[KMGTP]i)?")
_UNITS = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTP", start=1)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTP", start=1)},
}
_EXAMPLES = {"cpu": '"500m" (half a core) or "2"', "memory": '"256Mi" or "2Gi"'}


def quantity(kind: str, text: str) -> Decimal:
    """What a quantity of ``cpu`` (in cores, down to a thousandth) or of ``memory`` or storage (in bytes) is worth.

    Raises:
        ValueError: it is none of that kind, or nothing.
    """
    found = _QUANTITY.fullmatch(text)
    worth = Decimal(found["number"]) * _UNITS[found["unit"] or ""] if found else Decimal(0)
    if found is None or not worth:
        raise ValueError(f"{text!r} is no quantity of Kubernetes that is more than nothing")
    if kind == "cpu" and ((found["unit"] or "m") != "m" or worth * 1000 % 1):
        raise ValueError(f"{text!r} is no number of cores, of which Kubernetes counts thousandths")
    if kind != "cpu" and (found["unit"] == "m" or worth % 1):
        raise ValueError(f"{text!r} is no number of bytes")
    return worth


def _checked(instance: object, attribute: "Attribute[str]", value: object) -> None:
    kind = attribute.name.removesuffix("_limit")
    try:
        if not isinstance(value, str):
            raise ValueError(f"{value!r} is no text")
        worth = quantity(kind, value)
    except ValueError as error:
        raise ModelValueError(f"Resources: {attribute.name}: {error}", hint=f"as in {_EXAMPLES[kind]}") from error
    if kind != attribute.name and worth < quantity(kind, getattr(instance, kind)):
        raise ModelValueError(
            f"Resources: {attribute.name} {value!r} is less than {kind} {getattr(instance, kind)!r}",
            hint="the limit is at least what is asked for",
        )


@frozen(repr=False)
class Resources(Element):
    """What each job of a platform asks for, and the most that it gets, where jobs run as pods.

    Attributes:
        cpu, memory: kept free for it, as ``250m`` and ``256Mi``.
        cpu_limit: it is slowed down beyond that.
        memory_limit: it is killed beyond that, and tried again.

    >>> Resources(cpu="500m", memory="512Mi", memory_limit="2Gi").quantities()["cpu_limit"]
    '1'
    """

    cpu: str = field(default="100m", kw_only=True, validator=_checked)
    memory: str = field(default="256Mi", kw_only=True, validator=_checked)
    cpu_limit: str = field(default="1", kw_only=True, validator=_checked)
    memory_limit: str = field(default="1Gi", kw_only=True, validator=_checked)

    def quantities(self) -> Mapping[str, str]:
        """By the names of the fields."""
        return {name: getattr(self, name) for name in ("cpu", "memory", "cpu_limit", "memory_limit")}

"""No attribute of the model is forgotten: a rule of ours judges each, and everything that can come or go."""

from collections.abc import Iterator
from types import UnionType
from typing import Union, get_args, get_origin, get_type_hints

from attrs import fields

from datasurface.change.compatibility import RULES, Registry
from datasurface.change.diff import ChangeKind
from datasurface.model import Element
from datasurface_yellow.compatibility import RULES as YELLOW_RULES
from datasurface_yellow.platform import YellowDataPlatform

REGISTRY = Registry.of((*RULES, *YELLOW_RULES))


def classes(cls: type[Element] = Element) -> Iterator[type[Element]]:
    """Every class of the model and of the platform that comes with it; other tests make more."""
    if cls.__module__.startswith(("datasurface.model", "datasurface_yellow")):
        yield cls
    for subclass in cls.__subclasses__():
        yield from classes(subclass)


CLASSES = [*dict.fromkeys(classes())]


def attributes(cls: type[Element]) -> Iterator[str]:
    return (attribute.name for attribute in fields(cls) if attribute.eq)


def come_and_go(hint: object) -> Iterator[type[Element]]:
    """The classes of elements in a list, and of those that need not be there."""
    parts, is_union = get_args(hint), get_origin(hint) in (Union, UnionType)
    for part in parts:
        is_missable = get_origin(hint) is tuple or (is_union and type(None) in parts)
        if isinstance(part, type) and issubclass(part, Element) and is_missable:
            yield part
        yield from come_and_go(part)


def test_the_classes_are_found() -> None:
    assert YellowDataPlatform in CLASSES
    assert len(CLASSES) > 40


def test_every_attribute_of_every_class_is_judged_by_a_rule() -> None:
    unjudged = [
        f"{cls.__name__}.{name}"
        for cls in CLASSES
        for name in attributes(cls)
        if next(REGISTRY.rules_of(cls, name), None) is None
    ]
    assert unjudged == []


def test_everything_that_can_be_added_or_removed_is_judged_by_a_rule() -> None:
    found = {part for cls in CLASSES for hint in get_type_hints(cls).values() for part in come_and_go(hint)}
    assert len(found) >= 20
    unjudged = [
        f"{part.__name__} {kind.value}"
        for base in found
        for part in CLASSES
        for kind in (ChangeKind.ADDED, ChangeKind.REMOVED)
        if issubclass(part, base) and next(REGISTRY.rules_of(part, kind), None) is None
    ]
    assert unjudged == []


def test_every_target_of_a_rule_is_there() -> None:
    for rule in (*RULES, *YELLOW_RULES):
        for cls, what in rule.targets:
            below = [part for part in CLASSES if issubclass(part, cls)]
            assert isinstance(what, ChangeKind) or any(what in attributes(part) for part in below), (rule.code, what)


def test_rules_have_codes_of_their_own_and_explain_themselves() -> None:
    rules = (*RULES, *YELLOW_RULES)
    assert len({rule.code for rule in rules}) == len(rules)
    assert all(rule.title and rule.documentation.endswith(".") for rule in rules)

"""The reference has every public object, and each says what it is and shows how it is used; what it shows works."""

import doctest
import inspect
import sys
from types import FunctionType

import attrs
import pytest

import datasurface
import datasurface_yellow
from datasurface import model, runtime, transform, types
from datasurface.milestoning import kit, strategy
from datasurface.plugins import hookspecs
from docs import reference
from tests.unit.docs.markdown import DOCS, text_of

PUBLIC = [each for part in reference.PARTS.values() for each in part]
VOCABULARY = [each for part in reference.MODEL.values() for each in part if attrs.has(each)]


LISTED = [
    *(getattr(module, name) for module in (datasurface, datasurface_yellow, model) for name in module.__all__),
    *(each for module in (types, transform, runtime, strategy, kit) for each in reference.public_of(module)),
]


@pytest.mark.parametrize("each", [each for each in LISTED if isinstance(each, type)], ids=lambda each: each.__name__)
def test_every_public_class_is_in_the_reference(each: type) -> None:
    assert each in PUBLIC


def test_every_hook_is_in_the_reference() -> None:
    hooks = {name for name, each in vars(hookspecs).items() if hasattr(each, "datasurface_spec")}
    assert hooks == {each.__name__ for each in PUBLIC if isinstance(each, FunctionType)}


def test_every_part_stands_on_a_page() -> None:
    pages = "".join(text_of(page) for page in DOCS.glob("reference-*.md"))
    assert all(f"<!-- generated: {part} -->\n### " in pages for part in reference.PARTS)


@pytest.mark.parametrize("each", PUBLIC, ids=lambda each: each.__name__)
def test_a_public_object_says_what_it_is_and_shows_how_it_is_used(each: reference.Public) -> None:
    assert reference.words(each)
    assert reference.has_example(each), "its docstring needs an example that begins with >>>"


@pytest.mark.parametrize("each", PUBLIC, ids=lambda each: each.__name__)
def test_its_example_works(each: reference.Public) -> None:
    names = dict(vars(sys.modules[each.__module__]))
    test = doctest.DocTestParser().get_doctest(inspect.getdoc(each) or "", names, each.__name__, None, 0)
    printed: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL).run(test, out=printed.append)
    assert not printed, "".join(printed)


@pytest.mark.parametrize("cls", VOCABULARY, ids=lambda cls: cls.__name__)
def test_every_field_of_the_modelling_language_has_a_meaning(cls: type) -> None:
    assert [name for name, _, _, meaning in reference.fields(cls) if not meaning] == []

"""Two models that are loaded beside each other share their equal datastores, and are what they would be alone."""

import json
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings

from datasurface.change.diff import diff
from datasurface.findings import Finding, SourceLine
from datasurface.loading.answer import understood
from datasurface.loading.classes import Classes
from datasurface.loading.pieces import Shared, in_pieces
from datasurface.model import Datastore, Ecosystem, elements
from datasurface_yellow import YellowDataPlatform
from tests.support.edits_of_models import edited_models
from tests.support.every_class import every_class
from tests.support.length import long_or

pytestmark = pytest.mark.slow

CLASSES = Classes((YellowDataPlatform,))


def answer(ecosystem: Ecosystem, file: str) -> bytes:
    """What the process of a model's code leaves, with every element on a line of its own."""
    for line, element in enumerate(elements(ecosystem)):
        element.with_source(SourceLine(file, line))
    return in_pieces(ecosystem, CLASSES.canonical(), str).encode()


def read(text: bytes, *, gives: Shared | None = None, takes: Shared | None = None) -> Ecosystem:
    found = understood(text, CLASSES, gives=gives, takes=takes)
    assert isinstance(found, Ecosystem)
    return found


def lines(ecosystem: Ecosystem) -> list[SourceLine | None]:
    return [element.source for element in elements(ecosystem)]


def stores(ecosystem: Ecosystem) -> list[Datastore]:
    return [element for element in elements(ecosystem) if isinstance(element, Datastore)]


@settings(max_examples=long_or(300, 25), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(edited_models())
def test_models_that_share_are_as_they_are_alone(models: tuple[Ecosystem, Ecosystem]) -> None:
    base_text, head_text = answer(models[0], "base.py"), answer(models[1], "head.py")
    base, head = read(base_text), read(head_text)
    assert (base, head) == models

    shared = Shared()
    new_head = read(head_text, gives=shared)
    of_head = {id(store) for store in stores(new_head)}
    new_base = read(base_text, takes=shared)

    assert (new_base, new_head) == (base, head)
    assert (lines(new_head), diff(new_base, new_head)) == (lines(head), diff(base, head))
    taken = [store for store in stores(new_base) if id(store) in of_head]
    assert len({id(store) for store in taken}) == len(taken)
    texts = [set(text.split(b"\n")[1::2]) for text in (base_text, head_text)]
    assert len(taken) == len(texts[0] & texts[1])
    own = {id(element) for store in taken for element in elements(store)}
    alone = zip(elements(new_base), lines(base), strict=True)
    assert all(element.source == line for element, line in alone if id(element) not in own)


def test_the_second_waits_for_the_first() -> None:
    text, shared = answer(every_class(), "eco.py"), Shared()
    found: list[Ecosystem] = []
    second = Thread(target=lambda: found.append(read(text, takes=shared)))
    second.start()
    first = read(text, gives=shared)
    second.join(60)
    assert [id(store) for store in stores(found[0])] == [id(store) for store in stores(first)]


def test_a_first_that_never_came_has_nothing_to_give() -> None:
    shared = Shared()
    shared.give({})
    shared.give({b"late": stores(every_class())[0]})
    assert read(answer(every_class(), "eco.py"), takes=shared) == every_class()


def numbered(number: object) -> bytes:
    """The answer of a model in which something else stands where the number of its first datastore should."""
    first, *texts = answer(every_class(), "eco.py").split(b"\n")
    document = json.loads(first)
    team = next(team for zone in document["ecosystem"]["zones"] for team in zone["teams"] if team.get("datastores"))
    team["datastores"][0] = number
    return b"\n".join((json.dumps(document).encode(), *texts))


@pytest.mark.parametrize("number", [1, -1, 10_000, True, False, 0.0, None, "0", [0], {"name": "S"}])
def test_what_is_no_number_of_a_datastore_is_no_model(number: object) -> None:
    assert isinstance(understood(numbered(number), CLASSES), Finding)


def test_every_piece_has_its_place_and_says_what_it_is() -> None:
    whole = answer(every_class(), "eco.py")
    first, store, its_lines, *others = whole.split(b"\n")
    document = store[:-1]
    for broken in (
        [first],
        [first, store],
        [first, store, its_lines, *others, store, its_lines],
        [first, b"", its_lines, *others],
        [first, b"7", its_lines, *others],
        [first, document + b',"nullable":NaN}', its_lines, *others],
        [first, document + b',"nobody":1}', its_lines, *others],
        [first, store, b"[]", *others],
        [first, store, b"{}", *others],
        [first, store, its_lines[:-1] + b",0,1]", *others],
        [first, store, its_lines.replace(b"[0,", b"[7,", 1), *others],
        [first, store, its_lines.replace(b"[0,", b"[0.0,", 1), *others],
    ):
        assert isinstance(understood(b"\n".join(broken), CLASSES), Finding), broken[1:3]
    assert isinstance(understood(whole, CLASSES), Ecosystem)

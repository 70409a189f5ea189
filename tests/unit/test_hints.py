"""Hints for misspelt words: found among few words and among many, in a time that many findings can bear."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasurface.hints import did_you_mean

MANY = [f"customers_{number:05}" for number in range(10_000)]
words = st.text("abcdeä_1", min_size=4, max_size=12)


@pytest.mark.parametrize("word", ["customer_00512", "Customers_00512", "customers_0512", "customers_005122"])
def test_a_misspelt_word_is_found_among_many(word: str) -> None:
    assert did_you_mean(word, MANY).startswith("did you mean 'customers_0")


def test_one_letter_less_at_the_beginning_or_in_the_middle_is_the_same_word() -> None:
    assert did_you_mean("ustomers_00512", MANY) == "did you mean 'customers_00512'?"
    assert did_you_mean("customer_00512", MANY) == "did you mean 'customers_00512'?"


@given(st.sets(words, min_size=1, max_size=20), words)
def test_case_makes_no_difference_and_order_neither(known: set[str], word: str) -> None:
    assert did_you_mean(word, known) == did_you_mean(word, sorted(known, reverse=True))
    some = min(known)
    assert did_you_mean(some.upper(), [some]) == f"did you mean '{some}'?"


def test_what_is_unlike_everything_is_answered_with_the_words() -> None:
    assert did_you_mean("zzz", ["b", "a"]) == "there is a, b"
    assert did_you_mean("zzz", ["b", "a"], "add it") == "add it"
    assert did_you_mean("zzz", []) == "there is none"


def test_many_findings_are_answered_soon() -> None:
    began = perf_counter()
    for number in range(100):
        did_you_mean(f"kustomers_{number:05}", MANY)
    assert perf_counter() - began < 10  # 30 s and more when each word was compared with all

"""Hints for misspelt words."""

from bisect import bisect_left
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

from attrs import frozen

_MOST_COMPARED = 200
"""Comparing two words takes a part of a millisecond, and a model may have thousands of names, and as many mistakes."""
_NEAR = 50


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """The known word that was probably meant, as a question; else ``otherwise``, or a list of the known words.

    Of many known words only those are looked at that begin or end as the word does.
    """
    words = _words(frozenset(known))
    close = get_close_matches(word.casefold(), words.near(word.casefold()), n=1)
    if close:
        return f"did you mean '{words.by_folded[close[0]]}'?"
    return otherwise or (f"there is {listed(words.all)}" if words.all else "there is none")


@frozen(eq=False)
class _Words:
    """Known words, in the orders in which those that are alike stand together.

    Attributes:
        all: in alphabetical order.
        by_folded: without regard to case; of several the first.
        forwards: folded words by their beginnings; ``backwards``: written from the end, by their ends.
    """

    all: list[str]
    by_folded: dict[str, str]
    forwards: list[str]
    backwards: list[str]

    def near(self, folded: str) -> list[str]:
        """The words that are worth being compared with one."""
        if len(self.forwards) <= _MOST_COMPARED:
            return self.forwards
        alike = {*_around(folded, self.forwards), *(each[::-1] for each in _around(folded[::-1], self.backwards))}
        return sorted(alike)


@lru_cache(maxsize=8)
def _words(known: frozenset[str]) -> _Words:
    """Made once for all the findings of a rule, which ask for the same words again and again."""
    words = sorted(known)
    by_folded = {word.casefold(): word for word in reversed(words)}
    return _Words(words, by_folded, sorted(by_folded), sorted(folded[::-1] for folded in by_folded))


def _around(word: str, ordered: list[str]) -> list[str]:
    place = bisect_left(ordered, word)
    return ordered[max(0, place - _NEAR) : place + _NEAR]


def listed(words: Iterable[str], most: int = 10) -> str:
    """Words in alphabetical order, separated by commas; the first ``most`` of them."""
    ordered = sorted(words)
    rest = len(ordered) - most
    return ", ".join(ordered[:most]) + (f" and {rest} more" if rest > 0 else "")

"""Hints for misspelt words."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """The known word that was probably meant, as a question; else ``otherwise``, or a list of the known words."""
    words = sorted(set(known))
    by_folded = {candidate.casefold(): candidate for candidate in reversed(words)}
    close = get_close_matches(word.casefold(), by_folded, n=1)
    if close:
        return f"did you mean '{by_folded[close[0]]}'?"
    return otherwise or (f"there is {listed(words)}" if words else "there is none")


def listed(words: Iterable[str], most: int = 10) -> str:
    """Words in alphabetical order, separated by commas; the first ``most`` of them."""
    ordered = sorted(words)
    rest = len(ordered) - most
    return ", ".join(ordered[:most]) + (f" and {rest} more" if rest > 0 else "")

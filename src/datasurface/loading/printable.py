"""Text of a user's code that can be shown."""

_LONGEST = 1000


def printable(text: str) -> str:
    """Text that a terminal, and what reads its output, takes for nothing but text: no control characters in it."""
    kept = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return "".join(character if character.isprintable() else "\ufffd" for character in kept)

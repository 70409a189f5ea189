"""How large this model is: what ``size.json`` beside it says."""

import json
from itertools import accumulate
from pathlib import Path

SIZE = json.loads(Path(__file__).with_name("size.json").read_text(encoding="utf-8"))

_WEIGHTS = (1, 5, 2, 4, 3)


def shares(total: int, count: int, least: int) -> list[int]:
    """``count`` whole numbers of at least ``least`` that sum to ``total``, large and small ones."""
    ends = [0, *accumulate(_WEIGHTS[number % len(_WEIGHTS)] for number in range(count))]
    free = total - least * count
    bounds = [free * end // ends[-1] for end in ends]
    return [least + bounds[number + 1] - bounds[number] for number in range(count)]

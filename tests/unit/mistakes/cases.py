"""All mistakes; the test of the command line runs the same."""

from tests.unit.mistakes import mapping_cases, model_cases, python_cases
from tests.unit.mistakes.mistake import MAPPING, Mistake, in_file

FRESHNESS = in_file(
    MAPPING,
    "a platform that runs too rarely",
    "DS502",
    ('"YellowLive"', '"YellowForensic"'),
    at='{"platform": "YellowForensic", "status": "PROVISIONED"}]\n  },',
    also=(mapping_cases.also_unused("YellowLive"),),
)

CASES: tuple[Mistake, ...] = (*python_cases.CASES, *mapping_cases.CASES, *model_cases.CASES, FRESHNESS)

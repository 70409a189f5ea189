"""Changes of the company with their verdicts: the table of the documentation, each row a test."""

from collections.abc import Mapping, Sequence

from tests.unit.change.cases.assignments import ASSIGNMENTS
from tests.unit.change.cases.case import Case
from tests.unit.change.cases.columns import COLUMNS
from tests.unit.change.cases.datasets import DATASETS
from tests.unit.change.cases.governance import GOVERNANCE
from tests.unit.change.cases.masks import MASKS
from tests.unit.change.cases.places import PLACES
from tests.unit.change.cases.platforms import PLATFORMS
from tests.unit.change.cases.row_filters import ROW_FILTERS
from tests.unit.change.cases.stores import STORES
from tests.unit.change.cases.transformers import TRANSFORMERS
from tests.unit.change.cases.words import WORDS
from tests.unit.change.cases.workspaces import WORKSPACES

SUBJECTS: Mapping[str, Sequence[Case]] = {
    "Columns": COLUMNS,
    "Datasets": DATASETS,
    "Datastores": STORES,
    "Places": PLACES,
    "Workspaces": WORKSPACES,
    "Platforms": PLATFORMS,
    "Assignments": ASSIGNMENTS,
    "Governance": GOVERNANCE,
    "Masks": MASKS,
    "Row filters": ROW_FILTERS,
    "Transformers": TRANSFORMERS,
    "Words and order": WORDS,
}

CASES: Sequence[Case] = [case for cases in SUBJECTS.values() for case in cases]

"""Transformers that change."""

from collections.abc import Sequence

from datasurface.model import (
    Datastore,
    DataTransformer,
    GitRepository,
    PythonCode,
    TransformerOutput,
)
from tests.unit.change.cases.case import (
    BREAKING,
    COMPATIBLE,
    LAB,
    NOTICE,
    REFINER,
    Case,
)
from tests.unit.change.company import (
    database,
    small,
)
from tests.unit.change.edits import with_values, without

TRANSFORMERS: Sequence[Case] = [
    Case(
        "a transformer is added",
        COMPATIBLE,
        "CC801",
        "transformer Try is new",
        [
            with_values(
                LAB,
                transformer=DataTransformer(
                    "Try",
                    code=PythonCode(GitRepository("acme/lab"), function="lab:main"),
                    produces=Datastore(
                        "Tried", capture=TransformerOutput(database("TriedDB")), datasets=[small("tried")]
                    ),
                ),
            )
        ],
    ),
    Case(
        "a transformer is removed whose datastore is consumed",
        BREAKING,
        "CC802",
        "datastore Refined goes; Refined.totals is consumed by Board.Totals",
        [without(REFINER)],
    ),
    Case(
        "a transformer runs another function",
        NOTICE,
        "CC803",
        "transformer Refiner runs other code; seen by Board.Totals",
        [with_values(f"{REFINER}/code", function="refine:other")],
    ),
    Case(
        "a transformer runs code of another repository",
        NOTICE,
        "CC803",
        "transformer Refiner runs other code; seen by Board.Totals",
        [with_values(f"{REFINER}/code/repository", url="acme/fork")],
    ),
    Case(
        "a transformer is called otherwise",
        COMPATIBLE,
        "CC804",
        "transformer Refiner is called Refinery",
        [with_values(REFINER, name="Refinery")],
    ),
]

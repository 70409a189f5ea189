"""Classification: nobody has to guess who may see a column."""

from collections.abc import Iterator

from datasurface.lint.parts import datasets
from datasurface.lint.registry import Problem, rule
from datasurface.model import Ecosystem


@rule("DS701", "Every column is classified")
def every_column_is_classified(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A column has no classification, and neither has its dataset, so that nobody knows who may see its values.

    Classify the column, or the whole dataset if all its columns are alike.
    """
    for dataset in datasets(ecosystem):
        for column in dataset.columns:
            if dataset.classification_of(column) is None:
                yield Problem(
                    column,
                    f"column '{column.name}' of dataset '{dataset.name}' is not classified",
                    "add classification=PUBLIC, INTERNAL, CONFIDENTIAL or PII to the column or to its dataset",
                )

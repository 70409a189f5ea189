"""What rows are asked for: conditions on columns, which the server decides."""

from collections.abc import Iterable, Sequence

from attrs import frozen

from datasurface.hints import did_you_mean, listed
from datasurface_yellow.notebook.errors import NoSuchName, ReadRefused
from datasurface_yellow.notebook.offers import ReadColumn

OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "like")
_WORDS = {"!=": "<>", "like": "LIKE"}


@frozen
class Condition:
    """A condition on a column, of which a statement is made.

    Attributes:
        words: between the column and the value.
        around: what stands before the value's brackets: ``ANY`` or ``ALL`` of several.
        parameter: the name of the value; empty where ``words`` are all.
        type: that the value is sent as.
    """

    column: ReadColumn
    words: str
    around: str = ""
    parameter: str = ""
    type: str = ""
    value: object = None


def column_of(columns: Sequence[ReadColumn], name: str) -> ReadColumn:
    """The column of that name."""
    for column in columns:
        if column.name == name:
            return column
    raise NoSuchName(f"there is no column '{name}'", hint=did_you_mean(name, [column.name for column in columns]))


def condition(column: ReadColumn, operator: str, value: object, number: int) -> Condition:
    """A condition on a column. None asks for NULL; of several values one has to be equal, or none.

    ``number``: of the condition among those of a statement.
    """
    if operator not in OPERATORS:
        raise ReadRefused(f"'{operator}' is no comparison", hint=f"there is {listed(OPERATORS)}")
    words, parameter = _WORDS.get(operator, operator), f"value_{number}"
    if value is None:
        if operator not in ("=", "!="):
            raise ReadRefused(f"column {column.name}: nothing is {operator} NULL", hint="compare it by = or !=")
        return Condition(column, "IS NULL" if operator == "=" else "IS NOT NULL")
    if isinstance(value, list | tuple | set | frozenset) and not column.sql_type.endswith("[]"):
        if operator not in ("=", "!="):
            raise ReadRefused(
                f"column {column.name}: {operator} takes one value", hint="several values go with = or !="
            )
        around = "ANY" if operator == "=" else "ALL"
        return Condition(column, words, around, parameter, f"{column.sql_type}[]", list(_plain(value)))
    kind = "text" if operator == "like" else column.sql_type
    return Condition(column, words, "", parameter, kind, list(value) if isinstance(value, tuple) else value)


def _plain(values: Iterable[object]) -> Iterable[object]:
    for value in values:
        if value is None:
            raise ReadRefused("NULL is no value among others", hint="ask for it on its own: column=None")
        yield value

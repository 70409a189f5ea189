"""What the steps of the state machine draw: snapshots of the source, changes of the model, moments and platforms."""

from collections.abc import Callable

from hypothesis import strategies as st

from tests.postgres.machine.model import FIRST, KEY, WHOLE_NUMBERS, Model
from tests.support.pipeline import FORENSIC, LIVE
from tests.support.stage import TextRow

Change = list[TextRow] | None
ModelChange = Callable[[Model], Model]

_TEXTS = st.sampled_from([None, "", "a", "A", "a ", "ab", "'", "\\", "\t", "é"])
_NUMBERS = st.sampled_from([None, "1", "1.0", "-1", "NaN"])
_ROW = st.tuples(
    st.sampled_from(["1", "2", "3"]),
    st.sampled_from(["", "a", "ab"]),
    _TEXTS,
    _NUMBERS,
    _TEXTS,
    _NUMBERS,
    st.sampled_from([None, "0", "1"]),
)
SNAPSHOT: st.SearchStrategy[list[TextRow]] = st.lists(_ROW, max_size=6, unique_by=lambda row: row[:2])
FILLED: st.SearchStrategy[list[TextRow]] = st.lists(_ROW, min_size=3, max_size=6, unique_by=lambda row: row[:2])
_SPOILED = st.builds(
    lambda rows, row, key: [*rows, row, (key, *row[1:])], SNAPSHOT, _ROW, st.sampled_from([None, "1", "2", "3"])
)
"""Now and then they lack a key, or have one twice."""
CHANGE = st.one_of(st.none(), *[SNAPSHOT] * 5, _SPOILED)
"""What the source holds before a job comes; None for what it holds already."""
CHANGES = st.lists(SNAPSHOT, max_size=3)
SNAPSHOTS = st.lists(SNAPSHOT, min_size=1, max_size=2)
MOMENT = st.integers(1, 60)
PLATFORM = st.sampled_from([FORENSIC, FORENSIC, LIVE])
ALLOW = st.sampled_from([True, True, False])
_PLACE = st.integers(len(KEY), len(FIRST.meanings) - 1)
_TOGGLE: st.SearchStrategy[ModelChange] = st.builds(lambda place: lambda model: model.toggled(place), _PLACE)
_ADD: st.SearchStrategy[ModelChange] = st.builds(lambda place: lambda model: model.added(place), _PLACE)
_TAKE_BACK: st.SearchStrategy[ModelChange] = st.builds(lambda place: lambda model: model.taken_back(place), _PLACE)
_RENAME: st.SearchStrategy[ModelChange] = st.builds(
    lambda place, back: lambda model: model.renamed(place, back), st.integers(0, 5), st.booleans()
)
_WIDEN: st.SearchStrategy[ModelChange] = st.builds(
    lambda place: lambda model: model.widened(place), st.sampled_from(WHOLE_NUMBERS)
)
MODEL_CHANGE = st.one_of(*[_TOGGLE] * 2, _TAKE_BACK, _RENAME, _WIDEN)
COLUMNS_CHANGE = st.one_of(*[_ADD.map(lambda change: [change])] * 4, st.lists(MODEL_CHANGE, max_size=1))
"""Most of the time with a column more, which a job of the model before does not know."""
MODEL_CHANGES = st.lists(MODEL_CHANGE, min_size=1, max_size=2)

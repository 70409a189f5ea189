"""The floors: the same rows through the same pipe, with nothing of ours around it."""

from collections.abc import Callable, Mapping
from time import perf_counter

from psycopg2.extensions import connection as Connection

from benchmarks.merge.cases import FLOOR, INDEXED_FLOOR, Case
from benchmarks.merge.servers import Servers, producer, session_of
from datasurface_yellow.store.connection import execute
from datasurface_yellow.store.copy_pipe import copy_between

_WHOLE_TABLE = "SELECT * FROM public.customers"


def measure_floor(at: Servers, floor: Case) -> float:
    """The seconds of a floor, from the first row to the end of its COMMIT; sessions are open and tables empty
    before."""
    clear, copy = _FLOORS[floor]
    with producer(at) as source, session_of(at.target, "floors") as target:
        execute(target, clear)
        target.commit()
        at.settle()
        begun = perf_counter()
        copy(source, target)
        target.commit()
        return perf_counter() - begun


def _bare(source: Connection, target: Connection) -> None:
    copy_between(source, _WHOLE_TABLE, target, "public.bare")


def _indexed(source: Connection, target: Connection) -> None:
    copy_between(source, _WHOLE_TABLE, target, "public.indexed")
    execute(target, "CREATE UNIQUE INDEX indexed_key ON public.indexed (id)")


_FLOORS: Mapping[Case, tuple[str, Callable[[Connection, Connection], None]]] = {
    FLOOR: ("TRUNCATE public.bare", _bare),
    INDEXED_FLOOR: ("TRUNCATE public.indexed; DROP INDEX IF EXISTS public.indexed_key", _indexed),
}

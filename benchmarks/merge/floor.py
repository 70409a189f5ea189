"""The floors: the same rows through the same pipe, with nothing of ours around it."""

from time import perf_counter

from psycopg2.extensions import connection as Connection

from benchmarks.merge.cases import Case
from benchmarks.merge.servers import Servers, floors_of, producer, session_of, sql
from benchmarks.merge.shapes import Shape
from datasurface_yellow.store.connection import execute
from datasurface_yellow.store.copy_pipe import copy_between

WHOLE_TABLE = "SELECT * FROM public.customers"


def measure_floor(at: Servers, floor: Case) -> float:
    """The seconds of a floor, from the first row to the end of its COMMIT; sessions are open and tables empty
    before."""
    with producer(at, floor.shape) as source, session_of(at.target, floors_of(floor.shape)) as target:
        execute(target, "TRUNCATE public.bare, public.indexed; DROP INDEX IF EXISTS public.indexed_key")
        target.commit()
        at.settle(floor.shape)
        begun = perf_counter()
        if floor.name.endswith("indexed_floor"):
            _indexed(source, target, floor.shape)
        else:
            copy_between(source, WHOLE_TABLE, target, "public.bare")
        target.commit()
        return perf_counter() - begun


def _indexed(source: Connection, target: Connection, shape: Shape) -> None:
    copy_between(source, WHOLE_TABLE, target, "public.indexed")
    execute(target, sql("index", shape))

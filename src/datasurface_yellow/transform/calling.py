"""In the process of a transformer's code: opens its sessions, calls its function, and says how that ended."""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import TracebackType

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from datasurface.credentials import Secret
from datasurface.errors import DataSurfaceError, JobError, TransformFailed
from datasurface.loading.system import PR_SET_PDEATHSIG, prctl
from datasurface.model import PostgresDatabase
from datasurface.transform import Inputs, Outputs
from datasurface_yellow.store.connection import Place, closing, connect, execute, primary_message
from datasurface_yellow.store.statements import statement
from datasurface_yellow.transform.reading import InputViews
from datasurface_yellow.transform.request import LONGEST_MESSAGE, Answer, PlaceRequest, Request
from datasurface_yellow.transform.writing import RunTables

_HIDDEN = "its message is not shown, since it may hold values of columns that are not open to all"


def call(request: Request) -> Answer:
    """Call the function on a request; what it wrote is committed to the run's own tables where it has returned."""
    _end_with(request["parent"])
    try:
        with (
            closing(connect(_place(request, request["merge"]), request["application"])) as merge,
            closing(connect(_place(request, request["store"]), request["application"])) as store,
        ):
            merge.set_session(isolation_level="REPEATABLE READ", readonly=True)
            execute(
                merge, statement("transform", "transform.sql.j2", "import_snapshot"), {"snapshot": request["snapshot"]}
            )
            outputs = RunTables(store, request["outputs"])
            _function(request)(InputViews(merge, request["inputs"]), outputs)
            outputs.refuse_unwritten()
            if store.info.transaction_status == TRANSACTION_STATUS_INERROR:
                raise TransformFailed(
                    "a statement on the outputs failed, and the code went on; what it wrote before is lost",
                    hint="let the error end the function",
                )
            store.commit()
    except DataSurfaceError as error:
        _log(request, error)
        dataset = error.dataset if isinstance(error, JobError) else None
        return Answer(message=_cut(error.message), hint=error.hint, dataset=dataset)
    except BaseException as error:  # whatever it is, the job has to hear of it
        _log(request, error)
        return Answer(message=_cut(_described(request, error)), hint=None, dataset=None)
    return Answer(message=None, hint=None, dataset=None)


def _end_with(parent: int) -> None:
    """Who nobody waits for has nothing to do."""
    with suppress(OSError):
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _place(request: Request, where: PlaceRequest) -> Place:
    return Place(PostgresDatabase(**where), Secret(request["user"], request["password"]))


def _function(request: Request) -> Callable[[Inputs, Outputs], object]:
    module, _, name = request["function"].partition(":")
    sys.path.insert(0, request["folder"])
    found: object = getattr(import_module(module), name, None)
    if not callable(found):
        raise TransformFailed(
            f"module {module} has no function {name}", hint="the model names it: PythonCode(function=…)"
        )
    return found


def _described(request: Request, error: BaseException) -> str:
    """What was raised and where in the code, and its message where that may be shown."""
    where = _where(request, error.__traceback__)
    return f"{type(error).__name__}{f' at {where}' if where else ''}: {_message(request, error)}"


def _message(request: Request, error: BaseException) -> str:
    if isinstance(error, psycopg2.Error):
        return primary_message(error)
    if isinstance(error, ModuleNotFoundError):  # it names a module, and no value
        return str(error)
    return str(error) if request["may_show"] else _HIDDEN


def _where(request: Request, frames: TracebackType | None) -> str:
    """The last place in the code's own folder."""
    folder = os.path.realpath(request["folder"])
    for frame in reversed(traceback.extract_tb(frames)):
        file = os.path.realpath(frame.filename)
        if Path(file).is_relative_to(folder):
            return f"{os.path.relpath(file, folder)}:{frame.lineno} in {frame.name}"
    return ""


def _log(request: Request, error: BaseException) -> None:
    """The way to the error, and those that it came from, on standard error; with their messages as in the answer."""
    chain: list[BaseException] = [error]
    while (before := chain[-1].__cause__ or chain[-1].__context__) is not None and before not in chain:
        chain.append(before)
    for each in reversed(chain):
        frames = "".join(traceback.format_tb(each.__traceback__))
        message = each.message if isinstance(each, DataSurfaceError) else _message(request, each)
        sys.stderr.write(f"Traceback (most recent call last):\n{frames}{type(each).__name__}: {message}\n")


def _cut(message: str) -> str:
    return message if len(message) <= LONGEST_MESSAGE else message[:LONGEST_MESSAGE] + "…"

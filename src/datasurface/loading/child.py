"""The main program of the process that runs a user's ``eco.py``.

Its arguments are two open files. The first says what to do, and gets the answer in place of that. Into the second go
notes: one line when the user's code begins, and the line of the user's code if the process is aborted or crashes.
Nothing of this goes over standard output, which is the user's.
"""

import faulthandler
import json
import os
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, TypedDict


class Request(TypedDict):
    """What to do: run the ``eco.py`` in ``folder``, with the modules on ``search_path``, in ``memory`` bytes.

    The answer may have ``largest_answer`` bytes. ``classes`` are the names of plugin classes that the model may use.
    ``readable`` and ``listable`` are what the code may read, ``temporary`` is the folder that it may write into.
    """

    folder: str
    search_path: list[str]
    memory: int
    largest_answer: int
    classes: dict[str, list[str]]
    readable: list[str]
    listable: list[str]
    temporary: str


def main(exchange: int, notes: int) -> NoReturn:
    """Do as the request says, in a process whose descendants end with it."""
    for end in (exchange, notes):
        os.set_inheritable(end, False)
    with os.fdopen(os.dup(exchange), encoding="utf-8") as file:
        request: Request = json.load(file)
    _limit(resource.RLIMIT_CORE, 0)
    sys.path[:] = request["search_path"]
    from datasurface.loading.keeper import keep

    keep(lambda is_apart: _work(request, exchange, notes, is_apart))


def _work(request: Request, exchange: int, notes: int, is_apart: bool) -> NoReturn:
    """Run the request, write the answer, and end without waiting for threads that the user's code left behind."""
    leave, process = os._exit, os.getpid()
    os.ftruncate(exchange, 0)
    os.lseek(exchange, 0, os.SEEK_SET)
    answer = _answer(request, notes, is_apart)
    if os.getpid() == process:  # a fork in the user's code comes by here as well
        with os.fdopen(exchange, "w", encoding="utf-8") as file:
            file.write(answer)
    with suppress(Exception):  # what the user's code printed is still in its buffer, if it did not put its own there
        sys.stdout.flush()
    leave(0)


def _answer(request: Request, notes: int, is_apart: bool) -> str:
    try:
        from datasurface.collector import collect_rarely
        from datasurface.loading.classes import Classes
        from datasurface.loading.confine import confine
        from datasurface.loading.evaluate import evaluate

        shut_off = confine(request["readable"], request["listable"], request["temporary"], is_apart)
        _limit(resource.RLIMIT_AS, request["memory"])
        _limit(resource.RLIMIT_FSIZE, request["largest_answer"])
        classes = Classes.of(request["classes"])
    except Exception as error:  # not the user's, whose code has not begun
        return json.dumps({"failed": f"{type(error).__name__}: {error}"})
    _prepare_for_users_code(request["folder"], request["temporary"])
    collect_rarely()
    os.write(notes, f"{json.dumps(sorted(shut_off))}\n".encode())
    faulthandler.enable(notes, all_threads=False)
    return evaluate(Path(request["folder"]), request["search_path"], classes, request["largest_answer"])


def _prepare_for_users_code(folder: str, temporary: str) -> None:
    # A compiled file of another revision can have the time and size of this one: the user's code is compiled afresh.
    sys.pycache_prefix = temporary
    sys.path.insert(0, folder)
    _make_exit_an_exception()


def _limit(what: int, most: int) -> None:
    """Lower a limit of the process, where the system has it."""
    with suppress(OSError, ValueError):
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def _make_exit_an_exception() -> None:
    """Let ``os._exit`` in the user's code raise, as ``sys.exit`` does, so that its line is known; a fork may leave."""
    leave, process = os._exit, os.getpid()

    def leave_if_forked(status: int) -> NoReturn:
        if os.getpid() == process:
            raise SystemExit(status)
        leave(status)

    os._exit = leave_if_forked


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

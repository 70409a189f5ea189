"""The main program of the process that runs a user's ``eco.py``. Its one argument is the exchange folder.

``request.json`` in there says what to do, ``answer.json`` is what comes back, and ``crash.txt`` gets the line of the
user's code if the process is aborted or crashes. Nothing of this goes over standard output, which is the user's.
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

    ``classes`` are the names of the plugin classes that the model may use.
    """

    folder: str
    search_path: list[str]
    memory: int
    classes: dict[str, list[str]]


def main(exchange: Path) -> NoReturn:
    """Run the request, write the answer, and end without waiting for threads that the user's code left behind."""
    leave, process = os._exit, os.getpid()
    request: Request = json.loads((exchange / "request.json").read_text(encoding="utf-8"))
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, request["memory"])
    sys.path[:] = request["search_path"]
    answer = _answer(request, exchange)
    if os.getpid() == process:  # a fork in the user's code comes by here as well
        part = exchange / "answer.part"
        part.write_text(answer, encoding="utf-8")
        part.rename(exchange / "answer.json")
    with suppress(Exception):  # what the user's code printed is still in its buffer, if it did not put its own there
        sys.stdout.flush()
    leave(0)


def _answer(request: Request, exchange: Path) -> str:
    try:
        from datasurface.collector import collect_rarely
        from datasurface.loading.classes import Classes
        from datasurface.loading.evaluate import evaluate

        classes = Classes.of(request["classes"])
        _prepare_for_users_code(request["folder"], exchange)
        collect_rarely()
        return evaluate(Path(request["folder"]), request["search_path"], classes)
    except Exception as error:  # not the user's: evaluate turns what the user's code raises into a finding
        return json.dumps({"failed": f"{type(error).__name__}: {error}"})


def _prepare_for_users_code(folder: str, exchange: Path) -> None:
    # A compiled file of another revision can have the time and size of this one: the user's code is compiled afresh.
    sys.pycache_prefix = str(exchange)
    sys.path.insert(0, folder)
    _make_exit_an_exception()
    faulthandler.enable(os.open(exchange / "crash.txt", os.O_WRONLY | os.O_CREAT), all_threads=False)


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
    main(Path(sys.argv[1]))

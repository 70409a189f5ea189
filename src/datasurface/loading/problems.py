"""What the user's code raised, as one finding at the user's line."""

import builtins
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from attrs import Attribute, fields, has

from datasurface.errors import ModelValueError
from datasurface.findings import Finding, Severity, SourceLine
from datasurface.hints import did_you_mean
from datasurface.loading.users_files import UsersFiles

_LONGEST_TEXT = 500
_SEE_TRACEBACK = "`python -c 'import eco; eco.create_ecosystem()'` in the model's folder shows the whole traceback"
_WHAT_A_MODEL_MAY = (
    "a model is made of the files beside eco.py that are not hidden and of what PYTHONPATH names; "
    "it has no network, writes no file, and changes no mode, owner or time of one"
)
_PLAIN_OBJECTS = "build it from classes of datasurface and of installed plugins, with plain strings and numbers"
_UNEXPECTED = re.compile(r"(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'")
_NO_NAME = re.compile(r"cannot import name '(\w+)' from")


class LoadProblem(Exception):
    """Something that is wrong with the model's code and that is no exception of its own."""

    def __init__(self, code: str, source: SourceLine, message: str, hint: str) -> None:
        super().__init__(message)
        self.finding = load_finding(code, source, message, hint)


def load_finding(code: str, source: SourceLine, message: str, hint: str) -> Finding:
    """A finding of the loader: an error that has no place in the model yet."""
    return Finding(code, Severity.ERROR, "", message, hint, source)


def finding_of(error: BaseException, files: UsersFiles) -> Finding:
    """What an exception of the user's code says, at the innermost line that is the user's."""
    line = files.innermost(error.__traceback__)
    match error:
        case LoadProblem():
            return error.finding
        case ModelValueError():
            return load_finding("DS005", line, error.message, error.hint or _SEE_TRACEBACK)
        case SyntaxError():
            hint = "python refuses the file; the mistake can also be just before this place"
            return load_finding("DS002", _place_of(error, files, line), f"this is no Python: {error.msg}", hint)
        case ImportError():
            return load_finding("DS003", line, _text_of(error), _hint_for_import(error, files))
        case SystemExit():
            hint = "take the exit away: create_ecosystem returns the model or raises an exception"
            return load_finding("DS009", line, f"the code ends the process itself (exit status {error.code})", hint)
        case MemoryError():
            return load_finding("DS010", line, "the code needs more memory than a model may", "build less here")
        case BlockingIOError() | RuntimeError(args=("can't start new thread",)):
            return load_finding("DS010", line, "the code needs more processes than a model may", "do it in this one")
        case PermissionError():
            return load_finding("DS012", line, f"the code may not do this: {_text_of(error)}", _WHAT_A_MODEL_MAY)
        case _:
            message = f"{type(error).__name__}: {_text_of(error)}".rstrip(": ")
            return load_finding("DS004", line, message, _hint_for_word(error) or _SEE_TRACEBACK)


def undescribable(error: BaseException, files: UsersFiles) -> Finding:
    """What is wrong with a model that was returned and cannot be written down."""
    if isinstance(error, LoadProblem | MemoryError):
        return finding_of(error, files)
    message = f"the returned model cannot be written down: {type(error).__name__}: {_text_of(error)}"
    return load_finding("DS007", files.innermost(error.__traceback__), message, _PLAIN_OBJECTS)


def _text_of(error: BaseException) -> str:
    """The exception's own words on one line, even if its ``__str__`` raises or it is one of attrs' validators."""
    arguments = error.args
    try:
        text = arguments[0] if any(isinstance(item, Attribute) for item in arguments[1:]) else error
        words = " ".join(str(text).split())
    except Exception:
        return "it cannot be shown"
    return words if len(words) <= _LONGEST_TEXT else f"{words[:_LONGEST_TEXT]}…"


def _place_of(error: SyntaxError, files: UsersFiles, otherwise: SourceLine) -> SourceLine:
    if error.filename is None or not files.holds(error.filename):
        return otherwise
    line = error.lineno or 1
    if "codec can't decode" in error.msg:  # python does not say where
        content = Path(error.filename).read_bytes()
        try:
            content.decode()
        except UnicodeDecodeError as undecodable:
            line = content.count(b"\n", 0, undecodable.start) + 1
    return SourceLine(files.shown(error.filename), line)


def _hint_for_import(error: ImportError, files: UsersFiles) -> str:
    missing = _NO_NAME.search(str(error))
    if missing and error.name in sys.modules:
        return did_you_mean(missing[1], _public(dir(sys.modules[error.name])), "the module has no such name")
    name = error.name or ""
    neighbours = {file.stem for file in Path(files.root).glob("*.py")}
    return did_you_mean(
        name,
        {"datasurface", "datasurface_yellow", *neighbours} - {name},
        f"install what brings '{name}' where datasurface runs, or put {name.partition('.')[0]}.py beside eco.py",
    )


def _hint_for_word(error: BaseException) -> str | None:
    """The word that was probably meant by one that python does not know."""
    scope = _innermost_scope(error.__traceback__)
    unexpected = _UNEXPECTED.search(_text_of(error))
    cls = scope.get(unexpected[1]) if unexpected else None
    if unexpected and isinstance(cls, type) and has(cls):
        parameters = [attribute.alias or attribute.name for attribute in fields(cls) if attribute.init]
        return did_you_mean(unexpected[2], parameters, f"{unexpected[1]} takes {', '.join(parameters)}")
    match error:
        case NameError(name=str(name)):
            return did_you_mean(name, _public([*scope, *dir(builtins)]), "define or import it before this line")
        case AttributeError(name=str(name), obj=owner):
            return did_you_mean(name, _public(dir(owner)), f"a {type(owner).__name__} has no such attribute")
    return None


def _innermost_scope(traceback: TracebackType | None) -> dict[str, object]:
    scope: dict[str, object] = {}
    while traceback is not None:
        scope = traceback.tb_frame.f_globals
        traceback = traceback.tb_next
    return scope


def _public(names: Iterable[str]) -> list[str]:
    return [name for name in names if not name.startswith("_")]

"""Runs the user's ``eco.py`` in the child process, and puts the model, or what went wrong, into the answer."""

import ast
import inspect
import json
import sys
from collections.abc import Mapping, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from datasurface import model
from datasurface.findings import SourceLine
from datasurface.hints import did_you_mean
from datasurface.loading.classes import Classes
from datasurface.loading.pieces import in_pieces
from datasurface.loading.problems import LoadProblem, finding_of, undescribable
from datasurface.loading.users_files import ECO_FILE, UsersFiles
from datasurface.mapping import MAPPING_FILE
from datasurface.model import Ecosystem, elements
from datasurface.model.element import Element

ENTRY = "create_ecosystem"
_RETURN = f"end {ENTRY} with `return Ecosystem(...)`"


def evaluate(folder: Path, search_path: Sequence[str], classes: Classes, largest: int) -> str:
    """The answer as lines of JSON: the ecosystem in pieces, with the source lines of its elements, or one finding.

    A model whose answer has more than ``largest`` bytes is too large.
    """
    files = UsersFiles.of(folder, search_path)
    try:
        ecosystem = _created(folder / ECO_FILE, files)
    except BaseException as error:  # the user's code may raise what it likes
        return json.dumps({"finding": finding_of(error, files).document()})
    try:
        answer = _described(ecosystem, files, classes)
        if len(answer) <= largest:
            return answer
        raise MemoryError
    except BaseException as error:  # objects of the user's own classes take part in this
        return json.dumps({"finding": undescribable(error, files).document()})


def _created(path: Path, files: UsersFiles) -> Ecosystem:
    module = _imported(path)
    source = path.read_text(encoding="utf-8", errors="replace")
    create = vars(module).get(ENTRY)
    if create is None:
        hint = did_you_mean(ENTRY, vars(module), f"define `def {ENTRY}() -> Ecosystem:`")
        raise LoadProblem("DS006", files.start(), f"{ECO_FILE} has no function {ENTRY}", hint)
    defined = SourceLine(ECO_FILE, _line_of(ENTRY, source))
    if not callable(create):
        kind = type(create).__name__
        raise LoadProblem(
            "DS006", defined, f"{ENTRY} is no function but a {kind}", f"write `def {ENTRY}() -> Ecosystem:`"
        )
    try:
        inspect.signature(create).bind()
    except TypeError as error:
        raise LoadProblem("DS006", defined, f"{ENTRY} cannot be called without arguments: {error}", _RETURN) from error
    ecosystem = create()
    if not isinstance(ecosystem, Ecosystem):
        returned = "nothing" if ecosystem is None else f"a {type(ecosystem).__name__}"
        raise LoadProblem("DS007", defined, f"{ENTRY} returns {returned}, not an Ecosystem", _RETURN)
    return ecosystem


def _imported(path: Path) -> ModuleType:
    """The user's module, under its own name so that neighbours can import it."""
    spec = spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"python cannot import {path.name}", name=path.stem)
    module = module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def _line_of(name: str, source: str) -> int:
    """The line at the top level of a module that gives a name its value, the last one if there are several."""
    line = 1
    for statement in ast.parse(source).body:
        match statement:
            case ast.FunctionDef(name=defined) | ast.AsyncFunctionDef(name=defined) | ast.ClassDef(name=defined):
                names = {defined}
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names = {alias.asname or alias.name for alias in aliases}
            case _:
                names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
        if name in names:
            line = statement.lineno
    return line


def _described(ecosystem: Ecosystem, files: UsersFiles, classes: Classes) -> str:
    _check_classes({type(element): element for element in reversed([*elements(ecosystem)])}, files, classes)
    if ecosystem.assignments:
        raise LoadProblem(
            "DS007",
            files.line_of(ecosystem.assignments[0]),
            f"{ENTRY} returns a model with assignments",
            f"write them into {MAPPING_FILE}, and only there",
        )
    return in_pieces(ecosystem, classes.canonical(), files.shown)


def _check_classes(first_of: Mapping[type[Element], Element], files: UsersFiles, classes: Classes) -> None:
    """Refuse classes, each given with its first object, that would not come back from JSON as what they are."""
    known: set[object] = {
        *(getattr(model, name) for name in model.__all__),
        *classes.platforms,
        *classes.containers,
        *classes.captures,
    }
    for cls, element in first_of.items():
        bases = [base.__name__ for base in cls.__mro__[1:] if base in known and base is not Element]
        if cls not in known and bases:
            raise LoadProblem(
                "DS011",
                files.line_of(element),
                f"{cls.__name__} is a {bases[0]} that no installed plugin announces",
                f"use {bases[0]} itself, or install the plugin that brings {cls.__name__}",
            )

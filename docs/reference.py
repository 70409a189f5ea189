"""What the pages of the reference say of public objects: their docstrings, fields, members and examples."""

import ast
import doctest
import inspect
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from types import FunctionType, ModuleType

import attrs

from datasurface import classification, model, runtime, transform, types
from datasurface.lint import registry
from datasurface.milestoning import kit, strategy
from datasurface.plugins import hookspecs
from datasurface_yellow.platform import YellowDataPlatform

Public = type | FunctionType

MODEL: Mapping[str, Sequence[type]] = {
    "owners": [model.Ecosystem, model.GovernanceZone, model.Team, model.GitRepository],
    "producers": [
        *(model.Datastore, model.Dataset, model.Column, model.ForeignKey, model.OnAdd),
        *(model.SqlSnapshot, model.SqlWatermark, model.Consistency),
    ],
    "consumers": [
        *(model.Workspace, model.DatasetGroup, model.DatasetSink, model.Requirements, model.Milestoning, model.Copied),
        *(model.DataTransformer, model.PythonCode, model.TransformerOutput),
    ],
    "life": [model.ProductionStatus, model.Priority, model.Deprecation, model.Approval],
    "places": [
        *(model.PostgresDatabase, model.MySqlDatabase, model.SqliteDatabase, model.PlatformManaged),
        *(model.Credential, model.InfrastructureVendor, model.Location),
    ],
    "platforms": [YellowDataPlatform, model.Resources],
    "policies": [
        *(model.ClassificationPolicy, model.ProductionPolicy, model.PlatformPolicy),
        *(model.StorageLocationPolicy, model.VendorPolicy),
    ],
    "masks": [
        *(model.MaskingPolicy, model.NullMask, model.HashMask, model.PartialMask, model.YearMask),
        *(model.RowFilterPolicy, model.RowFilter),
    ],
    "assignments": [model.GroupAssignments, model.Assignment, model.AssignmentStatus],
}
"""The modelling language, by part of its page."""


def public_of(module: ModuleType, kind: type = type) -> list[type]:
    """The public classes that a module defines, in their order; an instance of ``kind`` each."""
    return [
        each
        for name, each in vars(module).items()
        if isinstance(each, kind)
        and isinstance(each, type)
        and each.__module__ == module.__name__
        and not name.startswith("_")
    ]


TYPES: Mapping[str, Sequence[type]] = {
    "column types": [each for each in public_of(types) if each is not types.DataType],
    "classifications": [classification.Classification],
}

HOOKS = [
    hook
    for hook in vars(hookspecs).values()
    if isinstance(hook, FunctionType) and hasattr(hook, f"{hookspecs.PROJECT}_spec")
]

EXTENSION: Mapping[str, Sequence[Public]] = {
    "hooks with examples": HOOKS,
    "bases": [
        *(model.Element, model.DataPlatform, model.Container, model.Capture, model.SqlCapture),
        *(model.Policy, model.Mask, types.DataType),
    ],
    "rules of plugins": [registry.Rule, registry.Problem],
    "runtime": public_of(runtime),
    "strategy": public_of(strategy),
    "kit": public_of(kit),
    "transform": public_of(transform),
}
"""What plugins and transformers are written with."""

PARTS: Mapping[str, Sequence[Public]] = {**MODEL, **TYPES, **EXTENSION}

_DOCTESTS = doctest.DocTestParser()


def part(name: str) -> str:
    """A part of a page: its objects, a section each."""
    return "\n\n".join(_section(each) for each in PARTS[name])


def has_example(each: Public) -> bool:
    """Whether its docstring shows how it is used."""
    return bool(_DOCTESTS.get_examples(inspect.getdoc(each) or ""))


def words(each: Public) -> str:
    """What its docstring says, without fields and example."""
    return _docstring(inspect.getdoc(each) or "")[0]


def _section(each: Public) -> str:
    words, _, example = _docstring(inspect.getdoc(each) or "")
    parts = [f"### {each.__name__}", words, _signature(each), _details(each), example]
    return "\n\n".join(part for part in parts if part)


def _docstring(text: str) -> tuple[str, Mapping[str, str], str]:
    """Its words as Markdown, what it says of the fields, and its example."""
    before, _, example = text.partition("\n>>> ")
    words, _, of_fields = before.partition("\nAttributes:\n")
    told: dict[str, str] = {}
    rest = []
    for entry in re.split(r"\n(?=    \w)", f"\n{of_fields}"):
        found = re.fullmatch(r"\s*([\w, ]+): (.*)", entry.strip(), re.DOTALL)
        if found is None:
            rest.append(textwrap.dedent(entry).strip())
            continue
        for name in found[1].split(", "):
            told[name] = " ".join(found[2].split())
    shown = f"```pycon\n>>> {example.rstrip()}\n```" if example else ""
    return _markdown("\n\n".join(each for each in (words.strip(), *rest) if each)), told, shown


def _markdown(text: str) -> str:
    return text.replace("``", "`")


def _signature(each: Public) -> str:
    """How a hook is called; of a class, the table of its fields says it."""
    if not isinstance(each, FunctionType):
        return ""
    return f"```text\n{each.__name__}({', '.join(inspect.signature(each).parameters)})\n```"


def _details(each: Public) -> str:
    if isinstance(each, FunctionType):
        return ""
    if issubclass(each, Enum):
        meanings = _member_meanings(each)
        return table(("member", "meaning"), ((f"`{member.name}`", meanings[member.name]) for member in each))
    if attrs.has(each):
        rows = [
            (f"`{name}`", takes, f"`{default}`" if default else "", meaning)
            for name, takes, default, meaning in fields(each)
        ]
        return table(("field", "takes", "without it", "meaning"), rows) if rows else ""
    return table(("method", "what it does"), _methods(each))


def fields(cls: type) -> Iterator[tuple[str, str, str, str]]:
    """Of each field of a class: its name, with ``=`` where it is given by keyword; what it takes, its default, and what
    its docstring, or that of a base, says of it."""
    told = {"name": "Its name.", "description": "Markdown, for people."}
    for base in reversed(cls.__mro__):
        told |= _docstring(inspect.cleandoc(base.__doc__ or ""))[1]
    for field in attrs.fields(cls):
        if field.init:
            name = f"{field.name}=" if field.kw_only else field.name
            yield name, _type(field), _default(field), _capital(_markdown(told.get(field.name, "")))


def _default(field: "attrs.Attribute[object]") -> str:
    """As Python; empty where there is none, or where it depends on other fields."""
    default: object = field.default
    if default is attrs.NOTHING or getattr(default, "takes_self", False):
        return ""
    if factory := getattr(default, "factory", None):
        return f"{factory.__name__}()"
    if isinstance(default, FunctionType):
        return ""
    if isinstance(default, Enum):
        return f"{type(default).__name__}.{default.name}"
    if default in ((), ""):
        return "" if default == "" else "{}" if "mapping" in _type(field) else "[]"
    return repr(default).replace("datetime.", "")


def _type(field: "attrs.Attribute[object]") -> str:
    written: object = field.type  # a text where its annotation is one
    text = written if isinstance(written, str) else inspect.formatannotation(written)
    text = re.sub(r"[\w.]+\.(?=\w)", "", text)
    text = text.replace("tuple[tuple[str, str], ...]", "mapping of texts")
    text = re.sub(r"(?:tuple|Sequence)\[(.+?)(?:, \.\.\.)?\](?= \||$)", r"list of \1", text)
    return re.sub(r"\b(str|int|float|bool)\b", lambda word: _WORDS[word[1]], text).replace(" | ", " or ")


_WORDS = {"str": "text", "int": "whole number", "float": "number", "bool": "True or False"}


def _member_meanings(cls: type[Enum]) -> Mapping[str, str]:
    """The texts that stand below the members, else their values."""
    [body] = [each for each in ast.parse(inspect.getsource(cls)).body if isinstance(each, ast.ClassDef)]
    found = {member.name: "" if isinstance(member.value, int) else _spoken(member) for member in cls}
    for statement, after in zip(body.body, body.body[1:], strict=False):
        match statement, after:
            case (
                ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str() as text)),
            ):
                found[name] = _markdown(" ".join(text.split()))
    return found


def _spoken(member: Enum) -> str:
    text = str(member.value)
    return "" if text.lower() == member.name.lower() else text


def _methods(cls: type) -> Iterator[tuple[str, str]]:
    for name, value in vars(cls).items():
        if name.startswith("_"):
            continue
        if isinstance(value, property):
            yield f"`{name}`", _one_line(value.__doc__)
        elif isinstance(value, FunctionType):
            names = [each for each in inspect.signature(value).parameters if each != "self"]
            yield f"`{name}({', '.join(names)})`", _one_line(value.__doc__)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _one_line(text: str | None) -> str:
    return _markdown(" ".join((text or "").split()))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)

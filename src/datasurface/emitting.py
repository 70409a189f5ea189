"""Emitters: what they are given, and what they give back. Plugins bring them; ``datasurface emit`` writes the files."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar, get_args, get_origin, get_type_hints

from attrs import NOTHING, Attribute, AttrsInstance, field, fields, frozen

from datasurface.deployment import Deployment
from datasurface.environment import Table
from datasurface.errors import EnvironmentFileError
from datasurface.hints import did_you_mean
from datasurface.model import Container, Ecosystem

S = TypeVar("S", bound=AttrsInstance)


@frozen
class ConfigurationTable:
    """Where the control database keeps the rows of one platform that schedulers read."""

    schema: str
    name: str


@frozen
class EmitRequest:
    """All that an emitter may look at. The same request gives the same files.

    Attributes:
        ecosystem: bound to its environment.
        deployments: of all platforms, in the order of the model.
        control: the container that holds the generations and the configuration rows.
        configuration: where the rows of each platform stand, by its name; of those whose control store keeps such.
        settings: the emitter's own table of the environment file; what of the installation the model does not say.
        environment_file: whose table that is, for messages.
        bindings: what that file says of ``containers`` and ``platforms``, as the model is bound already.
    """

    ecosystem: Ecosystem
    deployments: tuple[Deployment, ...]
    control: Container
    configuration: Mapping[str, ConfigurationTable]
    settings: Mapping[str, object] = field(factory=dict)
    environment_file: Path | None = None
    bindings: Mapping[str, Table] = field(factory=dict)


@frozen
class Emitter:
    """Renders files for another program.

    Attributes:
        name: as in ``datasurface emit NAME``, and of its table in the environment file.
        summary: what it writes, in a few words.
        render: the files by their paths in the output folder, ``/`` between the parts. EnvironmentFileError where
            its settings cannot be used.
    """

    name: str
    summary: str
    render: Callable[[EmitRequest], Mapping[str, str]]


def read_settings(request: EmitRequest, table: str, cls: type[S]) -> S:
    """An emitter's settings as an object of its own attrs class, whose fields are the keys.

    Fields may be ``str``, ``bool``, ``int``, ``float``, ``tuple[str, ...]``, ``Mapping[str, str]``, and one of these or
    None. A field's validator may raise ValueError with what is wrong.

    Raises:
        EnvironmentFileError: a key that there is none of, a value of another type, a key that is missing.
    """
    hints = get_type_hints(cls)
    known: dict[str, Attribute[object]] = {each.name: each for each in fields(cls)}
    values: dict[str, object] = {}
    for key, value in request.settings.items():
        if key not in known:
            raise refused(request, table, key, "there is no such key", did_you_mean(key, known))
        fitting = _fitting(value, hints[key])
        if fitting is None:
            raise refused(request, table, key, f"it must be {_words(hints[key])}, not {value!r}", "correct the value")
        values[key] = fitting[0]
    for name, attribute in known.items():
        if attribute.default is NOTHING and name not in values:
            raise refused(request, table, name, "it is missing", f"write it under [{table}] in an environment file")
    try:
        return cls(**values)
    except ValueError as error:
        raise EnvironmentFileError(
            f"environment file {request.environment_file}: [{table}] {error}", hint="correct the value"
        ) from error


def refused(request: EmitRequest, table: str, key: str, what: str, hint: str) -> EnvironmentFileError:
    """The error that one key of an emitter's table cannot be used."""
    return EnvironmentFileError(f"environment file {request.environment_file}: [{table}] {key}: {what}", hint=hint)


def _fitting(value: object, wanted: object) -> tuple[object] | None:
    """The value as its field has it, in a tuple; None where it is of another type."""
    kinds = (wanted, *get_args(wanted)) if get_origin(wanted) not in (tuple, Mapping) else (wanted,)
    for kind in kinds:
        origin = get_origin(kind)
        if origin is tuple and isinstance(value, list) and all(isinstance(each, str) for each in value):
            return (tuple(value),)
        if (
            isinstance(origin, type)
            and issubclass(origin, Mapping)
            and isinstance(value, dict)
            and all(isinstance(each, str) for each in value.values())
        ):
            return (value,)
        if type(value) is kind or (kind is float and type(value) is int):
            return (value,)
    return None


def _words(wanted: object) -> str:
    """A field's type in words."""
    names = {str: "a string", bool: "true or false", int: "a whole number", float: "a number"}
    if get_origin(wanted) is tuple:
        return "an array of strings"
    if get_origin(wanted) is Mapping:
        return "a table of strings"
    parts = [wanted] if isinstance(wanted, type) else list(get_args(wanted))
    return " or ".join(names.get(part) or _words(part) for part in parts if part is not type(None))

"""Emit: the files that an emitter renders from a model, in a folder of their own."""

from pathlib import Path

from attrs import frozen

from datasurface.emitting import ConfigurationTable, EmitRequest, Emitter
from datasurface.environment import Environment
from datasurface.errors import UsageError
from datasurface.hints import did_you_mean
from datasurface.operations.control import control_container
from datasurface.operations.model import CheckedModel
from datasurface.operations.written_folder import write_folder
from datasurface.plugins.manager import Plugins


@frozen
class Emitted:
    """What an emitter wrote.

    Attributes:
        files: paths of all files in the folder.
        changed: those that are new, gone, or other than before.
    """

    folder: Path
    files: tuple[str, ...]
    changed: tuple[str, ...]


def emit(name: str, model: CheckedModel, plugins: Plugins, environment: Environment, folder: Path) -> Emitted:
    """Let an emitter render a model into a folder. Asks no database.

    Raises:
        UsageError: there is no such emitter, or the folder has something that it did not write.
        EnvironmentFileError: the settings in the environment file cannot be used.
    """
    emitter = _emitter(name, plugins)
    files = emitter.render(_request(emitter, model, plugins, environment))
    return Emitted(folder, tuple(sorted(files)), write_folder(folder, files, emitter.name))


def _emitter(name: str, plugins: Plugins) -> Emitter:
    known = {each.name: each for each in plugins.emitters()}
    if name not in known:
        raise UsageError(f"nothing emits '{name}'", hint=did_you_mean(name, known))
    return known[name]


def _request(emitter: Emitter, model: CheckedModel, plugins: Plugins, environment: Environment) -> EmitRequest:
    control = control_container(model.ecosystem)
    names = [deployment.platform.name for deployment in model.deployments]
    places = {each.path: each for each in plugins.control_objects(control, names)}
    return EmitRequest(
        ecosystem=model.ecosystem,
        deployments=model.deployments,
        control=control,
        configuration={
            name: ConfigurationTable(place.schema, place.name)
            for name in names
            for place in [places.get(f"platforms/{name}")]
            if place is not None and place.schema is not None
        },
        settings=environment.emitters.get(emitter.name, {}),
        environment_file=environment.path,
        bindings={"containers": environment.containers, "platforms": environment.platforms},
    )

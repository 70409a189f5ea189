"""What the commands of one call share."""

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from datasurface.cli.output import warn
from datasurface.errors import DataSurfaceError

if TYPE_CHECKING:
    from datasurface.environment import Environment
    from datasurface.plugins.manager import Plugins


@define
class Application:
    """Holds the plugins of one call of the command line, and loads them when they are first asked for.

    Attributes:
        problems: why plugins, or parts of them, were left out so far; each was a warning.
    """

    _given: "Plugins | None" = None
    problems: list[DataSurfaceError] = field(factory=list, init=False)
    _plugins: "Plugins | None" = field(default=None, init=False)

    def plugins(self) -> "Plugins":
        """The plugins that were given, else all that are installed. What is wrong with them is said on standard
        error, once."""
        if self._plugins is None:
            from datasurface.plugins.manager import installed_plugins

            self._plugins = evolve(self._given, tell=self._tell) if self._given else installed_plugins(self._tell)
            for state in self._plugins.states:
                for deprecated in state.deprecated:
                    warn(f"{state.title}: {deprecated}", f"upgrade {state.distribution or state.name}")
        return self._plugins

    def _tell(self, _plugin: str, problem: DataSurfaceError) -> None:
        if all(problem.message != told.message for told in self.problems):
            self.problems.append(problem)
            warn(problem.message, problem.hint)

    def environment(self, file: Path | None) -> "Environment":
        """The environment that a file describes, which may have a table for each emitter that there is; an empty one
        without a file."""
        from datasurface.environment import read_environment

        return read_environment(file, [emitter.name for emitter in self.plugins().emitters()] if file else ())

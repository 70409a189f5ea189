"""What the commands of one call share."""

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define

if TYPE_CHECKING:
    from datasurface.environment import Environment
    from datasurface.plugins.manager import Plugins


@define
class Application:
    """Holds the plugins of one call of the command line, and loads them when they are first asked for."""

    _plugins: "Plugins | None" = None

    def plugins(self) -> "Plugins":
        """The plugins that were given, else all that are installed."""
        if self._plugins is None:
            from datasurface.plugins.manager import Plugins, plugin_manager

            self._plugins = Plugins(plugin_manager())
        return self._plugins

    def environment(self, file: Path | None) -> "Environment":
        """The environment that a file describes, which may have a table for each emitter that there is; an empty one
        without a file."""
        from datasurface.environment import read_environment

        return read_environment(file, [emitter.name for emitter in self.plugins().emitters()] if file else ())

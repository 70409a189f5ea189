"""Finds the installed plugins. One that is broken is told of and left out; it keeps no other from working."""

from collections.abc import Mapping, Sequence
from importlib import metadata

import pluggy
from attrs import evolve, frozen

from datasurface.errors import DataSurfaceError
from datasurface.plugins import hookspecs
from datasurface.plugins.extras import extra_named
from datasurface.plugins.hookspecs import RENAMED, Renamed
from datasurface.plugins.states import BrokenPlugin, PluginState, judged

_OURS = "datasurface"
"""The distribution whose plugins come first: where two bring the same name, ours stays."""


class HookManager(pluggy.PluginManager):
    """Knows the hooks, also by names that they had before, and no plugin yet."""

    def __init__(self, renamed: Mapping[str, Renamed] = RENAMED) -> None:
        super().__init__(hookspecs.PROJECT)
        self.add_hookspecs(hookspecs)
        self.renamed = renamed

    @property
    def hooks(self) -> Mapping[str, Sequence[str]]:
        """The parameters of each hook, by its name."""
        return {name: caller.spec.argnames for name, caller in vars(self.hook).items() if caller.spec is not None}

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        """As pluggy has it; an old name leads to the hook's own."""
        options = super().parse_hookimpl_opts(plugin, name)
        known = self.renamed.get((options["specname"] or name) if options else name)
        if options and known:
            options["specname"] = known.now
        return options


@frozen
class Found:
    """The plugins that take part, and what is known of every installed one by its name in the manager."""

    manager: HookManager
    states: Mapping[str, PluginState]


def find_plugins(renamed: Mapping[str, Renamed] = RENAMED) -> Found:
    """Load every installed plugin."""
    manager, states = HookManager(renamed), {}
    for entry in sorted(metadata.entry_points(group=hookspecs.PROJECT), key=_place):
        state = PluginState(
            entry.name,
            entry.value,
            entry.dist.name if entry.dist else None,
            entry.dist.version if entry.dist else None,
        )
        states[state.title] = _registered(manager, entry, state)
    return Found(manager, states)


def _place(entry: metadata.EntryPoint) -> tuple[bool, str, str]:
    name = entry.dist.name if entry.dist else ""
    return name != _OURS, name, entry.name


def _registered(manager: HookManager, entry: metadata.EntryPoint, state: PluginState) -> PluginState:
    """The plugin's state once it is loaded and takes part, or why it does not."""
    try:
        with extra_named(state.title):
            plugin = entry.load()
        found = judged(plugin, manager.hooks, manager.renamed)
    except DataSurfaceError as error:
        return evolve(state, problems=(error,))
    except (Exception, SystemExit) as error:
        return _left_out(state, f"{type(error).__name__}: {error}")
    state = evolve(
        state,
        hooks=found.hooks,
        written_for=found.written_for,
        deprecated=found.deprecated,
        remarks=found.remarks,
    )
    if found.faults:
        return _left_out(state, "; ".join(found.faults))
    try:
        manager.register(plugin, state.title)
    except ValueError:
        return _left_out(state, f"{entry.value} is announced twice")
    return state


def _left_out(state: PluginState, why: str) -> PluginState:
    hint = f"install a version that fits, or uninstall {state.distribution or state.name}"
    return evolve(state, problems=(BrokenPlugin(f"{state.title} does not load: {why}", hint=hint),))

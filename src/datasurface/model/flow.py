"""How data flows through a model, as a drawing: producers, the platforms that carry their data, consumers, and what
consumers' transformers produce again.
"""

from collections.abc import Iterator

from attrs import frozen

from datasurface.drawing import Arrow, Box, Colour, Drawing, Row
from datasurface.model.datastore import Datastore
from datasurface.model.ecosystem import Ecosystem
from datasurface.model.platform import DataPlatform
from datasurface.model.workspace import DatasetGroup, Workspace

_COLUMNS = 3
"""Of a stage: stores, platforms, workspaces. What a transformer produces begins another stage."""


def flow(ecosystem: Ecosystem) -> Drawing:
    """The drawing of a model, whatever may be wrong with it: names that mean nothing are left out.

    A platform stands once in each stage in which it carries data. An arrow is dashed where nothing flows: to a group
    without a platform, or by an assignment that is decommissioned.
    """
    found = _Found.of(ecosystem)
    boxes = (*_stores(found), *_platforms(found), *_workspaces(found))
    return Drawing(f"{ecosystem.name}: from producers to consumers", boxes, _arrows(found))


@frozen
class _Found:
    """The parts of a model by name, and what runs between them.

    Attributes:
        stage: of each store: how many transformers its data went through.
        carried: the assignments of known groups to known platforms, and whether any of them runs.
    """

    stores: dict[str, Datastore]
    platforms: dict[str, DataPlatform]
    workspaces: dict[str, tuple[str, Workspace]]
    stage: dict[str, int]
    carried: dict[tuple[str, str], dict[str, bool]]

    @classmethod
    def of(cls, ecosystem: Ecosystem) -> "_Found":
        stores = {store.name: store for store in ecosystem.datastores()}
        platforms = {platform.name: platform for platform in ecosystem.platforms}
        workspaces = {
            workspace.name: (team.name, workspace) for team in ecosystem.teams() for workspace in team.workspaces
        }
        carried: dict[tuple[str, str], dict[str, bool]] = {}
        for entry in ecosystem.assignments:
            by_platform = carried.setdefault((entry.workspace, entry.dsg), {})
            for assignment in entry.assignments:
                if assignment.platform in platforms:
                    runs = by_platform.get(assignment.platform, False)
                    by_platform[assignment.platform] = runs or assignment.status.runs
        stage = _stages(stores, [workspace for _, workspace in workspaces.values()])
        return cls(stores, platforms, workspaces, stage, carried)

    def groups(self) -> Iterator[tuple[Workspace, DatasetGroup, tuple[str, ...]]]:
        """Every group with the stores whose datasets it sinks, each once."""
        for _, workspace in self.workspaces.values():
            for group in {group.name: group for group in workspace.groups}.values():
                yield workspace, group, _stores_of(group, self.stores)


def _stores_of(group: DatasetGroup, stores: dict[str, Datastore]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sink.store for sink in group.sinks if sink.store in stores))


def _stages(stores: dict[str, Datastore], workspaces: list[Workspace]) -> dict[str, int]:
    """A produced store is one stage after the last that its transformer reads; where transformers read each other's
    output in a circle, no stage is right, and each of them has some.
    """
    reads = {
        workspace.transformer.produces.name: {name for group in workspace.groups for name in _stores_of(group, stores)}
        for workspace in workspaces
        if workspace.transformer is not None
    }
    missing = {made: {name for name in read if name in reads and name != made} for made, read in reads.items()}
    readers: dict[str, list[str]] = {}
    for made, read in missing.items():
        for name in read:
            readers.setdefault(name, []).append(made)
    stage = dict.fromkeys(stores, 0)
    ready, in_order, done = [made for made in missing if not missing[made]], iter(missing), set[str]()
    while len(done) < len(reads):
        made = ready.pop() if ready else next(name for name in in_order if name not in done)
        if made in done:
            continue
        done.add(made)
        stage[made] = 1 + max((stage[name] for name in reads[made] if name != made), default=0)
        for reader in readers.get(made, ()):
            missing[reader].discard(made)
            if not missing[reader]:
                ready.append(reader)
    return stage


def _last_stage(workspace: Workspace, stores: dict[str, Datastore], stage: dict[str, int]) -> int:
    return max((stage[name] for group in workspace.groups for name in _stores_of(group, stores)), default=0)


def _stores(found: _Found) -> Iterator[Box]:
    for name, store in found.stores.items():
        count = len(store.datasets)
        note = f"datastore · {count} dataset{'' if count == 1 else 's'}"
        yield Box(f"store/{name}", name, note, found.stage[name] * _COLUMNS, Colour.BLUE)


def _platforms(found: _Found) -> Iterator[Box]:
    stages: dict[str, set[int]] = {name: set() for name in found.platforms}
    for workspace, group, stores in found.groups():
        for carrier in found.carried.get((workspace.name, group.name), ()):
            stages[carrier] |= {found.stage[store] for store in stores}
    for name, platform in found.platforms.items():
        note = f"{platform.milestoning.name} · {platform.schedule}"
        for stage in sorted(stages[name]) or [0]:
            yield Box(_platform_id(name, stage), name, note, stage * _COLUMNS + 1, Colour.ORANGE)


def _platform_id(name: str, stage: int) -> str:
    return f"platform/{stage}/{name}"


def _workspaces(found: _Found) -> Iterator[Box]:
    for name, (team, workspace) in found.workspaces.items():
        groups = dict.fromkeys(group.name for group in workspace.groups)
        rows = [Row(f"group/{name}/{group}", group) for group in groups]
        if workspace.transformer is not None:
            rows.append(Row(f"transformer/{name}", f"→ {workspace.transformer.name}"))
        column = _last_stage(workspace, found.stores, found.stage) * _COLUMNS + 2
        yield Box(f"workspace/{name}", name, f"workspace · {team}", column, Colour.GREEN, tuple(rows))


def _arrows(found: _Found) -> Iterator[Arrow]:
    flowing: dict[tuple[str, str], bool] = {}
    for workspace, group, stores in found.groups():
        end = f"group/{workspace.name}/{group.name}"
        platforms = found.carried.get((workspace.name, group.name), {})
        for store in stores:
            start = f"store/{store}"
            for platform, runs in platforms.items():
                via = _platform_id(platform, found.stage[store])
                flowing[start, via] = flowing.get((start, via), False) or runs
                flowing[via, end] = runs
            if not platforms:
                flowing[start, end] = False
    for (start, end), runs in flowing.items():
        yield Arrow(start, end, is_dashed=not runs)
    for name, (_, workspace) in found.workspaces.items():
        if workspace.transformer is not None:
            yield Arrow(f"transformer/{name}", f"store/{workspace.transformer.produces.name}")

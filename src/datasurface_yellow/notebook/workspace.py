"""A workspace as its reader sees it: groups, and in them datasets, by their names."""

from collections.abc import Iterable, Iterator

from attrs import evolve, frozen

from datasurface.hints import did_you_mean
from datasurface.model import Ecosystem
from datasurface_yellow.notebook.dataset import ReadDataset
from datasurface_yellow.notebook.errors import NoSuchName, ReadRefused
from datasurface_yellow.notebook.offers import Offer


@frozen(repr=False, eq=False)
class ReadGroup:
    """A group of the workspace: ``group.customers`` or ``group["customers"]`` is a dataset."""

    name: str
    offers: tuple[Offer, ...]

    def __getitem__(self, name: str) -> ReadDataset:
        found = [offer for offer in self.offers if offer.name == name]
        if len(found) > 1:
            platforms = ", ".join(sorted(offer.platform for offer in found))
            raise NoSuchName(
                f"{name} of group {self.name} is served by several platforms: {platforms}",
                hint=f'choose one: .on("{found[0].platform}")',
            )
        if not found:
            raise NoSuchName(
                f"group {self.name} has no dataset '{name}' that this login may read",
                hint=did_you_mean(name, [offer.name for offer in self.offers]),
            )
        return ReadDataset(found[0])

    def __getattr__(self, name: str) -> ReadDataset:
        return self[_asked_for(name)]

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *(offer.name for offer in self.offers if offer.name.isidentifier())]

    def __iter__(self) -> Iterator[ReadDataset]:
        return (ReadDataset(offer) for offer in self.offers)

    def __repr__(self) -> str:
        return f"<group {self.name}: {', '.join(offer.name for offer in self.offers)}>"

    def _repr_html_(self) -> str:
        from datasurface_yellow.notebook.showing import offers_as_html

        return offers_as_html(f"group {self.name}", self.offers)


@frozen(repr=False, eq=False)
class ReadWorkspace:
    """What a login may read of a workspace: ``shop.LiveDSG.customers``, or ``shop.customers`` where one group alone has
    it; ``shop["LiveDSG"]`` for names that are no words of Python.
    """

    name: str
    offers: tuple[Offer, ...]
    ecosystem: Ecosystem | None = None

    @property
    def model(self) -> Ecosystem:
        """The model, where it was connected by the model's folder."""
        if self.ecosystem is None:
            raise ReadRefused("a URL leads to no model", hint="connect by the folder that holds its eco.py")
        return self.ecosystem

    @property
    def groups(self) -> tuple[ReadGroup, ...]:
        """The groups that have something to be read, by their names."""
        names = sorted({offer.group for offer in self.offers})
        return tuple(ReadGroup(name, tuple(offer for offer in self.offers if offer.group == name)) for name in names)

    def on(self, platform: str) -> "ReadWorkspace":
        """What one platform serves, while a group moves from one to another."""
        found = tuple(offer for offer in self.offers if offer.platform == platform)
        if not found:
            known = {offer.platform for offer in self.offers}
            raise NoSuchName(f"no platform '{platform}' serves {self.name}", hint=did_you_mean(platform, known))
        return evolve(self, offers=found)

    def close(self) -> None:
        """End its sessions; what is read later opens new ones."""
        for session in {offer.session for offer in self.offers}:
            session.close()

    def __getitem__(self, name: str) -> "ReadGroup | ReadDataset":
        for group in self.groups:
            if group.name == name:
                return group
        having = [group for group in self.groups if any(offer.name == name for offer in group.offers)]
        if len(having) == 1:
            return having[0][name]
        if having:
            ways = " or ".join(f'["{group.name}"]["{name}"]' for group in having)
            raise NoSuchName(f"{name} is in {len(having)} groups of {self.name}", hint=f"take {ways}")
        known = {offer.group for offer in self.offers} | {offer.name for offer in self.offers}
        raise NoSuchName(
            f"workspace {self.name} has no group or dataset '{name}' that this login may read",
            hint=did_you_mean(name, known),
        )

    def __getattr__(self, name: str) -> "ReadGroup | ReadDataset":
        return self[_asked_for(name)]

    def __dir__(self) -> Iterable[str]:
        names = {offer.group for offer in self.offers} | {offer.name for offer in self.offers}
        return [*super().__dir__(), *(name for name in names if name.isidentifier())]

    def __repr__(self) -> str:
        return f"<workspace {self.name}: {', '.join(f'{offer.group}/{offer.name}' for offer in self.offers)}>"

    def _repr_html_(self) -> str:
        from datasurface_yellow.notebook.showing import offers_as_html

        return offers_as_html(f"workspace {self.name}", self.offers)


def _asked_for(name: str) -> str:
    """The name, unless it is one of those that Python and notebooks try on every object."""
    if name.startswith("_"):
        raise AttributeError(name)
    return name

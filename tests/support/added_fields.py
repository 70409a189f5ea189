"""A process of its own in which every class of the model has one field more than in its file, as after an edit of the
class and of nothing else. Prints what diff, ownership and JSON make of it, as JSON.
"""

import ast
import json
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

FIELD = "added_to_{}: str = __import__('attrs').field(default='', kw_only=True)"
"""The added line; __import__ since not every file has the name."""


class WithMoreFields(SourceFileLoader):
    """Reads a module with a line more in each of its attrs classes."""

    def get_code(self, fullname: str) -> CodeType:
        """Compiled from the source; what is in ``__pycache__`` is without the fields."""
        path = self.get_filename(fullname)
        tree = ast.parse(self.get_data(path))
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and any("frozen" in ast.dump(mark) for mark in node.decorator_list):
                node.body += ast.parse(FIELD.format(node.name)).body
        return compile(ast.fix_missing_locations(tree), path, "exec")


class Finder(MetaPathFinder):
    """Finds the modules that define classes of models."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As ``sys.path`` has it, with our loader."""
        if not fullname.startswith(("datasurface.model.", "datasurface_yellow.platform")):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = WithMoreFields(fullname, spec.origin)
        return spec


def main() -> None:
    sys.meta_path.insert(0, Finder())
    json.dump(list(_checked()), sys.stdout)


def _checked() -> Iterator[dict[str, object]]:
    """For every added field of every object of a model: where diff finds a change of it, who has to agree, and
    whether it survives."""
    from attrs import fields

    from datasurface.change.diff import diff
    from datasurface.change.ownership import owners, unauthorised
    from datasurface.interchange.canonical import Canonical
    from datasurface.model import Ecosystem, Element, GitRepository, walk
    from datasurface.model.rebuild import evolved, rebuilt
    from datasurface_yellow import YellowDataPlatform
    from tests.support.every_class import every_class

    canonical, stranger = Canonical([YellowDataPlatform]), GitRepository("acme/stranger")
    model = every_class()
    for element in {id(element): element for _, element in walk(model)}.values():
        for name in (attribute.name for attribute in fields(type(element)) if attribute.name.startswith("added_to_")):

            def changed(found: Element, element: Element = element, name: str = name) -> Element:
                return evolved(found, **{name: "changed"}) if found is element else found

            after = rebuilt(model, changed)
            changes = diff(model, after)
            yield {
                "class": type(element).__name__,
                "field": name,
                "is at": [path for path, found in walk(model) if found is element],
                "found at": [change.path for change in changes if change.attribute == name],
                "all found": len(changes),
                "owners": sorted({len(owners(change)) for change in changes}),
                "refused": len({refusal.change.path for refusal in unauthorised(changes, stranger)}),
                "equal": after == model,
                "survives": canonical.value(json.loads(canonical.text(after)), Ecosystem) == after,
            }


if __name__ == "__main__":
    main()

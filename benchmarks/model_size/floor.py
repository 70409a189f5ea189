"""``python -m benchmarks.model_size.floor FOLDER``: the least that a model of this size can cost, in one process.

Prints one JSON object: ``code``, the seconds of the model's own code; ``floor``, the seconds of reading its canonical
JSON into bare objects, which check nothing and know nothing; ``bytes``, the length of that JSON.
"""

import gc
import json
import sys
from functools import cache
from pathlib import Path
from time import perf_counter

from attrs import make_class

from datasurface.model import Ecosystem
from datasurface.plugins.manager import installed_plugins


def main(folder: Path) -> None:
    gc.disable()  # the floor is what cannot be done faster
    sys.path.insert(0, str(folder))
    begun = perf_counter()
    ecosystem = _created()
    code = perf_counter() - begun
    text = installed_plugins().canonical().text(ecosystem)
    del ecosystem
    begun = perf_counter()
    json.loads(text, object_hook=_bare)
    floor = perf_counter() - begun
    print(json.dumps({"code": code, "floor": floor, "bytes": len(text.encode())}))


def _created() -> Ecosystem:
    from importlib import import_module

    ecosystem = import_module("eco").create_ecosystem()
    assert isinstance(ecosystem, Ecosystem)
    return ecosystem


def _bare(document: dict[str, object]) -> object:
    return _class_of(tuple(document))(**document)


@cache
def _class_of(keys: tuple[str, ...]) -> type:
    return make_class("Bare", list(keys), slots=True, frozen=True, eq=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

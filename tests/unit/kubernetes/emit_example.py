"""Writes the manifests of the example into a folder, for programs that judge them: ``python -m`` with its name."""

import sys
from pathlib import Path

from datasurface_airflow.kubernetes.render import render
from tests.unit.kubernetes.cluster import request


def main(folder: Path) -> None:
    for path, content in render(request()).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

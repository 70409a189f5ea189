"""The example's notebooks, run as a reader runs them."""

import warnings
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # theirs, at import
    import nbformat
    from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[2] / "examples" / "customer360" / "notebook"


def source_of(path: Path) -> nbformat.NotebookNode:
    """A notebook as it is kept."""
    notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


def outputs_of(path: Path) -> list[str]:
    """What a notebook shows, cell by cell: HTML or a picture where there is some, else text."""
    notebook = source_of(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return [_shown(output) for output in outputs]


def _shown(output: nbformat.NotebookNode) -> str:
    if "data" not in output:
        return str(output["text"])
    return str(output["data"].get("text/html") or output["data"].get("image/svg+xml") or "")

"""A distribution of somebody's with a plugin, installed by hand."""

from pathlib import Path
from textwrap import dedent

HOOK = "from datasurface.plugins.hookspecs import hookimpl\nHOOKS = 1\n@hookimpl\n"
"""How the text of a plugin begins whose first function is a hook."""


def install_plugin(folder: Path, text: str, distribution: str = "acme-plugin", entry: str = "acme") -> str:
    """Install a distribution, version 1.2, whose plugin is a module with this text, into a folder that is on the
    path; the plugin in the words of messages."""
    name = distribution.replace("-", "_")
    module = f"{name}_{abs(hash(text))}"
    (folder / f"{module}.py").write_text(dedent(text), encoding="utf-8")
    info = folder / f"{name}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[datasurface]\n{entry} = {module}\n", encoding="utf-8")
    return f"plugin '{entry}' of {distribution} 1.2"

"""The README's model is one that works."""

import json
from pathlib import Path

from datasurface.environment import Environment
from datasurface.operations.checkout import ModelFolder
from datasurface.operations.model import check
from datasurface.plugins.manager import installed_plugins
from tests.unit.docs.markdown import README, blocks

MAPPING = [
    {
        "workspace": "Audit",
        "dsg": "AuditDSG",
        "assignments": [{"platform": "History", "status": "PROVISIONED"}],
    }
]


def test_the_model_is_short_and_has_no_finding(tmp_path: Path) -> None:
    [model] = [block for block in blocks(README) if block.mark == "eco.py"]
    assert len(model.text.splitlines()) <= 30

    (tmp_path / "eco.py").write_text(model.text, encoding="utf-8")
    (tmp_path / "dsg_platform_mapping.json").write_text(json.dumps(MAPPING), encoding="utf-8")
    checked = check(ModelFolder(tmp_path), installed_plugins(), Environment())
    assert checked.findings == ()
    assert [stream.key for deployment in checked.deployments for stream in deployment.streams] == ["Shop"]

"""kustomize makes of the folders what we say that it makes."""

import json
import shutil
import subprocess
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from datasurface_airflow.kubernetes.render import render
from tests.support.length import IS_LONG
from tests.unit.kubernetes.cluster import applied, request, site, transforming_in_cluster

_KUBECTL = shutil.which("kubectl")

pytestmark = pytest.mark.skipif(
    not IS_LONG or _KUBECTL is None, reason="`tox -e kubernetes` renders with kubectl, where it is installed"
)


@pytest.mark.parametrize("scheduler", ["airflow", "run"])
@pytest.mark.parametrize("overlay", ["dev", "production"])
def test_an_overlay_is_rendered_to_what_the_checks_have_seen(overlay: str, scheduler: str, tmp_path: Path) -> None:
    for path, content in render(request(transforming_in_cluster(), scheduler=scheduler)).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content, encoding="utf-8")
    words = ["kubectl", "kustomize", str(tmp_path / "overlays" / overlay)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found = list(yaml.safe_load_all(done.stdout))
    for each in found:
        kubernetes_validate.validate(each, "1.37", strict=True)
    seen = applied(site(transforming_in_cluster(), scheduler=scheduler), overlay).all
    assert sorted(map(_text, found)) == sorted(map(_text, seen))


def _text(document: object) -> str:
    return json.dumps(document, sort_keys=True)

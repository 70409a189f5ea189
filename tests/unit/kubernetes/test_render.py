"""``datasurface emit kubernetes``: files that fit together, hold no secret, and survive whatever stands in a model."""

import re
import shlex
from pathlib import Path

import click
import pytest
import yaml
from attrs import evolve

from datasurface.cli.application import Application
from datasurface.cli.main import datasurface, main
from datasurface.errors import EnvironmentFileError
from datasurface.model import Credential, GitRepository, PostgresDatabase, PythonCode
from datasurface.model.rebuild import rebuilt
from datasurface.model.resources import Resources
from datasurface.plugins.discovery import HookManager
from datasurface.plugins.manager import Plugins
from datasurface_airflow import plugin as airflow_plugin
from datasurface_airflow.kubernetes.checklist import needed_secrets, secret_commands
from datasurface_airflow.kubernetes.checks import check
from datasurface_airflow.kubernetes.documents import (
    Document,
    items,
    kind_of,
    name_of,
    pod_template,
    table,
    tables,
    text,
)
from datasurface_airflow.kubernetes.plan import Site
from datasurface_airflow.kubernetes.render import render
from datasurface_yellow import plugin as yellow_plugin
from datasurface_yellow.store.configuration import orchestrated_jobs
from tests.unit.kubernetes.cluster import (
    CONTAINERS,
    DIGEST,
    EXAMPLE,
    SERVER,
    applied,
    at_hosts,
    example,
    request,
    site,
    transforming_in_cluster,
)

ENVIRONMENT = f"""
[kubernetes]
image = "registry.example.com/datasurface@{DIGEST}"
database = "statefulset"
kubernetes_api = "10.96.0.1/32"
cidrs = {{"github.com" = "140.82.112.0/20"}}
""" + "".join(f'[containers.{name}]\nhost = "{SERVER}"\n' for name in CONTAINERS)

HOSTILE = "a: b\n---\nkind: 'Secret'\n\"}]| `rm -rf /` $(HOME) \u2028 #{} !!python/object ä"
EXTERNAL = {"database": "external", "database_image": None, "simulator_container": None}


def test_the_example_is_emitted_by_the_command_and_again_without_a_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manager = HookManager()
    manager.register(airflow_plugin)
    manager.register(yellow_plugin)
    environment, out = tmp_path / "cluster.toml", tmp_path / "out"
    environment.write_text(ENVIRONMENT, encoding="utf-8")
    words = ["emit", "kubernetes", str(EXAMPLE), "--environment", str(environment), "--output", str(out), "--json"]
    assert main(words, Plugins(manager)) == 0
    assert main(words, Plugins(manager)) == 0
    assert '"changed": []' in capsys.readouterr().out
    assert f'host" = "{SERVER}"' in (out / "base" / "system.yaml").read_text(encoding="utf-8")


def test_every_manifest_is_applied_and_every_name_of_a_file_is_one() -> None:
    files = render(request())
    for path, content in files.items():
        if path.endswith("kustomization.yaml"):
            folder = Path(path).parent
            named = {
                f"{folder}/{name}" for name in items(yaml.safe_load(content), "resources") if ".." not in str(name)
            }
            there = {name for name in files if Path(name).parent == folder} - {path}
            assert named == there
    read = [
        each for path in files if path.startswith(("base", "overlays/dev")) for each in yaml.safe_load_all(files[path])
    ]
    found = [each for each in read if each["kind"] != "Kustomization"]
    assert sorted(map(str, found)) == sorted(map(str, applied(site()).all))


@pytest.mark.parametrize("overlay", ["dev", "production"])
@pytest.mark.parametrize(
    "settings", [{}, EXTERNAL, {"pull_secret": "pull", "ca_config_map": "ca"}, {"scheduler": "run"}], ids=str
)
def test_nothing_is_wrong_with_the_example(settings: dict[str, object], overlay: str) -> None:
    model = at_hosts(example(), **dict.fromkeys(CONTAINERS, "203.0.113.7")) if settings == EXTERNAL else None
    assert check(applied(site(model, **settings), overlay)) == []
    if settings != EXTERNAL:
        assert check(applied(site(transforming_in_cluster(), **settings), overlay)) == []


def secrets_of(found: Site, component: str, namespace: str = "yellow-live") -> set[str]:
    [work] = [each for each in found.works if (each.component, each.namespace) == (component, namespace)]
    return set(work.credentials)


def test_pods_have_the_secrets_of_what_they_do_and_no_other() -> None:
    found = site(transforming_in_cluster(), store_credential="control-reader")
    writer, of_views = "yellow-live-writer", {"consumer-db-owner", "consumer1-remote"}
    login = {"figures-owner", "make-figures", "figures-code"}
    assert secrets_of(found, "transform") == {"control-reader", writer, *login}
    assert secrets_of(found, "job") == {"control-reader", writer, *of_views, "customer-db-reader", "figures-owner"}
    assert secrets_of(found, "reconcile-views") == {"control-reader", writer, *of_views}
    assert login <= secrets_of(found, "apply", "datasurface")
    assert not login & secrets_of(found, "job", "yellow-forensic")
    [live] = [each for each in found.request.deployments if each.transformers]
    [row] = [job for job in orchestrated_jobs(live).values() if job.kind == "transformation"]
    assert secrets_of(found, "transform") == {"control-reader", *row.credentials}  # as Airflow is told them
    commands = {shlex.split(command)[4]: command for command in secret_commands(found)}
    assert commands["figures-code"].endswith("--from-file=token=FILE")
    assert "username" in commands["make-figures"]


def test_without_airflow_a_scheduler_of_each_platform_runs_all_of_its_jobs() -> None:
    found = site(transforming_in_cluster(), scheduler="run")
    assert secrets_of(found, "run") == {
        "control-writer",
        "yellow-live-writer",
        "consumer-db-owner",
        "consumer1-remote",
        "customer-db-reader",
        "figures-owner",
        "make-figures",
        "figures-code",
    }
    files = render(request(transforming_in_cluster(), scheduler="run"))
    assert not [path for path in files if "airflow" in path]
    assert not [path for path, text in files.items() if "airflow" in text.lower()]
    names = [name_of(each) for each in applied(found, "production").of("Deployment")]
    assert names == ["run-yellowforensic", "run-yellowlive"]


def test_code_that_is_a_path_is_refused() -> None:
    model = rebuilt(
        transforming_in_cluster(),
        lambda each: evolve(each, repository=GitRepository("/srv/code")) if isinstance(each, PythonCode) else each,
    )
    with pytest.raises(EnvironmentFileError, match="the code of transformer MakeFigures, is not there in a pod"):
        site(model)


def test_words_of_containers_are_those_of_the_command_line() -> None:
    seen = set()
    both = [
        *applied(site()).containers(),
        *applied(site(transforming_in_cluster(), scheduler="run"), "production").containers(),
    ]
    for workload, container in both:
        if items(container, "command") != ["datasurface"]:
            continue
        command: click.Command = datasurface
        context, words = click.Context(command, obj=Application()), [str(word) for word in items(container, "args")]
        while isinstance(command, click.Group):
            name, found, words = command.resolve_command(context, words)
            assert found is not None
            command, context = found, click.Context(found, info_name=name, parent=context)
        command.make_context(command.name, words, parent=context.parent)
        seen.add(table(workload, "metadata", "labels")["app.kubernetes.io/component"])
    assert seen == {"apply", "bootstrap", "reconcile-views", "run", "retention", "verify"}


def test_every_secret_has_a_command_and_none_is_written() -> None:
    found = site(repository_credential="model-reader")
    commands = [shlex.split(command) for command in secret_commands(found)]
    made = {(words[words.index("--namespace") + 1], words[4]) for words in commands}
    assert made == {(where, name) for where, names in needed_secrets(found).items() for name in names}
    [token] = [words for words in commands if "model-reader" in words]
    assert token[-1] == "--from-file=token=FILE"
    mounted = {
        (text(workload, "metadata", "namespace"), text(volume, "secret", "secretName"))
        for workload, template in applied(found).templates()
        for volume in tables(template, "spec", "volumes")
        if "secret" in volume
    }
    assert mounted <= made
    page = render(request(repository_credential="model-reader"))["README.md"]
    assert all(command in page for command in secret_commands(found))


def test_jobs_have_the_resources_of_their_platform() -> None:
    model = at_hosts(example())
    platform = evolve(model.platforms[0], resources=Resources(memory="3Gi", memory_limit="4Gi"))
    found = site(evolve(model, platforms=(platform, *model.platforms[1:])), resources={"cpu": "7m"})
    asked = {
        name_of(workload): {
            kind: asked
            for kind, asked in table(container, "resources", "requests").items()
            if kind in ("cpu", "memory")
        }
        for workload, container in applied(found).containers()
    }
    assert asked["reconcile-views-yellowlive"] == {"cpu": "100m", "memory": "3Gi"}
    [deployment] = [each for each in found.request.deployments if each.platform is found.platforms["yellow-live"][0]]
    assert orchestrated_jobs(deployment)["Store1"].resources == platform.resources.quantities()  # type: ignore[union-attr]
    assert asked["reconcile-views-yellowforensic"] == {"cpu": "7m", "memory": "256Mi"}


def test_other_pods_are_another_first_job() -> None:
    def name(**settings: object) -> str:
        return next(name_of(each) for each in applied(site(**settings)).of("Job"))

    assert name() == name()
    assert name() != name(image=f"registry.example.com/other@{DIGEST}")


def test_what_stands_in_a_model_ends_no_value() -> None:
    model = at_hosts(example())
    platforms = tuple(evolve(each, name=f"{each.name}{HOSTILE}", description=HOSTILE) for each in model.platforms)
    by_name = {old.name: new.name for old, new in zip(model.platforms, platforms, strict=True)}
    assignments = tuple(
        evolve(
            entry,
            assignments=tuple(evolve(each, platform=by_name[each.platform]) for each in entry.assignments),
        )
        for entry in model.assignments
    )
    control = PostgresDatabase("ControlStore", host=SERVER, database=HOSTILE, credential=Credential("control-writer"))
    repository = GitRepository(model.repository.url, branch=HOSTILE)
    hostile = evolve(
        model, platforms=platforms, assignments=assignments, control_database=control, repository=repository
    )
    files = render(request(hostile))
    plain = render(request(model))
    assert files.keys() == plain.keys()
    read = {path: list(yaml.safe_load_all(content)) for path, content in files.items() if path.endswith(".yaml")}
    for path, found in read.items():
        assert [kind_of(each) for each in found] == [kind_of(each) for each in yaml.safe_load_all(plain[path])], path
    [namespace] = [each for each in read["base/namespaces.yaml"] if name_of(each) == "yellow-live"]
    assert table(namespace, "metadata", "annotations")["datasurface/description.0"] == HOSTILE
    words = _args(next(each for each in read["base/platform-yellow-live.yaml"] if kind_of(each) == "CronJob"))
    assert by_name["YellowLive"].replace("$(", "$$(") in words  # Kubernetes puts $( for $$(
    assert not re.search(r"^---|^kind:", files["README.md"], flags=re.MULTILINE)


def _args(workload: Document) -> list[object]:
    [container] = tables(pod_template(workload), "spec", "containers")
    return list(items(container, "args"))

"""What is wrong in ``[kubernetes]``, or cannot be in a cluster, is one error that names the place and what to do."""

import re

import pytest
from attrs import evolve, fields

from datasurface.errors import EnvironmentFileError
from datasurface.model import SqliteDatabase, SqlSnapshot
from datasurface_airflow.kubernetes.render import render
from datasurface_airflow.kubernetes.settings import KubernetesSettings
from tests.unit.kubernetes.cluster import at_hosts, example, request


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"image": None}, "image: it is missing"),
        ({"imag": "x"}, "imag: there is no such key"),
        ({"image": "datasurface:latest"}, "image: 'datasurface:latest' is another image every day"),
        ({"image": "datasurface"}, "image: 'datasurface' is without a tag or digest"),
        ({"image": "Data Surface:1"}, "image: 'Data Surface:1' is no name of an image"),
        ({"pull_policy": "always"}, "pull_policy: 'always' is not one of Always"),
        ({"namespace": "Data_Surface"}, "namespace: 'Data_Surface' is no name that Kubernetes takes"),
        ({"database": "internal"}, "database: 'internal' is not one of statefulset"),
        ({"storage_size": "20GB"}, "storage_size: '20GB' is no quantity"),
        ({"resources": {"cpus": "1"}}, "resources: it takes cpu, memory"),
        ({"resources": {"memory": "1.5"}}, "resources: Resources: memory: '1.5' is no number of bytes"),
        ({"apply_schedule": "every 5 minutes"}, "apply_schedule: 'every 5 minutes' is no cron"),
        ({"reconcile_schedule": "61 * * * *"}, "reconcile_schedule: '61 * * * *' is no cron"),
        ({"cidrs": {"github.com": "140.82.112.3/20"}}, 'cidrs: "github.com": 140.82.112.3/20 has host bits set'),
        ({"secrets": {"customer-db-reader": "A B"}}, "secrets: \"customer-db-reader\": 'A B' is no name"),
        ({"kubernetes_api": "kubernetes.default"}, "kubernetes_api: 'kubernetes.default' does not appear to be"),
        ({"kubernetes_api_port": 0}, "kubernetes_api_port: 0 is no port"),
        ({"airflow_executor": "SequentialExecutor"}, "airflow_executor: 'SequentialExecutor' is not one of"),
        ({"simulator_container": "LiveStore"}, "simulator_container: no PostgreSQL source is called 'LiveStore'"),
        ({"repository": "../model"}, "repository: '../model' is not there in a pod"),
        ({"airflow_namespace": "yellow-live"}, "[platforms.YellowLive] namespace: 'yellow-live' is taken"),
        ({"database": "external"}, "there is no service postgres in datasurface"),
    ],
    ids=str,
)
def test_a_wrong_setting(settings: dict[str, object], said: str) -> None:
    with pytest.raises(EnvironmentFileError) as refused:
        render(request(**settings))
    assert said in refused.value.message
    assert "cluster.toml" in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("localhost", "in a pod that is the pod itself"),
        ("/var/run/postgresql", "a socket is not there in a pod"),
        ("database", "a name without a dot is another place in each namespace"),
    ],
)
def test_a_host_that_is_another_one_in_a_pod(host: str, why: str) -> None:
    with pytest.raises(EnvironmentFileError, match=r"\[containers\.LiveStore\] host") as refused:
        render(request(at_hosts(example(), LiveStore=host)))
    assert why in refused.value.message


def test_a_file_of_this_machine_and_certificates_of_it() -> None:
    model = at_hosts(example())
    team = next(model.teams())
    capture = SqlSnapshot(SqliteDatabase("Shop", path="/srv/shop.db"), schema="public")
    stores = tuple(evolve(each, capture=capture) for each in team.datastores)
    zone = evolve(model.zones[0], teams=(evolve(team, datastores=stores),))
    with pytest.raises(EnvironmentFileError, match="a file is not there in a pod"):
        render(request(evolve(model, zones=(zone,)), simulator_container=None))
    assert model.control_database is not None
    control = evolve(model.control_database, sslrootcert="/home/me/ca.pem")
    with pytest.raises(EnvironmentFileError, match=r"sslrootcert: '/home/me/ca\.pem' is not there"):
        render(request(evolve(model, control_database=control)))


def test_every_key_is_explained() -> None:
    explained = re.findall(r"^ {8}(\w+): ", KubernetesSettings.__doc__ or "", flags=re.MULTILINE)
    assert explained == [each.name for each in fields(KubernetesSettings)]

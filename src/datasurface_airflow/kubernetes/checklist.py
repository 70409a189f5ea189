"""The page beside the manifests: what is still to be done by hand, with the command for each."""

import shlex
from collections.abc import Iterator, Mapping

from datasurface_airflow.factory.pod_spec import CERTIFICATES
from datasurface_airflow.kubernetes.airflow_values import API_SECRET, FERNET_SECRET, JWT_SECRET, METADATA_SECRET
from datasurface_airflow.kubernetes.needs import git_tokens
from datasurface_airflow.kubernetes.network import unknown_hosts
from datasurface_airflow.kubernetes.plan import SIMULATOR, Site
from datasurface_airflow.kubernetes.pods import SERVICE_ACCOUNT, secret_of
from datasurface_airflow.kubernetes.server import ADMIN_SECRET
from datasurface_airflow.kubernetes.settings import TABLE

_USER_AND_PASSWORD = "--from-literal=username=USER --from-file=password=FILE"  # noqa: S105 words of a command
_PASSWORD = "--from-file=password=FILE"  # noqa: S105
_TOKEN = "--from-file=token=FILE"  # noqa: S105


def checklist(site: Site) -> str:
    """The page, as Markdown."""
    return "\n".join(_lines(site)) + "\n"


def needed_secrets(site: Site) -> Mapping[str, Mapping[str, str]]:
    """By namespace, the name of each secret that must be there, with the words that give ``kubectl`` its keys."""
    found: dict[str, dict[str, str]] = {}
    tokens = {site.settings.repository_credential, *git_tokens(site.request.deployments)}
    keys = {mask.credential for each in site.request.deployments for view in each.views for mask in view.masks}
    for work in site.works:
        for credential in work.credentials:
            words = _USER_AND_PASSWORD
            if credential in tokens:
                words = _TOKEN
            elif credential in keys or work.component == SIMULATOR:
                words = _PASSWORD
            found.setdefault(work.namespace, {})[secret_of(site, credential)] = words
    if site.has_server:
        found.setdefault(site.settings.namespace, {})[ADMIN_SECRET] = _PASSWORD
    if site.has_airflow:
        found[site.settings.airflow_namespace] = _of_airflow(site)
    return {namespace: dict(sorted(found[namespace].items())) for namespace in sorted(found)}


def _of_airflow(site: Site) -> dict[str, str]:
    airflow = {secret_of(site, name): _USER_AND_PASSWORD for name in site.airflow_credentials}
    for name, key in (
        (METADATA_SECRET, "connection"),
        (FERNET_SECRET, "fernet-key"),
        (API_SECRET, "api-secret-key"),
        (JWT_SECRET, "jwt-secret"),
    ):
        airflow[name] = f"--from-file={key}=FILE"
    return airflow


def secret_commands(site: Site) -> Iterator[str]:
    """A ``kubectl`` command for each secret, in which USER and FILE are to be replaced."""
    for namespace, secrets in needed_secrets(site).items():
        for name, words in secrets.items():
            yield f"kubectl create secret generic {shlex.quote(name)} --namespace {shlex.quote(namespace)} {words}"


def _lines(site: Site) -> Iterator[str]:
    settings = site.settings
    yield "# Manifests"
    yield ""
    yield "Written by `datasurface emit kubernetes`; a change by hand is lost with the next call. Check them:"
    yield ""
    yield from _block("kubectl apply --dry-run=server -k overlays/production", "kubectl diff -k overlays/production")
    yield "## Secrets"
    yield ""
    yield "Nothing here holds one. Make the namespaces first, then a secret for each line: `USER` is a login, `FILE` a"
    yield "file that holds nothing but the value, without a line break at its end (`printf %s`, not `echo`)."
    yield ""
    yield from _block("kubectl apply -f base/namespaces.yaml")
    yield from _block(*secret_commands(site))
    if settings.pull_secret is not None:
        commands = (
            f"kubectl create secret docker-registry {settings.pull_secret} --namespace {namespace} "
            '--docker-server=REGISTRY --docker-username=USER --docker-password="$(cat FILE)"'
            for namespace in sorted({*site.platforms, settings.namespace})
        )
        yield from _block(*commands)
    if settings.ca_config_map is not None:
        yield f"Certificates, which pods find at `{CERTIFICATES}`:"
        yield ""
        commands = (
            f"kubectl create configmap {settings.ca_config_map} --namespace {namespace} --from-file=ca.pem=FILE"
            for namespace in sorted(site.namespaces)
        )
        yield from _block(*commands)
    yield "## Hosts that nobody is let to"
    yield ""
    yield from _hosts(site)
    if site.has_airflow:
        yield from _airflow(site)


def _airflow(site: Site) -> Iterator[str]:
    settings = site.settings
    yield "## Airflow"
    yield ""
    yield "DAG files come from `datasurface emit airflow`, with this in the environment file:"
    yield ""
    yield "```toml"
    yield "[airflow]"
    yield 'mode = "pod"'
    yield f'image = "{settings.image}"'
    yield f'image_pull_policy = "{settings.pull_policy}"'
    yield f'service_account = "{SERVICE_ACCOUNT}"'
    yield f'store = "{site.store}"'
    if settings.ca_config_map is not None:
        yield f'ca_config_map = "{settings.ca_config_map}"'
    yield "apply = false            # a CronJob here does it, and alone has the secrets for it"
    yield "```"
    yield ""
    yield from _block(
        "helm upgrade --install "
        f"{settings.airflow_release} apache-airflow/airflow --namespace {settings.airflow_namespace} "
        "--values airflow/values.yaml"
    )


def _hosts(site: Site) -> Iterator[str]:
    unknown, api_is_unknown = unknown_hosts(site), site.has_airflow and not site.settings.api_addresses
    if not unknown and not api_is_unknown:
        yield "None: every host has a policy."
        yield ""
        return
    if unknown:
        yield "Network policies know addresses, not names. Tell those of these hosts, and emit again:"
        yield ""
        yield "```toml"
        yield f"[{TABLE}.cidrs]"
        for host in dict.fromkeys(endpoint.host for endpoint in unknown):
            yield f'"{host}" = "ADDRESS/32"'
        yield "```"
        yield ""
        yield "| host | port | who connects |"
        yield "|---|---|---|"
        for endpoint, who in unknown.items():
            yield f"| `{_cell(endpoint.host)}` | {endpoint.port} | {_cell(', '.join(who))} |"
        yield ""
    if api_is_unknown:
        yield "Airflow starts pods through the API server. Its addresses, as `kubernetes_api`, are those of"
        yield ""
        yield from _block(
            "kubectl get endpointslices --namespace default --selector kubernetes.io/service-name=kubernetes"
        )


def _block(*commands: str) -> Iterator[str]:
    yield "```bash"
    yield from commands
    yield "```"
    yield ""


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("`", "'").split())

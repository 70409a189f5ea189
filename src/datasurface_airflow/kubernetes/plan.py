"""What runs where: from a model and the settings of a cluster to kinds of pods, with what each needs and reaches."""

from collections.abc import Iterator, Sequence
from urllib.parse import quote, urlencode

from attrs import field, frozen

from datasurface.deployment import Deployment
from datasurface.emitting import EmitRequest, read_settings, refused
from datasurface.git_url import clone_url
from datasurface.model import Container, DataPlatform, PostgresDatabase
from datasurface.model.resources import Resources
from datasurface_airflow.factory.pod_spec import CERTIFICATES, JOB, SCRATCH, TRANSFORM
from datasurface_airflow.kubernetes.names import as_label, is_label
from datasurface_airflow.kubernetes.needs import (
    Needs,
    apply_needs,
    batch_needs,
    code_endpoint,
    containers_of,
    endpoints,
    git_endpoint,
    secrets,
    together,
    transformer_needs,
    unique,
    view_needs,
)
from datasurface_airflow.kubernetes.places import SERVER, Endpoint, endpoint_of, problem_of_host, service_of
from datasurface_airflow.kubernetes.settings import AIRFLOW, STATEFUL_SET, TABLE, KubernetesSettings

RUN, RECONCILE, RETENTION, VERIFY = "run", "reconcile-views", "retention", "verify"
APPLY, BOOTSTRAP, SIMULATOR = "apply", "bootstrap", "simulator"
HEARTBEAT = f"{SCRATCH}/heartbeat"
"""Of a scheduler of ours, which touches it while it lives."""


@frozen
class Work:
    """One kind of pod.

    Attributes:
        component: what it does; a label of its pods.
        instance: tells it from others of its kind in the namespace, by its platform's name; None for the pods that
            Airflow makes.
        words: of the datasurface command line; none for pods that Airflow makes.
        credentials: the secrets that it mounts.
        reaches: what it connects to.
    """

    namespace: str
    component: str
    instance: str | None
    words: tuple[str, ...]
    credentials: tuple[str, ...]
    reaches: tuple[Endpoint, ...]
    resources: Resources


@frozen
class Site:
    """All that is emitted, before it is written as manifests.

    Attributes:
        platforms: by namespace, those whose jobs run there.
        works: every kind of pod of ours.
        store: the URL of the control database.
        git: where the model is cloned from.
    """

    request: EmitRequest
    settings: KubernetesSettings
    platforms: dict[str, tuple[DataPlatform, ...]]
    works: tuple[Work, ...]
    store: str
    control: PostgresDatabase
    repository: str
    git: Endpoint
    airflow_reaches: tuple[Endpoint, ...]
    server_reaches: tuple[Endpoint, ...] = field(default=())

    @property
    def namespaces(self) -> frozenset[str]:
        """All that we make."""
        airflow = {self.settings.airflow_namespace} if self.has_airflow else set()
        return frozenset({self.settings.namespace, *airflow, *self.platforms})

    @property
    def has_airflow(self) -> bool:
        """Whether Airflow starts the jobs; else ``datasurface run`` does."""
        return self.settings.scheduler == AIRFLOW

    @property
    def airflow_credentials(self) -> tuple[str, ...]:
        """The secrets by which DAG files read rows and result records."""
        reader = self.settings.store_credential
        own = secrets([self.control]) if reader is None else {reader}
        return tuple(sorted(own | secrets(_merge_stores(self.request.deployments))))

    @property
    def has_server(self) -> bool:
        """Whether the database server is ours."""
        return self.settings.database == STATEFUL_SET


def site_of(request: EmitRequest) -> Site:
    """What a model needs in this cluster.

    Raises:
        EnvironmentFileError: a setting, a namespace or a host cannot be used in a cluster.
    """
    settings = read_settings(request, TABLE, KubernetesSettings)
    control = request.control
    if not isinstance(control, PostgresDatabase) or control.credential is None:
        raise refused(request, TABLE, "store", f"{control.name} cannot be named by a URL", "use a PostgreSQL database")
    platforms = _namespaces(request, settings)
    _check_hosts(request)
    _check_code(request)
    repository = settings.repository or clone_url(request.ecosystem.repository.url)
    git = _git(request, repository)
    reader = settings.store_credential or control.credential.name
    works: list[Work] = []
    for namespace, found in platforms.items():
        mine = [each for each in request.deployments if each.platform in found]
        works += _works_of(settings, namespace, mine, control, reader)
    works.append(_apply(request, settings, control, repository, git))
    works.append(_bootstrap(works[-1]))
    works += _simulator(request, settings)
    return Site(
        request=request,
        settings=settings,
        platforms=platforms,
        works=tuple(works),
        store=store_url(control, reader),
        control=control,
        repository=repository,
        git=git,
        airflow_reaches=unique(endpoints([control, *_merge_stores(request.deployments)])),
        server_reaches=_from_server(request, settings),
    )


def store_url(control: PostgresDatabase, credential: str) -> str:
    """The control database as commands are told of it."""
    options = {"credential": credential, "sslmode": control.sslmode, "sslrootcert": control.sslrootcert}
    given = urlencode({key: value for key, value in options.items() if value is not None})
    host = f"[{control.host}]" if ":" in control.host else control.host
    return f"postgresql://{host}:{control.port}/{quote(control.database, safe='')}?{given}"


def _namespaces(request: EmitRequest, settings: KubernetesSettings) -> dict[str, tuple[DataPlatform, ...]]:
    found: dict[str, tuple[DataPlatform, ...]] = {}
    for deployment in request.deployments:
        platform = deployment.platform
        namespace = str(getattr(platform, "namespace", None) or as_label(platform.name))
        if not is_label(namespace) or namespace in ("default", settings.namespace, settings.airflow_namespace):
            why = "taken" if is_label(namespace) else "no name that Kubernetes takes: a-z, 0-9 and -, at most 63"
            raise refused(
                request,
                f"platforms.{platform.name}",
                "namespace",
                f"{namespace!r} is {why}",
                "give the platform a namespace of its own",
            )
        found[namespace] = (*found.get(namespace, ()), platform)
    if settings.namespace == settings.airflow_namespace:
        raise refused(request, TABLE, "namespace", f"{settings.namespace!r} is Airflow's", "name two namespaces")
    return found


def _check_hosts(request: EmitRequest) -> None:
    for container in _containers(request):
        endpoint = endpoint_of(container)
        table = f"containers.{container.name}"
        if endpoint is None:
            raise refused(request, table, "path", "a file is not there in a pod", "read from a database server")
        problem = problem_of_host(endpoint.host)
        if problem:
            hint = f'bind it, as in host = "{SERVER}.datasurface.svc"'
            raise refused(request, table, "host", f"{endpoint.host!r}: {problem}", hint)
        certificate = getattr(container, "sslrootcert", None) or getattr(container, "tls_ca", None)
        if certificate and not str(certificate).startswith(f"{CERTIFICATES}/"):
            hint = f"name a file below {CERTIFICATES}, and its config map by ca_config_map of [{TABLE}]"
            raise refused(request, table, "sslrootcert", f"{certificate!r} is not there in a pod", hint)


def _containers(request: EmitRequest) -> Iterator[Container]:
    """Every database that something of ours connects to, in a stable order."""
    found = {request.control.name: request.control}
    for deployment in request.deployments:
        for container in containers_of(deployment):
            found.setdefault(container.name, container)
    yield from found.values()


def _check_code(request: EmitRequest) -> None:
    for deployment in request.deployments:
        for config in deployment.transformers:
            if code_endpoint(config) is None:
                shown = f"{config.repository.shown!r}, the code of transformer {config.name}, is not there in a pod"
                raise refused(request, TABLE, "repository", shown, "name a URL in the model")


def _git(request: EmitRequest, repository: str) -> Endpoint:
    """Where git connects to for the model."""
    found = git_endpoint(repository)
    if found is None:
        hint = 'write a URL, as in repository = "https://git.example.com/acme/model"'
        raise refused(request, TABLE, "repository", f"{repository!r} is not there in a pod", hint)
    return found


def _merge_stores(deployments: Sequence[Deployment]) -> list[Container]:
    return [deployment.platform.merge_store for deployment in deployments]


def _works_of(
    settings: KubernetesSettings,
    namespace: str,
    deployments: Sequence[Deployment],
    control: PostgresDatabase,
    reader: str,
) -> Iterator[Work]:
    """What runs in the namespace of some platforms."""
    reading = Needs((control,), secrets=frozenset({reader}))
    store = ("--store", store_url(control, reader))

    def work(component: str, needs: Needs, words: tuple[str, ...] = (), platform: DataPlatform | None = None) -> Work:
        together_with = reading | needs
        return Work(
            namespace,
            component,
            None if platform is None else as_label(platform.name, 30),
            words if platform is None else (*words, *store, "--platform", platform.name, "--json"),
            tuple(sorted(together_with.secrets)),
            together_with.reaches,
            _largest(settings, deployments) if platform is None else _resources(settings, platform),
        )

    if settings.scheduler == AIRFLOW:
        yield work(JOB, together(batch_needs(each, control) for each in deployments))
        if any(each.transformers for each in deployments):
            yield work(TRANSFORM, together(transformer_needs(each, control) for each in deployments))
    for each in deployments:
        platform, views = each.platform, view_needs(each, control)
        if settings.scheduler != AIRFLOW:
            jobs = batch_needs(each, control) | transformer_needs(each, control)
            yield work(RUN, jobs, ("run", "--heartbeat", HEARTBEAT), platform)
            yield work(RETENTION, views, ("maintain", "--task", RETENTION), platform)
            yield work(VERIFY, views, ("maintain", "--task", VERIFY), platform)
        yield work(RECONCILE, views, ("views", "reconcile"), platform)


def _largest(settings: KubernetesSettings, deployments: Sequence[Deployment]) -> Resources:
    asked = (_resources(settings, each.platform) for each in deployments)
    return max(asked, key=lambda it: tuple(it.quantities().values()))


def _apply(
    request: EmitRequest,
    settings: KubernetesSettings,
    control: PostgresDatabase,
    repository: str,
    git: Endpoint,
) -> Work:
    """Follows the branch that owns the model."""
    needs = together(apply_needs(each, control) for each in request.deployments)
    needs |= Needs((control,), (git,), frozenset(secrets([control])))
    words = ["apply", "--if-changed", "--store", store_url(control, next(iter(secrets([control])))), "--repo"]
    words += [repository, "--rev", request.ecosystem.repository.branch, "--json"]
    if settings.repository_credential is not None:
        words += ["--repo-credential", settings.repository_credential]
        needs |= Needs(secrets=frozenset({settings.repository_credential}))
    return Work(
        settings.namespace,
        APPLY,
        "poll",
        tuple(words),
        tuple(sorted(needs.secrets)),
        needs.reaches,
        Resources(cpu="250m", memory="512Mi", cpu_limit="2", memory_limit="2Gi"),
    )


def _bootstrap(apply: Work) -> Work:
    """The first apply, and any after a change of these files: makes anew what is missing, too."""
    words = tuple(word for word in apply.words if word != "--if-changed")
    return Work(apply.namespace, BOOTSTRAP, "first", words, apply.credentials, apply.reaches, apply.resources)


def _simulator(request: EmitRequest, settings: KubernetesSettings) -> Iterator[Work]:
    name = settings.simulator_container
    if name is None:
        return
    sources = [stream.capture.container for each in request.deployments for stream in each.streams]
    found = next((each for each in sources if each.name == name and isinstance(each, PostgresDatabase)), None)
    if not isinstance(found, PostgresDatabase):
        hint = "name the container of a datastore that some platform reads"
        raise refused(request, TABLE, "simulator_container", f"no PostgreSQL source is called {name!r}", hint)
    words = ["--host", found.host, "--port", str(found.port), "--database", found.database]
    words += ["--user", settings.simulator_user]
    yield Work(
        settings.namespace,
        SIMULATOR,
        "producer",
        tuple(words),
        (settings.simulator_credential,),
        unique(endpoints([found])),
        Resources(cpu="50m", memory="128Mi", cpu_limit="500m", memory_limit="256Mi"),
    )


def _from_server(request: EmitRequest, settings: KubernetesSettings) -> tuple[Endpoint, ...]:
    """What our server connects to: consumers' databases that stand on it read merge databases."""
    namespaces = frozenset({settings.namespace})
    found: list[Endpoint] = []
    for deployment in request.deployments:
        for view in deployment.views:
            host = view.container.host if isinstance(view.container, PostgresDatabase) else None
            service = host and service_of(host, settings, namespaces)
            if service and (service.namespace, service.name) == (settings.namespace, SERVER):
                found += endpoints([deployment.platform.merge_store])
    return unique(found) if settings.database == STATEFUL_SET else ()


def _resources(settings: KubernetesSettings, platform: DataPlatform) -> Resources:
    return platform.resources or Resources(**settings.resources)

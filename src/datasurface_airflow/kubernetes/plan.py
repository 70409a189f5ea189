"""What runs where: from a model and the settings of a cluster to kinds of pods, with what each needs and reaches."""

from collections.abc import Iterable, Iterator
from urllib.parse import quote, urlencode, urlsplit

from attrs import field, frozen

from datasurface.deployment import Deployment
from datasurface.emitting import EmitRequest, read_settings, refused
from datasurface.git_url import clone_url, normal_form
from datasurface.model import Container, Credential, DataPlatform, PostgresDatabase, walk
from datasurface.model.resources import Resources
from datasurface_airflow.factory.pod_spec import CERTIFICATES
from datasurface_airflow.kubernetes.names import as_label, is_label
from datasurface_airflow.kubernetes.places import SERVER, Endpoint, endpoint_of, problem_of_host, service_of
from datasurface_airflow.kubernetes.settings import STATEFUL_SET, TABLE, KubernetesSettings

JOB, RECONCILE, APPLY, BOOTSTRAP, SIMULATOR = "job", "reconcile-views", "apply", "bootstrap", "simulator"


@frozen
class Work:
    """One kind of pod.

    Attributes:
        component: what it does; a label of its pods.
        instance: tells it from others of its kind in the namespace; None for the pods that Airflow makes.
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
        return frozenset({self.settings.namespace, self.settings.airflow_namespace, *self.platforms})

    @property
    def airflow_credentials(self) -> tuple[str, ...]:
        """The secrets by which DAG files read rows and result records."""
        reader = self.settings.store_credential
        own = _secrets([self.control]) if reader is None else {reader}
        return tuple(sorted(own | _secrets(_merge_stores(self.request.deployments))))

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
    repository = settings.repository or clone_url(request.ecosystem.repository.url)
    git = _git(request, repository)
    reader = settings.store_credential or control.credential.name
    works: list[Work] = []
    for namespace, found in platforms.items():
        works += _works_of(request, settings, namespace, found, control, reader)
    works.append(_apply(request, settings, control, repository, git))
    works.append(_bootstrap(works[-1]))
    works += _simulator(request, settings)
    stores = tuple(_endpoints(_merge_stores(request.deployments)))
    return Site(
        request=request,
        settings=settings,
        platforms=platforms,
        works=tuple(works),
        store=store_url(control, reader),
        control=control,
        repository=repository,
        git=git,
        airflow_reaches=_unique((*_endpoints([control]), *stores)),
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
        merge = deployment.platform.merge_store
        sources = (stream.capture.container for stream in deployment.streams)
        views = (view.container for view in deployment.views if isinstance(view.container, PostgresDatabase))
        for container in (merge, *sources, *views):
            found.setdefault(container.name, container)
    yield from found.values()


def _git(request: EmitRequest, repository: str) -> Endpoint:
    """Where git connects to."""
    if "://" in repository:
        parts = urlsplit(repository)
        port = parts.port or {"https": 443, "ssh": 22, "http": 80, "git": 9418}.get(parts.scheme)
        host = parts.hostname
    else:
        host, port = (normal_form(repository).partition("/")[0], 22) if ":" in repository else (None, None)
    if not host or not port:
        hint = 'write a URL, as in repository = "https://git.example.com/acme/model"'
        raise refused(request, TABLE, "repository", f"{repository!r} is not there in a pod", hint)
    return Endpoint(host, port, "git")


def _merge_stores(deployments: Iterable[Deployment]) -> list[Container]:
    return [deployment.platform.merge_store for deployment in deployments]


def _works_of(
    request: EmitRequest,
    settings: KubernetesSettings,
    namespace: str,
    platforms: tuple[DataPlatform, ...],
    control: PostgresDatabase,
    reader: str,
) -> Iterator[Work]:
    """What runs in the namespace of some platforms."""
    mine = [each for each in request.deployments if each.platform in platforms]
    sources = [stream.capture.container for each in mine for stream in each.streams]
    needs = {each.platform.name: _view_needs(each, control) for each in mine}
    everything = [container for containers, _ in needs.values() for container in containers]
    secrets = {reader, *(name for _, names in needs.values() for name in names)}
    largest = max(
        (_resources(settings, platform) for platform in platforms), key=lambda it: tuple(it.quantities().values())
    )
    yield Work(
        namespace,
        JOB,
        None,
        (),
        tuple(sorted(secrets | _secrets(sources))),
        _unique((*_endpoints(everything), *_endpoints(sources))),
        largest,
    )
    for platform in platforms:
        containers, names = needs[platform.name]
        yield Work(
            namespace,
            RECONCILE,
            as_label(platform.name, 30),
            ("views", "reconcile", "--store", store_url(control, reader), "--platform", platform.name, "--json"),
            tuple(sorted(names | {reader})),
            _unique(_endpoints(containers)),
            _resources(settings, platform),
        )


def _view_needs(deployment: Deployment, control: PostgresDatabase) -> tuple[list[Container], set[str]]:
    """The databases in which a platform makes views, and the secrets for that."""
    views = [view for view in deployment.views if isinstance(view.container, PostgresDatabase)]
    containers = [control, deployment.platform.merge_store]
    containers += [view.container for view in views if isinstance(view.container, PostgresDatabase)]
    readers = {view.reader.name for view in views if view.reader is not None}
    return containers, _secrets(containers[1:]) | readers


def _apply(
    request: EmitRequest,
    settings: KubernetesSettings,
    control: PostgresDatabase,
    repository: str,
    git: Endpoint,
) -> Work:
    """Follows the branch that owns the model."""
    needs = [_view_needs(each, control) for each in request.deployments]
    containers = [container for found, _ in needs for container in found]
    secrets = _secrets([control]) | {name for _, names in needs for name in names}
    masks = (mask for each in request.deployments for view in each.views for mask in view.masks)
    secrets |= {mask.credential for mask in masks if mask.credential is not None}
    words = ["apply", "--if-changed", "--store", store_url(control, next(iter(_secrets([control])))), "--repo"]
    words += [repository, "--rev", request.ecosystem.repository.branch, "--json"]
    if settings.repository_credential is not None:
        words += ["--repo-credential", settings.repository_credential]
        secrets.add(settings.repository_credential)
    return Work(
        settings.namespace,
        APPLY,
        "poll",
        tuple(words),
        tuple(sorted(secrets)),
        _unique((*_endpoints([control]), *_endpoints(containers), git)),
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
        _unique(_endpoints([found])),
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
                found += _endpoints([deployment.platform.merge_store])
    return _unique(found) if settings.database == STATEFUL_SET else ()


def _resources(settings: KubernetesSettings, platform: DataPlatform) -> Resources:
    return platform.resources or Resources(**settings.resources)


def _endpoints(containers: Iterable[Container]) -> list[Endpoint]:
    return [endpoint for container in containers if (endpoint := endpoint_of(container)) is not None]


def _unique(endpoints: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    """One for each host and port, with the first name of what is there."""
    found: dict[tuple[str, int], Endpoint] = {}
    for each in endpoints:
        found.setdefault((each.host.lower(), each.port), each)
    return tuple(found[key] for key in sorted(found))


def _secrets(containers: Iterable[Container]) -> set[str]:
    return {each.name for container in containers for _, each in walk(container) if isinstance(each, Credential)}

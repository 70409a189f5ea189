"""The page's addresses: each reads what it needs, lets a view say it, and renders that."""

from collections.abc import Callable
from http import HTTPStatus
from importlib.resources import files
from typing import Annotated

from attrs import frozen
from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from datasurface.errors import DataSurfaceError, NotApplied, OperationRefused
from datasurface.monitoring.exposition import CONTENT_TYPE, exposition
from datasurface.monitoring.measure import measure
from datasurface.operations.jobs import InForce, failure
from datasurface.operations.metrics import look
from datasurface_monitor.render import Renderer
from datasurface_monitor.source import Source
from datasurface_monitor.views.access import access_page, dataset_access_page
from datasurface_monitor.views.generations import generation_page, generations_page
from datasurface_monitor.views.graph import graph_page
from datasurface_monitor.views.history import datasets_page, history_page, key_columns
from datasurface_monitor.views.stream import BATCHES, DEFAULT_SPAN, SPANS, stream_page
from datasurface_monitor.views.streams import Asked, streams_page

LISTED = 50
"""Generations of the list, unless more are asked for."""
MOST_LISTED = 1000

Page = Annotated[int, Query(ge=1, le=10**9)]
Number = Annotated[int, Query(ge=0, le=2**31 - 1)]


@frozen
class ErrorPage:
    """What happened, and what to do."""

    title: str
    message: str
    hint: str | None


@frozen
class _Site:
    """What every address works with."""

    source: Source
    renderer: Renderer

    def answer(self, template: str, page: object, section: str, status: int = 200, **more: object) -> HTMLResponse:
        """A page with what stands around it, as far as that is known."""
        in_force = self._in_force()
        around: dict[str, object] = {"ecosystem": None, "generation": None, **more}
        if in_force is not None:
            generation = in_force.generation
            names = [deployment.ecosystem for deployment in generation.deployments[:1]]
            around |= {"ecosystem": names[0] if names else None, "generation": generation.number}
        return HTMLResponse(self.renderer.page(template, page, section, around), status)

    def _in_force(self) -> InForce | None:
        try:
            return self.source.in_force()
        except DataSurfaceError:
            return None


def application(source: Source) -> FastAPI:
    """The whole page. Addresses answer GET and HEAD, and change nothing."""
    site = _Site(source, Renderer())
    app = FastAPI(title="DataSurface monitor", docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/static", StaticFiles(directory=str(files("datasurface_monitor") / "static")), name="static")
    for add in (_add_streams, _add_graph, _add_history, _add_generations, _add_access, _add_metrics, _add_errors):
        add(app, site)
    return app


def _get(app: FastAPI, path: str) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    return app.api_route(path, methods=["GET", "HEAD"], response_class=HTMLResponse)


def _add_streams(app: FastAPI, site: _Site) -> None:
    @_get(app, "/")
    def streams(q: str = "", platform: str = "", state: str = "", order: str = "", page: Page = 1) -> Response:
        found, as_of = site.source.overview()
        shown = streams_page(found, Asked(q, platform, state, order, page))
        return site.answer("streams", shown, "Streams", as_of=as_of)

    @_get(app, "/stream")
    def stream(platform: str, stream: str, before: Number | None = None, span: str = DEFAULT_SPAN) -> Response:
        config = site.source.in_force().generation.deployment(platform).stream(stream)
        span = span if span in SPANS else DEFAULT_SPAN
        with site.source.observe(platform) as seen:
            since = seen.now - SPANS[span]
            shown = stream_page(
                row=site.source.row(platform, stream, seen),
                config=config,
                span=span,
                batches=seen.batches(stream, before=before, last=BATCHES + 1),
                before=before,
                rows=seen.rows_over_time(stream, since),
                times=seen.seconds_over_time(stream, since),
            )
            return site.answer("stream", shown, "Streams", as_of=seen.now, spans=tuple(SPANS))


def _add_graph(app: FastAPI, site: _Site) -> None:
    @_get(app, "/graph")
    def graph(q: str = "") -> Response:
        found, _ = site.source.overview()
        return site.answer("graph", graph_page(site.source.model(), found.health, q), "Graph")


def _add_history(app: FastAPI, site: _Site) -> None:
    @_get(app, "/history")
    def history(
        q: str = "",
        page: Page = 1,
        platform: str = "",
        stream: str = "",
        dataset: str = "",
        key: Annotated[list[str] | None, Query()] = None,
    ) -> Response:
        generation = site.source.in_force().generation
        if not dataset:
            return site.answer("datasets", datasets_page(generation.deployments, q, page), "History")
        columns = key_columns(generation.deployment(platform).stream(stream), dataset)
        if columns is None:
            raise NotApplied(f"stream {stream} has no dataset {dataset}", hint="choose one of those that are listed")
        values = [*(key or ()), *("" for _ in columns)][: len(columns)]
        found = problem = None
        if key:
            try:
                with site.source.observe(platform) as seen:
                    found = seen.key_history(stream, dataset, values)
            except OperationRefused as error:
                problem = failure(error)
        asked = tuple(zip(columns, values, strict=True))
        shown = history_page(platform, stream, dataset, asked, bool(key), found, problem)
        return site.answer("history", shown, "History")


def _add_generations(app: FastAPI, site: _Site) -> None:
    @_get(app, "/generations")
    def generations(last: Annotated[int, Query(ge=1, le=MOST_LISTED)] = LISTED) -> Response:
        found = site.source.in_force().control.history(last + 1)
        return site.answer("generations", generations_page(found, last), "Generations")

    @_get(app, "/generation")
    def generation(number: Number) -> Response:
        in_force = site.source.in_force()
        change = in_force.control.change_of(number)
        listed = in_force.control.history(LISTED)
        shown = generation_page(number, in_force.generation.number, listed, change)
        return site.answer("generation", shown, "Generations")


def _add_access(app: FastAPI, site: _Site) -> None:
    @_get(app, "/access")
    def access(q: str = "", page: Page = 1, across: Page = 1) -> Response:
        deployments = site.source.in_force().generation.deployments
        return site.answer("access", access_page(deployments, q, page, across), "Access")

    @_get(app, "/access/dataset")
    def dataset_access(workspace: str, store: str, dataset: str) -> Response:
        deployments = site.source.in_force().generation.deployments
        shown = dataset_access_page(deployments, workspace, store, dataset)
        if shown is None:
            raise NotApplied(f"{workspace} does not read {dataset} of {store}", hint="the matrix shows who reads what")
        return site.answer("dataset_access", shown, "Access")


def _add_metrics(app: FastAPI, site: _Site) -> None:
    @_get(app, "/metrics")
    def metrics() -> Response:
        found = exposition(measure(look(site.source.in_force())))
        return Response(found, headers={"content-type": CONTENT_TYPE})


def _add_errors(app: FastAPI, site: _Site) -> None:
    def answer(title: str, message: str, hint: str | None, status: int) -> Response:
        return site.answer("error", ErrorPage(title, message, hint), "", status)

    @app.exception_handler(DataSurfaceError)
    def refused(_request: Request, error: DataSurfaceError) -> Response:
        is_missing = isinstance(error, NotApplied)
        title = "Not in force" if is_missing else "This could not be read"
        status = HTTPStatus.NOT_FOUND if is_missing else HTTPStatus.SERVICE_UNAVAILABLE
        return answer(title, error.message, error.hint, status)

    @app.exception_handler(RequestValidationError)
    def not_understood(_request: Request, error: RequestValidationError) -> Response:
        words = ", ".join(str(each["loc"][-1]) for each in error.errors())
        hint = "follow the links of the page"
        return answer("Not understood", f"The address lacks or has wrong: {words}.", hint, HTTPStatus.BAD_REQUEST)

    @app.exception_handler(HTTPException)
    def no_such_page(_request: Request, error: HTTPException) -> Response:
        return answer("There is no such page", str(error.detail), "follow the links of the page", error.status_code)

    @app.exception_handler(Exception)
    def failed(_request: Request, _error: Exception) -> Response:
        hint = "the monitor's log on standard error has the details"
        return answer("The monitor failed", "This is a mistake in the monitor.", hint, HTTPStatus.INTERNAL_SERVER_ERROR)

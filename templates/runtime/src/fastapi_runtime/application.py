"""The FastAPI application: its middleware, and the OpenAPI document that tools read."""

import gc
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, override
from weakref import WeakSet

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from fastapi.telemetry import TelemetryConfig
from starlette.concurrency import run_in_threadpool
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from .broken import note_broken_responses
from .cors import Cors, own_middleware, with_own_middleware
from .environment import IN_LAMBDA
from .logs import RequestLogger
from .metrics import RequestMetrics
from .middleware import ErrorHandler, RequestMiddleware
from .paths import keep_root_path
from .slashes import answer_either_form
from .streaming import STREAM_MEDIA_TYPE

_METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"}
"""Fields of a path in OpenAPI 3.2 that are operations."""

_NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}


def operation_id(route: APIRoute) -> str:
    """An operation's id: the name of its function. An explicit `operation_id` wins."""
    return getattr(route.endpoint, "__name__", route.name)


class Application(FastAPI):
    """FastAPI with the runtime around it; all that FastAPI's own documentation says holds."""

    def __init__(
        self, *, logger: RequestLogger, metrics: RequestMetrics, cors: Cors, **options: Any
    ) -> None:
        """Create the application.

        Args:
            logger: Writes each request's line, and in Lambda what other loggers are given.
            metrics: Counts each request.
            cors: Which origins may read the API's responses, where no `CORSMiddleware` says so.
            options: Arguments of `FastAPI`. Its own telemetry is off by default: the runtime's is
                complete before the last byte of a response, and FastAPI's server span is not.
        """
        given: TelemetryConfig = options.pop("telemetry", None) or {}
        telemetry: TelemetryConfig = {**_NO_TELEMETRY, **given}
        super().__init__(generate_unique_id_function=operation_id, telemetry=telemetry, **options)
        self._logger = logger
        self._metrics = metrics
        self._cors = cors
        self._document: dict[str, Any] | None = None
        logger.take_over_other_loggers()

    def adopt[App: FastAPI](self, app: App) -> App:
        """Give an app that was made elsewhere this one's logs, metrics, traces and CORS.

        For an app of a library or a factory; an app of your own can be this one. FastAPI's own
        telemetry is switched off in it, as it is by default in this one.

        Args:
            app: Any FastAPI app that serves no request yet. Its operations keep their ids.

        Returns:
            The same app: `app = init.app.adopt(create_app())`.
        """
        build = app.build_middleware_stack
        app.build_middleware_stack = lambda: self._around(app, build())
        # FastAPI has no other way to say so to an app that is made already.
        vars(app).get("_telemetry", {}).update(_NO_TELEMETRY)
        _adopted.add(app)
        return app

    @override
    def build_middleware_stack(self) -> ASGIApp:
        return self._around(self, super().build_middleware_stack())

    def _around(self, app: FastAPI, stack: ASGIApp) -> ASGIApp:
        """Put the runtime around an app's middleware, once everything is imported."""
        if IN_LAMBDA:
            # What lives as long as the process need not be looked at again by the collection of
            # garbage, which run.sh starts the server without.
            gc.freeze()
            gc.enable()
        answer_either_form(app)
        keep_root_path(app)
        note_broken_responses(app)
        own = own_middleware(app)
        self._cors.expose_declared(partial(response_headers, app))
        handler: Any = None
        if isinstance(stack, ServerErrorMiddleware):
            # The middleware answers unhandled exceptions itself, since it has to log them before
            # the answer has gone out.
            stack = stack.app
            handlers = app.exception_handlers
            handler = handlers.get(500) or handlers.get(Exception)
        return RequestMiddleware(
            stack,
            logger=self._logger,
            metrics=self._metrics,
            cors=self._cors if own is None else None,
            handle_error=None if handler is None else _awaited(handler),
            around_error=None if own is None else partial(with_own_middleware, own),
        )

    @override
    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made when first asked for, and again after routes were added."""
        with warnings.catch_warnings():
            # FastAPI names all methods of a function alike, which is put right below; ids that stay
            # double, the build refuses.
            warnings.filterwarnings("ignore", message="Duplicate Operation ID")
            document = super().openapi()
        if document is not self._document:
            name_operations(document, iter_route_contexts(self.routes))
            describe_streams(document)
            self._document = document
        return document


def has_runtime(app: FastAPI) -> bool:
    """Whether an app's requests leave logs, metrics and traces: init's app, or one it adopted."""
    return isinstance(app, Application) or app in _adopted


_adopted: WeakSet[FastAPI] = WeakSet()


def response_headers(app: FastAPI) -> list[str]:
    """Headers that an app's operations declare of their responses."""
    try:
        return [
            name
            for operation in operations(app.openapi())
            for response in operation.get("responses", {}).values()
            for name in response.get("headers", {})
        ]
    except Exception:
        # The build tells what is wrong with the document; a local answer needs none.
        return []


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The operations of a document, without what else a path has: `summary`, `parameters`."""
    for path in document.get("paths", {}).values():
        for name, operation in path.items():
            if name in _METHODS:
                yield operation


def name_operations(document: dict[str, Any], routes: Iterable[RouteContext]) -> None:
    """Tell the operations of a function with several methods apart: `item_get`, `item_head`.

    A document that was made in another way may lack paths, or name its operations itself.
    """
    methods: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
    named: list[tuple[tuple[int, str], str, RouteContext]] = []
    for route in routes:
        if not isinstance(route.original_route, APIRoute) or route.operation_id:
            continue
        key = (id(route.endpoint), plain_id(route))
        for method in route.methods or ():
            methods[key].add(method)
            named.append((key, method, route))
    for key, method, route in named:
        operation = document.get("paths", {}).get(route.path_format, {}).get(method.lower())
        if (
            len(methods[key]) > 1
            and operation is not None
            and operation.get("operationId") == route.unique_id
        ):
            operation["operationId"] = f"{key[1]}_{method.lower()}"


def plain_id(route: RouteContext) -> str:
    """A route's id without the method that FastAPI's own ids end with, any one of several."""
    unique_id: str = route.unique_id
    stem, _, last = unique_id.rpartition("_")
    several = len(route.methods or ()) > 1
    return stem if several and last.upper() in (route.methods or ()) else unique_id


def describe_streams(document: dict[str, Any]) -> None:
    """Describe `JsonStreamingResponse` as FastAPI describes its own streams.

    FastAPI registers the model of a response and describes it as JSON; for a stream, that schema is
    the one of an item.
    """
    for operation in operations(document):
        for response in operation.get("responses", {}).values():
            content = response.get("content", {})
            if (
                content.get(STREAM_MEDIA_TYPE) == {"itemSchema": {}}
                and "application/json" in content
            ):
                content[STREAM_MEDIA_TYPE] = {
                    "itemSchema": content.pop("application/json")["schema"]
                }


def _awaited(handler: Callable[..., Any]) -> ErrorHandler:
    async def handle(request: Request, error: Exception) -> Response:
        if iscoroutinefunction(handler):
            return await handler(request, error)
        return await run_in_threadpool(handler, request, error)

    return handle

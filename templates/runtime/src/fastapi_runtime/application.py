"""The FastAPI application: its middleware, and the OpenAPI document that tools read."""

import gc
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from inspect import iscoroutinefunction
from typing import Any, override

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from fastapi.telemetry import TelemetryConfig
from starlette.concurrency import run_in_threadpool
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from .cors import Cors
from .environment import IN_LAMBDA
from .logs import RequestLogger
from .metrics import RequestMetrics
from .middleware import ErrorHandler, RequestMiddleware
from .streaming import STREAM_MEDIA_TYPE


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
            cors: Which origins may read the API's responses.
            options: Arguments of `FastAPI`. Its own telemetry is off by default: the runtime's is
                complete before the last byte of a response, and FastAPI's server span is not.
        """
        given: TelemetryConfig = options.pop("telemetry", None) or {}
        telemetry: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, **given}
        super().__init__(generate_unique_id_function=operation_id, telemetry=telemetry, **options)
        self._logger = logger
        self._metrics = metrics
        self._cors = cors
        self._document: dict[str, Any] | None = None
        if IN_LAMBDA:
            logger.take_over_other_loggers()

    @override
    def build_middleware_stack(self) -> ASGIApp:
        if IN_LAMBDA:
            # All is imported now. What lives as long as the process need not be looked at again by
            # the collection of garbage, which run.sh starts the server without.
            gc.freeze()
            gc.enable()
        stack = super().build_middleware_stack()
        handler: Any = None
        if isinstance(stack, ServerErrorMiddleware):
            # The middleware answers unhandled exceptions itself, since it has to log them before
            # the answer has gone out.
            stack = stack.app
            handlers = self.exception_handlers
            handler = handlers.get(500) or handlers.get(Exception)
        return RequestMiddleware(
            stack,
            logger=self._logger,
            metrics=self._metrics,
            cors=self._cors,
            handle_error=None if handler is None else _awaited(handler),
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


def name_operations(document: dict[str, Any], routes: Iterable[RouteContext]) -> None:
    """Tell the operations of a function with several methods apart: `item_get`, `item_head`."""
    operations = [
        (route, method)
        for route in routes
        if isinstance(route.original_route, APIRoute)
        and route.include_in_schema
        and not route.operation_id
        for method in route.methods or ()
    ]
    serving = Counter(id(route.endpoint) for route, _ in operations)
    for route, method in operations:
        if serving[id(route.endpoint)] > 1:
            operation = document["paths"][route.path_format][method.lower()]
            operation["operationId"] = f"{route.unique_id}_{method.lower()}"


def describe_streams(document: dict[str, Any]) -> None:
    """Describe `JsonStreamingResponse` as FastAPI describes its own streams.

    FastAPI registers the model of a response and describes it as JSON; for a stream, that schema is
    the one of an item.
    """
    for path in document["paths"].values():
        for operation in path.values():
            for response in operation["responses"].values():
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

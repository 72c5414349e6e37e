"""What is told of an app beside its routes one by one."""

import inspect
from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.requests import Request
from starlette.routing import BaseRoute, Mount, WebSocketRoute

from ..application import has_runtime
from ..streamed import is_stream
from .refusal import without_runtime

METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"}
"""Methods that are told of elsewhere, or have routes of API Gateway."""

_WITH_BODY = ("post", "put", "patch")


def told_of_app(app: object, module: str) -> list[str]:
    """Lines for an app that is not the one of `init`, or that states a root path."""
    if not isinstance(app, FastAPI):
        return []
    lines = [] if has_runtime(app) else [without_runtime(module)]
    if root := app.root_path.rstrip("/"):
        lines.append(
            f"root_path {root} is no part of the routes: clients find them below it where it is "
            "the base path of a custom domain."
        )
    return lines


def told_of_bodies(paths: dict[str, Any], shown: Iterable[RouteContext]) -> Iterator[str]:
    """A line for operations that read a body which the document says nothing of.

    Args:
        paths: The document's.
        shown: Routes that are in it.
    """
    named: list[str] = []
    for route in shown:
        for method in _WITH_BODY:
            operation = paths.get(route.path_format or "", {}).get(method)
            takes_one = method.upper() in (route.methods or ()) and _takes_request(route.endpoint)
            if operation is not None and takes_one and "requestBody" not in operation:
                named.append(name_of(route, method.upper()))
    if named:
        yield (
            "A REST API hands bodies on byte by byte of forms, of application/octet-stream, and of "
            "types that the document names (openapi_extra with a requestBody), and all others as "
            f"text. These read one that no document declares: {', '.join(dict.fromkeys(named))}."
        )


def told_within(mount: RouteContext) -> Iterator[str]:
    """A line for each route of a mounted app that gets no way in."""
    for route, path in _below(mount, "", set()):
        for method in sorted((route.methods or set()) - METHODS):
            yield f"{method} {path} ({route.name}): {no_method(method)}"
        if is_socket(route):
            yield no_socket(path)


def streams_within(mount: RouteContext) -> bool:
    """Whether any route of a mounted app streams."""
    return any(
        isinstance(route.original_route, APIRoute) and is_stream(route)
        for route, _ in _below(mount, "", set())
    )


def name_of(route: RouteContext, method: str) -> str:
    """A route as it is named in what is told: `GET /items/{id} (get_item)`."""
    what = "Mount" if isinstance(route.original_route, Mount) else method
    return f"{what} {route.path} ({route.name})"


def no_method(method: str) -> str:
    """Why a route of this method has no way in."""
    return f"API Gateway has no method {method}, so it has no route."


def is_socket(route: RouteContext) -> bool:
    """Whether a route is a WebSocket's."""
    kind = route.original_route
    return isinstance(kind, WebSocketRoute) or "WebSocket" in type(kind).__name__


def no_socket(path: str | None) -> str:
    """Why a WebSocket has no way in."""
    return f"WebSocket {path}: API Gateway's REST and HTTP APIs have no WebSockets."


def _below(mount: RouteContext, prefix: str, seen: set[int]) -> Iterator[tuple[RouteContext, str]]:
    """Routes of a mounted app and those mounted in it, with their whole paths."""
    place = f"{prefix}{mount.path or ''}".rstrip("/")
    app: Any = getattr(mount.original_route, "app", None)
    # An app may be mounted in itself.
    routes: list[BaseRoute] = [] if id(app) in seen else getattr(app, "routes", None) or []
    for route in iter_route_contexts(routes):
        if isinstance(route.original_route, Mount):
            yield from _below(route, place, {*seen, id(app)})
        else:
            yield route, f"{place}{route.path}"


def _takes_request(function: Any) -> bool:
    try:
        parameters = inspect.signature(function, eval_str=True).parameters.values()
    except Exception:
        return False
    kinds = (parameter.annotation for parameter in parameters)
    return any(isinstance(kind, type) and issubclass(kind, Request) for kind in kinds)

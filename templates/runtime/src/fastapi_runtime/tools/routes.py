"""What the infrastructure needs to know about an app's routes beyond its OpenAPI document.

Afterwards each route of the app is in the document, is an `Extra`, or has a line in `told`.
"""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import Host, Mount, Route, WebSocketRoute, compile_path

from ..application import describe_streams, has_runtime, name_operations
from ..streamed import streams
from .answers import left_out
from .refusal import without_runtime

STREAM = "x-fastapi-stream"
"""Says of an operation whether it streams; in `openapi_extra`, it wins over the function's type."""

PATH = "x-fastapi-path"
"""The path with its converters, since OpenAPI can't tell `/{name}` from `/{name:path}`."""

NAME = "x-fastapi-name"
"""The route's name where it is not its function's, to tell operations apart by."""

ANSWERS = "x-response-model"
"""What of its model an operation leaves out of its answers, which OpenAPI has no word for."""

EVERY_METHOD = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
"""What a mounted app may be asked; OPTIONS stays the browser's preflight."""


@dataclass(frozen=True)
class Extra:
    """An operation that is in no OpenAPI document: a mounted app, or the pages of documentation."""

    operationId: str  # noqa: N815
    methods: tuple[str, ...]
    paths: tuple[str, ...]


@dataclass
class Routes:
    """The operations beside those of the document, and a line for each route without a way in."""

    extra: list[Extra] = field(default_factory=list[Extra])
    told: list[str] = field(default_factory=list[str])

    def as_json(self) -> list[dict[str, Any]]:
        """The extra operations as the document holds them."""
        return [asdict(operation) for operation in self.extra]


def complete(document: dict[str, Any], app: FastAPI, *, docs: bool = False) -> Routes:
    """Complete a document in place, and report what it can't hold.

    Args:
        document: The app's OpenAPI document, FastAPI's own or one of yours.
        app: The app.
        docs: Whether `/docs`, `/redoc` and `/openapi.json` are routed too.
    """
    paths: dict[str, Any] = document.setdefault("paths", {})
    routes = list(iter_route_contexts(app.routes))
    name_operations(document, routes)
    describe_streams(document)
    found = Routes()
    pages = _pages(app)
    seen: dict[tuple[str, str], RouteContext] = {}
    for route in routes:
        kind = route.original_route
        if isinstance(kind, APIRoute):
            for method in sorted(route.methods or ()):
                first = seen.setdefault((method, route.path_format or ""), route)
                if first is not route:
                    found.told.append(f"{_name(route, method)}: {_name(first, method)} answers it.")
                else:
                    _describe(paths, route, method, found)
        elif isinstance(kind, Mount):
            found.extra.append(_mounted(route))
        elif isinstance(kind, Route) and route.path in pages:
            continue
        else:
            found.told.append(_told(route))
    found.told.extend(_frontends(app))
    _drop_twins(paths, seen)
    found.told.extend(_hidden_slashes(paths, seen))
    slashes = [path for path in paths if len(path) > 1 and path.endswith("/")]
    if slashes:
        found.told.append(
            "Clients leave out the slash at the end, which HTTP APIs do not route: "
            + ", ".join(slashes)
        )
    if docs and pages:
        found.extra.append(Extra("docs", ("GET",), tuple(pages)))
    return found


def told_of_app(app: object, module: str) -> list[str]:
    """A line for an app without telemetry, since it is not the one of `init`."""
    if not isinstance(app, FastAPI) or has_runtime(app):
        return []
    return [without_runtime(module)]


def _describe(paths: dict[str, Any], route: RouteContext, method: str, found: Routes) -> None:
    operation: Any = paths.get(route.path_format or "", {}).get(method.lower())
    if operation is None:
        reason = (
            "the OpenAPI document lacks it, so it has no route"
            if route.include_in_schema
            else "include_in_schema=False leaves it without a route"
        )
        found.told.append(f"{_name(route, method)}: {reason}.")
        return
    if route.path != route.path_format:
        operation[PATH] = route.path
    if route.name != getattr(route.endpoint, "__name__", route.name):
        operation[NAME] = route.name
    if STREAM not in operation and streams(route):
        operation[STREAM] = True
    if ANSWERS not in operation and (fields := left_out(route)):
        operation[ANSWERS] = fields


def _mounted(route: RouteContext) -> Extra:
    path = (route.path or "").rstrip("/")
    words = re.sub(r"\W+", "_", path).strip("_") or "root"
    return Extra(route.name or words, EVERY_METHOD, (path or "/", f"{path}/{{proxy:path}}"))


def _pages(app: FastAPI) -> list[str]:
    """Paths of the documentation that FastAPI serves itself."""
    if not app.openapi_url:
        return []
    redirect = app.swagger_ui_oauth2_redirect_url if app.docs_url else None
    return [path for path in (app.openapi_url, app.docs_url, redirect, app.redoc_url) if path]


def _told(route: RouteContext) -> str:
    kind = route.original_route
    if isinstance(kind, WebSocketRoute) or "WebSocket" in type(kind).__name__:
        return f"WebSocket {route.path}: API Gateway's REST and HTTP APIs have no WebSockets."
    if isinstance(kind, Host):
        return f"Host {kind.host}: apps by host name have no route."
    methods = ", ".join(sorted(route.methods or ())) or "Route"
    where = route.path or type(kind).__name__
    return (
        f"{methods} {where}: the OpenAPI document has routes of FastAPI alone, so it has no route."
    )


def _frontends(app: FastAPI) -> Iterator[str]:
    # FastAPI names no public way to them.
    for group in getattr(app.router, "_low_priority_routes", ()):
        for frontend in getattr(group, "routes", ()):
            yield f"Frontend {getattr(frontend, 'path', '/')}: serve a website's files from a CDN."


def _drop_twins(paths: dict[str, Any], seen: dict[tuple[str, str], RouteContext]) -> None:
    """Keep one of `/items` and `/items/` where one function answers both."""
    for (method, path), route in seen.items():
        twin = seen.get((method, path.rstrip("/")))
        if len(path) > 1 and path.endswith("/") and twin and twin.endpoint is route.endpoint:
            _ = paths.get(path, {}).pop(method.lower(), None)
            if path in paths and not paths[path]:
                del paths[path]


def _hidden_slashes(
    paths: dict[str, Any], seen: dict[tuple[str, str], RouteContext]
) -> Iterator[str]:
    """A line for each route with a slash at its end whose path without it is another's."""
    for (method, path), route in seen.items():
        bare = path.rstrip("/")
        if path == bare or not bare or path not in paths:
            continue
        for (other_method, other_path), other in seen.items():
            if (
                other_method == method
                and other_path not in (path, bare)
                and compile_path(other.path or "")[0].fullmatch(bare)
            ):
                yield (
                    f"{_name(route, method)}: asked for without its slash, as by clients, "
                    f"{_name(other, method)} answers; leave out the slash, and declare it first."
                )
                break


def _name(route: RouteContext, method: str) -> str:
    return f"{method} {route.path} ({route.name})"

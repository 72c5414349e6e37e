"""What the infrastructure needs to know about an app's routes beyond its OpenAPI document.

Afterwards each route of the app is in the document, is an `Extra`, or has a line in `told`.
"""

import re
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import Host, Mount, Route, compile_path

from ..application import describe_streams, name_operations
from ..streamed import streams
from .answering import Answering, Place, takes_all_of
from .answers import left_out
from .told import (
    METHODS,
    is_socket,
    name_of,
    no_method,
    no_socket,
    streams_within,
    told_of_bodies,
    told_within,
)

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
    streaming: bool = False


@dataclass
class Routes:
    """The operations beside those of the document, and a line for each route without a way in."""

    extra: list[Extra] = field(default_factory=list[Extra])
    told: list[str] = field(default_factory=list[str])

    def as_json(self) -> list[dict[str, Any]]:
        """The extra operations as the document holds them."""
        return [
            {name: value for name, value in asdict(operation).items() if value}
            for operation in self.extra
        ]


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
    answering = Answering(routes)
    _correct(paths, app, routes, answering)
    for route in routes:
        kind = route.original_route
        if isinstance(kind, APIRoute):
            for method in sorted(route.methods or ()):
                _describe(paths, route, method, answering, found)
        elif isinstance(kind, Mount):
            found.extra.append(_mounted(route))
            found.told.extend(told_within(route))
        elif isinstance(kind, Route) and route.path in pages:
            continue
        else:
            found.told.append(_told(route))
    found.told.extend(_frontends(app))
    _drop_twins(paths, answering.shown)
    found.told.extend(_hidden_slashes(paths, answering))
    slashes = [path for path in paths if len(path) > 1 and path.endswith("/")]
    if slashes:
        found.told.append(
            "Clients leave out the slash at the end, which HTTP APIs do not route: "
            + ", ".join(slashes)
        )
    found.told.extend(told_of_bodies(paths, answering.shown.values()))
    if docs and pages:
        found.extra.append(Extra("docs", ("GET",), tuple(pages)))
    return found


def _correct(
    paths: dict[str, Any], app: FastAPI, routes: list[RouteContext], answering: Answering
) -> None:
    """Put the routes that answer in place of those that never do."""
    wrong = [place for place in answering.wrong if place[0].lower() in paths.get(place[1], {})]
    shown = [answering.shown[place] for place in wrong if place in answering.shown]
    made: dict[str, Any] = {}
    if shown:
        # The last route at a place is the one that the document has.
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Duplicate Operation ID")
            whole = get_openapi(
                title=app.title,
                version=app.version,
                routes=[*routes, *shown],
                separate_input_output_schemas=app.separate_input_output_schemas,
            )
        name_operations(whole, routes)
        describe_streams(whole)
        made = whole["paths"]
    for method, path in wrong:
        operations: dict[str, Any] = paths[path]
        if (method, path) in answering.shown:
            operations[method.lower()] = made[path][method.lower()]
        else:
            _remove(paths, method, path)


def _describe(
    paths: dict[str, Any], route: RouteContext, method: str, answering: Answering, found: Routes
) -> None:
    place = (method, route.path_format or "")
    operation: Any = paths.get(place[1], {}).get(method.lower())
    shown = None if operation is None else answering.shown.get(place, route)
    told = _told_of(route, method, answering.before(route, method), shown)
    if told:
        found.told.append(name_of(route, method) + told)
    if operation is None or shown is not route:
        return
    path = answering.path(place, route)
    if path != route.path_format:
        operation[PATH] = path
    if route.name != getattr(route.endpoint, "__name__", route.name):
        operation[NAME] = route.name
    if STREAM not in operation and streams(route):
        operation[STREAM] = True
    if ANSWERS not in operation and (fields := left_out(route)):
        operation[ANSWERS] = fields


def _told_of(
    route: RouteContext, method: str, before: RouteContext | None, shown: RouteContext | None
) -> str:
    """What to say after a route's name, where it is not simply the operation at its place."""
    if method not in METHODS:
        return f": {no_method(method)}"
    if before is not None:
        return f": {name_of(before, method)} answers it."
    if shown is route:
        return ""
    if shown is not None and (route.include_in_schema or takes_all_of(shown, route)):
        other = name_of(shown, method)
        return (
            f" shares the document's place, the route and the function of {other}: its parameters "
            "named otherwise give it its own."
        )
    if route.include_in_schema:
        return ": the OpenAPI document lacks it, so it has no route."
    return ": include_in_schema=False leaves it without a route."


def _mounted(route: RouteContext) -> Extra:
    path = (route.path or "").rstrip("/")
    words = re.sub(r"\W+", "_", path).strip("_") or "root"
    places = (path or "/", f"{path}/{{proxy:path}}")
    return Extra(route.name or words, EVERY_METHOD, places, streams_within(route))


def _pages(app: FastAPI) -> list[str]:
    """Paths of the documentation that FastAPI serves itself."""
    if not app.openapi_url:
        return []
    redirect = app.swagger_ui_oauth2_redirect_url if app.docs_url else None
    return [path for path in (app.openapi_url, app.docs_url, redirect, app.redoc_url) if path]


def _told(route: RouteContext) -> str:
    kind = route.original_route
    if is_socket(route):
        return no_socket(route.path)
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


def _drop_twins(paths: dict[str, Any], shown: dict[Place, RouteContext]) -> None:
    """Keep one of `/items` and `/items/` where one function answers both."""
    for (method, path), route in shown.items():
        twin = shown.get((method, path.rstrip("/")))
        if len(path) > 1 and path.endswith("/") and twin and twin.endpoint is route.endpoint:
            _remove(paths, method, path)


def _remove(paths: dict[str, Any], method: str, path: str) -> None:
    _ = paths.get(path, {}).pop(method.lower(), None)
    if path in paths and not paths[path]:
        del paths[path]


def _hidden_slashes(paths: dict[str, Any], answering: Answering) -> Iterator[str]:
    """A line for each route with a slash at its end whose path without it is another's."""
    for (method, path), route in answering.shown.items():
        bare = path.rstrip("/")
        if path == bare or not bare or path not in paths or answering.before(route, method):
            continue
        for (other_method, other_path), other in answering.shown.items():
            if (
                other_method == method
                and other_path not in (path, bare)
                and compile_path(other.path or "")[0].fullmatch(bare)
            ):
                yield (
                    f"{name_of(route, method)}: asked for without its slash, as by clients, "
                    f"{name_of(other, method)} answers; leave out the slash, and declare it first."
                )
                break

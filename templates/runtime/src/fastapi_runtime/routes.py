"""Finds the template of the route that a request took, which telemetry counts it under."""

from collections.abc import Iterable
from typing import cast

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import Scope


def route_template(scope: Scope, app: Starlette) -> str | None:
    """Template of the route that the router chose for a request.

    Args:
        scope: The request's ASGI scope, after routing.
        app: The application.

    Returns:
        `/items/{item_id}`, with the prefixes of included routers and mounts; None while nothing has
        matched.
    """
    route = scope.get("route")
    if route is None:
        return _plain_template(scope["endpoint"], app.routes) if "endpoint" in scope else None
    # An included router's prefix is in the effective context alone, which FastAPI does not
    # document: without it, the route's own.
    context = scope.get("fastapi", {}).get("effective_route_context")
    if context is None or context.original_route is not route:
        context = route
    template: str | None = getattr(context, "path_format", None)
    if template is None or "app_root_path" not in scope:
        return template
    return _mounted_template(scope, template, app.routes)


def _plain_template(endpoint: object, routes: Iterable[BaseRoute]) -> str | None:
    """Template of a route of Starlette's own kind, such as `/docs` or a mounted folder."""
    for route in routes:
        if getattr(route, "endpoint", None) is endpoint or getattr(route, "app", None) is endpoint:
            return cast("str | None", getattr(route, "path_format", None))
    return None


def _mounted_template(scope: Scope, template: str, routes: Iterable[BaseRoute]) -> str:
    """Template within a mounted application, with the template of its mount before it."""
    outer = {**scope, "root_path": scope["app_root_path"]}
    for route in routes:
        if isinstance(route, Mount) and route.matches(outer)[0] is not Match.NONE:
            return route.path + template
    return template

"""What stands before the app's own paths in a URL: a stage, or a custom domain's base path."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

_ROOT = "fastapi_runtime.root"
"""Where a scope has what stands before the app's own paths."""


def set_root_path(scope: Scope, gateway: dict[str, Any]) -> None:
    """Set the path under which clients see the app, for `/docs` and redirects to work.

    Args:
        scope: The request's ASGI scope, changed in place.
        gateway: API Gateway's request context.
    """
    path: str = scope["path"]
    own: str = scope.get("root_path", "")
    if own and not f"{path}/".startswith(f"{own}/"):
        # What the app states itself is not in the path, or mounted apps would look for it there.
        scope["root_path"] = ""
    http: dict[str, Any] | None = gateway.get("http")
    seen = str((http or gateway).get("path") or "")
    if http is not None and seen == path:
        # HTTP APIs leave a named stage in the path that they forward, under their own domain name.
        root = f"/{gateway.get('stage')}"
        if gateway.get("domainPrefix") == gateway.get("apiId") and (
            path == root or path.startswith(root + "/")
        ):
            scope["root_path"] = scope[_ROOT] = root
        return
    # REST APIs forward the path without the stage, and the adapter takes a base path away: what is
    # missing at the front is the root.
    if seen != path and seen.endswith(path):
        root = seen[: -len(path)]
        scope["root_path"] = scope[_ROOT] = root
        scope["path"] = seen


def keep_root_path(app: FastAPI) -> None:
    """Let mounted apps that state a `root_path` find their routes below a stage too.

    FastAPI puts what they state in place of the whole root path, and so takes the stage away.

    Args:
        app: The app that they are mounted in, at any depth.
    """
    for route in iter_route_contexts(app.routes):
        mounted = getattr(route.original_route, "app", None)
        if not isinstance(route.original_route, Mount) or not isinstance(mounted, FastAPI):
            continue
        keep_root_path(mounted)
        if mounted.root_path:
            mounted.build_middleware_stack = _below(mounted, mounted.build_middleware_stack)


def _below(app: FastAPI, build: Callable[[], ASGIApp]) -> Callable[[], ASGIApp]:
    def build_stack() -> ASGIApp:
        stack = build()

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            if _ROOT in scope:
                scope["root_path"] = scope[_ROOT] + app.root_path.rstrip("/")
            await stack(scope, receive, send)

        return serve

    return build_stack

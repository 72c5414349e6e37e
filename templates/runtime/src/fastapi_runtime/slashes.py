"""A slash at the end of a path: `/items` and `/items/` both find the route that is either.

API Gateway knows no route that ends in a slash, and Starlette's redirect from one form to the other
names an address that clients may not reach.
"""

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import Receive, Scope, Send


def answer_either_form(app: FastAPI) -> None:
    """Let an app answer the other form of a path where the requested one matches nothing.

    So do the FastAPI apps that are mounted in it.

    Args:
        app: Any app. With `redirect_slashes=False` its own routes stay as they are.
    """
    routes = list(iter_route_contexts(app.routes))
    if app.router.redirect_slashes:
        app.router.redirect_slashes = False
        _answer_unmatched(app.router)
        if _has_both_forms(routes):
            _answer_other_methods(app.router)
    for route in routes:
        mount = route.original_route
        if isinstance(mount, Mount) and isinstance(mount.app, FastAPI):
            answer_either_form(mount.app)


def _answer_unmatched(router: APIRouter) -> None:
    not_found = router.default

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        other = _other_form(scope) if scope["type"] == "http" else None
        if other is None or _match({**scope, "path": other}, router.routes) is Match.NONE:
            await not_found(scope, receive, send)
            return
        # In place: what the router leaves in the scope is read by whoever handed it in.
        scope["path"] = other
        await router.app(scope, receive, send)

    router.default = answer


def _answer_other_methods(router: APIRouter) -> None:
    """Let `POST /x` find the route `POST /x/`, which `GET /x` would hide by a 405."""
    whole = router.middleware_stack

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        other = _other_form(scope) if scope["type"] == "http" else None
        if (
            other is not None
            and _match(scope, router.routes) is Match.PARTIAL
            and _match({**scope, "path": other}, router.routes) is Match.FULL
        ):
            scope["path"] = other
        await whole(scope, receive, send)

    router.middleware_stack = answer


def _has_both_forms(routes: Iterable[RouteContext]) -> bool:
    paths = {route.path_format or "" for route in routes}
    return any(len(path) > 1 and path.endswith("/") and path.rstrip("/") in paths for path in paths)


def _other_form(scope: Scope) -> str | None:
    path: str = scope["path"]
    within = path.removeprefix(scope.get("root_path", ""))
    if within in ("", "/"):
        return None
    return path.rstrip("/") if path.endswith("/") else f"{path}/"


def _match(scope: Scope, routes: list[BaseRoute]) -> Match:
    """How well the best of some routes matches; stops at the first that does in full."""
    best = Match.NONE
    for route in routes:
        found = route.matches(scope)[0]
        if found is Match.FULL:
            return found
        if found is Match.PARTIAL:
            best = found
    return best

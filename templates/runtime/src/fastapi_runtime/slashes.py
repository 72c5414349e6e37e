"""A slash at the end of a path: `/items` and `/items/` both find the route that is either.

API Gateway knows no route that ends in a slash, and Starlette's redirect from one form to the other
names an address that clients may not reach.
"""

from fastapi import APIRouter
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send


def answer_either_form(router: APIRouter) -> None:
    """Let a router answer the other form of a path where the requested one matches nothing.

    Args:
        router: An app's router. With `redirect_slashes=False` it stays as it is.
    """
    if not router.redirect_slashes:
        return
    router.redirect_slashes = False
    not_found = router.default

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        other = _other_form(scope, router.routes) if scope["type"] == "http" else None
        if other is None:
            await not_found(scope, receive, send)
            return
        # In place: what the router leaves in the scope is read by whoever handed it in.
        scope["path"] = other
        await router.app(scope, receive, send)

    router.default = answer


def _other_form(scope: Scope, routes: list[BaseRoute]) -> str | None:
    path: str = scope["path"]
    within = path.removeprefix(scope.get("root_path", ""))
    if within in ("", "/"):
        return None
    other = path.rstrip("/") if path.endswith("/") else f"{path}/"
    tried = {**scope, "path": other}
    matches = any(route.matches(tried)[0] is not Match.NONE for route in routes)
    return other if matches else None

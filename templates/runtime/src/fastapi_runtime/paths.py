"""What stands before the app's own paths in a URL: a stage, or a custom domain's base path."""

from typing import Any

from starlette.types import Scope


def set_root_path(scope: Scope, gateway: dict[str, Any]) -> None:
    """Set the path under which clients see the app, for `/docs` and redirects to work.

    Args:
        scope: The request's ASGI scope, changed in place.
        gateway: API Gateway's request context.
    """
    path: str = scope["path"]
    http: dict[str, Any] | None = gateway.get("http")
    seen = str((http or gateway).get("path") or "")
    stage = gateway.get("stage")
    if http is not None and seen == path:
        # HTTP APIs leave a named stage in the path that they forward, under their own domain name.
        root = f"/{stage}"
        if gateway.get("domainPrefix") == gateway.get("apiId") and (
            path == root or path.startswith(root + "/")
        ):
            scope["root_path"] = root
        return
    # REST APIs forward the path without the stage, and the adapter takes a base path away: what is
    # missing at the front is the root.
    if seen != path and seen.endswith(path):
        root = seen[: -len(path)]
        scope["root_path"] = root
        scope["path"] = seen

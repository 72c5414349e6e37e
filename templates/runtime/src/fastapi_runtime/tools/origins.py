"""What an app's own `CORSMiddleware` allows, for API Gateway to answer preflights alike."""

import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Receive, Scope, Send

from ..cors import own_kind, own_middleware
from .refusal import RefusalError

_ROUTED = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
"""Methods that API Gateway has routes of."""

_DECIDING = ("__call__", "is_allowed_origin", "preflight_response")
"""What of a `CORSMiddleware` answers a preflight."""


def cors_rule(app: FastAPI) -> dict[str, Any] | None:
    """What the app's `CORSMiddleware` allows, defaults included; None where it has none.

    It is made as the app makes it, and read then: a subclass has arguments of its own.

    Raises:
        RefusalError: When it can't be made, or holds no rule.
    """
    found = own_middleware(app)
    if found is None:
        return None
    made = _made(found)
    try:
        preflight, simple = made.preflight_headers, made.simple_headers
        headers = preflight.get("Access-Control-Allow-Headers", "").split(", ")
        exposed = simple.get("Access-Control-Expose-Headers", "").split(", ")
        pattern = made.allow_origin_regex
        return {
            "origins": ["*"] if made.allow_all_origins else list(made.allow_origins),
            "originRegex": _as_java("" if pattern is None else pattern.pattern),
            "methods": [name for name in made.allow_methods if name in _ROUTED],
            "headers": ["*"] if made.allow_all_headers else headers,
            "credentials": "Access-Control-Allow-Credentials" in preflight,
            "exposedHeaders": [name for name in exposed if name],
            "maxAge": int(preflight["Access-Control-Max-Age"]),
        }
    except AttributeError as error:
        raise RefusalError(
            f"{_name(found)} has no {error.name}, since its __init__ does not call "
            "CORSMiddleware's: call super().__init__(app, allow_origins=..., ...)."
        ) from None


def told_of_origins(app: FastAPI) -> Iterator[str]:
    """A line for a `CORSMiddleware` that decides by more than its arguments."""
    found = own_middleware(app)
    if found is None:
        return
    kind = own_kind(found)
    for name in _DECIDING:
        if getattr(kind, name) is not getattr(CORSMiddleware, name):
            yield (
                f"{_name(found)} decides by its own {name}, which API Gateway can't ask: it "
                "answers preflights by the arguments of CORSMiddleware alone. Hand over all "
                "origins that may be allowed, as allow_origins or allow_origin_regex."
            )
            return


def _made(middleware: Middleware) -> Any:
    async def nothing(_scope: Scope, _receive: Receive, _send: Send) -> None: ...

    try:
        return middleware.cls(nothing, *middleware.args, **middleware.kwargs)
    except Exception as error:
        raise RefusalError(
            f"{_name(middleware)} can't be made ({type(error).__name__}: {error}): a variable that "
            "it needs has to stand in [tool.fastapi-lambda.environment]."
        ) from None


def _name(middleware: Middleware) -> str:
    kind: Any = own_kind(middleware)
    return f"{kind.__module__}.{kind.__qualname__}"


def _as_java(pattern: str) -> str:
    """A pattern as API Gateway's templates read it, which name groups in another way."""
    named = re.sub(r"\(\?P<(\w+)>", lambda found: f"(?<{found[1].replace('_', '')}>", pattern)
    return re.sub(r"\(\?P=(\w+)\)", lambda found: rf"\k<{found[1].replace('_', '')}>", named)

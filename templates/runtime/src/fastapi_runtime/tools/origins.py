"""What an app's own `CORSMiddleware` allows, for API Gateway to answer preflights alike."""

import re
from inspect import signature
from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import ALL_METHODS, SAFELISTED_HEADERS, CORSMiddleware

from ..cors import own_middleware

_ROUTED = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
"""Methods that API Gateway has routes of."""


def cors_rule(app: FastAPI) -> dict[str, Any] | None:
    """The arguments of the app's `CORSMiddleware`, defaults included; None where it has none."""
    found = own_middleware(app)
    if found is None:
        return None
    bound = signature(CORSMiddleware).bind_partial(None, *found.args, **found.kwargs)
    bound.apply_defaults()
    given = bound.arguments
    methods = ALL_METHODS if "*" in given["allow_methods"] else given["allow_methods"]
    every_header = "*" in given["allow_headers"]
    return {
        "origins": ["*"] if "*" in given["allow_origins"] else list(given["allow_origins"]),
        "originRegex": _as_java(given["allow_origin_regex"] or ""),
        "methods": [name for name in methods if name in _ROUTED],
        "headers": ["*"]
        if every_header
        else sorted(SAFELISTED_HEADERS | set(given["allow_headers"])),
        "credentials": given["allow_credentials"],
        "exposedHeaders": list(given["expose_headers"]),
        "maxAge": given["max_age"],
    }


def _as_java(pattern: str) -> str:
    """A pattern as API Gateway's templates read it, which name groups in another way."""
    named = re.sub(r"\(\?P<(\w+)>", lambda found: f"(?<{found[1].replace('_', '')}>", pattern)
    return re.sub(r"\(\?P=(\w+)\)", lambda found: rf"\k<{found[1].replace('_', '')}>", named)

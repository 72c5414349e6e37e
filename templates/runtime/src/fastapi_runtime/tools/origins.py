"""What an app's own `CORSMiddleware` allows, for API Gateway to answer preflights alike."""

from inspect import signature
from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import ALL_METHODS, SAFELISTED_HEADERS, CORSMiddleware

from ..cors import own_middleware


def cors_rule(app: FastAPI) -> dict[str, Any] | None:
    """The arguments of the app's `CORSMiddleware`, defaults included; None where it has none."""
    found = own_middleware(app)
    if found is None:
        return None
    bound = signature(CORSMiddleware).bind_partial(None, *found.args, **found.kwargs)
    bound.apply_defaults()
    given = bound.arguments
    every_header = "*" in given["allow_headers"]
    return {
        "origins": ["*"] if "*" in given["allow_origins"] else list(given["allow_origins"]),
        "originRegex": given["allow_origin_regex"] or "",
        "methods": list(ALL_METHODS if "*" in given["allow_methods"] else given["allow_methods"]),
        "headers": ["*"]
        if every_header
        else sorted(SAFELISTED_HEADERS | set(given["allow_headers"])),
        "credentials": given["allow_credentials"],
        "exposedHeaders": list(given["expose_headers"]),
        "maxAge": given["max_age"],
    }

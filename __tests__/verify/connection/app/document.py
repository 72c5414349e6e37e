"""Print an app's OpenAPI document with what FastAPI leaves out of it and a client needs.

`python -m app.document app.main:app`
"""

import importlib
import json
import sys
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

OMISSIONS = {
    "response_model_exclude_unset": "excludeUnset",
    "response_model_exclude_defaults": "excludeDefaults",
    "response_model_exclude_none": "excludeNone",
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The document with `x-fastapi-path` and `x-response-model`."""
    document: dict[str, Any] = {**app.openapi()}
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute) or not context.include_in_schema:
            continue
        for method in context.methods or ():
            operation = document["paths"][context.path_format][method.lower()]
            if context.path != context.path_format:
                operation["x-fastapi-path"] = context.path
            if note := response_model(route):
                operation["x-response-model"] = note
    return document


def response_model(route: APIRoute) -> dict[str, Any]:
    """What a route leaves out of its answers; of nested choices only that there are some."""
    note: dict[str, Any] = {
        name: True for attribute, name in OMISSIONS.items() if getattr(route, attribute)
    }
    for name in ("include", "exclude"):
        chosen = getattr(route, f"response_model_{name}")
        if chosen is not None:
            note[name] = sorted(chosen) if isinstance(chosen, (set, frozenset, list)) else True
    return note


if __name__ == "__main__":
    module, _, name = sys.argv[1].partition(":")
    print(json.dumps(describe(getattr(importlib.import_module(module), name)), indent=1))

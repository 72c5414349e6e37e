"""Write the app's OpenAPI document to dist/openapi.json, which the infrastructure is made from.

Beside what FastAPI emits it holds `x-fastapi-lambda`, how the app is to be run, and for each
operation with a path converter `x-fastapi-path`, since OpenAPI can't tell `/files/{name}` from
`/files/{name:path}`.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from project import DIST, ROOT, read_project


def describe(app: FastAPI) -> dict[str, Any]:
    """The app's OpenAPI document with what the infrastructure needs besides."""
    project = read_project()
    document: dict[str, Any] = {**app.openapi()}
    document["x-fastapi-lambda"] = {
        "module": project.module,
        "runtime": project.runtime,
        "architecture": project.architecture,
        "serviceName": project.name,
    }
    for route in iter_route_contexts(app.routes):
        if not isinstance(route.original_route, APIRoute) or not route.include_in_schema:
            continue
        if route.path != route.path_format:
            for method in route.methods or ():
                operation = document["paths"][route.path_format][method.lower()]
                operation["x-fastapi-path"] = route.path
    return document


def main() -> None:
    """Import the app as the server does, and write its document."""
    sys.path.insert(0, str(ROOT))
    app: FastAPI = importlib.import_module(f"{read_project().module}.main").app
    target = DIST / "openapi.json"
    target.parent.mkdir(exist_ok=True)
    text = json.dumps(describe(app), indent=2, ensure_ascii=False) + "\n"
    _ = target.write_text(text, encoding="utf-8", newline="\n")
    print(f"{Path(target).relative_to(ROOT)}: {len(app.openapi()['paths'])} paths")


if __name__ == "__main__":
    main()

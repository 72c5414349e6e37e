"""Write the app's OpenAPI document to dist/openapi.json, which the infrastructure is made from.

Beside what FastAPI emits it holds `x-fastapi-lambda`, how the app is to be run, and for each
operation with a path converter `x-fastapi-path`, since OpenAPI can't tell `/files/{name}` from
`/files/{name:path}`.
"""

import importlib
import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from .conditions import conditional_routes
from .hermetic import run_hermetic
from .project import Project, read_project
from .refusal import told


def describe(app: FastAPI, project: Project) -> dict[str, Any]:
    """The app's OpenAPI document with what the infrastructure needs besides."""
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
    """Write the document of the app in the current folder.

    One document serves all stages: what a variable of a shell's or `.env` would bring is not in it.
    """
    told(_main)


def _main() -> None:
    project = read_project()
    run_hermetic(project, __name__, write.__name__)
    for line in conditional_routes(project):
        print(line)


def write(root: Path) -> None:
    """Import the app as the server does, and write its document.

    Args:
        root: Folder of the API project; the app's own modules are on the path already.
    """
    project = read_project(root)
    app: FastAPI = importlib.import_module(f"{project.module}.main").app
    target = project.dist / "openapi.json"
    target.parent.mkdir(exist_ok=True)
    text = json.dumps(describe(app, project), indent=2, ensure_ascii=False) + "\n"
    _ = target.write_text(text, encoding="utf-8", newline="\n")
    print(f"{target.relative_to(project.root)}: {len(app.openapi()['paths'])} paths")

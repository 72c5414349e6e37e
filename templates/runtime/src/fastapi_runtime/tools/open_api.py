"""Write the app's OpenAPI document to dist/openapi.json, which the infrastructure is made from.

Beside what FastAPI emits it holds `x-fastapi-lambda`, how the app is to be run and which operations
OpenAPI does not know. What gets no route is told, a line each.
"""

import importlib
import json
import sys
import warnings
from copy import deepcopy
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from .conditions import conditional_routes
from .hermetic import run_hermetic
from .origins import cors_rule
from .outputs import write_output
from .project import Project, read_project
from .refusal import told
from .routes import complete, told_of_app


def describe(app: FastAPI, project: Project) -> tuple[dict[str, Any], list[str]]:
    """The app's OpenAPI document with what the infrastructure needs besides, and what to tell."""
    with warnings.catch_warnings():
        # What FastAPI names alike is told apart below, or refused where the routes are made.
        warnings.filterwarnings("ignore", message="Duplicate Operation ID")
        document = deepcopy(app.openapi())
    routes = complete(document, app, docs=project.docs)
    settings: dict[str, Any] = {
        "module": project.module,
        "runtime": project.runtime,
        "architecture": project.architecture,
        "serviceName": project.name,
    }
    if routes.extra:
        settings["operations"] = routes.as_json()
    cors = cors_rule(app)
    if cors is not None:
        settings["cors"] = cors
    document["x-fastapi-lambda"] = settings
    return document, [*told_of_app(app, project.module), *routes.told]


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
    app = importlib.import_module(f"{project.module}.main").app
    if not isinstance(app, FastAPI):
        sys.exit(f"{project.module}.main.app is a {type(app).__name__}, and no FastAPI app.")
    document, lines = describe(app, project)
    target = project.dist / "openapi.json"
    _ = write_output(target, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    print(f"{target.relative_to(project.root)}: {len(document['paths'])} paths")
    for line in lines:
        print(line)

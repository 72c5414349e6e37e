"""Write the app's OpenAPI document to dist/openapi.json, which the infrastructure is made from.

Besides FastAPI's own it has `x-fastapi-lambda`: how to run the app, names of its settings in AWS,
and operations that OpenAPI can't describe. A line is printed for each route that the infrastructure
leaves out.
"""

import importlib
import json
import warnings
from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from ..setting_names import declared_names
from .app_name import MAKERS, problem_of_app
from .conditions import conditional_routes
from .hermetic import run_hermetic
from .origins import cors_rule, told_of_origins
from .outputs import write_output
from .project import Project, read_project
from .refusal import RefusalError, told
from .routes import complete
from .told import told_of_app


def describe(app: FastAPI, project: Project) -> tuple[dict[str, Any], list[str]]:
    """The app's OpenAPI document with what the infrastructure needs, and the lines to print."""
    with warnings.catch_warnings():
        # Equal names are made different below, or refused when the metadata is generated.
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
    names = declared_names()
    if names:
        settings["settings"] = names
    cors = cors_rule(app)
    if cors is not None:
        settings["cors"] = cors
    document["x-fastapi-lambda"] = settings
    return document, [*told_of_app(app, project.module), *told_of_origins(app), *routes.told]


def main() -> None:
    """Write the document of the app in the current folder.

    One document serves all stages: variables of a shell or `.env` have no effect on it.
    """
    told(_main)


def _main() -> None:
    project = read_project()
    run_hermetic(project, __name__, write.__name__)
    for line in conditional_routes(project):
        print(line)
    if project.environment:
        names = ", ".join(project.environment)
        are = "are" if len(project.environment) > 1 else "is"
        print(
            f"{names} of [tool.fastapi-lambda.environment] {are} for this import alone: what "
            "functions need of them, the infrastructure has to give them (environment)."
        )


def write(root: Path) -> None:
    """Import the app as the server does, and write its document.

    Args:
        root: Folder of the API project; the app's own modules are on the path already.
    """
    project = read_project(root)
    module = importlib.import_module(f"{project.module}.main")
    problem = problem_of_app(module, MAKERS)
    if problem:
        raise RefusalError(problem)
    # A function of its own, which may have settings that nothing else imports.
    authorizer = f"{project.module}.authorizer"
    if find_spec(authorizer):
        _ = importlib.import_module(authorizer)
    app: FastAPI = module.app
    document, lines = describe(app, project)
    target = project.dist / "openapi.json"
    _ = write_output(target, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    extra: list[dict[str, Any]] = document["x-fastapi-lambda"].get("operations", [])
    mounts = [operation["paths"][0] for operation in extra if len(operation["methods"]) > 1]
    besides = f", and apps mounted at {', '.join(mounts)}" if mounts else ""
    print(f"{target.relative_to(project.root)}: {len(document['paths'])} paths{besides}")
    for line in lines:
        print(line)

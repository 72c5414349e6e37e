"""What apps answer to browsers on this machine, and what the script notes of their CORSMiddleware.

`local.py '{"options": [...], "asked": [...]}'` prints for each set of options the rule, and the status and headers of each answer.
"""

import json
import sys
from pathlib import Path
from typing import Any

from fastapi.middleware.cors import CORSMiddleware
from fastapi.testclient import TestClient
from fastapi_runtime.application import Application
from fastapi_runtime.cors import Cors
from fastapi_runtime.tools.open_api import describe
from fastapi_runtime.tools.project import read_project
from my_api.init import logger, metrics


def look(options: dict[str, Any], asked: list[dict[str, Any]]) -> dict[str, Any]:
    app = Application(title="My API", version="1.0.0", logger=logger, metrics=metrics, cors=Cors("*"))
    app.api_route("/items", methods=["GET", "PUT", "DELETE"], operation_id="items")(lambda: [])
    app.get("/crash", operation_id="crash")(lambda: 1 / 0)
    app.add_middleware(CORSMiddleware, **options)
    document, _ = describe(app, read_project(Path.cwd()))
    client = TestClient(app)
    preflights: list[Any] = []
    for request in asked:
        headers = {"origin": request["origin"], "access-control-request-method": request["method"]}
        if request["headers"]:
            headers["access-control-request-headers"] = ",".join(request["headers"])
        answer = client.options("/items", headers=headers)
        preflights.append({"status": answer.status_code, "headers": dict(answer.headers)})
    origins = sorted({request["origin"] for request in asked})
    answers = {origin: dict(client.get("/items", headers={"origin": origin}).headers) for origin in origins}
    failures = {origin: dict(client.get("/crash", headers={"origin": origin}).headers) for origin in origins}
    return {"rule": document["x-fastapi-lambda"]["cors"], "preflights": preflights, "answers": answers, "failures": failures}


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    print(json.dumps([look(options, given["asked"]) for options in given["options"]]))

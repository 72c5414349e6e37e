"""Ask a bundle for each of its routes, as API Gateway would, and print which route answered with what.

`asked.py '[["GET", "/items/{item_id}"]]'` runs behind the Lambda Web Adapter; see `sandbox` for its environment.
"""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "harness"))

from sandbox import Sandbox  # noqa: E402

EXAMPLES = {"path": "a/b", "float": "1.5", "uuid": "8d1ee9a3-0000-4000-8000-000000000001"}


def filled(path: str) -> str:
    """A path of the template: `{name}` is 1, but for a converter that takes none."""
    return re.sub(r"\{\w+(?::(\w+))?\}", lambda found: EXAMPLES.get(found[1] or "", "1"), path)


def main() -> None:
    # Nobody has their databases: what connects to one as it starts is left out, and a route that needs one fails.
    sandbox = Sandbox(freeze=False, env={"UVICORN_LIFESPAN": "off", **json.loads(os.environ["APP_ENVIRONMENT"])})
    answers: list[Any] = []
    try:
        for method, path in json.loads(sys.argv[1]):
            # REST APIs take both forms, HTTP APIs the one without the slash.
            asked = filled(path).rstrip("/") or "/"
            body = "{}" if method in ("POST", "PUT", "PATCH") else None
            headers = {"content-type": "application/json"} if body else {}
            answer = sandbox.request(method, asked, headers=headers, body=body)
            lines = [line for line in sandbox.lines(function_request_id=answer.id) if "duration_ms" in line]
            answers.append({"method": method, "path": path, "status": answer.status, "routes": [line.get("route") for line in lines]})
    finally:
        _ = sandbox.stop()
    print(json.dumps(answers))


if __name__ == "__main__":
    main()

"""Apps with a `root_path` of their own: behind a stage they answer what they do without one."""

import json

import pytest
from conftest import LAMBDA_CONTEXT
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from fastapi_runtime.application import Application
from fastapi_runtime.cors import Cors
from my_api.init import logger, metrics


def served(adopted: bool, root_path: str) -> FastAPI:
    inits = Application(title="test", logger=logger, metrics=metrics, cors=Cors("*"), **({} if adopted else {"root_path": root_path}))
    app = inits.adopt(FastAPI(root_path=root_path)) if adopted else inits
    deep, sub, own, plain, other = (FastAPI(root_path=root) for root in ("/sub/deep", "/sub", "/own", "", "/elsewhere"))
    for each in (app, deep, sub, own, plain, other):
        add(each)
    sub.mount("/deep", deep)
    router = APIRouter()
    router.mount("/own", own)
    app.include_router(router)
    app.mount("/sub", sub)
    app.mount("/plain", plain)
    app.mount("/other", other)
    return app


def add(app: FastAPI) -> None:
    @app.get("/hello")
    def hello() -> str:
        return app.root_path

    @app.get("/other/hello")
    def whole() -> str:
        # An app with another root path than the one that it is mounted at is asked for the whole path.
        return "whole"


# The parameter is deprecated since FastAPI 0.165, and still there.
pytestmark = pytest.mark.filterwarnings("ignore:The `root_path` parameter is deprecated")


@pytest.mark.parametrize("root_path", ["", "/api"])
@pytest.mark.parametrize("adopted", [False, True])
@pytest.mark.parametrize("path", ["/hello", "/sub/hello", "/sub/hello/", "/sub/deep/hello", "/own/hello", "/plain/hello", "/other/hello", "/sub/nothing"])
@pytest.mark.parametrize("kind", ["rest", "http", "unnamed"])
def test_neither_a_stage_nor_the_apps_own_root_path_changes_an_answer(kind: str, path: str, adopted: bool, root_path: str) -> None:
    asked = {"rest": path, "http": f"/dev{path}", "unnamed": path}[kind]
    context = {
        "rest": {"stage": "dev", "path": f"/dev{path}"},
        # HTTP APIs leave the stage in the path.
        "http": {"stage": "dev", "apiId": "a1", "domainPrefix": "a1", "http": {"path": asked}},
        "unnamed": {"stage": "$default", "http": {"path": asked}},
    }[kind]
    headers = {"x-amzn-lambda-context": json.dumps(LAMBDA_CONTEXT)}
    expected = TestClient(served(adopted, "")).get(path, headers=headers)
    client = TestClient(served(adopted, root_path), headers={**headers, "x-amzn-request-context": json.dumps(context)})
    answer = client.get(asked)

    assert (answer.status_code, answer.text.replace(root_path, "")) == (expected.status_code, expected.text)
    assert (answer.status_code == 404) is (path == "/sub/nothing")


@pytest.mark.parametrize("path", ["", "/sub", "/sub/deep", "/own", "/plain"])
def test_pages_of_documentation_name_the_stage(path: str) -> None:
    context = {"stage": "dev", "path": f"/dev{path}/docs"}
    headers = {"x-amzn-lambda-context": json.dumps(LAMBDA_CONTEXT), "x-amzn-request-context": json.dumps(context)}
    page = TestClient(served(False, "/api")).get(f"{path}/docs", headers=headers)

    assert f"'/dev{path}/openapi.json'" in page.text

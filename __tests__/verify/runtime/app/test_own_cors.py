"""An app's own CORSMiddleware decides: on every response, and in what the script notes."""

from pathlib import Path
from typing import Any

import my_api
import pytest
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.testclient import TestClient
from fastapi_runtime.application import Application
from fastapi_runtime.cors import Cors
from fastapi_runtime.tools.open_api import describe
from fastapi_runtime.tools.project import read_project
from my_api.init import logger, metrics

OWN = {"allow_origins": ["https://shop.example.com"], "allow_credentials": True, "allow_methods": ["GET", "PUT"], "allow_headers": ["X-Token"]}


def new_app(**options: Any) -> Application:
    app = Application(title="test", logger=logger, metrics=metrics, cors=Cors("*"))
    app.get("/items")(lambda: [])
    app.get("/crash")(lambda: 1 / 0)
    if options:
        app.add_middleware(CORSMiddleware, **options)
    return app


@pytest.mark.parametrize(("path", "status"), [("/items", 200), ("/nothing", 404), ("/crash", 500)])
@pytest.mark.parametrize("adopted", [False, True])
def test_its_origins_may_read_every_response_and_others_none(path: str, status: int, adopted: bool) -> None:
    app: FastAPI = new_app(**OWN)
    if adopted:
        app = FastAPI(routes=app.routes)
        app.add_middleware(CORSMiddleware, **OWN)
        app = new_app().adopt(app)
    client = TestClient(app)
    own = client.get(path, headers={"origin": "https://shop.example.com"})
    assert own.status_code == status
    assert own.headers["access-control-allow-origin"] == "https://shop.example.com"
    assert own.headers["access-control-allow-credentials"] == "true"
    assert own.headers["vary"] == "Origin"

    other = client.get(path, headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


def test_it_answers_preflights() -> None:
    client = TestClient(new_app(**OWN))
    asked = {"origin": "https://shop.example.com", "access-control-request-method": "PUT", "access-control-request-headers": "x-token"}
    own = client.options("/items", headers=asked)
    assert own.status_code == 200
    assert own.headers["access-control-allow-methods"] == "GET, PUT"
    assert "X-Token" in own.headers["access-control-allow-headers"]
    assert own.headers["access-control-allow-credentials"] == "true"

    other = client.options("/items", headers={**asked, "origin": "https://evil.example"})
    assert other.status_code == 400
    assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        (None, None),
        (
            OWN,
            {
                "origins": ["https://shop.example.com"],
                "originRegex": "",
                "methods": ["GET", "PUT"],
                "headers": ["Accept", "Accept-Language", "Content-Language", "Content-Type", "X-Token"],
                "credentials": True,
                "exposedHeaders": [],
                "maxAge": 600,
            },
        ),
        (
            {"allow_origins": ["*"], "allow_methods": ["*"], "allow_headers": ["*"], "expose_headers": ["X-Total"], "max_age": 60},
            {
                "origins": ["*"],
                "originRegex": "",
                "methods": ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
                "headers": ["*"],
                "credentials": False,
                "exposedHeaders": ["X-Total"],
                "maxAge": 60,
            },
        ),
        (
            {"allow_origin_regex": r"https://(?P<its_name>\w+)\.(?P=its_name)\.example", "allow_methods": ["GET", "QUERY"]},
            {
                "origins": [],
                "originRegex": r"https://(?<itsname>\w+)\.\k<itsname>\.example",
                "methods": ["GET"],
                "headers": ["Accept", "Accept-Language", "Content-Language", "Content-Type"],
                "credentials": False,
                "exposedHeaders": [],
                "maxAge": 600,
            },
        ),
    ],
)
def test_the_script_notes_its_arguments(monkeypatch: pytest.MonkeyPatch, options: dict[str, Any] | None, rule: dict[str, Any] | None) -> None:
    monkeypatch.chdir(Path(my_api.__file__).parent.parent)
    document, _ = describe(new_app(**(options or {})), read_project())

    assert document["x-fastapi-lambda"].get("cors") == rule


def test_served_locally_pages_may_read_the_headers_that_operations_declare() -> None:
    app = Application(title="test", logger=logger, metrics=metrics, cors=Cors("*"))
    app.get("/items", responses={200: {"headers": {"X-Total": {"schema": {"type": "integer"}}}}})(lambda: [])

    response = TestClient(app).get("/items", headers={"origin": "https://shop.example.com"})

    assert response.headers["access-control-expose-headers"] == "X-Correlation-Id, X-Total"


def test_a_document_that_can_not_be_made_is_none_of_an_answers() -> None:
    app = Application(title="test", logger=logger, metrics=metrics, cors=Cors("*"))
    app.get("/items")(lambda: [])
    app.openapi = lambda: {}["paths"]

    response = TestClient(app).get("/items", headers={"origin": "https://shop.example.com"})

    assert (response.status_code, response.headers["access-control-expose-headers"]) == (200, "X-Correlation-Id")

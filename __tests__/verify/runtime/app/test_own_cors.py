"""An app's own CORSMiddleware decides: on every response, and in what the script notes."""

import os
import re
from functools import partial
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
from fastapi_runtime.tools.refusal import RefusalError
from my_api.init import logger, metrics
from starlette.types import ASGIApp, Receive, Scope, Send

PROJECT = Path(my_api.__file__).parent.parent

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


class TenantCors(CORSMiddleware):
    """Arguments of its own, which it makes CORSMiddleware's from."""

    def __init__(self, app: ASGIApp, tenants: list[str], **options: Any) -> None:
        super().__init__(app, allow_origins=[f"https://{name}.example" for name in tenants], expose_headers={"X-Total"}, **options)


class StrictCors(CORSMiddleware):
    """One of CORSMiddleware's own arguments under another meaning, and one that it sets after."""

    def __init__(self, app: ASGIApp, max_age: int) -> None:
        super().__init__(app, max_age=max_age * 60, allow_methods=("PUT",), allow_credentials=True)
        self.allow_origins = ["https://later.example"]


class AskingCors(CORSMiddleware):
    def is_allowed_origin(self, origin: str) -> bool:
        return origin.endswith(".example")


class HalfCors(CORSMiddleware):
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class NeedingCors(CORSMiddleware):
    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, allow_origins=os.environ["TENANT_ORIGINS"].split(","))


SAFE = ["Accept", "Accept-Language", "Content-Language", "Content-Type"]


@pytest.mark.parametrize(
    ("kind", "arguments", "options", "rule"),
    [
        (
            TenantCors,
            (["a", "b"],),
            {"allow_headers": ["X-Token"]},
            {"origins": ["https://a.example", "https://b.example"], "headers": [*SAFE, "X-Token"], "exposedHeaders": ["X-Total"]},
        ),
        (TenantCors, (), {"tenants": ["c"], "allow_headers": ["*"]}, {"origins": ["https://c.example"], "headers": ["*"], "exposedHeaders": ["X-Total"]}),
        (
            StrictCors,
            (),
            {"max_age": 2},
            {"origins": ["https://later.example"], "maxAge": 120, "methods": ["PUT"], "credentials": True},
        ),
        (partial(CORSMiddleware, allow_origins=["https://p.example"]), (), {"max_age": 5}, {"origins": ["https://p.example"], "maxAge": 5}),
    ],
)
def test_a_middleware_made_from_it_is_noted_by_what_it_allows(kind: Any, arguments: Any, options: dict[str, Any], rule: dict[str, Any]) -> None:
    app = new_app()
    app.add_middleware(kind, *arguments, **options)
    document, told = describe(app, read_project(PROJECT))

    plain = {"origins": [], "originRegex": "", "methods": ["GET"], "headers": SAFE, "credentials": False, "exposedHeaders": [], "maxAge": 600}
    assert document["x-fastapi-lambda"]["cors"] == {**plain, **rule}
    assert told == []
    answer = TestClient(app).get("/crash", headers={"origin": rule["origins"][0]})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (500, rule["origins"][0])


def test_one_that_decides_by_code_of_its_own_is_told() -> None:
    app = new_app()
    app.add_middleware(AskingCors, allow_origins=["https://stated.example"])
    document, told = describe(app, read_project(PROJECT))

    assert document["x-fastapi-lambda"]["cors"]["origins"] == ["https://stated.example"]
    assert told == [
        f"{__name__}.AskingCors decides by its own is_allowed_origin, which API Gateway can't ask: it answers preflights by the arguments of "
        "CORSMiddleware alone. Hand over all origins that may be allowed, as allow_origins or allow_origin_regex."
    ]


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        (NeedingCors, {}, "KeyError: 'TENANT_ORIGINS'): a variable that it needs has to stand in [tool.fastapi-lambda.environment]."),
        (TenantCors, {}, "TypeError: "),
        (HalfCors, {}, "its __init__ does not call CORSMiddleware's"),
    ],
)
def test_one_that_can_not_be_read_is_refused_in_a_line(kind: Any, options: dict[str, Any], said: str) -> None:
    app = new_app()
    app.add_middleware(kind, **options)

    with pytest.raises(RefusalError, match=rf"^{re.escape(__name__)}\.{kind.__name__} ") as refused:
        _ = describe(app, read_project(PROJECT))
    assert said in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


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

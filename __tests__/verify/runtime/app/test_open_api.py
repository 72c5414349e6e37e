"""The OpenAPI document of the app, and what generate_open_api.py adds for the infrastructure."""

import importlib
import json
import subprocess
import sys
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from typing import Any, Union

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from fastapi_runtime.application import Application
from fastapi_runtime.cors import Cors
from fastapi_runtime.streaming import JsonStreamingResponse
from fastapi_runtime.tools.open_api import describe
from fastapi_runtime.tools.project import read_project
from my_api.init import logger, metrics
from pydantic import BaseModel, Field

PROJECT = Path(importlib.import_module("my_api").__file__).parent.parent


class Part(BaseModel):
    size: int = 1
    tags: list[str] = Field(default_factory=list, alias="labels")


class Whole(BaseModel):
    """Another model within, with an alias and a default."""

    part: Part
    note: str | None = None


def new_app() -> Application:
    return Application(title="test", logger=logger, metrics=metrics, cors=Cors(None))


@pytest.mark.parametrize("model", [Part, Whole, Union[Part, Whole], list[Part], dict[str, int], str, int])
def test_a_stream_is_described_as_fastapis_own(model: Any) -> None:
    async def lines() -> AsyncIterable[Any]:
        yield None

    own = FastAPI(title="test", generate_unique_id_function=lambda _: "stream")
    lines.__annotations__["return"] = AsyncIterable[model]
    own.post("/stream")(lines)

    ours = new_app()

    @ours.post(
        "/stream",
        response_class=JsonStreamingResponse,
        responses={200: JsonStreamingResponse.openapi_response(model, "Successful Response")},
        operation_id="stream",
        summary="Lines",
    )
    async def stream() -> JsonStreamingResponse:
        raise NotImplementedError

    assert without_titles_of_items(described(ours)) == without_titles_of_items(described(own))


def described(app: FastAPI) -> dict[str, Any]:
    document = app.openapi()
    return {"paths": document["paths"], "components": document.get("components")}


def without_titles_of_items(document: dict[str, Any]) -> dict[str, Any]:
    """FastAPI titles a schema that is no model after the operation, as it does an operation's name."""
    content = document["paths"]["/stream"]["post"]["responses"]["200"]["content"]
    content["application/jsonl"]["itemSchema"].pop("title", None)
    return document


def test_other_responses_of_a_stream_are_json() -> None:
    app = new_app()

    @app.get(
        "/stream",
        response_class=JsonStreamingResponse,
        responses={200: JsonStreamingResponse.openapi_response(Part), 409: {"model": Whole}},
    )
    async def stream(count: int) -> JsonStreamingResponse:
        raise NotImplementedError

    responses = app.openapi()["paths"]["/stream"]["get"]["responses"]
    assert set(responses) == {"200", "409", "422"}
    assert list(responses["200"]["content"]) == ["application/jsonl"]
    assert responses["409"]["content"] == {"application/json": {"schema": {"$ref": "#/components/schemas/Whole"}}}
    assert list(responses["422"]["content"]) == ["application/json"]


def operation_ids(app: FastAPI) -> dict[str, str]:
    return {
        f"{method} {path}": operation["operationId"]
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
    }


def test_an_operation_is_named_for_its_function() -> None:
    app = new_app()
    router = APIRouter(prefix="/shop", tags=["shop"])

    @router.get("/read")
    def read_item() -> None: ...

    @router.get("/named", operation_id="explicit", name="other")
    def read_named() -> None: ...

    app.include_router(router, prefix="/v1")

    assert operation_ids(app) == {"get /v1/shop/read": "read_item", "get /v1/shop/named": "explicit"}


@pytest.mark.filterwarnings("error")
def test_several_methods_of_a_function_have_names_of_their_own() -> None:
    app = new_app()

    @app.api_route("/both", methods=["GET", "PUT"])
    def both() -> None: ...

    @app.get("/stacked")
    @app.delete("/stacked")
    def stacked() -> None: ...

    assert operation_ids(app) == {
        "get /both": "both_get",
        "put /both": "both_put",
        "get /stacked": "stacked_get",
        "delete /stacked": "stacked_delete",
    }


def test_a_route_that_is_added_later_is_in_the_document() -> None:
    app = new_app()
    app.get("/first")(lambda: None)
    assert list(app.openapi()["paths"]) == ["/first"]

    app.get("/second")(lambda: None)
    assert list(app.openapi()["paths"]) == ["/first", "/second"]


def test_the_script_tells_of_converters_in_included_routers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    app = new_app()
    inner, outer = APIRouter(prefix="/inner"), APIRouter(prefix="/outer")

    @inner.api_route("/{name:path}", methods=["GET", "PUT"])
    def file(name: str) -> None: ...

    @inner.get("/plain/{name}")
    def plain(name: str) -> None: ...

    @inner.get("/hidden/{name:path}", include_in_schema=False)
    def hidden(name: str) -> None: ...

    outer.include_router(inner)
    app.include_router(outer, prefix="/v1")
    app.mount("/mounted", FastAPI())
    document, _ = describe(app, read_project())

    paths = document["paths"]
    assert {name: paths["/v1/outer/inner/{name}"][name]["x-fastapi-path"] for name in ("get", "put")} == {
        "get": "/v1/outer/inner/{name:path}",
        "put": "/v1/outer/inner/{name:path}",
    }
    assert "x-fastapi-path" not in paths["/v1/outer/inner/plain/{name}"]["get"]
    assert "x-fastapi-lambda" not in app.openapi()


class Aliased(BaseModel):
    name: str = Field(serialization_alias="wireName")
    size: int = 1
    part: Part | None = None


@pytest.mark.parametrize(
    ("options", "noted"),
    [
        ({"response_model_exclude_unset": True}, {"excludeUnset": True}),
        ({"response_model_exclude_none": True, "response_model_exclude_defaults": True}, {"excludeDefaults": True, "excludeNone": True}),
        ({"response_model_by_alias": False}, {"byName": True}),
        ({"response_model_include": {"size", "name"}}, {"include": ["size", "wireName"]}),
        ({"response_model_exclude": ["part"]}, {"exclude": ["part"]}),
        ({"response_model_exclude": {"part": True, "size": ...}}, {"exclude": ["part", "size"]}),
        ({"response_model_exclude": {"part": {"size"}}}, {"exclude": True}),
        ({"response_model": list[Aliased], "response_model_exclude": {0: True}}, {"exclude": True}),
        ({"response_model_exclude_unset": True, "openapi_extra": {"x-response-model": {"include": []}}}, {"include": []}),
        ({}, None),
    ],
)
def test_what_answers_leave_out_is_noted(options: dict[str, Any], noted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    app, router = new_app(), APIRouter()

    @router.get("/thing", **options)
    def thing() -> Aliased:
        raise NotImplementedError

    app.include_router(router, prefix="/v1")
    document, _ = describe(app, read_project())

    assert document["paths"]["/v1/thing"]["get"].get("x-response-model") == noted


def test_the_script_writes_the_same_document_each_time() -> None:
    target = PROJECT / "dist" / "openapi.json"
    texts = []
    for _ in range(2):
        subprocess.run([sys.executable, PROJECT / "scripts" / "generate_open_api.py"], check=True, cwd=PROJECT, capture_output=True)
        texts.append(target.read_bytes())

    assert texts[0] == texts[1]
    document = json.loads(texts[0])
    assert document["openapi"].startswith("3.1")
    assert document["x-fastapi-lambda"] == {
        "module": "my_api",
        "runtime": "python3.13",
        "architecture": "arm64",
        "serviceName": "my-api",
    }


def test_a_stream_of_plain_items_is_written_by_pydantic() -> None:
    async def parts() -> AsyncIterator[Any]:
        yield Part(labels=["a"])
        yield {"n": 1}

    async def read() -> bytes:
        return b"".join([chunk async for chunk in JsonStreamingResponse(parts()).body_iterator])  # pyright: ignore

    import asyncio

    assert asyncio.run(read()) == b'{"size":1,"labels":["a"]}\n{"n":1}\n'


def test_a_document_of_ones_own_may_say_more_of_a_path_than_its_operations() -> None:
    class Own(Application):
        def openapi(self) -> dict[str, Any]:
            shared = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
            headers = {"X-Count": {"schema": {"type": "integer"}}}
            operation = {"operationId": "item", "responses": {"200": {"description": "an item", "headers": headers}}}
            return {"openapi": "3.1.0", "paths": {"/items/{id}": {"summary": "Items", "parameters": [shared], "get": operation}}}

    app = Own(title="test", logger=logger, metrics=metrics, cors=Cors(None))

    @app.get("/items/{id}")
    def item(id: str) -> str:  # noqa: A002
        return id

    assert TestClient(app).get("/items/7", headers={"Origin": "http://localhost:3000"}).headers["access-control-expose-headers"] == (
        "X-Correlation-Id, X-Count"
    )
    document = describe(app, read_project(PROJECT))[0]
    assert document["paths"]["/items/{id}"]["summary"] == "Items"

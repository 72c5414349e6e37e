"""What a dependency records after its `yield`, which FastAPI runs after the last byte unless it is told otherwise."""

import asyncio
from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from fastapi import Depends
from fastapi_runtime import daemon
from fastapi_runtime.application import Application
from fastapi_runtime.cors import Cors
from my_api.init import logger, metrics, tracer

TRACE = b"Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1"


def session() -> Iterator[int]:
    with tracer.provider.in_subsegment("open"):
        pass
    yield 1
    with tracer.provider.in_subsegment("close"):
        pass


@pytest.mark.parametrize(("scope", "names"), [("function", ["open", "close", "GET /"]), ("request", ["open", "GET /", "close"])])
def test_a_dependency_of_the_function_ends_before_the_request(monkeypatch: pytest.MonkeyPatch, scope: Any, names: list[str]) -> None:
    sent: list[str] = []
    monkeypatch.setattr(daemon, "send", lambda document: sent.append(document["name"]))
    app = Application(title="test", logger=logger, metrics=metrics, cors=Cors("*"))

    @app.get("/")
    def read(value: int = Depends(session, scope=scope)) -> int:
        return value

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b""}

    before_last_byte: list[str] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.body":
            before_last_byte.extend(sent)

    headers = [(b"x-amzn-lambda-context", b"{}"), (b"x-amzn-trace-id", TRACE)]
    asked = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "root_path": "", "headers": headers}
    asyncio.run(app(asked, receive, send))

    assert sent == names
    assert before_last_byte == names[: names.index("GET /") + 1]

"""Apps within the app, and middleware of Starlette's kind around it."""

import asyncio
import json
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from fastapi_runtime import daemon
from fastapi_runtime.application import Application
from fastapi_runtime.cors import Cors
from my_api.init import logger, metrics, tracer
from opentelemetry import propagate, trace

ROOT = "1-67891233-abcdef012345678912345678"
TRACE = f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1".encode()
TRACE_OF_CLIENT = b"00-11111111111111111111111111111111-2222222222222222-01"

type Messages = list[MutableMapping[str, Any]]


def served(app: FastAPI, path: str) -> tuple[Messages, Exception | None]:
    """What the app sends for a sampled request whose client names a trace of its own, and what it raises to the server."""
    messages: Messages = []

    async def receive() -> MutableMapping[str, Any]:
        if receive_count[0]:
            await asyncio.Event().wait()
        receive_count[0] += 1
        return {"type": "http.request", "body": b""}

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    receive_count = [0]
    headers = [(b"x-amzn-lambda-context", b"{}"), (b"x-amzn-trace-id", TRACE), (b"traceparent", TRACE_OF_CLIENT)]
    asked = {"type": "http", "method": "GET", "path": path, "query_string": b"", "root_path": "", "headers": headers}
    try:
        asyncio.run(app(asked, receive, send))
    except Exception as error:  # noqa: BLE001
        return messages, error
    return messages, None


@pytest.fixture
def documents(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(daemon, "send", sent.append)
    return sent


def new_app() -> Application:
    return Application(title="test", logger=logger, metrics=metrics, cors=Cors("*"))


def test_an_app_that_is_mounted_records_into_the_trace_of_the_request(documents: list[dict[str, Any]]) -> None:
    called: dict[str, str] = {}
    inner = FastAPI()

    @inner.get("/read")
    @tracer.capture_method
    def read() -> str:
        propagate.inject(called)
        return trace.format_trace_id(trace.get_current_span().get_span_context().trace_id)

    app = new_app()
    app.mount("/sub", inner)
    messages, error = served(app, "/sub/read")

    assert error is None
    assert [message.get("status") for message in messages][0] == 200
    assert sorted(document["name"].split(".")[-1] for document in documents) == ["GET /sub/read", "read"]
    assert {document["trace_id"] for document in documents} == {ROOT}
    assert called["traceparent"].split("-")[1] == ROOT.replace("1-", "", 1).replace("-", "")


def broken() -> Iterator[bytes]:
    yield b"first"
    raise RuntimeError("the stream broke")


@pytest.mark.parametrize("has_middleware", [False, True])
def test_a_stream_that_breaks_is_a_failure_whatever_is_around_it(
    documents: list[dict[str, Any]], capsys: pytest.CaptureFixture[str], *, has_middleware: bool
) -> None:
    app = new_app()

    @app.get("/broken")
    def read() -> StreamingResponse:
        return StreamingResponse(broken())

    if has_middleware:

        @app.middleware("http")
        async def around(request: Request, call_next: Callable[[Request], Any]) -> Response:
            return await call_next(request)

    messages, error = served(app, "/broken")

    # The server drops the connection of a response that raises: its last message never goes out.
    assert isinstance(error, RuntimeError)
    assert [message.get("more_body") for message in messages[1:]] == [True]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (line,) = [line for line in lines if line.get("message") == "Request failed"]
    assert line["error"] == "RuntimeError"
    assert not [line for line in lines if line.get("message") == "Background task failed"]
    assert [document for document in documents if document["name"] == "GET /broken"][0]["fault"] is True


def test_what_fails_before_the_first_byte_is_answered_by_the_apps_handler(documents: list[dict[str, Any]]) -> None:
    app = new_app()

    @app.get("/early")
    def read() -> str:
        raise LookupError("nothing")

    @app.exception_handler(LookupError)
    async def handle(_request: Request, _error: Exception) -> Response:
        return Response("none", 404)

    @app.middleware("http")
    async def around(request: Request, call_next: Callable[[Request], Any]) -> Response:
        return await call_next(request)

    messages, error = served(app, "/early")

    assert error is None
    assert messages[0]["status"] == 404
    assert messages[-1].get("more_body", False) is False
    assert "fault" not in documents[-1]

"""Apps below others that both have the runtime around them: a request of theirs is one request."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from conftest import LAMBDA_CONTEXT, Sent, Written
from fastapi import BackgroundTasks, FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from fastapi_runtime.application import Application
from fastapi_runtime.cors import Cors
from my_api.init import logger, metrics
from starlette.applications import Starlette

HEADERS = {
    "x-amzn-lambda-context": f'{{"request_id": "{LAMBDA_CONTEXT["request_id"]}"}}',
    "x-amzn-request-context": "{}",
    "x-amzn-trace-id": "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1",
    "origin": "https://shop.test",
}


def application() -> Application:
    return Application(title="test", logger=logger, metrics=metrics, cors=Cors("*"))


def adopted() -> FastAPI:
    return application().adopt(FastAPI())


def serving(make: Callable[[], FastAPI], *, answers: bool) -> TestClient:
    inner, outer = make(), application()
    inner.get("/items/{item_id}")(lambda item_id: {"item": item_id})

    @inner.get("/broken")
    def broken() -> None:
        raise ValueError("broken")

    if answers:

        @inner.exception_handler(Exception)
        async def answer(_request: Request, error: Exception) -> JSONResponse:
            return JSONResponse({"own": str(error)}, status_code=503)

    outer.mount("/sub", inner)
    return TestClient(outer, headers=HEADERS, raise_server_exceptions=False)


@pytest.mark.parametrize("make", [application, adopted])
def test_a_request_of_an_app_below_another_is_told_once(sent: Sent, written: Written, make: Callable[[], FastAPI]) -> None:
    answer = serving(make, answers=False).get("/sub/items/7")

    assert answer.json() == {"item": "7"}
    assert [name for name, _ in answer.headers.multi_items() if name == "x-correlation-id"] == ["x-correlation-id"]
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    line, counted = written()
    assert (line["message"], line["status"], line["path"]) == ("Request completed", 200, "/sub/items/7")
    assert counted["RequestCount"] == 1
    assert len(sent()) == 1


@pytest.mark.parametrize("answers", [False, True])
@pytest.mark.parametrize("make", [application, adopted])
def test_its_failures_are_told_once_and_answered_by_its_own_handler(
    sent: Sent, written: Written, make: Callable[[], FastAPI], answers: bool
) -> None:
    answer = serving(make, answers=answers).get("/sub/broken")

    status = 503 if answers else 500
    assert answer.status_code == status
    assert answer.json() == ({"own": "broken"} if answers else {"detail": "Internal Server Error", "correlation_id": LAMBDA_CONTEXT["request_id"]})
    line, counted = written()
    assert (line["message"], line["status"], line["error"]) == ("Request failed", status, "ValueError")
    assert "broken" in line["exception"]
    assert counted["RequestCount"] == 1
    (document,) = sent()
    assert document["fault"] is True
    assert document["cause"]["exceptions"][0]["message"] == "broken"


def starlette() -> Starlette:
    return Starlette()


@pytest.mark.parametrize("answers", [False, True])
@pytest.mark.parametrize("make", [FastAPI, starlette])
def test_a_failure_of_an_app_without_the_runtime_is_told_once_too(
    sent: Sent, written: Written, make: Callable[[], Starlette], answers: bool
) -> None:
    inner, outer = make(), application()

    async def broken(_request: Request) -> None:
        raise ValueError("broken")

    async def answer(_request: Request, _error: Exception) -> JSONResponse:
        return JSONResponse({}, status_code=503)

    inner.add_route("/broken", broken)
    if answers:
        inner.add_exception_handler(Exception, answer)
    outer.mount("/sub", inner)
    status = TestClient(outer, headers=HEADERS, raise_server_exceptions=False).get("/sub/broken").status_code

    assert status == (503 if answers else 500)
    line, counted = written()
    assert (line["message"], line["status"], line["error"]) == ("Request failed", status, "ValueError")
    assert "broken" in line["exception"]
    assert counted["Failure"] == 1
    assert sent()[0]["cause"]["exceptions"][0]["message"] == "broken"


def test_what_fails_after_its_answer_is_a_background_task(written: Written) -> None:
    inner, outer = FastAPI(), application()

    def late() -> None:
        raise ValueError("late")

    @inner.get("/late")
    def respond(tasks: BackgroundTasks) -> str:
        tasks.add_task(late)
        return "done"

    outer.mount("/sub", inner)
    _ = TestClient(outer, headers=HEADERS, raise_server_exceptions=False).get("/sub/late")

    assert [line["message"] for line in written() if "message" in line] == ["Request completed", "Background task failed"]


def test_what_fails_in_it_halfway_is_told_once(sent: Sent, written: Written) -> None:
    inner, outer = adopted(), application()

    async def halfway(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        raise ValueError("broken")

    inner.mount("/stream", halfway)
    inner.exception_handler(Exception)(lambda _request, _error: JSONResponse({}, status_code=503))
    outer.mount("/sub", inner)

    async def ask() -> None:
        messages: list[Any] = []

        async def send(message: Any) -> None:
            messages.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": b""}

        scope = {
            "type": "http",
            "method": "GET",
            "path": "/sub/stream/x",
            "query_string": b"",
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in HEADERS.items()],
        }
        with pytest.raises(ValueError, match="broken"):
            await outer(scope, receive, send)
        assert [message["type"] for message in messages] == ["http.response.start", "http.response.body"]

    asyncio.run(ask())
    line, counted = written()
    assert (line["message"], line["error"]) == ("Request failed", "ValueError")
    assert counted["RequestCount"] == 1
    assert len(sent()) == 1

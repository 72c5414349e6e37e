"""A handler of one's own for unhandled exceptions takes the place of the plain 500."""

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from fastapi_runtime.application import Application
from fastapi_runtime.cors import Cors
from my_api.init import logger, metrics


def app_that_fails() -> FastAPI:
    app = Application(title="test", logger=logger, metrics=metrics, cors=Cors("*"))

    @app.get("/crash")
    def crash() -> None:
        raise LookupError("secret")

    return app


@pytest.mark.parametrize("kind", ["async", "sync"])
@pytest.mark.parametrize("key", [Exception, 500])
def test_a_handler_answers(kind: str, key: type[Exception] | int) -> None:
    app = app_that_fails()

    def answer(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"path": request.url.path, "error": type(error).__name__}, status_code=503)

    async def answer_async(request: Request, error: Exception) -> JSONResponse:
        return answer(request, error)

    app.add_exception_handler(key, answer if kind == "sync" else answer_async)
    response = TestClient(app).get("/crash", headers={"x-correlation-id": "order-42"})

    assert response.status_code == 503
    assert response.json() == {"path": "/crash", "error": "LookupError"}
    assert response.headers["x-correlation-id"] == "order-42"
    assert response.headers["access-control-allow-origin"] == "*"


def test_without_one_the_answer_is_a_plain_500() -> None:
    response = TestClient(app_that_fails()).get("/crash", headers={"x-correlation-id": "order-42"})

    assert response.status_code == 500
    assert response.json() == {"detail": "Internal Server Error", "correlation_id": "order-42"}

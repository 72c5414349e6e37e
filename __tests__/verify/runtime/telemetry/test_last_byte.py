"""The last byte of a body whose length its head tells: what comes after it, an empty message, tells nothing new."""

import asyncio
from collections.abc import Callable, MutableMapping
from typing import Any

import pytest
from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from fastapi_runtime import daemon
from fastapi_runtime.application import Application
from fastapi_runtime.cors import Cors
from my_api.init import logger, metrics

TRACE = b"Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1"


def wrapped(app: Application) -> None:
    """A middleware of Starlette's kind hands the body on in messages that all have more to come, but for an empty last one."""

    @app.middleware("http")
    async def around(request: Request, call_next: Callable[[Request], Any]) -> Response:
        return await call_next(request)

    @app.get("/")
    async def read() -> dict[str, int]:
        return {"value": 1}


def measured(app: Application) -> None:
    @app.get("/")
    def read() -> StreamingResponse:
        return StreamingResponse(iter([b"ab", b"cd"]), headers={"content-length": "4"})


@pytest.mark.parametrize("prepare", [wrapped, measured])
def test_everything_is_written_before_the_last_byte(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], prepare: Callable[[Application], None]
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(daemon, "send", lambda document: sent.append(document["name"]))
    app = Application(title="test", logger=logger, metrics=metrics, cors=Cors("*"))
    prepare(app)

    asked_for = 0

    async def receive() -> MutableMapping[str, Any]:
        nonlocal asked_for
        asked_for += 1
        if asked_for > 1:
            # Until the client leaves, which it does not.
            await asyncio.Event().wait()
        return {"type": "http.request", "body": b""}

    left = 0
    documents = lines = -1

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal left, documents, lines
        if message["type"] == "http.response.start":
            left = int(dict(message["headers"])[b"content-length"])
        elif message.get("body"):
            left -= len(message["body"])
            if left == 0:
                documents = len(sent)
                lines = capsys.readouterr().out.count('"Request completed"')

    headers = [(b"x-amzn-lambda-context", b"{}"), (b"x-amzn-trace-id", TRACE)]
    asked = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "root_path": "", "headers": headers}
    asyncio.run(app(asked, receive, send))

    assert (documents, lines) == (1, 1)
    assert sent == ["GET /"]

"""A client of the app, which runs here as it does in Lambda, and what it writes."""

import json
import os
import socket
from collections.abc import Callable, Iterator
from time import time
from typing import Any

import pytest

os.environ.update(
    {
        "AWS_LAMBDA_FUNCTION_NAME": "test-function",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "ALLOWED_ORIGINS": "*",
    }
)

from fastapi.testclient import TestClient
from fastapi_runtime import daemon
from fastapi_runtime.xray import XRaySpan, XRayTracerProvider
from my_api.main import app
from opentelemetry import trace
from opentelemetry.context import attach, detach
from opentelemetry.trace import set_span_in_context

ROOT = "1-67891233-abcdef012345678912345678"
PARENT = "53995c3f42cd8ad8"

LAMBDA_CONTEXT = {
    "request_id": "8d1ee9a3-0000-4000-8000-000000000001",
    "invoked_function_arn": "arn:aws:lambda:eu-central-1:111122223333:function:test-function",
}


@pytest.fixture
def client() -> Iterator[TestClient]:
    """Sends requests as the Lambda Web Adapter does, with the context of an invocation."""
    headers = {
        "x-amzn-lambda-context": json.dumps(LAMBDA_CONTEXT),
        "x-amzn-request-context": json.dumps({"stage": "prod"}),
    }
    with TestClient(app, headers=headers) as test_client:
        yield test_client


type Written = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Written:
    """The JSON lines that were written since the last call: logs and metrics."""

    def read() -> list[dict[str, Any]]:
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return read


type Sent = Callable[[], list[dict[str, Any]]]


def plain(document: bytes) -> dict[str, Any]:
    """A document as any reader of JSON has it: NaN and Infinity are none."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(document.partition(b"\n")[2], parse_constant=refuse)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sent]:
    """The documents that the daemon was sent since the last call, during a sampled request."""
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    receiver.setblocking(False)
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", f"127.0.0.1:{receiver.getsockname()[1]}")
    monkeypatch.setattr(daemon, "_told", set[str]())
    daemon.close_socket()

    def read() -> list[dict[str, Any]]:
        documents: list[dict[str, Any]] = []
        while True:
            try:
                documents.append(plain(receiver.recv(1 << 17)))
            except BlockingIOError:
                return documents

    if not isinstance(trace.get_tracer_provider(), XRayTracerProvider):
        trace.set_tracer_provider(XRayTracerProvider())
    token = attach(set_span_in_context(XRaySpan("request", ROOT, PARENT, time())))
    yield read
    detach(token)
    daemon.close_socket()
    receiver.close()

"""A client of the app, which runs here as it does in Lambda, and what it writes."""

import json
import os
from collections.abc import Callable, Iterator
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
from my_api.main import app

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


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """The JSON lines that were written since the last call: logs and metrics."""

    def read() -> list[dict[str, Any]]:
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return read

"""What a request leaves in CloudWatch: log lines and metrics, both as lines of JSON."""

import asyncio
import gc
import json
import weakref
from collections.abc import Callable, MutableMapping
from datetime import datetime
from enum import Enum
from typing import Any

import pytest
from conftest import PARENT, ROOT
from fastapi import Response
from fastapi.testclient import TestClient
from fastapi_runtime.application import Application
from fastapi_runtime.cors import Cors
from fastapi_runtime.record import RequestRecord, current_record
from my_api.init import logger, metrics

type Written = Callable[[], list[dict[str, Any]]]


def asked(client: TestClient, path: str, on_message: Callable[[MutableMapping[str, Any]], None], query: bytes = b"") -> None:
    """Asks the app itself for a path, and sees each message of the answer as it is sent."""
    headers = [(name.lower(), value) for name, value in client.headers.raw]
    scope = {"type": "http", "method": "GET", "path": path, "headers": headers, "query_string": query, "root_path": ""}

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: MutableMapping[str, Any]) -> None:
        on_message(message)

    asyncio.run(client.app(scope, receive, send))


def test_every_line_of_a_request_has_its_keys(client: TestClient, written: Written) -> None:
    _ = client.get("/items/7", headers={"x-correlation-id": "order-42"})

    lines = [line for line in written() if "message" in line]
    assert [line["message"] for line in lines] == ["Fetching item", "Request completed"]
    for line in lines:
        assert line["method"] == "GET"
        assert line["path"] == "/items/7"
        assert line["route"] == "/items/{item_id}"
        assert line["correlation_id"] == "order-42"
        assert line["function_name"] == "test-function"
        assert line["function_request_id"] == "8d1ee9a3-0000-4000-8000-000000000001"
    assert lines[0]["item_id"] == 7
    assert lines[1]["status"] == 200


def test_the_last_line_of_a_request_says_the_same_of_it_as_its_others(client: TestClient, written: Written) -> None:
    _ = client.get("/items/7", headers={"x-amzn-trace-id": f"Root={ROOT};Parent={PARENT};Sampled=0"})

    other, last = [line for line in written() if "message" in line]
    theirs = {"item_id", "level", "location", "message", "timestamp", "status", "duration_ms", "streamed"}
    assert [item for item in last.items() if item[0] not in theirs] == [item for item in other.items() if item[0] not in theirs]
    assert last["xray_trace_id"] == ROOT
    assert datetime.fromisoformat(last["timestamp"]) >= datetime.fromisoformat(other["timestamp"])


@pytest.mark.parametrize("path", ['/a"b', "/a\\b", "/a\n\x00\x7fb", "/Đơn hàng", "/half \ud83d of a pair", "/"])
def test_a_path_of_any_characters_is_told_as_it_is(client: TestClient, written: Written, path: str) -> None:
    asked(client, path, lambda _message: None)

    (line,) = [line for line in written() if "message" in line]
    assert line["path"] == path


def test_keys_of_an_operation_win_over_ours_but_for_how_it_ended(client: TestClient, written: Written) -> None:
    app = Application(title="test", logger=logger, metrics=metrics, cors=Cors("*"))

    @app.get("/{keys:path}")
    def append(keys: str) -> None:
        logger.append_keys(**json.loads(keys))

    keys = [{"order": {"id": 7}}, {"path": "mine", "status": 1, "order": 7}, {"duration_ms": 1, "ms": 'quoted "path":'}]
    with TestClient(app, headers=client.headers) as appending:
        for each in keys:
            _ = appending.get("/" + json.dumps(each))

    plain, replaced, refused = [line for line in written() if "message" in line]
    assert (plain["order"], plain["status"], plain["path"]) == ({"id": 7}, 200, '/{"order": {"id": 7}}')
    assert (replaced["order"], replaced["status"], replaced["path"]) == (7, 200, "mine")
    assert refused["duration_ms"] > 0
    assert refused["ms"] == 'quoted "path":'


def test_a_status_of_an_enumeration_is_told_as_its_number(client: TestClient, written: Written) -> None:
    class Answer(int, Enum):
        TAKEN = 409

    app = Application(title="test", logger=logger, metrics=metrics, cors=Cors("*"))

    @app.get("/names")
    def refuse() -> Response:
        return Response(status_code=Answer.TAKEN)

    with TestClient(app, headers=client.headers) as refused:
        assert refused.get("/names").status_code == 409

    (line,) = [line for line in written() if "message" in line]
    assert line["status"] == 409


def test_every_request_is_counted_under_its_route(client: TestClient, written: Written) -> None:
    _ = client.get("/items/7")

    (document,) = [line for line in written() if "_aws" in line]
    assert document["method"] == "GET"
    assert document["route"] == "/items/{item_id}"
    assert document["RequestCount"] == 1
    assert document["Success"] == 1
    assert document["Latency"] > 0


def test_metrics_of_an_operation_are_written_with_the_request(
    client: TestClient, written: Written
) -> None:
    _ = client.post("/items", json={"name": "Lamp"})

    own, added = [line for line in written() if "_aws" in line]
    assert own["route"] == "/items"
    assert added["ItemCreated"] == [1.0]


@pytest.mark.parametrize(
    ("path", "status"), [("/items/7", 200), ("/items/seven", 422), ("/no/such/path", 404)]
)
def test_lines_are_written_before_the_last_byte_after_which_lambda_may_freeze(
    client: TestClient, written: Written, path: str, status: int
) -> None:
    before_last_byte: list[dict[str, Any]] = []

    def read(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body"):
            before_last_byte.extend(written())

    asked(client, path, read)

    assert [line["status"] for line in before_last_byte if "status" in line] == [status]
    assert len([line for line in before_last_byte if "_aws" in line]) == 1
    assert written() == []


def test_a_request_leaves_nothing_to_the_garbage_collector(client: TestClient) -> None:
    """Whose pauses each request would pay for."""
    records: list[weakref.ref[RequestRecord]] = []

    def see(_message: MutableMapping[str, Any]) -> None:
        record = current_record.get()
        assert record is not None
        records.append(weakref.ref(record))

    gc.disable()
    try:
        # An operation that needs no thread, which would still hold the request for a moment.
        asked(client, "/echo", see, b"message=hi")
        assert [record() for record in records] == [None, None]
    finally:
        gc.enable()

"""What a request leaves in CloudWatch: log lines and metrics, both as lines of JSON."""

from collections.abc import Callable
from typing import Any

from fastapi.testclient import TestClient

type Written = Callable[[], list[dict[str, Any]]]


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

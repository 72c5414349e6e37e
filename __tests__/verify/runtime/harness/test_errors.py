"""Errors: logged with their stack, answered without it."""

import re

from sandbox import Sandbox


def test_an_unhandled_exception_is_logged_and_answered_safely(rest: Sandbox) -> None:
    headers = {"Origin": "https://example.com", "X-Correlation-Id": "order-42"}
    answer = rest.request("GET", "/crash", headers=headers)

    assert answer.status == 500
    assert answer.json() == {"detail": "Internal Server Error", "correlation_id": "order-42"}
    assert b"hunter2" not in answer.body
    assert answer.headers["x-correlation-id"] == "order-42"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["vary"] == "Origin"
    (line,) = rest.lines(function_request_id=answer.id)
    assert line["level"] == "ERROR"
    assert line["error"] == "ValueError"
    assert line["status"] == 500
    assert line["exception_name"] == "ValueError"
    assert "in crash\n" in line["exception"]
    assert re.fullmatch(r"crash:\d+", line["location"])
    assert line["stack_trace"]["value"] == "a secret: hunter2"


def test_http_exceptions_and_422_are_fastapis_own(rest: Sandbox) -> None:
    refused = rest.request("GET", "/refused")
    assert (refused.status, refused.json()) == (418, {"detail": "no coffee"})

    invalid = rest.request("GET", "/items/seven")
    assert invalid.status == 422
    assert invalid.json()["detail"][0]["type"] == "int_parsing"
    (line,) = rest.lines(function_request_id=invalid.id)
    assert "error" not in line
    assert line["level"] == "INFO"


def test_a_failure_in_mid_stream_drops_the_connection(rest: Sandbox, http: Sandbox) -> None:
    streamed = rest.request("GET", "/broken")
    # The adapter has sent the status already, and tells of the failure in the body: a line that is not JSON.
    assert streamed.body.startswith(b'{"message":"one"}\n')
    assert b"Lambda-Runtime-Function-Error-Type" in streamed.body
    (line,) = rest.lines(function_request_id=streamed.id)
    assert (line["level"], line["status"], line["error"], line["streamed"]) == ("ERROR", 200, "ValueError", True)
    assert "the stream broke" in line["exception"]
    assert line["location"].startswith("broken:")

    buffered = http.request("GET", "/broken", http_api=True)
    assert buffered.failed
    # One line for the failure: the server's own would be a second one.
    assert len(http.lines(function_request_id=buffered.id)) == 1
    assert not any("Exception in ASGI application" in text for text in http.stdout + http.stderr)

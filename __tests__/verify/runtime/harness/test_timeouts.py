"""A request that is cut leaves its line, its metric and its trace half a second before."""

from collections.abc import Iterator

import pytest
from sandbox import Answer, Sandbox

SLOW = {"wait": "1.6"}


@pytest.fixture(scope="module")
def impatient() -> Iterator[Sandbox]:
    """Behind an API that waits for a second."""
    sandbox = Sandbox(freeze=False, env={"INTEGRATION_TIMEOUT_SECONDS": "1"})
    yield sandbox
    sandbox.stop()


def told_once(sandbox: Sandbox, answer: Answer, route: str, status: int = 504) -> None:
    (line,) = sandbox.lines(function_request_id=answer.id, error="timeout")
    assert (line["level"], line["message"], line["status"]) == ("ERROR", "Request failed", status)
    assert 400 < line["duration_ms"] < 900
    assert line["route"] == route
    (document,) = sandbox.documents(correlation_id=answer.id)
    assert document["Failure"] == document["RequestCount"] == 1
    assert "Success" not in document
    assert len([line for line in sandbox.lines(function_request_id=answer.id) if "duration_ms" in line]) == 1


@pytest.mark.parametrize("kind", ["async", "thread", "blocked"])
def test_a_request_that_outlasts_the_integration_is_told_once(impatient: Sandbox, kind: str) -> None:
    before = len(impatient.segments())
    answer = impatient.request("GET", f"/{kind}/ada", query=SLOW)

    assert answer.status == 200
    told_once(impatient, answer, f"/{kind}/{{name}}")
    traced = [segment for segment in impatient.segments()[before:] if segment["name"].startswith("GET ")]
    assert [segment.get("fault") for segment in traced] == [True]
    (visits,) = [document for document in impatient.documents() if "Visits" in document][-1:]
    assert visits["Visits"] == [1.0]


def test_lambdas_deadline_comes_first_where_it_is_sooner(rest: Sandbox) -> None:
    answer = rest.request("GET", "/async/ada", query=SLOW, seconds=1)

    told_once(rest, answer, "/async/{name}")


def test_a_stream_keeps_its_status(impatient: Sandbox) -> None:
    answer = impatient.request("GET", "/slow-stream")

    assert len(answer.body.splitlines()) == 20
    told_once(impatient, answer, "/slow-stream", 200)


def test_where_streams_have_longer_the_other_routes_have_not() -> None:
    sandbox = Sandbox(freeze=False, env={"INTEGRATION_TIMEOUT_SECONDS": "1", "STREAM_TIMEOUT_SECONDS": "10"})
    try:
        stream = sandbox.request("GET", "/slow-stream")
        assert len(stream.body.splitlines()) == 20
        assert sandbox.lines(function_request_id=stream.id, error="timeout") == []
        assert sandbox.documents(correlation_id=stream.id)[0]["Success"] == 1

        told_once(sandbox, sandbox.request("GET", "/async/ada", query=SLOW), "/async/{name}")
    finally:
        sandbox.stop()


def test_requests_at_once_are_told_each() -> None:
    sandbox = Sandbox(concurrency=8, freeze=False, env={"INTEGRATION_TIMEOUT_SECONDS": "1"})
    try:
        slow = [sandbox.start("GET", f"/{kind}/ada", query=SLOW) for kind in ("async", "thread", "async")]
        quick = sandbox.start("GET", "/items/7")
        answers = [sandbox.finish(invocation) for invocation in slow]
        for answer, kind in zip(answers, ("async", "thread", "async"), strict=True):
            told_once(sandbox, answer, f"/{kind}/{{name}}")
        assert sandbox.documents(correlation_id=sandbox.finish(quick).id)[0]["Success"] == 1
    finally:
        sandbox.stop()


def test_a_request_in_time_is_none(impatient: Sandbox) -> None:
    answer = impatient.request("GET", "/async/ada", query={"wait": "0.2"})
    impatient.request("GET", "/async/bob", query=SLOW)

    assert impatient.lines(function_request_id=answer.id, error="timeout") == []
    assert impatient.documents(correlation_id=answer.id)[0]["Success"] == 1


def test_work_after_the_response_is_told_once() -> None:
    sandbox = Sandbox(freeze=False)
    try:
        _ = [sandbox.request("GET", "/items/7") for _ in range(3)]
        assert sandbox.lines(level="WARNING") == []
        # Right after a request that ends at once, whose timer is still to come.
        answers = [sandbox.request("GET", "/long-background") for _ in range(3)]
        sandbox.wait_for(lambda: len(sandbox.lines(message="background line")) == 3)

        (line,) = sandbox.lines(level="WARNING")
        assert line["message"].startswith("Work goes on after the response")
        assert (line["function_request_id"], line["route"]) == (answers[0].id, "/long-background")
    finally:
        sandbox.stop()

"""Traces: a subsegment a request, below its own parent, and those of operations below it."""

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from sandbox import TASK_ROOT, Answer, Sandbox

ROOT = "1-67891233-abcdef012345678912345678"


def header(parent: str, sampled: int = 1, root: str = ROOT) -> str:
    return f"Root={root};Parent={parent};Sampled={sampled}"


def request_segment(sandbox: Sandbox, parent: str) -> dict[str, Any]:
    (segment,) = sandbox.segments(parent_id=parent)
    return segment


@pytest.fixture(params=["rest", "http"])
def either(request: pytest.FixtureRequest) -> Sandbox:
    """Behind a REST API that streams, and behind an HTTP API."""
    return request.getfixturevalue(request.param)


def asked(sandbox: Sandbox, path: str, **options: Any) -> Answer:
    return sandbox.request("GET", path, http_api=not sandbox.streaming, **options)


def test_a_request_is_a_subsegment_of_its_invocation(either: Sandbox) -> None:
    answer = asked(either, "/items/7", trace=header("00000000000000a1"))

    segment = request_segment(either, "00000000000000a1")
    assert segment["trace_id"] == ROOT
    assert segment["type"] == "subsegment"
    assert segment["name"] == "GET /items/:item_id"
    assert segment["http"] == {"response": {"status": 200}}
    assert segment["annotations"] == {
        "method": "GET",
        "route": "/items/{item_id}",
        "correlation_id": answer.id,
        "cold_start": either.lines(function_request_id=answer.id)[0]["cold_start"],
    }
    assert segment["start_time"] < segment["end_time"]
    assert "error" not in segment
    assert "fault" not in segment
    (line, *_) = either.lines(function_request_id=answer.id)
    assert line["xray_trace_id"] == ROOT


@pytest.mark.parametrize(
    ("path", "parent", "expected"),
    [
        ("/items/seven", "00000000000000b1", {"error": True}),
        ("/no/such/path", "00000000000000b2", {"error": True}),
        ("/crash", "00000000000000b3", {"fault": True}),
        ("/broken", "00000000000000b4", {"fault": True}),
    ],
)
def test_errors_and_faults_are_told_apart(either: Sandbox, path: str, parent: str, expected: dict[str, bool]) -> None:
    asked(either, path, trace=header(parent))

    segment = request_segment(either, parent)
    assert {key: segment[key] for key in ("error", "fault") if key in segment} == expected
    if "fault" in expected:
        assert segment["cause"]["exceptions"][0]["type"] == "ValueError"


@pytest.mark.parametrize(
    ("path", "parent", "names"),
    [
        ("/async/ada", "00000000000000c1", {"work ada": "GET /async/:name"}),
        ("/thread/ada", "00000000000000c2", {"## my_api.operations.thread_keys": "GET /thread/:name", "work ada": "## my_api.operations.thread_keys"}),
        (
            "/yielded",
            "00000000000000c3",
            {
                "## my_api.operations.yielded": "GET /yielded",
                **{f"step {number}": "## my_api.operations.yielded" for number in range(3)},
            },
        ),
        (
            "/thread-stream",
            "00000000000000c4",
            {
                "## my_api.operations.steps": "GET /thread-stream",
                **{f"step {number}": "## my_api.operations.steps" for number in range(3)},
            },
        ),
    ],
)
def test_subsegments_of_operations_attach_below(either: Sandbox, path: str, parent: str, names: dict[str, str]) -> None:
    before = len(either.segments())
    asked(either, path, trace=header(parent))

    segments = either.segments()[before:]
    by_id = {segment["id"]: segment["name"] for segment in segments}
    below = {segment["name"]: by_id[segment["parent_id"]] for segment in segments if segment["parent_id"] != parent}
    assert below == names
    assert {segment["trace_id"] for segment in segments} == {ROOT}


def test_answers_are_not_recorded(either: Sandbox) -> None:
    before = len(either.segments())
    asked(either, "/items/7")

    segments = either.segments()[before:]
    assert [segment["name"] for segment in segments] == ["## my_api.main.get_item", "GET /items/:item_id"]
    assert not any("metadata" in segment for segment in segments)


def test_an_exception_is_recorded_where_it_was_raised(either: Sandbox) -> None:
    asked(either, "/crash-in-thread", trace=header("00000000000000d1"))

    (segment,) = either.segments(parent_id=request_segment(either, "00000000000000d1")["id"])
    assert segment["fault"] is True
    assert segment["cause"]["exceptions"][0]["message"] == "a secret: hunter2"


def test_annotations_of_an_operation_are_the_requests(either: Sandbox) -> None:
    asked(either, "/annotated", trace=header("00000000000000d2"))

    segment = request_segment(either, "00000000000000d2")
    assert segment["annotations"]["order"] == "42"
    assert segment["annotations"]["route"] == "/annotated"
    assert segment["metadata"] == {"my-api": {"detail": {"size": 2}}}


def test_an_unsampled_request_sends_nothing(either: Sandbox) -> None:
    before = len(either.segments())
    asked(either, "/thread/ada", trace=header("00000000000000e1", sampled=0))

    assert either.segments()[before:] == []


@pytest.mark.parametrize("trace", ["Root=", "Sampled=1", "garbage", f"Root={ROOT};Sampled=1"])
def test_a_header_without_a_place_in_a_trace_sends_nothing(either: Sandbox, trace: str) -> None:
    before, said = len(either.segments()), len(either.stderr)
    answer = asked(either, "/thread/ada", trace=trace)

    assert answer.status == 200
    assert either.segments()[before:] == []
    assert either.stderr[said:] == []
    assert {line["level"] for line in either.lines(function_request_id=answer.id)} == {"INFO"}


STRANGERS = {"X-Amzn-Trace-Id": "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1"}


def test_a_client_can_not_choose_the_trace(either: Sandbox) -> None:
    before = len(either.segments())
    asked(either, "/thread/ada", trace=header("00000000000000f1"), headers=STRANGERS)

    assert {segment["trace_id"] for segment in either.segments()[before:]} == {ROOT}


def test_a_client_can_not_choose_the_trace_where_lambda_sends_none(either: Sandbox) -> None:
    before = len(either.segments())
    answer = asked(either, "/thread/ada", trace=None, headers=STRANGERS)

    assert answer.status == 200
    assert either.segments()[before:] == []
    assert not any("xray_trace_id" in line for line in either.lines(function_request_id=answer.id))


@pytest.fixture(params=["streaming", "buffered"])
def several(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Takes eight invocations at once."""
    if request.param == "streaming":
        yield request.getfixturevalue("parallel")
        return
    sandbox = Sandbox(concurrency=8, freeze=False, streaming=False)
    yield sandbox
    sandbox.stop()


def test_invocations_with_one_root_attach_to_their_own_parents(several: Sandbox) -> None:
    parents = [f"000000000000f{number:03x}" for number in range(8)]
    running = [
        several.start("GET", f"/{kind}/n{number}", query={"wait": "0.1"}, trace=header(parent), http_api=not several.streaming)
        for number, (parent, kind) in enumerate(zip(parents, ["async", "thread"] * 4, strict=True))
    ]
    for invocation in running:
        several.finish(invocation)

    segments = {segment["id"]: segment for segment in several.segments(trace_id=ROOT)}
    for number, parent in enumerate(parents):
        (work,) = [segment for segment in segments.values() if segment["name"] == f"work n{number}"]
        ancestor = work
        while ancestor["parent_id"] in segments:
            ancestor = segments[ancestor["parent_id"]]
        assert ancestor["parent_id"] == parent


def test_the_x_ray_sdk_is_not_there(rest: Sandbox) -> None:
    """Nor what it needs: where these are missing, all that is seen here goes without them."""
    for name in ("aws_xray_sdk", "wrapt", "botocore"):
        known = {**rest.env, "PYTHONPATH": str(TASK_ROOT)}
        done = subprocess.run(["python3", "-c", f"import {name}"], env=known, capture_output=True, text=True)
        assert f"No module named '{name}'" in done.stderr


def test_powertools_variable_turns_subsegments_of_operations_off() -> None:
    sandbox = Sandbox(env={"POWERTOOLS_TRACE_DISABLED": "true"})
    try:
        assert sandbox.request("GET", "/thread/ada").status == 200
        assert sandbox.request("GET", "/annotated").status == 200

        assert [segment["name"] for segment in sandbox.segments()] == ["GET /thread/:name", "GET /annotated"]
    finally:
        sandbox.stop()

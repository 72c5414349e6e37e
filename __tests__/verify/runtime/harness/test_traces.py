"""Traces: a subsegment a request, below its own parent, and those of operations below it."""

from typing import Any

import pytest
from sandbox import Sandbox

ROOT = "1-67891233-abcdef012345678912345678"


def header(parent: str, sampled: int = 1, root: str = ROOT) -> str:
    return f"Root={root};Parent={parent};Sampled={sampled}"


def request_segment(sandbox: Sandbox, parent: str) -> dict[str, Any]:
    (segment,) = sandbox.segments(parent_id=parent)
    return segment


def test_a_request_is_a_subsegment_of_its_invocation(rest: Sandbox) -> None:
    answer = rest.request("GET", "/items/7", trace=header("00000000000000a1"))

    segment = request_segment(rest, "00000000000000a1")
    assert segment["trace_id"] == ROOT
    assert segment["type"] == "subsegment"
    assert segment["name"] == "GET /items/:item_id"
    assert segment["http"] == {"response": {"status": 200}}
    assert segment["annotations"] == {
        "method": "GET",
        "route": "/items/{item_id}",
        "correlation_id": answer.id,
        "cold_start": rest.lines(function_request_id=answer.id)[0]["cold_start"],
    }
    assert segment["start_time"] < segment["end_time"]
    assert "error" not in segment
    assert "fault" not in segment
    (line, *_) = rest.lines(function_request_id=answer.id)
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
def test_errors_and_faults_are_told_apart(rest: Sandbox, path: str, parent: str, expected: dict[str, bool]) -> None:
    rest.request("GET", path, trace=header(parent))

    segment = request_segment(rest, parent)
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
def test_subsegments_of_operations_attach_below(rest: Sandbox, path: str, parent: str, names: dict[str, str]) -> None:
    before = len(rest.segments())
    rest.request("GET", path, trace=header(parent))

    segments = rest.segments()[before:]
    by_id = {segment["id"]: segment["name"] for segment in segments}
    below = {segment["name"]: by_id[segment["parent_id"]] for segment in segments if segment["parent_id"] != parent}
    assert below == names
    assert {segment["trace_id"] for segment in segments} == {ROOT}


def test_answers_are_not_recorded(rest: Sandbox) -> None:
    before = len(rest.segments())
    rest.request("GET", "/items/7")

    assert not any("metadata" in segment for segment in rest.segments()[before:])


def test_an_exception_is_recorded_where_it_was_raised(rest: Sandbox) -> None:
    rest.request("GET", "/crash-in-thread", trace=header("00000000000000d1"))

    (segment,) = rest.segments(parent_id=request_segment(rest, "00000000000000d1")["id"])
    assert segment["fault"] is True
    assert segment["cause"]["exceptions"][0]["message"] == "a secret: hunter2"


def test_annotations_of_an_operation_are_the_requests(rest: Sandbox) -> None:
    rest.request("GET", "/annotated", trace=header("00000000000000d2"))

    segment = request_segment(rest, "00000000000000d2")
    assert segment["annotations"]["order"] == "42"
    assert segment["annotations"]["route"] == "/annotated"
    assert segment["metadata"] == {"my-api": {"detail": {"size": 2}}}


def test_an_unsampled_request_sends_nothing(rest: Sandbox) -> None:
    before = len(rest.segments())
    rest.request("GET", "/thread/ada", trace=header("00000000000000e1", sampled=0))

    assert rest.segments()[before:] == []


@pytest.mark.parametrize("trace", ["Root=", "Sampled=1", "garbage", f"Root={ROOT};Sampled=1"])
def test_a_header_without_a_place_in_a_trace_sends_nothing(rest: Sandbox, trace: str) -> None:
    before, said = len(rest.segments()), len(rest.stderr)
    answer = rest.request("GET", "/thread/ada", trace=trace)

    assert answer.status == 200
    assert rest.segments()[before:] == []
    assert rest.stderr[said:] == []
    assert {line["level"] for line in rest.lines(function_request_id=answer.id)} == {"INFO"}


def test_two_invocations_with_one_root_attach_to_their_own_parents(parallel: Sandbox) -> None:
    parents = [f"000000000000f{number:03x}" for number in range(8)]
    running = [
        parallel.start("GET", f"/{kind}/n{number}", query={"wait": "0.1"}, trace=header(parent))
        for number, (parent, kind) in enumerate(zip(parents, ["async", "thread"] * 4, strict=True))
    ]
    for invocation in running:
        parallel.finish(invocation)

    segments = {segment["id"]: segment for segment in parallel.segments(trace_id=ROOT)}
    for number, parent in enumerate(parents):
        (work,) = [segment for segment in segments.values() if segment["name"] == f"work n{number}"]
        ancestor = work
        while ancestor["parent_id"] in segments:
            ancestor = segments[ancestor["parent_id"]]
        assert ancestor["parent_id"] == parent


def test_powertools_variable_turns_subsegments_of_operations_off() -> None:
    sandbox = Sandbox(env={"POWERTOOLS_TRACE_DISABLED": "true"})
    try:
        assert sandbox.request("GET", "/thread/ada").status == 200
        assert sandbox.request("GET", "/annotated").status == 200

        assert [segment["name"] for segment in sandbox.segments()] == ["GET /thread/:name", "GET /annotated"]
    finally:
        sandbox.stop()

"""Streams: sent as they are made behind a REST API, whole behind an HTTP API."""

from sandbox import Sandbox

CHUNKS = [f'{{"message":"This is chunk {number}"}}' for number in range(3)]


def test_chunks_are_sent_as_they_are_made() -> None:
    sandbox = Sandbox(freeze=False)
    try:
        invocation = sandbox.start("GET", "/endless", cut_after=800)
        assert invocation.done.wait(20)
        # The operation never ends, and yet its lines came, each by itself.
        assert invocation.cut
        assert len([part for part in invocation.parts if part.startswith(b'{"message":"xxx')]) >= 3
    finally:
        sandbox.stop()


def test_json_lines_come_out_alike_in_both_modes(rest: Sandbox, http: Sandbox) -> None:
    streamed = rest.request("POST", "/stream", query={"count": "3"})
    buffered = http.request("POST", "/stream", query={"count": "3"}, http_api=True)

    for answer in (streamed, buffered):
        assert answer.headers["content-type"] == "application/jsonl"
        assert answer.body.decode().splitlines() == CHUNKS
        assert answer.headers["x-correlation-id"] == answer.id
    assert rest.lines(function_request_id=streamed.id)[0]["streamed"] is True
    assert http.lines(function_request_id=buffered.id)[0]["streamed"] is True


def test_fastapis_own_streams_come_out_alike_in_both_modes(rest: Sandbox, http: Sandbox) -> None:
    for sandbox, http_api in ((rest, False), (http, True)):
        lines = sandbox.request("GET", "/yielded", http_api=http_api)
        assert lines.headers["content-type"] == "application/jsonl"
        assert lines.body == b'{"message":"line 0"}\n{"message":"line 1"}\n{"message":"line 2"}\n'
        assert [line["number"] for line in sandbox.lines(function_request_id=lines.id, message="yielding")] == [0, 1, 2]

        events = sandbox.request("GET", "/events", http_api=http_api)
        assert events.headers["content-type"].startswith("text/event-stream")
        assert events.body.count(b"event: tick\n") == 2


def test_ordinary_operations_work_beside_streams(rest: Sandbox) -> None:
    assert rest.request("GET", "/echo", query={"message": "hi"}).json() == {"message": "hi"}



"""The header that names a request's place in its trace."""

import json
import threading
from typing import Any

import pytest
from conftest import PARENT, ROOT
from fastapi import FastAPI
from fastapi_runtime.record import RequestRecord
from fastapi_runtime.tracing import RequestTrace, UnsampledSpan


def read(header: str | None) -> tuple[str, str, bool] | None:
    trace = RequestTrace.from_header(header)
    return None if trace is None else (trace.root, trace.parent, trace.sampled)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (f"Root={ROOT};Parent={PARENT};Sampled=1", (ROOT, PARENT, True)),
        (f"Root={ROOT};Parent={PARENT};Sampled=1;Lineage=a87bd80c:1|68fd508a:5", (ROOT, PARENT, True)),
        (f"Self={ROOT}; Root={ROOT} ; Parent={PARENT}; Sampled=1 ", (ROOT, PARENT, True)),
        (f"Root={ROOT};Parent={PARENT};Sampled=0", (ROOT, PARENT, False)),
        (f"Root={ROOT};Parent={PARENT}", (ROOT, PARENT, False)),
        (f"Root={ROOT};Sampled=1", (ROOT, "", False)),
        (f"Root={ROOT};Parent=;Sampled=1", (ROOT, "", False)),
        (f"Root={ROOT};Parent={PARENT}0;Sampled=1", (ROOT, "", False)),
        (f"Root={ROOT};Parent=-{PARENT[1:]};Sampled=1", (ROOT, "", False)),
        (f"Root={ROOT}0;Parent={PARENT};Sampled=1", None),
        (f"Root=1-{ROOT[2:].replace('-', '_')};Parent={PARENT};Sampled=1", None),
        ("Root=1-\xe9;Parent=x", None),
        ("Root=", None),
        ("", None),
        (None, None),
    ],
)
def test_what_is_no_place_in_a_trace_is_taken_for_none(header: str | None, expected: Any) -> None:
    assert read(header) == expected


def test_two_threads_may_ask_an_unsampled_request_for_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    span = UnsampledSpan(RequestTrace(ROOT, PARENT, sampled=False))
    began, go_on = threading.Event(), threading.Event()
    make = UnsampledSpan.get_span_context.__globals__["span_context"]

    def slowly(*args: Any, **options: Any) -> Any:
        began.set()
        assert go_on.wait(10)
        return make(*args, **options)

    monkeypatch.setitem(UnsampledSpan.get_span_context.__globals__, "span_context", slowly)
    first = threading.Thread(target=span.get_span_context)
    first.start()
    assert began.wait(10)
    monkeypatch.setitem(UnsampledSpan.get_span_context.__globals__, "span_context", make)
    second = span.get_span_context()
    go_on.set()
    first.join()

    assert second.is_valid
    assert span.get_span_context() == second


STRANGERS = "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (f"Root={ROOT};Parent={PARENT};Sampled=1", (ROOT, PARENT, True)),
        (None, None),
        ("", None),
        (7, None),
    ],
)
def test_a_client_does_not_choose_the_trace(told: Any, expected: Any) -> None:
    """The adapter hands on a client's header where Lambda sends none; the invocation's context has Lambda's alone."""
    context = json.dumps({"request_id": "r1", "xray_trace_id": told}).encode()
    headers = {b"x-amzn-lambda-context": context, b"x-amzn-trace-id": STRANGERS.encode()}
    record = RequestRecord({"app": FastAPI(), "method": "GET", "path": "/", "headers": []}, headers)

    trace = record.trace
    assert (None if trace is None else (trace.root, trace.parent, trace.sampled)) == expected

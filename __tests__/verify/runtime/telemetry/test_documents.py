"""Documents for X-Ray's daemon: what a user's code puts into them never fails the request, and secrets stay out."""

import dataclasses
import json
import logging
import math
from time import time
from typing import Any

import pytest
from conftest import PARENT, ROOT, Sent
from fastapi_runtime import daemon
from fastapi_runtime.urls import without_query
from fastapi_runtime.tracing import RequestTrace
from fastapi_runtime.xray import XRayRequestSpan
from my_api.init import tracer
from opentelemetry import trace


class Node:
    """As a row of an ORM: parent and child know each other."""

    def __init__(self) -> None:
        self.name = "node"
        self.other: Node | None = None


class Mute:
    __slots__ = ()

    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


def cycle() -> dict[str, Any]:
    value: dict[str, Any] = {"kept": 1}
    value["self"] = value
    return value


def pair() -> Node:
    first, second = Node(), Node()
    first.other, second.other = second, first
    return first


def tangle() -> list[Node]:
    """Objects of which each knows all others: more paths than any time would do for."""
    nodes = [Node() for _ in range(40)]
    for node in nodes:
        node.__dict__["all"] = nodes
    return nodes


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (cycle(), {"kept": 1, "self": "..."}),
        (pair(), {"name": "node", "other": {"name": "node", "other": "..."}}),
        (tangle(), None),
        (Mute(), "<Mute>"),
        ({(1, 2): b"\xff"}, {"(1, 2)": "b'\\xff'"}),
        ("\ud800", "\ud800"),
        ({1, 2}, [1, 2]),
        (math.nan, None),
        ({"x": math.inf, "bytes": b"\xff"}, {"x": None, "bytes": "b'\\xff'"}),
    ],
    ids=["cycle", "objects", "tangle", "mute", "keys", "surrogate", "set", "nan", "nan and bytes"],
)
def test_metadata_that_json_has_no_form_for_is_told_as_far_as_it_goes(
    sent: Sent, value: object, expected: object
) -> None:
    with tracer.provider.in_subsegment("work") as subsegment:
        subsegment.put_metadata("value", value)

    (document,) = sent()
    if expected is not None or value is math.nan:
        assert document["metadata"] == {"default": {"value": expected}}


def test_what_fails_while_it_is_written_does_not_fail_the_code_around(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_args: object, **_options: object) -> str:
        raise RuntimeError("dictionary changed size during iteration")

    monkeypatch.setattr(daemon, "encode", fail)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            with tracer.provider.in_subsegment("work") as subsegment:
                subsegment.put_metadata("value", 1)

    assert len([line for line in caplog.records if "trace" in line.getMessage()]) == 1
    assert sent() == []


def test_attributes_of_an_odd_kind_do_not_fail_the_code_around(sent: Sent) -> None:
    with trace.get_tracer("shop").start_as_current_span("work") as span:
        span.set_attribute("aws.xray.annotations", [["size"]])  # pyright: ignore[reportArgumentType]
        span.set_attribute("size", 3)

    (document,) = sent()
    assert document["name"] == "work"


def test_an_error_that_leads_back_to_itself_stays_the_error(sent: Sent) -> None:
    class OwnError(Exception):
        pass

    @tracer.capture_method
    def find() -> None:
        error = OwnError("not found")
        error.__dict__["again"] = {"error": error}
        raise error

    with pytest.raises(OwnError):
        find()
    (document,) = sent()
    assert document["cause"]["exceptions"][0]["type"] == "OwnError"


def test_a_document_that_is_too_long_is_sent_without_its_metadata(
    sent: Sent, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            with tracer.provider.in_subsegment("work") as subsegment:
                subsegment.put_annotation("order", 7)
                subsegment.put_metadata("rows", "x" * 70_000)
                subsegment.add_exception(ValueError("y" * 70_000))

    first, second = sent()
    assert first["metadata"] == second["metadata"] == {"default": {"truncated": True}}
    assert first["annotations"] == {"order": 7}
    (exception,) = first["cause"]["exceptions"]
    assert exception["type"] == "ValueError"
    assert "stack" not in exception
    assert len([line for line in caplog.records if "64 kB" in line.getMessage()]) == 1


class CallError(Exception):
    """As those of HTTP clients and of SQL libraries are."""

    def __init__(self) -> None:
        super().__init__(
            "503 for url 'https://ada:hunter2@shop.test/pay?token=hunter2' (/x?key=hunter2)"
        )
        self.status = 503
        self.hint = "see https://shop.test/help?session=hunter2"
        self.params = ("hunter2",)
        self.request = Node()
        self.request.name = "hunter2"


def test_an_exception_is_kept_without_what_may_be_secret(sent: Sent) -> None:
    @tracer.capture_method
    def pay() -> None:
        raise CallError

    with pytest.raises(CallError) as raised, tracer.provider.in_subsegment("own") as subsegment:
        subsegment.put_metadata("failed", {"by": CallError()})
        pay()
    request = XRayRequestSpan(RequestTrace(ROOT, PARENT, sampled=True), time())
    request.complete(name="GET /", status=500, annotations={}, error=raised.value, fault=True)

    documents = sent()
    assert "hunter2" not in json.dumps(documents)
    captured = documents[0]
    message = "503 for url 'https://shop.test/pay' (/x"
    assert captured["cause"]["exceptions"][0]["message"] == message
    kept = {"status": 503, "hint": "see https://shop.test/help"}
    assert list(captured["metadata"]["my-api"].values()) == [kept]
    assert documents[1]["metadata"]["default"] == {"failed": {"by": kept}}
    assert documents[2]["cause"]["exceptions"][0]["message"] == message


def test_an_exception_without_a_text_stays_the_exception(sent: Sent) -> None:
    class SpeechlessError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    with pytest.raises(SpeechlessError), tracer.provider.in_subsegment("work"):
        raise SpeechlessError
    (document,) = sent()
    assert document["cause"]["exceptions"][0]["type"] == "SpeechlessError"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://shop.test/items?page=2#top", "https://shop.test/items"),
        ("https://ada:p@ss@shop.test/x", "https://shop.test/x"),
        ("https://ada:a/b@shop.test/x?y=1", "https://shop.test/x"),
        ("https://ada:a?b#c@shop.test/x", "https://shop.test/x"),
        ("https://shop.test:8080/@scope/name", "https://shop.test:8080/@scope/name"),
        ("https://shop.test/to?mail=ada@shop.test", "https://shop.test/to"),
        ("http://ada:p@[::1]:80/x", "http://[::1]:80/x"),
        ("http://[::1]/x@y", "http://[::1]/x@y"),
        ("/items?next=https://ada:p@shop.test", "/items"),
        ("//ada@shop.test/x", "//shop.test/x"),
    ],
)
def test_urls_lose_query_fragment_and_credentials(url: str, expected: str) -> None:
    assert without_query(url) == expected


@pytest.mark.parametrize(
    ("name", "url", "expected"),
    [
        ("$$", None, "__"),
        ("", None, "_"),
        ("GET", "http://ada:p@[::1]:80/x", "::1"),
        ("GET", "http:///x", "GET"),
        ("GET", "https://shop.test:8080/x", "shop.test"),
    ],
)
def test_a_subsegment_has_a_name(sent: Sent, name: str, url: str | None, expected: str) -> None:
    kind = trace.SpanKind.INTERNAL if url is None else trace.SpanKind.CLIENT
    attributes = None if url is None else {"url.full": url}
    trace.get_tracer("shop").start_span(name, kind=kind, attributes=attributes).end()

    assert [document["name"] for document in sent()] == [expected]


@pytest.mark.parametrize("address", ["", "127.0.0.1", "127.0.0.1:", ":", "127.0.0.1:99999", "a:b"])
def test_an_address_that_is_none_does_not_fail_the_code_around(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, address: str
) -> None:
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", address)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            daemon.close_socket()
            with tracer.provider.in_subsegment("work"):
                pass

    assert daemon.address() == ("127.0.0.1", 2000)
    told = [line.getMessage() for line in caplog.records]
    assert [("AWS_XRAY_DAEMON_ADDRESS" in line) for line in told] == [True] * bool(address)


def test_the_daemon_is_where_lambda_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", "169.254.79.129:2000")
    assert daemon.address() == ("169.254.79.129", 2000)
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", "tcp:127.0.0.1:2001 udp:127.0.0.2:2002")
    assert daemon.address() == ("127.0.0.2", 2002)


def test_a_request_keeps_what_its_code_tells_of_its_url(sent: Sent) -> None:
    request = XRayRequestSpan(RequestTrace(ROOT, PARENT, sampled=True), time())
    request.set_attribute("url.full", "https://shop.test/items?token=hunter2")
    request.set_attribute("http.request.method", "GET")
    request.complete(name="GET /", status=404, annotations={}, error=None, fault=False)

    (document,) = sent()
    assert document["http"] == {
        "request": {"method": "GET", "url": "https://shop.test/items"},
        "response": {"status": 404},
    }
    assert document["error"] is True


@dataclasses.dataclass(frozen=True)
class Status:
    """What is not a text, though types ask for one; only sampled requests would notice."""

    name: str

    def __str__(self) -> str:
        return self.name


def test_names_and_keys_of_an_odd_kind_do_not_fail_the_code_around(sent: Sent) -> None:
    odd: Any = Status("open")
    with tracer.provider.in_subsegment(odd) as subsegment:
        subsegment.put_annotation(odd, 1)
        subsegment.put_annotation("status", odd)
        subsegment.put_metadata(odd, 1, odd)
        tracer.put_annotation(7, 7)  # pyright: ignore[reportArgumentType]
        tracer.put_metadata(7, 7)  # pyright: ignore[reportArgumentType]
    with trace.get_tracer("shop").start_as_current_span("work") as span:
        span.update_name(odd)
        span.add_event(odd)

    first, second = sent()
    assert first["name"] == second["name"] == "open"
    assert first["annotations"] == {"open": 1, "status": "open", "7": 7}
    assert first["metadata"] == {"open": {"open": 1}, "my-api": {"7": 7}}
    assert len(second["metadata"]["default"]["events"]) == 1


def test_an_annotation_is_as_long_as_x_ray_takes_it(sent: Sent) -> None:
    with tracer.provider.in_subsegment("work") as subsegment:
        subsegment.put_annotation("k" * 600, "v" * 1200)
    listed = {"long": "v" * 1200, "aws.xray.annotations": ["long"]}
    trace.get_tracer("shop").start_span("work", attributes=listed).end()

    first, second = sent()
    assert first["annotations"] == {"k" * 500: "v" * 1000}
    assert second["annotations"] == {"long": "v" * 1000}


def test_an_event_keeps_its_name_beside_attributes_of_that_name(sent: Sent) -> None:
    with trace.get_tracer("shop").start_as_current_span("work") as span:
        span.add_event("found", {"name": "ada", "url.full": "https://shop.test/x?key=hunter2"}, 2_000)

    (document,) = sent()
    event = {
        "name": "found",
        "time": 0.000002,
        "attributes": {"name": "ada", "url.full": "https://shop.test/x"},
    }
    assert document["metadata"] == {"default": {"events": [event]}}


def test_a_request_says_why_its_code_calls_it_a_fault(sent: Sent) -> None:
    request = XRayRequestSpan(RequestTrace(ROOT, PARENT, sampled=True), time())
    request.set_status(trace.StatusCode.ERROR, "quota is used up")
    request.complete(name="GET /", status=200, annotations={}, error=None, fault=False)

    (document,) = sent()
    assert document["fault"] is True
    assert document["cause"]["exceptions"][0]["message"] == "quota is used up"

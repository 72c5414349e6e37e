"""Exceptions in a trace: who is to blame for one, and whether its words stay out."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from time import time
from typing import Any

import pytest
from conftest import PARENT, ROOT, Sent
from fastapi import FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi_runtime import subsegments
from fastapi_runtime.exceptions import keep_silent
from fastapi_runtime.record import RequestRecord
from fastapi_runtime.request_span import RequestSpans
from fastapi_runtime.subsegments import Subsegment, record_exception
from fastapi_runtime.tracer import RequestTracer
from fastapi_runtime.tracing import RequestTrace
from fastapi_runtime.xray import XRayRequestSpan
from my_api.init import tracer
from opentelemetry import baggage
from opentelemetry.context import attach
from opentelemetry.trace import (
    INVALID_SPAN_CONTEXT,
    NonRecordingSpan,
    StatusCode,
    get_current_span,
    get_tracer,
    use_span,
)
from starlette.requests import ClientDisconnect

shop = get_tracer("shop")


def blamed(document: dict[str, Any]) -> dict[str, bool]:
    return {flag: document[flag] for flag in ("error", "throttle", "fault") if flag in document}


ANSWERS: dict[str, tuple[Callable[[], Exception], dict[str, bool]]] = {
    "404": (lambda: HTTPException(404, "no such order"), {"error": True}),
    "429": (lambda: HTTPException(429), {"error": True, "throttle": True}),
    "503": (lambda: HTTPException(503), {"fault": True}),
    "307": (lambda: HTTPException(307, headers={"location": "/"}), {}),
    "validation": (lambda: RequestValidationError([]), {"error": True}),
    "left": (ClientDisconnect, {"error": True}),
    "other": (lambda: ValueError("broken"), {"fault": True}),
}


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("kind", ["captured", "coroutine", "generator", "subsegment", "span", "added"])
def test_who_is_to_blame_is_what_the_request_says(sent: Sent, kind: str, answer: str) -> None:
    make, expected = ANSWERS[answer]
    error = make()

    @tracer.capture_method
    def captured() -> None:
        raise error

    @tracer.capture_method
    async def coroutine() -> None:
        raise error

    @tracer.capture_method
    def generator() -> Iterator[int]:
        raise error
        yield 1

    def subsegment() -> None:
        with tracer.provider.in_subsegment("work"):
            raise error

    def span() -> None:
        with shop.start_as_current_span("work"):
            raise error

    def added() -> None:
        with tracer.provider.in_subsegment("work") as opened:
            opened.add_exception(error)
        raise error

    calls: dict[str, Callable[[], object]] = {
        "captured": captured,
        "coroutine": lambda: asyncio.run(coroutine()),
        "generator": lambda: list(generator()),
        "subsegment": subsegment,
        "span": span,
        "added": added,
    }
    with pytest.raises(type(error)):
        calls[kind]()

    (document,) = sent()
    assert blamed(document) == expected
    if expected:
        (cause,) = document["cause"]["exceptions"]
        assert cause["type"] == type(error).__name__
    else:
        assert "cause" not in document


def test_each_part_above_is_blamed_alike(sent: Sent) -> None:
    with pytest.raises(HTTPException), tracer.provider.in_subsegment("outer"):
        with tracer.provider.in_subsegment("inner"):
            raise HTTPException(404)

    inner, outer = sent()
    assert blamed(inner) == blamed(outer) == {"error": True}
    assert outer["cause"] == inner["cause"]["exceptions"][0]["id"]


def test_what_fails_after_an_answer_is_a_fault(sent: Sent) -> None:
    with pytest.raises(ValueError, match="broken"), tracer.provider.in_subsegment("work"):
        try:
            with tracer.provider.in_subsegment("look up"):
                raise HTTPException(404)
        except HTTPException as error:
            raise ValueError("broken") from error

    look_up, work = sent()
    assert blamed(look_up) == {"error": True}
    assert blamed(work) == {"fault": True}


def test_causes_are_kept_beside_one_that_a_subsegment_below_has_told(sent: Sent) -> None:
    with pytest.raises(ValueError, match="broken"), tracer.provider.in_subsegment("work") as work:
        work.add_exception(KeyError("handled"))
        with tracer.provider.in_subsegment("below"):
            raise ValueError("broken")

    below, told = [document["cause"]["exceptions"] for document in sent()]
    assert [cause["type"] for cause in told] == ["KeyError", "ValueError"]
    assert len({cause["id"] for cause in [*below, *told]}) == 3


def test_a_request_is_blamed_by_its_status_whatever_span_was_told(sent: Sent) -> None:
    request = XRayRequestSpan(RequestTrace(ROOT, PARENT, sampled=True), time())
    with pytest.raises(HTTPException), use_span(request):
        raise HTTPException(404)
    request.complete(name="GET /", status=404, annotations={}, error=None, fault=False)

    (document,) = sent()
    assert blamed(document) == {"error": True}


def test_a_fault_that_no_exception_told_of_says_why(sent: Sent) -> None:
    with shop.start_as_current_span("work") as span:
        span.set_status(StatusCode.ERROR, "quota of https://shop.test/x?key=hunter2 is used up")

    (document,) = sent()
    assert document["fault"] is True
    (cause,) = document["cause"]["exceptions"]
    assert cause["message"] == "quota of https://shop.test/x is used up"


class RowError(Exception):
    """As those of databases: its words hold what somebody typed."""

    def __init__(self) -> None:
        super().__init__("duplicate key: hunter2")
        self.detail = "hunter2"


def fail() -> None:
    """In every way in which a trace is told of an exception."""
    with tracer.provider.in_subsegment("inner") as inner:
        try:
            raise RowError
        except RowError as error:
            inner.add_exception(error)
        with shop.start_as_current_span("span") as span:
            span.set_status(StatusCode.ERROR, "hunter2")
        with shop.start_as_current_span("row"):
            raise RowError


def told_of_request(error: BaseException) -> None:
    request = XRayRequestSpan(RequestTrace(ROOT, PARENT, sampled=True), time())
    request.complete(name="GET /", status=500, annotations={}, error=error, fault=True)


def assert_silent(documents: list[dict[str, Any]]) -> None:
    assert "hunter2" not in json.dumps(documents)
    assert documents[-1]["cause"]["exceptions"][0]["type"] == "RowError"
    assert documents[-1]["cause"]["exceptions"][0]["stack"]
    assert [document["name"] for document in documents if "fault" not in document] == []


def test_one_variable_keeps_the_words_of_exceptions_out(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_TRACER_CAPTURE_ERROR", "false")
    with pytest.raises(RowError) as raised:
        tracer.capture_method(fail)()
    told_of_request(raised.value)

    documents = sent()
    assert len(documents) == 5
    assert_silent(documents)


def test_a_variable_that_is_set_to_nothing_changes_nothing(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_TRACER_CAPTURE_ERROR", "")
    with pytest.raises(ValueError, match="broken"), tracer.provider.in_subsegment("work"):
        raise ValueError("broken")

    assert sent()[0]["cause"]["exceptions"][0]["message"] == "broken"


@pytest.mark.parametrize("kind", ["function", "coroutine", "generator", "async generator"])
def test_a_function_can_keep_its_own_exceptions_to_itself(sent: Sent, kind: str) -> None:
    """And those of all that it calls, wherever they are recorded."""
    silent = tracer.capture_method(capture_error=False)

    @silent
    async def coroutine() -> None:
        fail()

    @silent
    def generator() -> Iterator[int]:
        fail()
        yield 1

    @silent
    async def async_generator() -> AsyncIterator[int]:
        fail()
        yield 1

    async def read() -> list[int]:
        return [number async for number in async_generator()]

    calls: dict[str, Callable[[], object]] = {
        "function": silent(fail),
        "coroutine": lambda: asyncio.run(coroutine()),
        "generator": lambda: list(generator()),
        "async generator": lambda: asyncio.run(read()),
    }
    with pytest.raises(RowError) as raised, tracer.provider.in_subsegment("around"):
        calls[kind]()
    told_of_request(raised.value)

    documents = sent()
    assert len(documents) == 6
    assert_silent(documents)
    with pytest.raises(RowError), tracer.provider.in_subsegment("after"):
        raise RowError
    assert "hunter2" in json.dumps(sent())


def test_silence_ends_with_the_function_whatever_it_did_to_the_context(sent: Sent) -> None:
    @tracer.capture_method(capture_error=False)
    def silent() -> None:
        _ = attach(baggage.set_baggage("tenant", "ada"))

    silent()
    assert baggage.get_baggage("tenant") == "ada"
    with pytest.raises(RowError), tracer.provider.in_subsegment("after"):
        raise RowError
    assert "hunter2" in json.dumps(sent()[-1])


def test_silence_reaches_the_attributes_of_what_is_captured_below(sent: Sent) -> None:
    captured = tracer.capture_method(fail)
    with pytest.raises(RowError):
        tracer.capture_method(captured, capture_error=False)()  # pyright: ignore[reportCallIssue]

    told_of_request(RowError())
    documents = sent()
    assert len(documents) == 6
    assert "hunter2" not in json.dumps(documents[:-1])
    assert "hunter2" in json.dumps(documents[-1])


@pytest.mark.parametrize("kind", ["function", "coroutine", "generator"])
def test_a_tracer_that_is_turned_off_keeps_a_functions_exceptions_out(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Of the request's own subsegment, and of spans of OpenTelemetry's API, which both stay."""
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
    silent = RequestTracer("my-api").capture_method(capture_error=False)

    def work() -> None:
        with shop.start_as_current_span("row"):
            raise RowError

    @silent
    async def coroutine() -> None:
        work()

    @silent
    def generator() -> Iterator[int]:
        work()
        yield 1

    calls: dict[str, Callable[[], object]] = {
        "function": silent(work),
        "coroutine": lambda: asyncio.run(coroutine()),
        "generator": lambda: list(generator()),
    }
    with pytest.raises(RowError) as raised:
        calls[kind]()
    told_of_request(raised.value)

    documents = sent()
    assert len(documents) == 2
    assert_silent(documents)
    with pytest.raises(RowError), tracer.provider.in_subsegment("after"):
        raise RowError
    assert "hunter2" in json.dumps(sent())


class Recording(NonRecordingSpan):
    """A span of another provider, and what it was told."""

    def __init__(self) -> None:
        super().__init__(INVALID_SPAN_CONTEXT)
        self.told: list[Any] = []

    def is_recording(self) -> bool:
        return True

    def add_event(self, name: str, attributes: Any = None, timestamp: int | None = None) -> None:
        self.told.append((name, attributes))

    def record_exception(self, exception: BaseException, *_args: Any, **_options: Any) -> None:
        self.told.append(exception)

    def set_status(self, status: Any, description: str | None = None) -> None:
        self.told.append((status, description))


def test_another_providers_span_is_told_of_what_is_its_servers_fault() -> None:
    subsegment = Subsegment("work")
    subsegment.span = span = Recording()
    missing, broken = HTTPException(404), ValueError("broken")
    subsegment.add_exception(missing)
    subsegment.add_exception(broken)

    assert span.told == [missing, broken, (StatusCode.ERROR, "ValueError: broken")]


def test_another_providers_span_does_not_hear_the_words_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_TRACER_CAPTURE_ERROR", "false")
    subsegment = Subsegment("work")
    subsegment.span = span = Recording()
    try:
        raise RowError
    except RowError as error:
        subsegment.add_exception(error)
        record_exception(span, error)

    (event, status, again) = span.told
    assert event == again
    assert event[0] == "exception"
    assert event[1]["exception.type"] == "RowError"
    assert "test_exceptions.py" in event[1]["exception.stacktrace"]
    assert "hunter2" not in str(span.told)
    assert status == (StatusCode.ERROR, "RowError")


def led_by(error: Exception, how: str) -> Exception:
    """An exception that another has led to, which is silent, in each way in which one may."""
    keep_silent(error)
    if how == "group":
        return ExceptionGroup("several", [ValueError("one"), ExceptionGroup("more", [error])])
    try:
        try:
            raise error
        except RowError as led:
            if how == "cause":
                raise KeyError("order") from led
            raise KeyError("order")
    except KeyError as failure:
        return failure


@pytest.mark.parametrize("how", ["cause", "context", "group"])
def test_another_providers_span_does_not_hear_what_led_to_an_exception(how: str) -> None:
    """The SDK formats an exception with all of them."""
    span = Recording()
    record_exception(span, led_by(RowError(), how))
    (event,) = span.told
    assert event[0] == "exception"
    assert "hunter2" not in str(event)

    loud = ValueError("told")
    record_exception(span, loud)
    assert span.told[-1] is loud


class OtherSpan(Recording):
    """As the SDK's spans are: an exception's text is asked for, and a processor hears of the end."""

    def __init__(self, ended: list[Any], fails: bool) -> None:
        super().__init__()
        self.ended = ended
        self.fails = fails

    def record_exception(self, exception: BaseException, *_args: Any, **_options: Any) -> None:
        self.told.append(str(exception))

    def end(self, end_time: int | None = None) -> None:
        self.ended.append(self)
        if self.fails:
            raise OSError("processor broke")


class SpeechlessError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("kind", ["subsegment", "captured", "generator"])
def test_an_exception_stays_itself_whatever_another_providers_span_makes_of_it(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kind: str, fails: bool
) -> None:
    ended: list[OtherSpan] = []
    monkeypatch.setattr(subsegments._spans, "start_span", lambda _name: OtherSpan(ended, fails), raising=False)

    def work() -> None:
        raise SpeechlessError

    def block() -> None:
        with tracer.provider.in_subsegment("work"):
            work()

    @tracer.capture_method
    def generator() -> Iterator[int]:
        work()
        yield 1

    calls: dict[str, Callable[[], object]] = {
        "subsegment": block,
        "captured": tracer.capture_method(work),
        "generator": lambda: list(generator()),
    }
    outer = get_current_span()
    for _ in range(2):
        with pytest.raises(SpeechlessError):
            calls[kind]()
    assert get_current_span() is outer

    first, _ = ended
    assert first.told[0][1]["exception.type"] == "SpeechlessError"
    assert "in work" in first.told[0][1]["exception.stacktrace"]
    assert caplog.text.count("text was left out") == 1
    assert caplog.text.count("could not end") == fails


@pytest.mark.parametrize("kind", ["subsegment", "captured"])
def test_a_provider_that_starts_no_span_fails_no_function(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    def start_span(_name: str) -> None:
        raise RuntimeError("sampler broke")

    monkeypatch.setattr(subsegments._spans, "start_span", start_span, raising=False)

    def block() -> int:
        with tracer.provider.in_subsegment("work") as opened:
            opened.put_annotation("order", 7)
            opened.put_metadata("order", 7)
            opened.add_exception(ValueError("handled"))
            return 3

    calls: dict[str, Callable[[], object]] = {"subsegment": block, "captured": tracer.capture_method(lambda: 3)}
    for _ in range(2):
        assert calls[kind]() == 3
    assert caplog.text.count("RuntimeError: sampler broke") == 1
    assert sent() == []


@pytest.mark.parametrize("fails", [False, True])
def test_a_request_ends_whatever_another_providers_span_makes_of_its_exception(
    caplog: pytest.LogCaptureFixture, fails: bool
) -> None:
    ended: list[OtherSpan] = []
    record = RequestRecord({"app": FastAPI(), "method": "GET", "path": "/", "headers": []}, {})
    record.span, record.exception = OtherSpan(ended, fails), SpeechlessError()
    spans = RequestSpans()
    spans._tracer = shop
    spans.end(record)

    assert ended == [record.span]
    assert ("could not end" in caplog.text) == fails

"""Documents for X-Ray's daemon: what a user's code puts into them never fails the request, and secrets stay out."""

import dataclasses
import json
import logging
import math
from collections.abc import AsyncIterator
from time import process_time, time
from typing import Any

import pytest
from conftest import PARENT, ROOT, Sent, Written
from fastapi_runtime import daemon
from fastapi_runtime.exceptions import message_of
from fastapi_runtime.output import encode, without_iterators
from fastapi_runtime.tracing import RequestTrace
from fastapi_runtime.urls import without_queries_in_text, without_query
from fastapi_runtime.xray import XRayRequestSpan
from my_api.init import logger, tracer
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
        (Mute(), "<Mute>"),
        ({(1, 2): b"\xff"}, {"(1, 2)": "b'\\xff'"}),
        ("\ud800", "\ud800"),
        ({1, 2}, [1, 2]),
        (math.nan, None),
        ({"x": math.inf, "bytes": b"\xff"}, {"x": None, "bytes": "b'\\xff'"}),
    ],
    ids=["cycle", "objects", "mute", "keys", "surrogate", "set", "nan", "nan and bytes"],
)
def test_metadata_that_json_has_no_form_for_is_told_as_far_as_it_goes(
    sent: Sent, value: object, expected: object
) -> None:
    with tracer.provider.in_subsegment("work") as subsegment:
        subsegment.put_metadata("value", value)

    (document,) = sent()
    assert document["metadata"] == {"default": {"value": expected}}


def test_what_leads_everywhere_is_told_as_far_as_there_is_room(sent: Sent) -> None:
    with tracer.provider.in_subsegment("work") as subsegment:
        subsegment.put_metadata("value", tangle())

    (document,) = sent()
    first, *_ = document["metadata"]["default"]["value"]
    assert first["name"] == "node"
    assert document["metadata"]["default"]["value"].count("...") < 40


class Restless:
    """Whose text changes the dict that it is in, as another thread may while it is written."""

    def __init__(self, around: dict[str, Any]) -> None:
        self.around = around

    def __str__(self) -> str:
        self.around[f"key {len(self.around)}"] = 1
        return "restless"


def changing() -> dict[str, Any]:
    value: dict[str, Any] = {"kept": 1}
    value["restless"] = Restless(value)
    return value


def test_a_dict_that_changes_while_it_is_written_is_told_as_it_was() -> None:
    """Pydantic's writer panics then, with an exception that no `except Exception` catches."""
    assert json.loads(encode({"value": changing()}))["value"]["kept"] == 1


def test_a_dict_that_changes_while_a_trace_is_written_fails_no_code(sent: Sent) -> None:
    value: dict[str, Any] = {"kept": 1}

    class Growing:
        @property
        def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
            value[f"key {len(value)}"] = 1
            return {"size": 1}

    value["growing"] = Growing()
    with tracer.provider.in_subsegment("work") as subsegment:
        subsegment.put_metadata("value", value)

    (document,) = sent()
    told = document["metadata"]["default"]["value"]
    assert (told["kept"], told["growing"]) == (1, {"size": 1})


def test_a_key_that_changes_while_the_line_is_written_fails_no_line(written: Written) -> None:
    logger.append_keys(state=changing())
    try:
        logger.info("own line")
    finally:
        logger.remove_keys(["state"])

    (line,) = written()
    assert line["state"]["kept"] == 1


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


class Rows:
    """An object of the user's that holds what is still to be read."""

    def __init__(self, rows: Any) -> None:
        self.rows = rows


@dataclasses.dataclass
class Page:
    rows: Any


@pytest.mark.parametrize(
    "held",
    [
        lambda rows: rows,
        lambda rows: {"rows": rows},
        lambda rows: [(rows, 1)],
        lambda rows: Rows(rows),
        lambda rows: {"page": Page(rows)},
    ],
    ids=["itself", "dict", "tuple", "object", "dataclass"],
)
def test_an_iterator_is_told_by_its_type_and_left_to_its_reader(sent: Sent, held: Any) -> None:
    for rows in ((number for number in (1, 2)), iter([1, 2]), map(int, "12")):
        kind = type(rows).__name__
        with tracer.provider.in_subsegment("work") as subsegment:
            subsegment.put_metadata("own", held(rows))
            tracer.put_metadata("open", held(rows))

        assert list(rows) == [1, 2]
        (document,) = sent()
        assert json.dumps(document["metadata"]).count(f"<{kind}>") == 2


def test_an_async_generator_is_told_by_its_type() -> None:
    async def numbers() -> AsyncIterator[int]:
        yield 1

    told = encode({"rows": without_iterators([numbers(), {"kept": 1}])})
    assert told == '{"rows":["<async_generator>",{"kept":1}]}'


def test_what_holds_no_iterator_is_kept_as_it_is() -> None:
    value = {"rows": [1, (2,)], **cycle()}
    assert without_iterators(value) is value


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
    message = "503 for url 'https://shop.test/pay' (/x)"
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
    "part",
    [
        *("?", "a", "a?", "://", "a.b+", "?a=b", "?a", "a://", "https://ada:p@x/?a=b ", "=", "@", "://?="),
        *("'", "'?", "/?'", "/x?a ", "a#b", "/#'", "a:b//", "//a:b ", "//a:b@", "'a://?x ", "&", "/?& ", " ", "\n", "/?a\n"),
    ],
)
def test_the_time_for_a_text_grows_no_faster_than_the_text(part: str) -> None:
    """A client may write it: a body that is no number is quoted by the `ValueError` of `float`."""
    text = part * (200_000 // len(part))
    began = process_time()
    _ = without_queries_in_text(f"{text} https://shop.test/x?a=b")

    # Milliseconds of this process, and 20 seconds or 50 where each place is tried with all after it.
    assert process_time() - began < 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1https://ada:hunter2@shop.test/x", "1https://shop.test/x"),
        ("(postgres+tcp://ada:hunter2@db/x)", "(postgres+tcp://db/x)"),
        ("what? https://shop.test/x?y?token=hunter2", "what? https://shop.test/x"),
        ("/x?y?token=hunter2 is gone", "/x is gone"),
        ("what? /x?y is gone", "what? /x is gone"),
        # As httpx, requests and urllib3 tell of them.
        (
            "Client error '404 Not Found' for url 'http://shop.test/x?name=O'Brien&token=hunter2'\nFor more",
            "Client error '404 Not Found' for url 'http://shop.test/x'\nFor more",
        ),
        ("404 for url: http://shop.test/x?name=O'Brien&token=hunter2", "404 for url: http://shop.test/x"),
        ("with url: /x?name=O'Brien&token=hunter2 (Caused by X('y'))", "with url: /x (Caused by X('y'))"),
        ("with url: /x?hunter2 (Caused by X('y'))", "with url: /x (Caused by X('y'))"),
        ("no control characters. '/x?q=a hunter2' (found at least ' ')", "no control characters. '/x')"),
        ("https://shop.test/x?q=a b&token=hunter2 is gone", "https://shop.test/x is gone"),
        ("https://shop.test/x?a=<y>&token=hunter2", "https://shop.test/x"),
        ("<https://shop.test/x?q=a hunter2> is gone", "<https://shop.test/x> is gone"),
        ("'https://shop.test/x?q=it's a & token=hunter2 is", "'https://shop.test/x is"),
        ("sent to /cb#access_token=hunter2, twice", "sent to /cb, twice"),
        ("cb#access_token=hunter2", "cb"),
        ("what?yes/x?hunter2", "what?yes/x"),
        ("https://shop.test/O'Brien?token=hunter2", "https://shop.test/O'Brien"),
        ("postgres://ada:hun'ter2@db/x", "postgres://db/x"),
        ("amqp://ada:a<hunter2@db/", "amqp://db/"),
        ("no postgres://ada:a hunter2@db/x here", "no postgres://db/x here"),
        ("postgres://ada:a/b hunter2@db/x", "postgres://db/x"),
        ("postgres://ada:a?b hunter2@db/x?y=hunter2", "postgres://db/x"),
        ("//ada:hunter2@db/x", "//db/x"),
        ('["https://x","redis://ada:hunter2@db"]', '["https://x","redis://db"]'),
        # Ordinary words stay.
        ("is it ok? yes, and/or? no", "is it ok? yes, and/or? no"),
        ("is it ok?yes (see #12, C#, x = y)", "is it ok?yes (see #12, C#, x = y)"),
        ("WHERE a = ? AND b IN (?, ?)", "WHERE a = ? AND b IN (?, ?)"),
        ("https://shop.test/x failed: mail ada@shop.test", "https://shop.test/x failed: mail ada@shop.test"),
        ("https://shop.test is down: mail ada@shop.test", "https://shop.test is down: mail ada@shop.test"),
    ],
)
def test_urls_in_a_text_lose_what_may_be_secret(text: str, expected: str) -> None:
    assert without_queries_in_text(text) == expected


def test_a_message_is_cut_and_no_secret_with_it() -> None:
    """A password without the `@` that the cut took away would be no password any more."""
    for length in range(7_950, 8_001):
        told = message_of(ValueError("x" * length + " https://ada:hunter2hunter2@shop.test/x " + "y" * 90_000))
        assert told.startswith("x" * length)
        assert len(told) <= 8_003
        assert "hunter" not in told
        assert told.endswith("...")
    # Nor is one whose name or end the cut took away.
    for secret in ("https://shop.test/x?q=a hunter2 & more", "postgres://ada:a hunter2@db/x"):
        for length in range(7_950, 8_001):
            assert "hunter" not in message_of(ValueError("x" * length + " " + secret))


def test_a_very_long_message_is_cut_before_it_is_read() -> None:
    began = process_time()
    told = message_of(ValueError("no number: " + "?a=b c://d:e " * 4_000_000))
    assert process_time() - began < 5
    assert told == "no number: ..."
    assert message_of(ValueError("y" * 1_000_000)) == "y" * 8_000 + "..."


@pytest.mark.parametrize(
    ("name", "url", "expected"),
    [
        ("$$", None, "__"),
        ("", None, "_"),
        ("GET", "http://ada:p@[::1]:80/x", "::1"),
        ("GET", "http:///x", "GET"),
        ("GET", "https://shop.test:8080/x", "shop.test"),
        ("GET /x?token=hunter2 (all)", None, "GET /x"),
        ("?token=hunter2", None, "_"),
        ("GET https://ada:hunter2@shop.test/x", None, "GET https://shop.test/x"),
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


@pytest.mark.parametrize("own", [["mine"], "mine", None])
def test_an_event_leaves_metadata_of_its_name_alone(sent: Sent, own: Any) -> None:
    with tracer.provider.in_subsegment("work") as subsegment:
        if own is not None:
            subsegment.put_metadata("events", own)
        subsegment.span.add_event("found", {"count": 1}, 2_000)
        subsegment.span.add_event("lost")

    (document,) = sent()
    default = document["metadata"]["default"]
    events = default["events"] if own is None else default["span_events"]
    assert [event["name"] for event in events] == ["found", "lost"]
    assert own is None or default["events"] == own


EXCEPTION = {
    "exception.type": "RowError",
    "exception.message": "no https://ada:hunter2@shop.test/x?key=hunter2",
    "exception.stacktrace": "RowError: no https://ada:hunter2@shop.test/x?key=hunter2",
}


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("kind", ["event", "attribute"])
def test_an_exception_that_a_library_tells_itself_says_no_more_than_others(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, kind: str, told: bool
) -> None:
    monkeypatch.setenv("POWERTOOLS_TRACER_CAPTURE_ERROR", str(told))
    with trace.get_tracer("shop").start_as_current_span("work") as span:
        if kind == "event":
            span.add_event("exception", EXCEPTION)
        else:
            span.set_attributes(EXCEPTION)

    (document,) = sent()
    assert "hunter2" not in json.dumps(document)
    assert "RowError" in json.dumps(document)
    assert ("no https://shop.test/x" in json.dumps(document)) == told


def test_a_connection_string_stays_out(sent: Sent) -> None:
    attributes = {"db.system": "mssql", "db.connection_string": "Server=db;Password=hunter2"}
    trace.get_tracer("shop").start_span("work", attributes=attributes).end()

    (document,) = sent()
    assert "hunter2" not in json.dumps(document)
    assert document["sql"] == {"database_type": "mssql"}


def test_a_host_is_known_without_a_whole_url(sent: Sent) -> None:
    attributes = {"url.full": "/x", "server.address": "shop.test"}
    trace.get_tracer("shop").start_span("GET", kind=trace.SpanKind.CLIENT, attributes=attributes).end()

    assert [document["name"] for document in sent()] == ["shop.test"]


def test_a_requests_own_name_has_no_query_either(sent: Sent) -> None:
    request = XRayRequestSpan(RequestTrace(ROOT, PARENT, sampled=True), time())
    request.update_name("GET /items/{id}?token=hunter2")
    request.complete(name="GET /", status=200, annotations={}, error=None, fault=False)

    assert [document["name"] for document in sent()] == ["GET /items/:id"]


def test_a_request_says_why_its_code_calls_it_a_fault(sent: Sent) -> None:
    request = XRayRequestSpan(RequestTrace(ROOT, PARENT, sampled=True), time())
    request.set_status(trace.StatusCode.ERROR, "quota is used up")
    request.complete(name="GET /", status=200, annotations={}, error=None, fault=False)

    (document,) = sent()
    assert document["fault"] is True
    assert document["cause"]["exceptions"][0]["message"] == "quota is used up"

"""A tracer provider of the user's that fails, hangs or lags, and a request that goes on without it."""

import asyncio
import json
import math
import threading
import time
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

import fastapi_runtime.logs
import fastapi_runtime.middleware
import fastapi_runtime.watchdog
import pytest
from fastapi import FastAPI
from fastapi_runtime import flushes
from fastapi_runtime.application import Application
from fastapi_runtime.cors import Cors
from fastapi_runtime.flushes import Flushes
from fastapi_runtime.middleware import RequestMiddleware
from fastapi_runtime.record import RequestRecord
from fastapi_runtime.request_span import flush_milliseconds
from fastapi_runtime.watchdog import Watchdog
from my_api.init import logger, metrics
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

SAMPLED = "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=%d"

type Sent = list[tuple[float, MutableMapping[str, Any]]]


class OwnSpan(NonRecordingSpan):
    """A span that records, or whose end fails."""

    def __init__(self, provider: "OwnProvider", recording: bool) -> None:
        super().__init__(SpanContext(1, 2, is_remote=False, trace_flags=TraceFlags(1)))
        self.provider = provider
        self.recording = recording

    def is_recording(self) -> bool:
        return self.recording

    def end(self, end_time: int | None = None) -> None:
        self.recording = False
        if self.provider.fails == "end":
            raise RuntimeError("processor broke")


class OwnProvider(trace.TracerProvider, trace.NoOpTracer):
    """Its own tracer; flushes are kept with the time at which they ended."""

    def __init__(self, *, fails: str = "", recording: bool = True, takes: float = 0) -> None:
        self.fails = fails
        self.recording = recording
        self.takes = takes
        self.answers = threading.Event()
        self.answers.set()
        self.names: list[str] = []
        self.begun = 0
        self.flushed: list[float] = []

    def get_tracer(self, *_args: Any, **_options: Any) -> "OwnProvider":
        return self

    def start_span(self, name: str, *_args: Any, **_options: Any) -> OwnSpan:
        self.names.append(name)
        if self.fails == "begin":
            raise RuntimeError("sampler broke")
        return OwnSpan(self, self.recording)

    def force_flush(self, _milliseconds: int) -> None:
        self.begun += 1
        time.sleep(self.takes)
        self.answers.wait()
        if self.fails == "flush":
            raise RuntimeError("no route to host")
        self.flushed.append(time.time())


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., RequestMiddleware]]:
    """Puts the runtime around an app, with a provider that is set, and a limit in seconds."""

    def serve(provider: OwnProvider, limit: float | None = None) -> RequestMiddleware:
        monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
        if limit is not None:
            monkeypatch.setenv("INTEGRATION_TIMEOUT_SECONDS", str(limit))
        app = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False})

        @app.get("/wait")
        async def wait(seconds: float = 0) -> str:
            await asyncio.sleep(seconds)
            return "done"

        @app.get("/thread")
        async def thread() -> float:
            began = time.time()
            await asyncio.to_thread(int)
            return time.time() - began

        @app.head("/wait")
        async def head() -> None:
            return None

        @app.get("/keys")
        async def keys() -> str:
            logger.append_keys(stubborn=7)
            return "done"

        return RequestMiddleware(app, logger=logger, metrics=metrics, cors=None)

    return serve


async def request(app: Any, path: str = "/wait", query: str = "", method: str = "GET", sampled: int = 1, of_adapter: bool = False) -> Sent:
    """What an app sends, each message with its time."""
    sent: Sent = []
    headers = {
        "x-amzn-lambda-context": json.dumps({"request_id": "r1"}),
        "x-amzn-request-context": "{}",
        "x-amzn-trace-id": SAMPLED % sampled,
    }
    scope = {
        "type": "http",
        "app": getattr(app, "app", app),
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "root_path": "",
        "headers": [] if of_adapter else [(name.encode(), value.encode()) for name, value in headers.items()],
    }

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append((time.time(), message))

    await app(scope, receive, send)
    return sent


def answered(sent: Sent) -> tuple[int, Any]:
    return sent[0][1]["status"], json.loads(b"".join(message.get("body", b"") for _, message in sent))


@pytest.mark.parametrize("fails", ["begin", "end", "flush"])
def test_what_fails_in_it_fails_no_request(serving: Callable[..., RequestMiddleware], fails: str, caplog: pytest.LogCaptureFixture) -> None:
    app = serving(OwnProvider(fails=fails))

    async def run() -> None:
        for _ in range(2):
            assert answered(await request(app)) == (200, "done")

    asyncio.run(run())
    told = [line for line in caplog.records if "could not" in line.message or "not sent" in line.message]
    assert len(told) == (2 if fails == "flush" else 1)


def test_a_key_that_cannot_be_written_fails_no_request(
    serving: Callable[..., RequestMiddleware], monkeypatch: pytest.MonkeyPatch, written: Any
) -> None:
    members = fastapi_runtime.logs.members

    def some_members(value: dict[str, Any]) -> str:
        if "stubborn" in value:
            raise ValueError("no form in JSON")
        return members(value)

    monkeypatch.setattr(fastapi_runtime.logs, "members", some_members)
    assert answered(asyncio.run(request(serving(OwnProvider()), "/keys"))) == (200, "done")

    (line,) = [line for line in written() if "duration_ms" in line]
    assert line["status"] == 200
    assert "stubborn" not in line


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_spans_are_sent_once_and_before_the_last_byte(serving: Callable[..., RequestMiddleware], method: str) -> None:
    provider = OwnProvider(takes=0.05)
    sent = asyncio.run(request(serving(provider), method=method))

    (flushed,) = provider.flushed
    last = 0 if method == "HEAD" else -1
    assert flushed <= sent[last][0]


def test_a_request_that_recorded_nothing_is_not_flushed(serving: Callable[..., RequestMiddleware]) -> None:
    provider = OwnProvider(recording=False)
    assert answered(asyncio.run(request(serving(provider), sampled=0))) == (200, "done")

    assert provider.begun == 0


def test_a_hook_of_snapstart_is_flushed_and_a_readiness_probe_is_not(serving: Callable[..., RequestMiddleware]) -> None:
    provider = OwnProvider()
    app = serving(provider)
    asyncio.run(request(app, of_adapter=True))
    assert provider.begun == 0
    sent = asyncio.run(request(app, "/_lambda/before-checkpoint", method="POST", of_adapter=True))

    assert sent[0][1]["status"] == 204
    assert provider.flushed[0] <= sent[0][0]


def test_what_a_cut_request_does_later_is_sent_before_its_last_byte(serving: Callable[..., RequestMiddleware]) -> None:
    provider = OwnProvider()
    began = time.time()
    sent = asyncio.run(request(serving(provider, 0.4), query="seconds=1"))

    cut, rest = provider.flushed
    assert cut < began + 1 <= rest <= sent[-1][0]


def test_the_watchdog_does_not_wait_longer_than_half_of_what_is_left(serving: Callable[..., RequestMiddleware]) -> None:
    """Two requests that are cut at once, with a collector that takes longer: both are told in time."""
    app = serving(OwnProvider(takes=2), 0.6)
    told: list[float] = []
    complete = app.complete

    def noted(record: Any, *, timed_out: bool = False) -> bool:
        if timed_out:
            told.append(time.time())
        return complete(record, timed_out=timed_out)

    app.complete = noted  # type: ignore[method-assign]

    async def run() -> None:
        await asyncio.gather(*(request(app, query="seconds=0.7") for _ in range(2)))

    asyncio.run(run())
    first, second = told
    assert second - first < 1


def test_the_last_byte_waits_for_what_the_watchdog_is_writing(
    serving: Callable[..., RequestMiddleware], monkeypatch: pytest.MonkeyPatch
) -> None:
    write = fastapi_runtime.middleware.write_lines
    wrote: list[float] = []

    def write_slowly(text: str) -> None:
        if threading.current_thread().name == "watchdog":
            time.sleep(0.2)
        write(text)
        wrote.append(time.time())

    monkeypatch.setattr(fastapi_runtime.middleware, "write_lines", write_slowly)
    sent = asyncio.run(request(serving(OwnProvider(recording=False), 0.4), query="seconds=0.25"))

    assert wrote[0] <= sent[-1][0]


def test_the_last_byte_does_not_wait_for_a_watchdog_that_broke(
    serving: Callable[..., RequestMiddleware], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Panic(BaseException):
        """As those of extensions in Rust, which are no `Exception`."""

    def panic(_record: RequestRecord) -> None:
        raise Panic

    app = serving(OwnProvider())
    monkeypatch.setattr(app.spans, "end", panic)
    record = RequestRecord({"app": FastAPI(), "method": "GET", "path": "/", "headers": []}, {})
    record.silent = False
    with pytest.raises(Panic):
        _ = app.complete(record, timed_out=True)

    assert record.told is not None
    assert record.told.done()


def test_a_collector_that_hangs_delays_one_request_and_nothing_else(
    serving: Callable[..., RequestMiddleware], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_BSP_EXPORT_TIMEOUT", "600")
    provider = OwnProvider()
    provider.answers.clear()
    app = serving(provider)

    async def run() -> None:
        began = time.time()
        await request(app)
        assert time.time() - began >= 0.6
        began = time.time()
        await asyncio.gather(*(request(app) for _ in range(40)))
        assert answered(await request(app, "/thread"))[1] < 0.5
        assert time.time() - began < 0.6

    asyncio.run(run())
    assert caplog.text.count("Spans were not sent") == 1
    provider.answers.set()
    until = time.time() + 5
    while len(provider.flushed) < 2 and time.time() < until:
        time.sleep(0.01)
    # The one that hung, and one for all that came meanwhile.
    assert provider.begun == len(provider.flushed) == 2
    sent = asyncio.run(request(app))
    assert provider.begun == 3
    assert provider.flushed[-1] <= sent[-1][0]


def test_the_last_byte_waits_no_longer_than_the_gateway_does(
    serving: Callable[..., RequestMiddleware], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a collector that hangs: an answer after API Gateway's own 504 is none."""
    provider = OwnProvider()
    provider.answers.clear()
    waits: list[float] = []

    async def finished_within(_flushed: Any, seconds: float) -> bool:
        waits.append(seconds)
        return False

    monkeypatch.setattr(flushes, "finished_within", finished_within)
    asyncio.run(request(serving(provider, 3)))
    provider.answers.set()

    (wait,) = waits
    assert 0 < wait <= 2.5


def test_what_is_left_of_a_request_is_a_time_before_the_next_of_its_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lambda may wait on where the gateway has given the request up."""
    now = 1000.0
    monkeypatch.setattr(fastapi_runtime.watchdog, "time", lambda: now)
    record = RequestRecord({"app": FastAPI(), "method": "GET", "path": "/", "headers": []}, {})
    record.started_at = now
    assert Watchdog(lambda _: None, math.inf).left(record) == math.inf
    watchdog = Watchdog(lambda _: None, 3)
    assert watchdog.left(record) == 2.5
    now = 1002.6
    assert 0.19 < watchdog.left(record) < 0.21
    now = 1003.5
    assert watchdog.left(record) == math.inf
    record.deadline = 1010
    assert watchdog.left(record) == 6
    now = 1011
    assert watchdog.left(record) == 0


class Waits:
    """Counts how often a request waits for a flush."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        wait = flushes.finished_within

        async def counted(flushed: Any, seconds: float) -> bool:
            self.count += 1
            return await wait(flushed, seconds)

        monkeypatch.setattr(flushes, "finished_within", counted)


class NotedFlushes(Flushes):
    asked: Any = None

    def _ask(self) -> Any:
        self.asked = super()._ask()
        return self.asked


class Collector:
    """Answers a flush once its request goes on, and so late for each that waits."""

    def __init__(self, seconds: float = 0) -> None:
        self.seconds = seconds
        self.goes_on = threading.Event()
        self.ended = 0

    def flush(self, _milliseconds: int) -> None:
        self.goes_on.wait()
        time.sleep(self.seconds)
        self.ended += 1

    async def ask(self, sender: NotedFlushes) -> None:
        """One request, until its flush has ended."""
        await sender.flush(math.inf)
        self.goes_on.set()
        assert sender.asked is not None
        while not sender.asked.done():
            await asyncio.sleep(0.001)


def test_a_collector_that_is_always_late_delays_one_request_in_twenty(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = Waits(monkeypatch)
    collector = Collector(seconds=0.01)

    async def run() -> None:
        sender = NotedFlushes(collector.flush, 1)
        for _ in range(22):
            collector.goes_on.clear()
            await collector.ask(sender)

    asyncio.run(run())
    assert collector.ended == 22
    assert waits.count == 2


def test_a_collector_that_is_in_time_again_is_waited_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = Waits(monkeypatch)
    # So late that it is, though its thread may have begun after the request's own time did.
    collector = Collector(seconds=0.5)

    async def run() -> None:
        sender = NotedFlushes(collector.flush, 1000)
        for _ in range(5):
            # The first is late, the second finds that it is in time, and the others are waited for.
            await collector.ask(sender)
            collector.seconds = 0

    asyncio.run(run())
    assert collector.ended == 5
    assert waits.count == 4


@pytest.mark.parametrize("of", ["flushes", "watchdog"])
def test_a_thread_that_can_not_start_fails_no_request_and_starts_later(
    serving: Callable[..., RequestMiddleware], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, of: str
) -> None:
    provider = OwnProvider()
    app = serving(provider, 30)
    start = threading.Thread.start
    refused: list[str] = []
    started: list[str] = []

    def start_some(thread: threading.Thread) -> None:
        if thread.name == of and len(refused) < 2:
            refused.append(thread.name)
            raise RuntimeError("can't start new thread")
        started.append(thread.name)
        start(thread)

    async def run() -> None:
        for _ in range(4):
            assert answered(await request(app)) == (200, "done")

    monkeypatch.setattr(threading.Thread, "start", start_some)
    asyncio.run(run())
    assert len(refused) == 2
    assert started.count(of) == 1
    assert caplog.text.count("RuntimeError: can't start new thread") == 1
    assert provider.flushed


@pytest.mark.parametrize("adopted", [False, True])
def test_a_request_has_one_span_and_fastapi_adds_none(monkeypatch: pytest.MonkeyPatch, adopted: bool) -> None:
    """Which it does in an app of its own, as soon as there is a provider."""
    provider = OwnProvider()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    made: FastAPI = Application(title="test", logger=logger, metrics=metrics, cors=Cors("*"))
    app = made.adopt(FastAPI()) if adopted else made
    app.get("/wait")(lambda: "done")

    assert answered(asyncio.run(request(app))) == (200, "done")
    assert provider.names == ["GET"]


@pytest.mark.parametrize(("told", "taken"), [("", 5000), ("300", 300), ("5s", 5000), ("-1", 5000), ("1.5", 5000)])
def test_a_time_that_is_no_number_is_told_and_left_aside(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, told: str, taken: int
) -> None:
    monkeypatch.setenv("OTEL_BSP_EXPORT_TIMEOUT", told)

    assert flush_milliseconds() == taken
    assert ("OTEL_BSP_EXPORT_TIMEOUT" in caplog.text) == (told not in ("", "300"))

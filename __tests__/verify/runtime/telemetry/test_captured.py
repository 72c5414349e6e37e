"""What `capture_method` and `in_subsegment` record, whatever they stand on."""

import asyncio
import functools
import math
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from decimal import Decimal
from threading import Thread
from time import sleep
from typing import Any

import pytest
from conftest import Sent
from fastapi_runtime.subsegments import put_annotation, put_metadata
from fastapi_runtime.tracer import RequestTracer
from my_api.init import tracer
from opentelemetry import baggage
from opentelemetry.context import Context, attach, detach
from opentelemetry.trace import (
    INVALID_SPAN,
    INVALID_SPAN_CONTEXT,
    NonRecordingSpan,
    StatusCode,
    get_current_span,
    get_tracer,
    use_span,
)

shop = get_tracer("shop")


def below(documents: list[dict[str, Any]]) -> dict[str, str]:
    """Name of each document with that of the one above it."""
    names = {document["id"]: document["name"] for document in documents}
    return {document["name"]: names.get(document["parent_id"], "request") for document in documents}


def test_a_captured_generator_is_told_of_a_cancelled_task(sent: Sent) -> None:
    seen: list[str] = []

    @asynccontextmanager
    @tracer.capture_method
    async def transaction() -> AsyncIterator[None]:
        try:
            yield
        except BaseException as error:
            seen.append(type(error).__name__)
            raise

    async def work() -> None:
        async with transaction():
            await asyncio.sleep(10)

    async def cancel() -> None:
        task = asyncio.create_task(work())
        await asyncio.sleep(0.01)
        _ = task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert seen == ["CancelledError"]
    (document,) = sent()
    assert "fault" not in document


def test_a_captured_generator_is_told_of_an_interrupt(sent: Sent) -> None:
    seen: list[str] = []

    @contextmanager
    @tracer.capture_method
    def transaction() -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            seen.append(type(error).__name__)
            raise

    with pytest.raises(KeyboardInterrupt), transaction():
        raise KeyboardInterrupt
    assert seen == ["KeyboardInterrupt"]
    assert len(sent()) == 1


def test_a_captured_generator_that_is_closed_ends(sent: Sent) -> None:
    seen: list[str] = []

    @tracer.capture_method
    def numbers() -> Iterator[int]:
        try:
            yield 1
        except BaseException as error:
            seen.append(type(error).__name__)
            raise

    items = numbers()
    assert next(items) == 1
    items.close()  # pyright: ignore[reportAttributeAccessIssue]
    assert seen == ["GeneratorExit"]
    (document,) = sent()
    assert "fault" not in document


def test_a_subsegment_ends_though_its_block_changed_the_context(sent: Sent) -> None:
    outer = get_current_span()
    with tracer.provider.in_subsegment("one"):
        _ = attach(baggage.set_baggage("tenant", "ada"))
    assert get_current_span() is outer
    with tracer.provider.in_subsegment("two"):
        assert baggage.get_baggage("tenant") == "ada"

    assert below(sent()) == {"one": "request", "two": "request"}


def test_a_generator_that_is_read_in_turns_with_another_leaves_no_subsegment_open(sent: Sent) -> None:
    outer = get_current_span()

    def parts(name: str, count: int) -> Iterator[int]:
        with tracer.provider.in_subsegment(name):
            yield from range(count)

    # The first to begin is the first to end, which no block does.
    first, second = parts("first", 1), parts("second", 2)
    _ = next(first), next(second)
    assert list(first) == []
    assert list(second) == [1]
    assert get_current_span() is outer
    with tracer.provider.in_subsegment("after"):
        pass

    assert below(sent())["after"] == "request"


def test_a_subsegment_can_be_used_again(sent: Sent) -> None:
    load = tracer.provider.in_subsegment("load")
    request = get_current_span()
    with load:
        pass
    with load:
        pass
    first, second = sent()
    assert first["id"] != second["id"]

    # Outside of what is recorded nothing of the request before is left.
    token = attach(Context())
    with load:
        assert get_current_span() is INVALID_SPAN
    detach(token)
    assert get_current_span() is request
    assert sent() == []


def test_a_subsegment_that_is_in_use_is_refused(sent: Sent) -> None:
    load = tracer.provider.in_subsegment("load")
    with load:
        with pytest.raises(RuntimeError, match="'load' is in use: make one for each block"), load:
            pass
        with tracer.provider.in_subsegment("inner"):
            pass

    assert below(sent()) == {"load": "request", "inner": "load"}


def test_an_exception_that_is_raised_again_belongs_to_each_trace(sent: Sent) -> None:
    shared = ValueError("shared")
    causes: list[Any] = []
    for root in ("1-67891233-abcdef012345678912345678", "1-67891234-abcdef012345678912345678"):
        get_current_span().trace_id = root  # pyright: ignore[reportAttributeAccessIssue]
        with pytest.raises(ValueError, match="shared"), tracer.provider.in_subsegment("outer"):
            with tracer.provider.in_subsegment("inner"):
                raise shared
        inner, outer = sent()
        causes.append(inner["cause"]["exceptions"][0]["id"])
        assert outer["cause"] == causes[-1]
    assert causes[0] != causes[1]


def test_an_async_context_manager_is_open_while_its_block_runs(sent: Sent) -> None:
    @tracer.capture_method
    @asynccontextmanager
    async def session() -> AsyncIterator[str]:
        with tracer.provider.in_subsegment("open"):
            pass
        yield "handle"

    async def use() -> None:
        async with session() as handle:
            with tracer.provider.in_subsegment("inside"):
                assert handle == "handle"

    asyncio.run(use())
    documents = sent()
    name = documents[-1]["name"]
    assert name.endswith("session")
    assert below(documents) == {"open": name, "inside": name, name: "request"}


def test_a_decorator_around_a_generator_is_no_context_manager(sent: Sent) -> None:
    def traced(function: Any) -> Any:
        @functools.wraps(function)
        def call() -> list[int]:
            return list(function())

        return call

    @tracer.capture_method
    @traced
    def numbers() -> Iterator[int]:
        yield 1

    assert numbers() == [1]
    assert len(sent()) == 1


def add(first: int, second: int) -> int:
    """Add."""
    with tracer.provider.in_subsegment("add"):
        return first + second


async def add_later(first: int, second: int) -> int:
    await asyncio.sleep(0)
    return add(first, second)


class Adder:
    def __call__(self, second: int) -> int:
        return add(1, second)


class LaterAdder:
    async def __call__(self, second: int) -> int:
        return await add_later(1, second)


async def add_one_later(second: int) -> int:
    return await add_later(1, second)


def plainly(function: Any) -> Any:
    """A decorator that knows nothing of coroutines."""

    @functools.wraps(function)
    def call(*args: Any) -> Any:
        return function(*args)

    return call


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (plainly(add_one_later), "add_one_later"),
        (functools.partial(LaterAdder()), "LaterAdder"),
        (functools.partial(add, 1), "add"),
        (functools.partial(functools.partial(add_later), 1), "add_later"),
        (Adder(), "Adder"),
        (LaterAdder(), "LaterAdder"),
    ],
    ids=["plain wrapper", "partial of async object", "partial", "async partial", "object", "async object"],
)
def test_what_is_called_like_a_function_is_captured(sent: Sent, function: Any, name: str) -> None:
    captured = tracer.capture_method(function)
    answer = captured(2)
    assert (answer if isinstance(answer, int) else asyncio.run(answer)) == 3

    assert below(sent()) == {"add": f"## {__name__}.{name}", f"## {__name__}.{name}": "request"}


def test_a_coroutine_behind_a_plain_function_is_open_until_it_is_done(sent: Sent) -> None:
    @tracer.capture_method(capture_response=True)
    @plainly
    async def work(answer: int) -> int:
        await asyncio.sleep(0.02)
        if not answer:
            raise ValueError("no answer")
        return answer

    async def run() -> None:
        outer = get_current_span()
        assert await asyncio.gather(work(1), asyncio.create_task(work(2))) == [1, 2]
        with pytest.raises(ValueError, match="no answer"):
            await work(0)
        assert get_current_span() is outer

    asyncio.run(run())
    documents = sent()
    assert [document["parent_id"] for document in documents] == [documents[0]["parent_id"]] * 3
    assert all(document["end_time"] - document["start_time"] >= 0.015 for document in documents)
    answers = [list(document["metadata"]["my-api"].values()) for document in documents[:2]]
    assert sorted(answers) == [[1], [2]]
    assert documents[2]["cause"]["exceptions"][0]["message"] == "no answer"


@pytest.mark.parametrize("kind", ["task", "gathered", "future of a thread"])
def test_a_task_that_a_plain_function_makes_is_open_until_it_is_done(sent: Sent, kind: str) -> None:
    async def work(answer: int) -> int:
        await asyncio.sleep(0.02)
        if not answer:
            raise ValueError("no answer")
        return answer

    @tracer.capture_method(capture_response=True)
    def begin(answer: int) -> asyncio.Future[Any]:
        if kind == "task":
            return asyncio.create_task(work(answer))
        if kind == "gathered":
            return asyncio.gather(work(answer), work(answer))
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(None, lambda: asyncio.run(work(answer)))

    async def run() -> None:
        outer = get_current_span()
        both = begin(1), begin(2)
        assert get_current_span() is outer
        await asyncio.gather(*both)
        with pytest.raises(ValueError, match="no answer"):
            await begin(0)
        cancelled = begin(3)
        _ = cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled

    asyncio.run(run())
    documents = sent()
    assert [document["parent_id"] for document in documents] == [documents[0]["parent_id"]] * 4
    assert all(document["end_time"] - document["start_time"] >= 0.015 for document in documents[:3])
    answers = [list(document["metadata"]["my-api"].values()) for document in documents[:2]]
    assert sorted(answers) == ([[[1, 1]], [[2, 2]]] if kind == "gathered" else [[1], [2]])
    assert documents[2]["cause"]["exceptions"][0]["message"] == "no answer"
    assert "fault" not in documents[3]


def test_asyncio_tells_of_a_captured_task_that_nobody_waited_for(sent: Sent) -> None:
    async def work() -> None:
        raise ValueError("no answer")

    @tracer.capture_method
    def begin() -> asyncio.Task[None]:
        return asyncio.create_task(work())

    told: list[Any] = []

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context["message"]))
        _ = begin()
        await asyncio.sleep(0.01)

    asyncio.run(run())
    assert told == ["Task exception was never retrieved"]
    assert sent()[0]["fault"]


def test_a_coroutine_that_never_runs_ends_with_its_last_reader(sent: Sent) -> None:
    async def work() -> None:
        await asyncio.sleep(10)

    captured = tracer.capture_method(plainly(work))

    async def cancel() -> None:
        task = asyncio.create_task(captured())
        _ = task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with warnings.catch_warnings(action="ignore"):
        asyncio.run(cancel())
    (document,) = sent()
    assert "fault" not in document


@pytest.mark.parametrize(
    ("function", "arguments", "name"),
    [
        (str.upper, ("a",), "builtins.str.upper"),
        (functools.partial(int.__add__, 1), (2,), "builtins.int.__add__"),
        ("a".upper, (), "builtins.str.upper"),
        ((1).__add__, (2,), "builtins.int.__add__"),
        (len, ("a",), "builtins.len"),
    ],
    ids=["method", "partial", "bound", "bound slot", "function"],
)
def test_what_python_brings_is_captured(sent: Sent, function: Any, arguments: Any, name: str) -> None:
    assert tracer.capture_method(function)(*arguments) == function(*arguments)
    assert [document["name"] for document in sent()] == [f"## {name}"]


@pytest.mark.parametrize("kind", [classmethod, staticmethod, property])
def test_what_is_no_function_is_refused(kind: Any) -> None:
    with pytest.raises(TypeError, match="above"):
        _ = tracer.capture_method(kind(add))


def test_an_iterator_that_a_function_returns_is_left_to_its_reader(sent: Sent) -> None:
    @tracer.capture_method(capture_response=True)
    def rows() -> Iterator[int]:
        return iter([1, 2])

    assert list(rows()) == [1, 2]
    assert len(sent()) == 1


def test_a_status_once_told_stays(sent: Sent) -> None:
    with shop.start_as_current_span("failed") as span:
        span.set_status(StatusCode.ERROR)
        span.set_status(StatusCode.UNSET)
    with shop.start_as_current_span("fine") as span:
        span.set_status(StatusCode.ERROR)
        span.set_status(StatusCode.OK)
        span.set_status(StatusCode.ERROR)

    failed, fine = sent()
    assert failed["fault"] is True
    assert "fault" not in fine


def test_an_option_that_means_nothing_is_refused() -> None:
    with pytest.raises(TypeError, match="namespace"):
        _ = tracer.provider.in_subsegment("call", namespace="remote")  # pyright: ignore[reportCallIssue]
    with pytest.raises(TypeError, match="namespace"):
        _ = tracer.provider.in_subsegment_async("call", namespace="remote")  # pyright: ignore[reportCallIssue]


@pytest.mark.parametrize("name", ["begin_subsegment", "end_subsegment", "capture", "current_subsegment", "current_segment"])
def test_what_the_sdk_had_is_refused_with_what_replaces_it(name: str) -> None:
    with pytest.raises(AttributeError, match=rf"tracer\.provider\.{name} is of the X-Ray SDK: use "):
        _ = getattr(tracer.provider, name)
    with pytest.raises(AttributeError, match="OTEL_PYTHON_EXCLUDED_URLS"):
        tracer.ignore_endpoint(hostname="shop.test")
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = getattr(tracer.provider, "nothing")  # noqa: B009


def test_a_disabled_tracer_records_nothing(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
    disabled = RequestTracer("my-api")
    with shop.start_as_current_span("own"):
        disabled.provider.put_annotation("order", 7)
        disabled.provider.put_metadata("row", {"price": 1})
        with disabled.provider.in_subsegment("work") as subsegment:
            subsegment.put_annotation("order", 8)

    (document,) = sent()
    assert document["name"] == "own"
    assert "annotations" not in document
    assert "metadata" not in document


class ForeignSpan(NonRecordingSpan):
    """A span of another provider, which takes what OpenTelemetry's SDK does."""

    def __init__(self) -> None:
        super().__init__(INVALID_SPAN_CONTEXT)
        self.attributes: dict[str, Any] = {}

    def is_recording(self) -> bool:
        return True

    def set_attribute(self, key: str, value: Any) -> None:
        self.attributes[key] = value

    def set_attributes(self, attributes: Any) -> None:
        self.attributes.update(attributes)


class RunningSpan(ForeignSpan):
    ended = False

    def end(self, end_time: int | None = None) -> None:
        self.ended = True


def test_another_providers_span_does_not_end_with_what_is_below_it(sent: Sent) -> None:
    """Of a second provider, which is used beside X-Ray's."""
    span = RunningSpan()
    with use_span(span):
        with shop.start_as_current_span("work"):
            pass
        with tracer.provider.in_subsegment("work") as subsegment:
            subsegment.put_annotation("order", 7)
        assert get_current_span() is span

    assert not span.ended
    assert span.attributes == {}
    assert sent() == []


def test_annotations_of_threads_are_all_listed() -> None:
    span = SlowSpan()
    names = [f"key {number}" for number in range(8)]
    threads = [Thread(target=put_annotation, args=(span, name, 1)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(span.attributes["aws.xray.annotations"]) == names


class SlowSpan(ForeignSpan):
    def set_attributes(self, attributes: Any) -> None:
        sleep(0.01)
        super().set_attributes(attributes)


def test_annotations_of_another_providers_span_are_listed_once() -> None:
    span = ForeignSpan()
    for value in (1, 2):
        put_annotation(span, "order", value)
    put_annotation(span, "price", Decimal("1.50"))  # pyright: ignore[reportArgumentType]

    assert span.attributes == {
        "order": 2,
        "price": "1.50",
        "aws.xray.annotations": ["order", "price"],
    }


def test_metadata_of_another_providers_span_is_written_as_far_as_it_goes() -> None:
    span = ForeignSpan()
    value: dict[str, Any] = {"kept": 1}
    value["self"] = value
    put_metadata(span, "value", value, "shop")

    assert span.attributes == {"aws.xray.metadata.shop": '{"value":{"kept":1,"self":"..."}}'}


@pytest.mark.parametrize("listed", ["order.id", ["order.id"]])
def test_an_annotation_may_be_named_alone(sent: Sent, listed: Any) -> None:
    attributes = {"order.id": 7, "o": "kept", "aws.xray.annotations": listed}
    shop.start_span("work", attributes=attributes).end()

    (document,) = sent()
    assert document["annotations"] == {"order_id": 7}
    assert document["metadata"] == {"default": {"o": "kept"}}


def test_a_single_name_of_another_providers_span_stays_one() -> None:
    span = ForeignSpan()
    span.set_attribute("aws.xray.annotations", "order.id")
    put_annotation(span, "price", 1)

    assert span.attributes["aws.xray.annotations"] == ["order.id", "price"]


def test_an_annotation_is_a_value_that_x_ray_indexes(sent: Sent) -> None:
    with tracer.provider.in_subsegment("work") as subsegment:
        subsegment.put_annotation("price", math.nan)

    (document,) = sent()
    assert document["annotations"] == {"price": "nan"}

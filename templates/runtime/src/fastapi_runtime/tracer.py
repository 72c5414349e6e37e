"""Powertools' Tracer, written against OpenTelemetry's API alone: any tracer provider records it.

An open subsegment is the current span of OpenTelemetry's context, which threads of the pool and
tasks inherit. So concurrent requests, threads and generators each attach below their own request,
and instrumentations of libraries attach below the operation that calls them.
"""

import functools
import inspect
import os
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from traceback import StackSummary
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar, overload, override

from aws_lambda_powertools import Tracer
from aws_lambda_powertools.tracing.base import BaseProvider
from opentelemetry import trace
from opentelemetry.context import Context, attach, get_current
from opentelemetry.trace import Span, StatusCode, get_current_span, set_span_in_context

from .documents import decode_text
from .environment import service_name
from .instrumentation import instrument
from .output import encode
from .tracing import METADATA, annotate, attributes_of
from .xray import XRaySpan

P = ParamSpec("P")
R = TypeVar("R")

_spans = trace.get_tracer("fastapi_runtime")


class Subsegment:
    """A part of a request with a name and a duration: a span, in X-Ray's words.

    Made by `tracer.provider.in_subsegment`; it lasts as long as the `with` or `async with` block.
    An exception that leaves the block is recorded, and makes it a fault.
    """

    def __init__(self, name: str) -> None:
        """Name it; it begins with the block."""
        self.name = name
        self.span: Span = trace.INVALID_SPAN
        """OpenTelemetry's span, for what is not of X-Ray."""
        self._context: Context | None = None
        self._outer: Context | None = None

    def __enter__(self) -> Self:
        """Begin, below the subsegment that is open."""
        outer = get_current()
        if self._begin() is not None:
            self._outer = outer
            _ = attach(self._context or outer)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """End, and let the subsegment around it be the open one again."""
        if self._outer is not None and get_current() is self._context:
            # Not by a token: a generator may end in another context than it began in.
            _ = attach(self._outer)
        self._end(error)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, traceback)

    def put_annotation(self, key: str, value: str | float | bool) -> None:
        """Have a value indexed, to search traces by."""
        _annotate(self.span, key, value)

    def put_metadata(self, key: str, value: object, namespace: str = "default") -> None:
        """Keep a value of any kind, which is not indexed."""
        _add_metadata(self.span, key, value, namespace)

    def add_exception(
        self, exception: BaseException, stack: StackSummary | None = None, _remote: bool = False
    ) -> None:
        """Record an exception that the code handles, as a fault.

        Args:
            exception: The exception.
            stack: As `traceback.extract_tb` makes it. Default: the exception's own.
        """
        if isinstance(self.span, XRaySpan) and stack is not None:
            told = [(frame.filename, frame.lineno or 0, frame.name) for frame in stack]
            self.span.add_cause(exception, told)
        else:
            self.span.record_exception(exception)
        self.span.set_status(StatusCode.ERROR, f"{type(exception).__name__}: {exception}")

    def _begin(self) -> Context | None:
        """Start the span; the context with it, unless it is the current one and records nothing."""
        self.span = _spans.start_span(self.name)
        if self.span is not get_current_span():
            self._context = set_span_in_context(self.span)
        return self._context

    def _end(self, error: BaseException | None) -> None:
        # A generator that is not read to its end, or a client that left, is no fault.
        if isinstance(error, Exception) and self.span.is_recording():
            self.add_exception(error)
        if self._context is not None:
            self.span.end()


class _Captured(Subsegment):
    """The subsegment of a decorated function."""

    def __init__(self, name: str, namespace: str, response: bool, error: bool) -> None:
        super().__init__(f"## {name}")
        self._method = name
        self._namespace = namespace
        self._keeps_response = response
        self._keeps_error = error

    def keep(self, response: object) -> None:
        if self._keeps_response and response is not None:
            self.put_metadata(f"{self._method} response", response, self._namespace)

    @override
    def _end(self, error: BaseException | None) -> None:
        if self._keeps_error and isinstance(error, Exception):
            self.put_metadata(f"{self._method} error", error, self._namespace)
        super()._end(error)

    def start(self) -> "_Steps":
        """Begin without a block, for a generator: each of its steps is to run in the result."""
        outer = get_current()
        return _Steps(self._begin() or outer)

    def finish(self, error: BaseException | None) -> None:
        self._end(error)


class _Steps(AbstractContextManager[None]):
    """The context of a generator, which is current while the generator runs, and only then.

    What reads a generator is not below it; and the thread pool runs each step in a context of its
    own, in which the generator's subsegments are not open yet.
    """

    def __init__(self, context: Context) -> None:
        self._own = context
        self._readers = context

    @override
    def __enter__(self) -> None:
        self._readers = get_current()
        _ = attach(self._own)

    @override
    def __exit__(self, *_error: object) -> None:
        self._own = get_current()
        _ = attach(self._readers)


class SubsegmentProvider(BaseProvider):
    """What `tracer.provider` offers."""

    def __init__(self, enabled: bool) -> None:
        """Record, or do nothing."""
        self._enabled = enabled

    @override
    def in_subsegment(self, name: str, **_options: object) -> Subsegment:  # pyright: ignore[reportIncompatibleMethodOverride]
        """A subsegment for a `with` block; `async with` takes it as well."""
        return Subsegment(name) if self._enabled else _NoSubsegment(name)

    @override
    def in_subsegment_async(self, name: str, **_options: object) -> Subsegment:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The same, under the name that Powertools has for it."""
        return self.in_subsegment(name)

    @override
    def put_annotation(self, key: str, value: str | float | bool) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Have a value indexed with the subsegment that is open."""
        _annotate(get_current_span(), key, value)

    @override
    def put_metadata(self, key: str, value: object, namespace: str = "default") -> None:
        """Keep a value of any kind with the subsegment that is open."""
        _add_metadata(get_current_span(), key, value, namespace)

    @override
    def patch(self, modules: Sequence[str]) -> None:
        """Have libraries record their calls; see `instrumentation.instrument`."""
        instrument(modules)

    @override
    def patch_all(self) -> None:
        """Refuse: each library is to be named."""
        raise ValueError('Name the libraries to trace: tracer.patch(("botocore", "httpx"))')


class _NoSubsegment(Subsegment):
    @override
    def _begin(self) -> Context | None:
        return None


class RequestTracer(Tracer):
    """Powertools' Tracer, whose documentation tells of all but what differs here."""

    provider: SubsegmentProvider  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, service: str) -> None:
        """Create the tracer of a service.

        Args:
            service: Name of the service, and namespace of its metadata; `POWERTOOLS_SERVICE_NAME`
                wins over it. `POWERTOOLS_TRACE_DISABLED` turns all but the requests' own
                subsegments off.
        """
        disabled = os.environ.get("POWERTOOLS_TRACE_DISABLED", "").lower() in _YES
        super().__init__(
            service=service_name(service),
            auto_patch=False,
            disabled=False,
            provider=SubsegmentProvider(not disabled),
        )
        # Powertools turns the X-Ray SDK off, which is not there.
        self.disabled = disabled

    @overload
    def capture_method(self, method: Callable[P, R]) -> Callable[P, R]: ...

    @overload
    def capture_method(
        self,
        method: None = None,
        capture_response: bool | None = None,
        capture_error: bool | None = None,
    ) -> Callable[[Callable[P, R]], Callable[P, R]]: ...

    @override
    def capture_method(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        method: Callable[..., Any] | None = None,
        capture_response: bool | None = None,
        capture_error: bool | None = None,
    ) -> Any:
        """Record a function's calls as subsegments, generators of both kinds included.

        Args:
            method: Function, coroutine function, generator function or one that
                `contextlib.contextmanager` has made.
            capture_response: Whether to keep what it returned as metadata. Default:
                `POWERTOOLS_TRACER_CAPTURE_RESPONSE`, else no, since answers hold personal data.
            capture_error: Whether to keep an exception as metadata. Default:
                `POWERTOOLS_TRACER_CAPTURE_ERROR`, else yes.
        """
        if method is None:
            return functools.partial(
                self.capture_method, capture_response=capture_response, capture_error=capture_error
            )
        if self.disabled:
            return method
        subsegment = functools.partial(
            _Captured,
            f"{method.__module__}.{method.__qualname__}",
            self.service,
            _chosen(capture_response, "POWERTOOLS_TRACER_CAPTURE_RESPONSE", "false"),
            _chosen(capture_error, "POWERTOOLS_TRACER_CAPTURE_ERROR", "true"),
        )
        captured: Any = functools.wraps(method)(_capture(method, subsegment))
        return captured


_YES = ("1", "true", "yes", "y", "t", "on")


def _chosen(choice: bool | None, variable: str, default: str) -> bool:
    return os.environ.get(variable, default).lower() in _YES if choice is None else choice


def _capture(method: Callable[..., Any], subsegment: Callable[[], _Captured]) -> Callable[..., Any]:
    if inspect.isasyncgenfunction(method):
        return _capture_async_generator(method, subsegment)
    if inspect.isgeneratorfunction(method):
        return _capture_generator(method, subsegment)
    if inspect.isgeneratorfunction(getattr(method, "__wrapped__", None)):
        return _capture_context_manager(method, subsegment)
    if inspect.iscoroutinefunction(method):

        async def call_async(*args: Any, **kwargs: Any) -> Any:
            with subsegment() as opened:
                response = await method(*args, **kwargs)
                opened.keep(response)
                return response

        return call_async

    def call(*args: Any, **kwargs: Any) -> Any:
        with subsegment() as opened:
            response = method(*args, **kwargs)
            opened.keep(response)
            return response

    return call


def _capture_context_manager(
    method: Callable[..., Any], subsegment: Callable[[], _Captured]
) -> Callable[..., Any]:
    @contextmanager
    def manage(*args: Any, **kwargs: Any) -> Generator[Any]:
        with subsegment() as opened, method(*args, **kwargs) as value:
            yield value
            opened.keep(value)

    return manage


def _capture_async_generator(
    method: Callable[..., Any], subsegment: Callable[[], _Captured]
) -> Callable[..., Any]:
    async def generate(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        opened = subsegment()
        steps = opened.start()
        failure: BaseException | None = None
        try:
            items = method(*args, **kwargs)
            step: Callable[[], Any] = items.__anext__
            try:
                while True:
                    with steps:
                        try:
                            item = await step()
                        except StopAsyncIteration:
                            return
                    try:
                        sent = yield item
                        step = functools.partial(items.asend, sent)
                    except Exception as error:
                        step = functools.partial(items.athrow, error)
            finally:
                with steps:
                    await items.aclose()
        except BaseException as error:
            failure = error
            raise
        finally:
            opened.finish(failure)

    return generate


def _capture_generator(
    method: Callable[..., Any], subsegment: Callable[[], _Captured]
) -> Callable[..., Any]:
    def generate(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        opened = subsegment()
        steps = opened.start()
        failure: BaseException | None = None
        try:
            items = method(*args, **kwargs)
            step: Callable[[], Any] = functools.partial(next, items)
            try:
                while True:
                    with steps:
                        try:
                            item = step()
                        except StopIteration as end:
                            opened.keep(end.value)
                            return end.value
                    try:
                        sent = yield item
                        step = functools.partial(items.send, sent)
                    except Exception as error:
                        step = functools.partial(items.throw, error)
            finally:
                with steps:
                    items.close()
        except BaseException as error:
            failure = error
            raise
        finally:
            opened.finish(failure)

    return generate


def _annotate(span: Span, key: str, value: str | float | bool) -> None:
    if isinstance(span, XRaySpan):
        span.annotate(key, value)
    elif span.is_recording():
        annotate(span, {key: value})


def _add_metadata(span: Span, key: str, value: object, namespace: str) -> None:
    if isinstance(span, XRaySpan):
        span.add_metadata(key, value, namespace)
    elif span.is_recording():
        name = f"{METADATA}{namespace}"
        known = decode_text(attributes_of(span).get(name)) or {}
        span.set_attribute(name, encode({**known, key: value}))

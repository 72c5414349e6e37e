"""Subsegments: spans of any tracer provider, in the words of X-Ray.

An open subsegment is the current span of OpenTelemetry's context, which threads of the pool and
tasks inherit. So concurrent requests, threads and generators each attach below their own request,
and instrumentations of libraries attach below the operation that calls them.
"""

from traceback import StackSummary, format_tb
from types import TracebackType
from typing import Self

from opentelemetry import trace
from opentelemetry.context import Context, attach, get_current
from opentelemetry.trace import Span, StatusCode, get_current_span, set_span_in_context

from .documents import decode_text
from .exceptions import may_tell, message_of, status_of
from .output import encode
from .tracing import METADATA, annotate, attributes_of
from .xray import XRaySpan

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
        if self._outer is not None:
            # Not by a token: a generator may end in another context than it began in.
            current = get_current()
            if current is self._context:
                _ = attach(self._outer)
            elif get_current_span(current) is self.span:
                # The block has changed the context: what it set, a tenant for instance, stays.
                _ = attach(set_span_in_context(get_current_span(self._outer), current))
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
        put_annotation(self.span, key, value)

    def put_metadata(self, key: str, value: object, namespace: str = "default") -> None:
        """Keep a value of any kind, which is not indexed."""
        put_metadata(self.span, key, value, namespace)

    def add_exception(
        self, exception: BaseException, stack: StackSummary | None = None, _remote: bool = False
    ) -> None:
        """Record an exception that the code handles, as a fault, or as what it answers.

        An `HTTPException` from 400 to 499 is the client's error, as the request is; one below 400
        is no failure.

        Args:
            exception: The exception.
            stack: As `traceback.extract_tb` makes it. Default: the exception's own.
        """
        if isinstance(self.span, XRaySpan) and stack is not None:
            frames = [(frame.filename, frame.lineno or 0, frame.name) for frame in stack]
            self.span.add_cause(exception, frames)
        else:
            record_exception(self.span, exception)
        if not isinstance(self.span, XRaySpan) and 0 < status_of(exception) < 500:
            # As OpenTelemetry has it for servers: the client's errors are none of theirs.
            return
        message = message_of(exception)
        kind = type(exception).__name__
        self.span.set_status(StatusCode.ERROR, f"{kind}: {message}" if message else kind)

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


def record_exception(span: Span, error: BaseException) -> None:
    """Record an exception with a span of any provider."""
    if isinstance(span, XRaySpan) or may_tell(error):
        span.record_exception(error)
        return
    # The SDK's own way has the message, and those of the exceptions that led to this one.
    stack = "".join(format_tb(error.__traceback__))
    attributes = {"exception.type": type(error).__qualname__, "exception.stacktrace": stack}
    span.add_event("exception", attributes)


def put_annotation(span: Span, key: str, value: str | float | bool) -> None:
    """Have a value indexed with a span of any provider."""
    if isinstance(span, XRaySpan):
        span.annotate(key, value)
    elif span.is_recording():
        annotate(span, {key: value})


def put_metadata(span: Span, key: str, value: object, namespace: str) -> None:
    """Keep a value of any kind with a span of any provider."""
    if isinstance(span, XRaySpan):
        span.add_metadata(key, value, namespace)
    elif span.is_recording():
        name = f"{METADATA}{namespace}"
        known = decode_text(attributes_of(span).get(name)) or {}
        span.set_attribute(name, encode({**known, key: value}))

"""Subsegments: spans of any tracer provider, in the words of X-Ray.

An open subsegment is the current span of OpenTelemetry's context, which threads of the pool and
tasks inherit. So concurrent requests, threads and generators each attach below their own request,
and instrumentations of libraries attach below the operation that calls them.
"""

from traceback import StackSummary, format_tb
from types import TracebackType
from typing import Self

from opentelemetry import trace
from opentelemetry.context import Context, attach, get_current, get_value, set_value
from opentelemetry.trace import Span, StatusCode, get_current_span, set_span_in_context

from .daemon import warn_once
from .documents import decode_text
from .exceptions import SILENT, may_tell_whole, message_of, status_of
from .output import encode, without_iterators
from .tracing import METADATA, annotate, attributes_of
from .xray import XRaySpan

_spans = trace.get_tracer("fastapi_runtime")

_OPENED = "_fastapi_runtime_opened"
"""Key of a context whose subsegment is open."""


class _Opened:
    """One use of a subsegment."""

    __slots__ = ("around", "ended", "span")

    def __init__(self, span: Span, around: Context) -> None:
        """Begin in a context."""
        self.span = span
        self.around = around
        self.ended = False

    def restored(self) -> Context:
        """The context around it, but for subsegments there that have ended since.

        As two generators leave them that are read in turns, and of which the first ends first.
        """
        around = self.around
        while True:
            above = get_value(_OPENED, around)
            if not isinstance(above, _Opened) or not above.ended:
                return around
            if get_current_span(around) is not above.span:
                return around
            around = above.around


class Subsegment:
    """A part of a request with a name and a duration: a span, in X-Ray's words.

    Made by `tracer.provider.in_subsegment`; it lasts as long as the `with` or `async with` block.
    An exception that leaves the block is recorded, and makes it a fault. It can be used again, but
    for one block at a time. What a tracer provider of the user's fails at is told once, and fails
    no block.
    """

    def __init__(self, name: str) -> None:
        """Name it; it begins with the block."""
        self.name = name
        self.span: Span = trace.INVALID_SPAN
        """OpenTelemetry's span, for what is not of X-Ray."""
        self._context: Context | None = None
        self._opened: _Opened | None = None
        self._is_own = False
        """Whether the span is to end with the block, and is not the one around it."""
        self._is_in_use = False

    def __enter__(self) -> Self:
        """Begin, below the subsegment that is open.

        Raises:
            RuntimeError: When a block that it stands for has not ended.
        """
        if self._is_in_use:
            raise RuntimeError(f"Subsegment {self.name!r} is in use: make one for each block")
        self._is_in_use = True
        context = self._open()
        if context is not None:
            _ = attach(context)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """End, and let the subsegment around it be the open one again."""
        opened = self._opened
        # Not by a token: a generator may end in another context than it began in.
        current = get_current()
        if opened is not None and get_value(_OPENED, current) is opened:
            around = opened.restored()
            if current is self._context:
                _ = attach(around)
            elif get_current_span(current) is opened.span:
                # The block has changed the context: what it set, a tenant for instance, stays.
                kept = set_span_in_context(get_current_span(around), current)
                for key in (SILENT, _OPENED):
                    kept = set_value(key, get_value(key, around), kept)
                _ = attach(kept)
        self._is_in_use = False
        self._leave(error)
        # Nothing of this request stays for the next one.
        self._opened = self._context = None

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

    def _open(self) -> Context | None:
        """Begin; the context to go on in, where that is another."""
        around = get_current()
        context = self._begin()
        self._opened = None
        if context is not None:
            self._opened = _Opened(get_current_span(context), around)
            context = set_value(_OPENED, self._opened, context)
        self._context = context
        return context

    def _begin(self) -> Context | None:
        """Start the span; the context with it, unless it is the current one and records nothing."""
        try:
            self.span = _spans.start_span(self.name)
        except Exception as error:
            warn_once(f"A subsegment could not begin: {type(error).__name__}", error)
            self.span, self._is_own = trace.INVALID_SPAN, False
            return None
        self._is_own = self.span is not get_current_span()
        return set_span_in_context(self.span) if self._is_own else None

    def _leave(self, error: BaseException | None) -> None:
        """End with the block."""
        self._end(error)

    def _end(self, error: BaseException | None) -> None:
        if self._opened is not None:
            self._opened.ended = True
        try:
            try:
                # A generator that is not read to its end, or a client that left, is no fault.
                if isinstance(error, Exception) and self.span.is_recording():
                    self._tell(error)
            finally:
                if self._is_own:
                    self.span.end()
        except Exception as failure:
            warn_once(f"A subsegment could not end: {type(failure).__name__}", failure)

    def _tell(self, error: Exception) -> None:
        """Record the exception that leaves the block."""
        self.add_exception(error)


def record_exception(span: Span, error: BaseException) -> None:
    """Record an exception with a span of any provider."""
    if isinstance(span, XRaySpan):
        span.record_exception(error)
        return
    if may_tell_whole(error):
        try:
            span.record_exception(error)
        except Exception as failure:
            # The text of an exception is made by its own code, and so may fail.
            warn_once(f"An exception's text was left out: {type(failure).__name__}", failure)
        else:
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
        span.set_attribute(name, encode({**known, key: without_iterators(value)}))

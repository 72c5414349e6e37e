"""The span of a request: X-Ray's by default, or one of the tracer provider that a user has set.

`trace.set_tracer_provider` takes the first provider alone. So the runtime sets its own as late as
the first request, and one that `main.py` or the application's lifespan has set wins.
"""

import logging
import os
from contextvars import Token
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context, attach
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanKind,
    StatusCode,
    format_trace_id,
    set_span_in_context,
)

from .environment import IN_LAMBDA
from .flushes import Flushes
from .record import RequestRecord
from .subsegments import record_exception
from .tracing import UnsampledSpan, annotate, span_context
from .xray import XRayRequestSpan, XRayTracerProvider

_FLUSH_MILLISECONDS = 5000

_logger = logging.getLogger(__name__)


def flush_milliseconds() -> int:
    """How long the last byte of a response waits at most for the spans of a user's provider.

    `OTEL_BSP_EXPORT_TIMEOUT`, a variable of OpenTelemetry's SDK, says so; it is 5000 unless set.
    """
    told = os.environ.get("OTEL_BSP_EXPORT_TIMEOUT", "").strip()
    if told and not (told.isascii() and told.isdecimal()):
        _logger.warning(
            "OTEL_BSP_EXPORT_TIMEOUT is a number of milliseconds, and not %r: %s are taken",
            told,
            _FLUSH_MILLISECONDS,
        )
    elif told:
        return int(told)
    return _FLUSH_MILLISECONDS


class RequestSpans:
    """Begins and ends the spans of requests, with the provider that the first of them finds."""

    _chosen = False
    _tracer: trace.Tracer | None = None
    """Of a user's provider; None where it is X-Ray's."""
    _flushes: Flushes | None = None
    _told_of_failure = False

    def begin(self, record: RequestRecord) -> Token[Context] | None:
        """Make the request's span the current one; the token is for `detach`, at its end.

        A request whose span can't begin or end goes on without one, which is told once.
        """
        try:
            if not self._chosen:
                self._choose()
            if record.silent:
                return None
            if self._tracer is None:
                told = record.trace
                if told is None:
                    return None
                record.span = (
                    XRayRequestSpan(told, record.started_at)
                    if told.sampled
                    else UnsampledSpan(told)
                )
            else:
                record.span = self._start(self._tracer, record)
                record.leaves_spans = self._flushes is not None and record.span.is_recording()
            return attach(set_span_in_context(record.span))
        except Exception:
            self._tell_of_failure("The span of a request could not begin")
            return None

    def _choose(self) -> None:
        provider = trace.get_tracer_provider()
        if isinstance(provider, trace.ProxyTracerProvider):
            if IN_LAMBDA:
                trace.set_tracer_provider(XRayTracerProvider())
        elif not isinstance(provider, XRayTracerProvider):
            self._tracer = provider.get_tracer("fastapi_runtime")
            flush = getattr(provider, "force_flush", None)
            if flush is not None:
                self._flushes = Flushes(flush, flush_milliseconds())
        self._chosen = True

    @staticmethod
    def _start(tracer: trace.Tracer, record: RequestRecord) -> Span:
        context: Context | None = None
        if record.trace is not None:
            told = record.trace
            parent = span_context(told.root, told.parent, sampled=told.sampled, remote=True)
            if parent.is_valid:
                context = set_span_in_context(NonRecordingSpan(parent))
        span = tracer.start_span(
            record.metric_method,
            context=context,
            kind=SpanKind.SERVER,
            attributes={"http.request.method": record.metric_method, "url.path": record.path},
            start_time=int(record.started_at * 1e9),
        )
        if span.get_span_context().is_valid:
            record.trace_id = format_trace_id(span.get_span_context().trace_id)
        return span

    def end(self, record: RequestRecord) -> None:
        """End the request's span. X-Ray's is sent, one of a user's provider waits for `flush`."""
        span = record.span
        try:
            if type(span) is XRayRequestSpan:
                span.complete(
                    name=f"{record.metric_method} {record.route}",
                    status=record.status,
                    annotations=_annotations(record),
                    error=record.exception,
                    fault=record.failed,
                )
            elif self._tracer is not None and span is not None:
                _end_foreign(span, record)
        except Exception:
            self._tell_of_failure("The span of a request could not end")

    async def flush(self, seconds: float) -> None:
        """Have a user's provider send what it holds, which the frozen process would not.

        Args:
            seconds: How long the request may wait for it.
        """
        if self._flushes is not None:
            await self._flushes.flush(seconds)

    def flush_now(self, seconds: float) -> None:
        """The same from a thread, which waits for so long at most."""
        if self._flushes is not None:
            self._flushes.flush_now(seconds)

    def _tell_of_failure(self, message: str) -> None:
        if not self._told_of_failure:
            self._told_of_failure = True
            _logger.exception(message)


def _annotations(record: RequestRecord) -> dict[str, Any]:
    return {
        "method": record.method,
        "route": record.route,
        "correlation_id": record.correlation_id,
        "cold_start": record.cold_start,
    }


def _end_foreign(span: Span, record: RequestRecord) -> None:
    try:
        _describe_foreign(span, record)
    finally:
        span.end()


def _describe_foreign(span: Span, record: RequestRecord) -> None:
    if span.is_recording():
        span.update_name(f"{record.metric_method} {record.route}")
        annotate(span, _annotations(record))
        if record.route != "unmatched":
            span.set_attribute("http.route", record.route)
        if record.status:
            span.set_attribute("http.response.status_code", record.status)
        if record.request_id:
            span.set_attribute("faas.invocation_id", record.request_id)
        if record.exception is not None:
            record_exception(span, record.exception)
        if record.failed:
            span.set_status(StatusCode.ERROR, record.error)

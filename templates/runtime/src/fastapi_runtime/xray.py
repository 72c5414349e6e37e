"""A tracer provider for OpenTelemetry's API whose spans are X-Ray documents, sent as they end.

Nothing is batched: a document that waits would be lost when Lambda freezes the process.
"""

import os
from collections.abc import Mapping, Sequence
from time import time
from typing import Any, override

from opentelemetry.context import Context
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    NoOpTracer,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    Tracer,
    TracerProvider,
    get_current_span,
)
from opentelemetry.util.types import AnyValue, Attributes

from . import daemon
from .documents import annotation, describe, safe_name, status_flags, subsegment_name
from .exceptions import (
    Frames,
    cause_of,
    exception_of,
    frames,
    may_tell,
    request_cause,
    status_of,
    told_attributes,
)
from .tracing import RequestTrace, UnsampledSpan, span_context

_CALLS = (SpanKind.CLIENT, SpanKind.PRODUCER)


class XRaySpan(Span):
    """A subsegment below the request's or below another."""

    attributes: dict[str, Any] | None = None
    annotations: dict[str, Any] | None = None
    metadata: dict[str, dict[str, Any]] | None = None
    events: list[dict[str, Any]] | None = None
    cause: dict[str, Any] | str | None = None
    """Exceptions, or the id of one that a subsegment below has told of."""
    fault = False
    answer = 0
    """HTTP status of the exception that was recorded last, where it is an answer."""
    description = ""
    """Why it is a fault, where its code has said so."""
    succeeded = False
    """Whether its code has said so, which no later error changes."""
    ended = False
    calls = False
    """Whether it is a call to something else."""
    _context: SpanContext | None = None

    def __init__(self, name: str, trace_id: str, parent_id: str, started_at: float) -> None:
        """Begin a subsegment.

        Args:
            name: Its name; characters that X-Ray refuses are replaced.
            trace_id: X-Ray's id of the trace, `1-...`.
            parent_id: Id of the segment above.
            started_at: Seconds since the epoch.
        """
        self.name = name
        self.trace_id = trace_id
        self.parent_id = parent_id
        self.started_at = started_at
        # Not from `random`, whose state all copies of a SnapStart snapshot begin with.
        self.id = os.urandom(8).hex()

    @override
    def get_span_context(self) -> SpanContext:
        if self._context is None:
            self._context = span_context(self.trace_id, self.id, sampled=True)
        return self._context

    @override
    def is_recording(self) -> bool:
        return not self.ended

    @override
    def set_attribute(self, key: str, value: AnyValue) -> None:
        if self.attributes is None:
            self.attributes = {}
        self.attributes[key] = value

    @override
    def set_attributes(self, attributes: Mapping[str, AnyValue]) -> None:
        self.attributes = {**(self.attributes or {}), **attributes}

    def annotate(self, key: str, value: Any) -> None:
        """Have X-Ray index a value; the rules for keys and values are `documents`'s."""
        if self.annotations is None:
            self.annotations = {}
        told, indexed = annotation(key, value)
        self.annotations[told] = indexed

    def add_metadata(self, key: str, value: Any, namespace: str) -> None:
        """Keep a value of any kind, which is not indexed."""
        if self.metadata is None:
            self.metadata = {}
        self.metadata.setdefault(str(namespace), {})[str(key)] = value

    @override
    def add_event(
        self, name: str, attributes: Attributes = None, timestamp: int | None = None
    ) -> None:
        """Keep an event as metadata: a subsegment has none."""
        seconds = time() if timestamp is None else timestamp / 1e9
        event: dict[str, Any] = {"name": name, "time": seconds}
        if attributes:
            event["attributes"] = told_attributes(attributes)
        self.events = [*(self.events or ()), event]

    @override
    def add_link(self, context: SpanContext, attributes: Attributes = None) -> None:
        """Nothing: a subsegment has no links."""

    @override
    def update_name(self, name: str) -> None:
        self.name = name

    @override
    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        code = status.status_code if isinstance(status, Status) else status
        # As OpenTelemetry has it: OK is the last word, and UNSET is none.
        if code is not StatusCode.UNSET and not self.succeeded:
            self.fault = code is StatusCode.ERROR
            told = status.description if isinstance(status, Status) else description
            self.description = told or ""
            self.succeeded = code is StatusCode.OK

    @override
    def record_exception(
        self,
        exception: BaseException,
        attributes: Attributes = None,
        timestamp: int | None = None,
        escaped: bool = False,
    ) -> None:
        self.add_cause(exception, frames(exception.__traceback__))

    def add_cause(self, exception: BaseException, stack: Frames) -> None:
        """Tell of an exception; one that a subsegment below has told of is named by its id."""
        self.answer = status_of(exception)
        if 0 < self.answer < 400:
            return
        trace_id, known = exception.__dict__.get("_xray_id", ("", ""))
        # An instance that is raised again and again goes through many traces.
        is_known = trace_id == self.trace_id
        if is_known and not isinstance(self.cause, dict):
            self.cause = known
            return
        if not isinstance(self.cause, dict):
            self.cause = {"working_directory": os.getcwd(), "exceptions": []}
        causes = self.cause["exceptions"]
        if is_known and any(cause["id"] == known for cause in causes):
            return
        # An id stands alone: beside others, what it names is told once more.
        told = exception_of(exception, stack)
        if not is_known:
            exception.__dict__["_xray_id"] = (self.trace_id, told["id"])
        causes.append(told)

    @override
    def end(self, end_time: int | None = None) -> None:
        """Send the document; only the first call does.

        Args:
            end_time: Nanoseconds since the epoch. Default: now.
        """
        if self.ended:
            return
        self.ended = True
        document: dict[str, Any] = {
            "id": self.id,
            "name": subsegment_name(self.name),
            "start_time": self.started_at,
            "end_time": time() if end_time is None else end_time / 1e9,
            "parent_id": self.parent_id,
            "trace_id": self.trace_id,
            "type": "subsegment",
            "namespace": "local",
            "in_progress": False,
        }
        self._add_details(document)
        if self.fault and "error" not in document:
            document.update(status_flags(self.answer or 500))
        cause = self._told_cause()
        if cause is not None:
            document["cause"] = cause
        daemon.send(document)

    def _told_cause(self) -> dict[str, Any] | str | None:
        """Why it is a fault or an error, as far as its code has told."""
        if self.cause is None and self.fault and self.description and not self.answer:
            return cause_of(self.description) if may_tell() else None
        return self.cause

    def _add_details(self, document: dict[str, Any]) -> None:
        if self.annotations:
            document["annotations"] = self.annotations
        if self.metadata:
            document["metadata"] = self.metadata
        if self.attributes:
            try:
                describe(document, self.attributes, self.calls)
            except Exception as error:
                # Any library may set any attribute, and the code around the span goes on.
                daemon.warn_once(f"A span's attributes were left out: {type(error).__name__}")
        if self.events:
            default = document.setdefault("metadata", {}).setdefault("default", {})
            default["span_events" if "events" in default else "events"] = self.events


class XRayRequestSpan(XRaySpan):
    """The request's own subsegment, below the segment that Lambda writes for the invocation."""

    def __init__(self, trace: RequestTrace, started_at: float) -> None:
        """Begin a request at a time in seconds since the epoch."""
        super().__init__("", trace.root, trace.parent, started_at)

    @override
    def end(self, end_time: int | None = None) -> None:
        """Nothing: the request ends with `complete`, and no instrumentation ends it before."""

    def complete(
        self,
        *,
        name: str,
        status: int,
        annotations: dict[str, Any],
        error: BaseException | None,
        fault: bool,
    ) -> None:
        """Send the request's document.

        Args:
            name: Name of the subsegment, unless `update_name` has given another.
            status: HTTP status, or 0 when none was sent.
            annotations: Indexed values to search traces by.
            error: An unhandled exception, with its stack.
            fault: Whether the server is to blame; otherwise a status of 400 or more is the client's
                error.
        """
        self.ended = True
        document: dict[str, Any] = {
            "id": self.id,
            "trace_id": self.trace_id,
            "parent_id": self.parent_id,
            "type": "subsegment",
            "name": subsegment_name(self.name) if self.name else safe_name(name),
            "start_time": self.started_at,
            "end_time": time(),
            "annotations": annotations,
        }
        if self.annotations or self.metadata or self.attributes or self.events:
            self._add_details(document)
            document["annotations"] = {**document.get("annotations", {}), **annotations}
        if status:
            document.setdefault("http", {})["response"] = {"status": status}
        if fault or (self.fault and not self.answer):
            document["fault"] = True
        else:
            document.update(status_flags(status))
        cause = self._told_cause() if error is None else request_cause(error)
        if cause is not None:
            document["cause"] = cause
        daemon.send(document)


class XRayTracer(NoOpTracer):
    """Starts subsegments below the request at hand; without one there is nothing to record.

    No span begins a trace of its own, nor goes on with one that a client or a message names: the
    daemon's documents belong to Lambda's invocation.
    """

    @override
    def start_span(
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
    ) -> Span:
        parent = get_current_span(context)
        if context is not None and not isinstance(parent, XRaySpan | UnsampledSpan):
            parent = get_current_span()
        if not isinstance(parent, XRaySpan):
            # One of another provider is not to end with what is below it.
            is_others = parent.is_recording()
            return NonRecordingSpan(parent.get_span_context()) if is_others else parent
        started_at = time() if start_time is None else start_time / 1e9
        span = XRaySpan(name, parent.trace_id, parent.id, started_at)
        if kind in _CALLS:
            span.calls = True
        if attributes:
            span.attributes = dict(attributes)
        return span


class XRayTracerProvider(TracerProvider):
    """Gives every library the same tracer: X-Ray does not ask which of them began a span."""

    def __init__(self) -> None:
        """Take nothing: all that a document needs comes with the request."""
        self._tracer = XRayTracer()

    @override
    def get_tracer(
        self,
        instrumenting_module_name: str,
        instrumenting_library_version: str | None = None,
        schema_url: str | None = None,
        attributes: Attributes = None,
    ) -> Tracer:
        return self._tracer

"""A request's place in its trace, as Lambda tells it, in the words of X-Ray and OpenTelemetry."""

import re
from collections.abc import Mapping, Sequence
from math import isfinite
from threading import Lock
from typing import Any, cast, override

from opentelemetry.trace import (
    INVALID_SPAN_CONTEXT,
    NonRecordingSpan,
    Span,
    SpanContext,
    TraceFlags,
)

ANNOTATIONS = "aws.xray.annotations"
"""Attribute that lists those attributes of a span that X-Ray shall index as annotations."""

_ROOT = re.compile(r"1-[0-9a-fA-F]{8}-[0-9a-fA-F]{24}")
_PARENT = re.compile(r"[0-9a-fA-F]{16}")
_USUAL = re.compile(
    rf"Root=({_ROOT.pattern});Parent=({_PARENT.pattern});Sampled=([01])(?:;Lineage=[^;=]*)?"
)
"""As Lambda writes it. Read at once, since each request has one."""

_annotating = Lock()

METADATA = "aws.xray.metadata."
"""Prefix of an attribute that holds metadata: before a namespace, whose keys are JSON."""


class RequestTrace:
    """What `x-amzn-trace-id` says.

    Lambda's own environment variable for it is of no use here: the adapter receives the
    invocations, and several may run at once.
    """

    __slots__ = ("parent", "root", "sampled")

    def __init__(self, root: str, parent: str, sampled: bool) -> None:
        """Args are the header's fields."""
        self.root = root
        self.parent = parent
        self.sampled = sampled

    @classmethod
    def from_header(cls, header: str | None) -> "RequestTrace | None":
        """Read `Root=1-...;Parent=...;Sampled=1`; without a root there is no trace.

        The forms of its ids are those of AWS's guide ("Tracing header" of X-Ray's concepts).
        """
        if header is None:
            return None
        usual = _USUAL.fullmatch(header)
        if usual is not None:
            root, parent, sampled = usual.groups()
            return cls(root, parent, sampled == "1")
        fields: dict[str, str] = {}
        for field in header.split(";"):
            name, _, value = field.partition("=")
            fields[name.strip()] = value.strip()
        root, parent = fields.get("Root", ""), fields.get("Parent", "")
        if not _ROOT.fullmatch(root):
            return None
        if not _PARENT.fullmatch(parent):
            parent = ""
        return cls(root, parent, bool(parent) and fields.get("Sampled") == "1")


def span_context(root: str, span: str, *, sampled: bool, remote: bool = False) -> SpanContext:
    """What OpenTelemetry calls a place in an X-Ray trace.

    Args:
        root: `1-67891233-abcdef012345678912345678`; the digits are OpenTelemetry's trace id.
        span: Id of a segment, 16 hexadecimal digits.
        sampled: Whether the trace is kept.
        remote: Whether another process began the span.
    """
    try:
        trace_id, span_id = int(root[2:].replace("-", ""), 16), int(span, 16)
    except ValueError:
        return INVALID_SPAN_CONTEXT
    flags = TraceFlags(TraceFlags.SAMPLED if sampled else TraceFlags.DEFAULT)
    return SpanContext(trace_id, span_id, remote, flags)


class UnsampledSpan(NonRecordingSpan):
    """A request that X-Ray does not keep: what it calls is told so, and nothing is recorded."""

    _context = INVALID_SPAN_CONTEXT

    def __init__(self, trace: RequestTrace) -> None:
        """Stand for all spans below the invocation."""
        self._trace: RequestTrace | None = trace

    @override
    def get_span_context(self) -> SpanContext:
        trace = self._trace
        if trace is not None:
            # Made when first asked for, which few requests do, and maybe by several threads.
            self._context = span_context(trace.root, trace.parent, sampled=False, remote=True)
            self._trace = None
        return self._context


def annotate(span: Span, values: Mapping[str, Any]) -> None:
    """Give attributes to a span of any provider, and list them for X-Ray to index."""
    told = {key: annotation_value(value) for key, value in values.items()}
    # Threads may annotate one span, and each names what all have listed so far.
    with _annotating:
        listed = dict.fromkeys([*listed_annotations(attributes_of(span)), *values])
        span.set_attributes({**told, ANNOTATIONS: list(listed)})


def listed_annotations(attributes: Mapping[str, Any]) -> Sequence[str]:
    """Names of those attributes that X-Ray shall index; a single one may stand alone."""
    listed: Any = attributes.get(ANNOTATIONS)
    if isinstance(listed, str):
        return (listed,)
    return cast("Sequence[str]", listed) if isinstance(listed, list | tuple) else ()


def annotation_value(value: Any) -> Any:
    """A text, number or truth value, which X-Ray indexes; anything else as its text."""
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    return value if isinstance(value, str | int) else str(value)


def attributes_of(span: Span) -> Mapping[str, Any]:
    """What a span has been given so far. The API does not tell, the spans of its SDK do."""
    attributes: Mapping[str, Any] | None = getattr(span, "attributes", None)
    return attributes or {}

"""The request at hand: what telemetry knows of it, kept apart from all others."""

import re
import uuid
from concurrent.futures import Future
from contextvars import ContextVar
from functools import lru_cache
from math import inf
from time import perf_counter, time
from typing import Any

from starlette.applications import Starlette
from starlette.types import Scope

from .environment import FUNCTION_KEYS, IN_LAMBDA, STARTS_COLD
from .output import decode, encode, members, quoted
from .routes import route_template
from .tracing import RequestTrace

_CORRELATION_ID = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")
"""A client's id that is accepted: safe in headers, logs and URLs, at most 128 characters."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_cold_start = STARTS_COLD


class RequestRecord:
    """One request, from its headers to its last byte.

    Tasks and threads that a request starts see its record through `current_record`, and so log and
    count with its keys.
    """

    status = 0
    streamed = False
    finished = False
    """Whether the line, the metrics and the trace of the request have been written."""
    disconnected = False
    counted = True
    """Whether metrics count the request; preflights are only logged."""
    cold_start = False
    error: str | None = None
    """Why the request failed: the exception's class, `timeout` or `client_disconnected`."""
    exception: BaseException | None = None
    broken: Exception | None = None
    """What its response broke with after it had begun, where middleware hides that."""
    keys: dict[str, Any] | None = None
    """What the operation appended to the logger."""
    metrics: Any = None
    """What the operation added to the metrics."""
    trace: RequestTrace | None = None
    span: Any = None
    """The request's own span, where it has one."""
    leaves_spans = False
    """Whether the user's own tracer provider has spans of the request to send."""
    trace_id = ""
    """OpenTelemetry's id of the trace, where the user's own tracer provider records it."""
    gateway: dict[str, Any] | None = None
    """API Gateway's request context."""
    request_id = ""
    function_arn = ""
    deadline = inf
    """When Lambda ends the process, in seconds since the epoch."""
    ended_at = ""
    """When it was completed, in milliseconds since the epoch: digits, as all that tell it need."""
    duration = ""
    """Milliseconds that it took until then, likewise."""
    quoted_id = ""
    """The correlation id in JSON."""
    due = inf
    """When the watchdog looks at it next, in seconds since the epoch."""
    timed_out = False
    """Whether the request was reported as one that is cut."""
    told: Future[None] | None = None
    """Done once the watchdog has written its report of a request that is cut."""
    _template: str | None = None

    def __init__(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        """Begin a request.

        Args:
            scope: The ASGI scope, in which the router leaves the route that it chose.
            headers: The request's headers. Those of the adapter count in Lambda alone, where it
                overwrites a client's copies.
        """
        self.started = perf_counter()
        self.started_at = time()
        self.scope = scope
        # A mounted app puts itself in its place.
        self.app: Starlette = scope["app"]
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        context = decode(headers.get(b"x-amzn-lambda-context")) if IN_LAMBDA else None
        self.silent = IN_LAMBDA and context is None
        """A readiness probe or a hook: the adapter's own request, which no client sent."""
        if context is not None:
            self.request_id = str(context.get("request_id", ""))
            self.function_arn = str(context.get("invoked_function_arn", ""))
            deadline: Any = context.get("deadline")
            # No union of types: it would be made for each request.
            if isinstance(deadline, (int, float)):
                self.deadline = deadline / 1000
            self.gateway = decode(headers.get(b"x-amzn-request-context"))
            self.trace = _trace_of(context, headers)
            self.cold_start = _first_request()
        given = headers.get(b"x-correlation-id")
        self.correlation_id = (
            given.decode("ascii")
            if given is not None and _CORRELATION_ID.fullmatch(given)
            else self.request_id or str(uuid.uuid4())
        )

    @property
    def route(self) -> str:
        """Template of the route, such as `/items/{item_id}`, or `unmatched`; never a raw path."""
        if self._template is None:
            self._template = route_template(self.scope, self.app)
        return self._template or "unmatched"

    @property
    def failed(self) -> bool:
        """Whether it is a failure of the server's."""
        return self.status >= 500 or self.error not in (None, "client_disconnected")

    def end(self) -> None:
        """Take the time, and write what the line and the metrics of the request tell alike."""
        self.ended_at = str(int(time() * 1000))
        self.duration = f"{(perf_counter() - self.started) * 1000:.3f}"
        self.quoted_id = quoted(self.correlation_id)

    @property
    def metric_method(self) -> str:
        """The method as a dimension of metrics, which no client may fill with its own words."""
        return self.method if self.method in _METHODS else "OTHER"

    def log_keys(self) -> dict[str, Any]:
        """Keys that every line of the request has."""
        keys: dict[str, Any] = {
            "method": self.method,
            "path": self.path,
            "route": self.route,
            "correlation_id": self.correlation_id,
        }
        if self.request_id:
            keys.update(FUNCTION_KEYS)
            keys["function_arn"] = self.function_arn
            keys["function_request_id"] = self.request_id
            keys["cold_start"] = self.cold_start
        if self.trace is not None and self.trace.root:
            keys["xray_trace_id"] = self.trace.root
        if self.trace_id:
            keys["trace_id"] = self.trace_id
        if self.keys:
            keys.update(self.keys)
        return keys

    def log_members(self) -> str:
        """The same keys as members of an object in JSON, without what the operation appended."""
        # The server has put other characters in place of what is no text, but who knows which does.
        path = quoted(self.path) if self.path.isascii() else encode(self.path)
        text = (
            f'"method":{quoted(self.method)},"path":{path},"route":{quoted(self.route)},'
            f'"correlation_id":{self.quoted_id}'
        )
        if self.request_id:
            # One id for both, unless the client gave one.
            is_same = self.request_id is self.correlation_id
            request_id = self.quoted_id if is_same else quoted(self.request_id)
            cold_start = "true" if self.cold_start else "false"
            text += (
                f",{_function_members(self.function_arn)},"
                f'"function_request_id":{request_id},"cold_start":{cold_start}'
            )
        if self.trace is not None:
            text += f',"xray_trace_id":"{self.trace.root}"'
        if self.trace_id:
            text += f',"trace_id":"{self.trace_id}"'
        return text


current_record: ContextVar[RequestRecord | None] = ContextVar("current_record", default=None)
"""The record of the request that this code runs for; None outside of requests."""


@lru_cache(maxsize=8)
def _function_members(arn: str) -> str:
    """Log keys of the function, which has few names, as members of an object in JSON."""
    return members({**FUNCTION_KEYS, "function_arn": arn})


def _trace_of(context: dict[str, Any], headers: dict[bytes, bytes]) -> RequestTrace | None:
    # Of the invocation's context, where it is null without a trace: the header is then a client's.
    if "xray_trace_id" in context:
        told: Any = context["xray_trace_id"]
    else:
        told = headers.get(b"x-amzn-trace-id", b"").decode("latin-1")
    return RequestTrace.from_header(told if isinstance(told, str) else None)


def _first_request() -> bool:
    global _cold_start
    first, _cold_start = _cold_start, False
    return first

"""Powertools' Tracer, written against OpenTelemetry's API alone: any tracer provider records it."""

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeVar, overload, override

from aws_lambda_powertools import Tracer
from aws_lambda_powertools.tracing.base import BaseProvider
from opentelemetry.context import Context
from opentelemetry.trace import get_current_span

from .capture import Captured, Silenced, capture, name_of
from .environment import CAPTURE_ERROR, is_on, service_name
from .instrumentation import instrument
from .subsegments import Subsegment, put_annotation, put_metadata

P = ParamSpec("P")
R = TypeVar("R")


_REPLACED = {
    "begin_subsegment": "`with tracer.provider.in_subsegment(name)`",
    "end_subsegment": "`with tracer.provider.in_subsegment(name)`",
    "capture": "`@tracer.capture_method`",
    "current_subsegment": "`tracer.put_annotation`, or `opentelemetry.trace.get_current_span()`",
    "current_segment": "`tracer.put_annotation`, or `opentelemetry.trace.get_current_span()`",
}
"""Parts of the X-Ray SDK's recorder, which was Powertools' provider, and what to use instead."""


class SubsegmentProvider(BaseProvider):
    """What `tracer.provider` offers."""

    def __init__(self, enabled: bool) -> None:
        """Record, or do nothing."""
        self._enabled = enabled

    @override
    def in_subsegment(self, name: str) -> Subsegment:  # pyright: ignore[reportIncompatibleMethodOverride]
        """A subsegment for a `with` block; `async with` takes it as well."""
        return Subsegment(name) if self._enabled else _NoSubsegment(name)

    @override
    def in_subsegment_async(self, name: str) -> Subsegment:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The same, under the name that Powertools has for it."""
        return self.in_subsegment(name)

    @override
    def put_annotation(self, key: str, value: str | float | bool) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Have a value indexed with the subsegment that is open."""
        if self._enabled:
            put_annotation(get_current_span(), key, value)

    @override
    def put_metadata(self, key: str, value: object, namespace: str = "default") -> None:
        """Keep a value of any kind with the subsegment that is open."""
        if self._enabled:
            put_metadata(get_current_span(), key, value, namespace)

    @override
    def patch(self, modules: Sequence[str]) -> None:
        """Have libraries record their calls; see `instrumentation.instrument`."""
        instrument(modules)

    @override
    def patch_all(self) -> None:
        """Refuse: each library is to be named."""
        raise ValueError('Name the libraries to trace: tracer.patch(("botocore", "httpx"))')

    if not TYPE_CHECKING:
        # For type checkers there is no such attribute.
        def __getattr__(self, name: str) -> NoReturn:
            """Name what replaces a part of the X-Ray SDK."""
            if name in _REPLACED:
                raise AttributeError(
                    f"tracer.provider.{name} is of the X-Ray SDK: use {_REPLACED[name]}"
                )
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


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
                wins over it. `POWERTOOLS_TRACE_DISABLED` turns off what this tracer records; the
                requests' own subsegments stay, and so do spans of `opentelemetry.trace`.
        """
        disabled = is_on("POWERTOOLS_TRACE_DISABLED", "")
        super().__init__(
            service=service_name(service),
            auto_patch=False,
            disabled=False,
            provider=SubsegmentProvider(not disabled),
        )
        # Powertools turns the X-Ray SDK off, which is not there.
        self.disabled = disabled

    @override
    def put_annotation(self, key: str, value: str | float | bool) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Have a value indexed with the subsegment that is open, to search traces by."""
        self.provider.put_annotation(key, value)

    @override
    def ignore_endpoint(
        self, hostname: str | None = None, urls: list[str] | None = None
    ) -> NoReturn:
        """Refuse: instrumentations have a variable for it."""
        raise AttributeError(
            "tracer.ignore_endpoint is of the X-Ray SDK: set OTEL_PYTHON_EXCLUDED_URLS"
        )

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
            method: Function, coroutine function, generator function, one that
                `contextlib.contextmanager` or `asynccontextmanager` has made, or what is called
                like a function.
            capture_response: Whether to keep what it returned as metadata. Default:
                `POWERTOOLS_TRACER_CAPTURE_RESPONSE`, else no, since answers hold personal data.
            capture_error: Whether the trace has what an exception says, and its attributes as
                metadata; its type and stack it has anyway. Default:
                `POWERTOOLS_TRACER_CAPTURE_ERROR`, else yes. No counts where the tracer is turned
                off, too: the request's own subsegment and other spans stay.

        Raises:
            TypeError: When it can't be called.
        """
        if method is None:
            return functools.partial(
                self.capture_method, capture_response=capture_response, capture_error=capture_error
            )
        # A static method can be called, but would get the instance from what wraps it.
        if not callable(method) or isinstance(method, staticmethod):
            raise TypeError(
                "capture_method takes what can be called: @classmethod, @staticmethod and @property"
                + " stand above it"
            )
        tells_errors = _chosen(capture_error, CAPTURE_ERROR, "true")
        if not self.disabled:
            subsegment = functools.partial(
                Captured,
                name_of(method),
                self.service,
                _chosen(capture_response, "POWERTOOLS_TRACER_CAPTURE_RESPONSE", "false"),
                tells_errors,
            )
        elif tells_errors:
            return method
        else:
            subsegment = functools.partial(Silenced, name_of(method))
        captured: Any = functools.wraps(method)(capture(method, subsegment))
        return captured


def _chosen(choice: bool | None, variable: str, default: str) -> bool:
    return is_on(variable, default) if choice is None else choice

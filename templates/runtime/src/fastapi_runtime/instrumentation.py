"""Instrumentations of libraries, from OpenTelemetry's packages of that name."""

from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import Any, override

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, NoOpTracer, Span, SpanKind, Tracer, TracerProvider
from opentelemetry.util.types import Attributes

from .documents import without_queries

_PACKAGES = {"aiobotocore": "botocore", "httpx2": "httpx"}
"""Libraries that another one's package instruments too."""


def instrument(libraries: Sequence[str]) -> None:
    """Have libraries record their calls.

    Args:
        libraries: Names as OpenTelemetry has them: `botocore`, `httpx`, `sqlalchemy`, ...

    Raises:
        ModuleNotFoundError: When the package for a library is not installed.
        DependencyConflictError: When the library itself is not, or is of a version that the package
            does not know.
    """
    for library in libraries:
        found = entry_points(group="opentelemetry_instrumentor", name=library)
        if not found:
            name = _PACKAGES.get(library, library).replace("_", "-")
            raise ModuleNotFoundError(
                f"Traces of {library} need a package that is not installed: "
                + f"uv add opentelemetry-instrumentation-{name}"
            )
        instrumentor: Any = next(iter(found)).load()()
        if not instrumentor.is_instrumented_by_opentelemetry:
            instrumentor.instrument(
                tracer_provider=_DiscreetProvider(), raise_exception_on_conflict=True
            )


class _DiscreetProvider(TracerProvider):
    """The global provider, whichever it will be, without queries in the URLs of its spans."""

    @override
    def get_tracer(
        self,
        instrumenting_module_name: str,
        instrumenting_library_version: str | None = None,
        schema_url: str | None = None,
        attributes: Attributes = None,
    ) -> Tracer:
        return _DiscreetTracer(
            trace.get_tracer(
                instrumenting_module_name,
                instrumenting_library_version,
                schema_url=schema_url,
                attributes=attributes,
            )
        )


class _DiscreetTracer(NoOpTracer):
    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

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
        return self._tracer.start_span(
            name,
            context,
            kind,
            without_queries(attributes) if attributes else None,
            links,
            start_time,
            record_exception,
            set_status_on_exception,
        )

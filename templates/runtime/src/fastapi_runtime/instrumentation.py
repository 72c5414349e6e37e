"""Instrumentations of libraries, from OpenTelemetry's packages of that name."""

from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import Any, override

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, NoOpTracer, Span, SpanKind, Tracer, TracerProvider
from opentelemetry.util.types import Attributes

from .urls import without_queries

_PACKAGES = {
    **{
        name: name
        for name in (
            *("aio-pika", "aiohttp-client", "aiohttp-server", "aiokafka", "aiopg", "asyncclick"),
            *("asyncio", "asyncpg", "botocore", "cassandra", "celery", "click", "confluent-kafka"),
            *("django", "elasticsearch", "falcon", "fastapi", "flask", "httpx", "jinja2"),
            *("logging", "mysql", "mysqlclient", "pika", "psycopg", "psycopg2", "pymemcache"),
            *("pymongo", "pymssql", "pymysql", "pyramid", "redis", "remoulade", "requests"),
            *("sqlalchemy", "sqlite3", "starlette", "system-metrics", "threading", "tornado"),
            *("tortoiseorm", "urllib", "urllib3"),
        )
    },
    "aiobotocore": "botocore",
    "grpc-aio-client": "grpc",
    "grpc-aio-server": "grpc",
    "grpc-client": "grpc",
    "grpc-server": "grpc",
    "httpx2": "httpx",
    "kafka": "kafka-python",
}
"""OpenTelemetry's own instrumentations, and what the names of their packages end with."""


def instrument(libraries: Sequence[str]) -> None:
    """Have libraries record their calls.

    Args:
        libraries: Names as OpenTelemetry has them: `botocore`, `httpx`, `sqlalchemy`, ... It is
            inconsistent in hyphens and underscores, so that either will do.

    Raises:
        TypeError: When it is one name, whose letters would be taken for names.
        ModuleNotFoundError: When the package for a library is not installed, or the library itself.
        ImportError: When the library is of a version that the package does not take.
    """
    if isinstance(libraries, str):
        raise TypeError(f'Name the libraries in a tuple: tracer.patch(("{libraries}",))')
    installed = {
        _hyphened(entry.name): entry for entry in entry_points(group="opentelemetry_instrumentor")
    }
    for library in libraries:
        found = installed.get(_hyphened(library))
        if found is None:
            raise ModuleNotFoundError(_missing(library))
        instrumentor: Any = found.load()()
        if instrumentor.is_instrumented_by_opentelemetry:
            continue
        try:
            instrumentor.instrument(
                tracer_provider=_DiscreetProvider(), raise_exception_on_conflict=True
            )
        except Exception as error:
            # Its class is in a package that need not be there.
            conflict: Any = getattr(error, "conflict", None)
            if conflict is None:
                raise
            package = library if found.dist is None else found.dist.name
            raise _refusal(package, conflict) from None


def _hyphened(name: str) -> str:
    return name.replace("_", "-")


def _refusal(package: str, conflict: Any) -> ImportError:
    """What of a library's versions its package takes, where it does not take the one at hand."""
    taken: list[str] = [conflict.required] if conflict.required else list(conflict.required_any)
    there: list[str] = [conflict.found] if conflict.found else list(conflict.found_any or ())
    # What is asked for may end with a marker, which is of no use in a sentence.
    wanted = " or ".join(requirement.partition(";")[0].strip() for requirement in taken)
    if not there:
        return ModuleNotFoundError(f"{package} takes {wanted}, which is not installed")
    return ImportError(
        f"{package} takes {wanted}, and not {' or '.join(there)}: "
        "install a version that it takes, or a newer one of it"
    )


def _missing(library: str) -> str:
    if library == "boto3":
        # Its package is for SQS alone, and the other one has its calls too.
        return (
            'boto3 makes its calls by botocore: name that, tracer.patch(("botocore",)), and '
            "uv add opentelemetry-instrumentation-botocore"
        )
    package = _PACKAGES.get(_hyphened(library))
    if package is None:
        return f"No package is installed that instruments a library called {library}"
    return (
        f"Traces of {library} need a package that is not installed: "
        f"uv add opentelemetry-instrumentation-{package}"
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

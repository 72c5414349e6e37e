"""`tracer.patch` by the names of libraries, of which none is installed here."""

from importlib.metadata import EntryPoint, EntryPoints
from typing import Any

import pytest
from fastapi_runtime import instrumentation
from my_api.init import tracer

patched: list[str] = []


class FakeInstrumentor:
    """What a package of OpenTelemetry's brings."""

    is_instrumented_by_opentelemetry = False

    def instrument(self, **options: Any) -> None:
        """Remember that it was asked."""
        assert options["raise_exception_on_conflict"]
        patched.append("aiohttp-client")


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("boto3", "boto3sqs"),
        ("kafka", "kafka-python"),
        ("grpc_client", "grpc"),
        ("grpc_aio_client", "grpc"),
        ("aiobotocore", "botocore"),
        ("aiohttp_client", "aiohttp-client"),
        ("aiohttp-client", "aiohttp-client"),
        ("psycopg", "psycopg"),
    ],
)
def test_a_missing_package_is_named_as_the_registry_has_it(library: str, package: str) -> None:
    with pytest.raises(ModuleNotFoundError) as raised:
        tracer.patch((library,))
    assert str(raised.value) == (
        f"Traces of {library} need a package that is not installed: "
        f"uv add opentelemetry-instrumentation-{package}"
    )


def test_a_package_that_nobody_knows_is_not_named() -> None:
    with pytest.raises(ModuleNotFoundError) as raised:
        tracer.patch(("no_such_library",))
    assert "no_such_library" in str(raised.value)
    assert "uv add" not in str(raised.value)


def test_a_single_name_is_refused() -> None:
    with pytest.raises(TypeError) as raised:
        tracer.patch("httpx")
    assert str(raised.value) == 'Name the libraries in a tuple: tracer.patch(("httpx",))'


@pytest.mark.parametrize("library", ["aiohttp_client", "aiohttp-client"])
def test_a_name_is_found_with_hyphens_and_with_underscores(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = "opentelemetry_instrumentor"
    installed = EntryPoint("aiohttp-client", f"{__name__}:FakeInstrumentor", group)

    def entry_points(**chosen: str) -> EntryPoints:
        return EntryPoints([installed]).select(**chosen)

    monkeypatch.setattr(instrumentation, "entry_points", entry_points)
    patched.clear()
    tracer.patch((library,))
    assert patched == ["aiohttp-client"]

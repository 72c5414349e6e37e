"""`tracer.patch` by the names of libraries, of which none is installed here."""

from importlib.metadata import EntryPoint, EntryPoints
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi_runtime import instrumentation
from my_api.init import tracer

patched: list[str] = []


class Conflict(Exception):
    """As OpenTelemetry's packages raise it, with what they say of it."""

    def __init__(self, **said: Any) -> None:
        super().__init__("This instrumentation only instruments ...")
        self.conflict = SimpleNamespace(
            **{"required": None, "found": None, "required_any": None, "found_any": None, **said}
        )


class FakeInstrumentor:
    """What a package of OpenTelemetry's brings."""

    is_instrumented_by_opentelemetry = False
    refuses: Exception | None = None

    def instrument(self, **options: Any) -> None:
        """Remember that it was asked."""
        assert options["raise_exception_on_conflict"]
        if self.refuses is not None:
            raise self.refuses
        patched.append("aiohttp-client")


@pytest.mark.parametrize(
    ("library", "package"),
    [
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


def test_boto3_is_recorded_by_botocore() -> None:
    with pytest.raises(ModuleNotFoundError) as raised:
        tracer.patch(("boto3",))
    assert str(raised.value) == (
        'boto3 makes its calls by botocore: name that, tracer.patch(("botocore",)), and '
        "uv add opentelemetry-instrumentation-botocore"
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


@pytest.fixture
def aiohttp_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its package, as if it were installed."""
    group = "opentelemetry_instrumentor"
    installed = EntryPoint("aiohttp-client", f"{__name__}:FakeInstrumentor", group)

    def entry_points(**chosen: str) -> EntryPoints:
        return EntryPoints([installed]).select(**chosen)

    monkeypatch.setattr(instrumentation, "entry_points", entry_points)


@pytest.mark.usefixtures("aiohttp_client")
@pytest.mark.parametrize("library", ["aiohttp_client", "aiohttp-client"])
def test_a_name_is_found_with_hyphens_and_with_underscores(library: str) -> None:
    patched.clear()
    tracer.patch((library,))
    assert patched == ["aiohttp-client"]


@pytest.mark.usefixtures("aiohttp_client")
@pytest.mark.parametrize(
    ("said", "kind", "told"),
    [
        (
            {"required": "aiohttp ~= 3.0", "found": "aiohttp 4.0.1"},
            ImportError,
            "takes aiohttp ~= 3.0, and not aiohttp 4.0.1: install a version that it takes",
        ),
        (
            {"required_any": ["psycopg2 >= 2.7", "psycopg2-binary >= 2.7"], "found_any": ["psycopg2 2.6"]},
            ImportError,
            "takes psycopg2 >= 2.7 or psycopg2-binary >= 2.7, and not psycopg2 2.6: install",
        ),
        (
            {"required": 'aiohttp ~= 3.0; extra == "instruments"'},
            ModuleNotFoundError,
            "takes aiohttp ~= 3.0, which is not installed",
        ),
    ],
    ids=["version", "versions of several", "missing"],
)
def test_a_library_that_its_package_does_not_take_is_told_in_a_line(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, Any], kind: type[Exception], told: str
) -> None:
    monkeypatch.setattr(FakeInstrumentor, "refuses", Conflict(**said))
    with pytest.raises(ImportError) as raised:
        tracer.patch(("aiohttp_client",))
    assert type(raised.value) is kind
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.usefixtures("aiohttp_client")
def test_what_else_fails_in_a_package_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeInstrumentor, "refuses", RuntimeError("its own"))
    with pytest.raises(RuntimeError, match="its own"):
        tracer.patch(("aiohttp_client",))

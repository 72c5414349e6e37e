"""The bundle with instrumentations and an SDK in it, once with X-Ray's provider and once with each kind of a user's own."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "harness"))

from callee import Callee  # noqa: E402
from sandbox import Sandbox  # noqa: E402

OTLP = {"PROVIDER": "otlp", "OTEL_BSP_SCHEDULE_DELAY": "3600000"}
"""The README's provider, whose batches wait for an hour, so that a flush alone sends them."""

type Start = Callable[..., Sandbox]


@pytest.fixture(scope="session")
def callee() -> Iterator[Callee]:
    server = Callee()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def start(callee: Callee) -> Iterator[Start]:
    started: list[Sandbox] = []

    def begin(*, env: dict[str, str] | None = None, **options: object) -> Sandbox:
        told = {
            "CALLEE": callee.url,
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "OTEL_EXPORTER_OTLP_ENDPOINT": callee.url,
        }
        sandbox = Sandbox(env={**told, **(env or {})}, **options)  # pyright: ignore[reportArgumentType]
        started.append(sandbox)
        return sandbox

    yield begin
    for sandbox in started:
        sandbox.stop()


@pytest.fixture(scope="session", params=[True, False], ids=["streaming", "buffered"])
def xray(start: Start, request: pytest.FixtureRequest) -> Sandbox:
    """X-Ray's provider, frozen between invocations."""
    return start(streaming=request.param)


@pytest.fixture(scope="session", params=[True, False], ids=["streaming", "buffered"])
def memory(start: Start, request: pytest.FixtureRequest) -> Sandbox:
    """A provider of the user's that keeps spans in memory."""
    return start(env={"PROVIDER": "memory"}, streaming=request.param)


@pytest.fixture(scope="session", params=[True, False], ids=["streaming", "buffered"])
def otlp(start: Start, request: pytest.FixtureRequest) -> Sandbox:
    """A provider of the user's that sends spans to an OTLP receiver."""
    return start(env=OTLP, streaming=request.param)

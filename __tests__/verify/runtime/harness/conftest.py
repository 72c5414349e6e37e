"""Environments that tests share: each starts once, when a test first asks for it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from sandbox import Sandbox  # noqa: E402


@pytest.fixture(scope="session")
def rest() -> Iterator[Sandbox]:
    """Behind a REST API: streaming, frozen between invocations."""
    sandbox = Sandbox()
    yield sandbox
    sandbox.stop()


@pytest.fixture(scope="session")
def http() -> Iterator[Sandbox]:
    """Behind an HTTP API: buffered, frozen between invocations."""
    sandbox = Sandbox(streaming=False)
    yield sandbox
    sandbox.stop()


@pytest.fixture(scope="session")
def parallel() -> Iterator[Sandbox]:
    """One environment that takes several invocations at once, and is never frozen."""
    sandbox = Sandbox(concurrency=8, freeze=False)
    yield sandbox
    sandbox.stop()

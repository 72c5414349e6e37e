"""Leaves these tests to runs of this project: one for a repository around it lacks packages."""

from pathlib import Path

import pytest


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Ignores what is below this folder in a run whose root is another one."""
    return True if config.rootpath != Path(__file__).parent else None

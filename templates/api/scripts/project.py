"""What pyproject.toml says of this API, for the scripts beside this file."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""Folder of the API project."""

DIST = ROOT / "dist"
"""Where scripts write; git ignores it."""


@dataclass(frozen=True)
class Project:
    """The values that more than one tool needs, stated once in pyproject.toml."""

    name: str
    """Name of the project and of the service in logs, metrics and traces."""
    module: str
    """Python module of the app."""
    runtime: str
    """Lambda runtime, such as `python3.13`."""
    architecture: str
    """Lambda architecture: `arm64` or `x86_64`."""

    @property
    def python_version(self) -> str:
        """Version of Python that the runtime has: `3.13`."""
        return self.runtime.removeprefix("python")


def read_project() -> Project:
    """Read `[project]` and `[tool.fastapi-lambda]`."""
    manifest = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    settings = manifest["tool"]["fastapi-lambda"]
    return Project(
        name=manifest["project"]["name"],
        module=settings["module"],
        runtime=settings["runtime"],
        architecture=settings["architecture"],
    )

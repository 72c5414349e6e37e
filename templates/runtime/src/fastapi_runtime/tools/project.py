"""What an API's pyproject.toml says of it, for the programs beside this module."""

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Project:
    """The values that more than one tool needs, stated once in pyproject.toml."""

    root: Path
    """Folder of the API project."""
    name: str
    """Name of the project and of the service in logs, metrics and traces."""
    module: str
    """Python module of the app."""
    runtime: str
    """Lambda runtime, such as `python3.13`."""
    architecture: str
    """Lambda architecture: `arm64` or `x86_64`."""
    docs: bool = False
    """Whether `/docs`, `/redoc` and `/openapi.json` are routed: `docs = true`."""

    @property
    def dist(self) -> Path:
        """Where programs write; git ignores it."""
        return self.root / "dist"

    @property
    def bundle(self) -> Path:
        """The code that Lambda runs, as a folder."""
        return self.dist / "bundle"

    @property
    def archive(self) -> Path:
        """The same as one file."""
        return self.dist / "bundle.zip"

    @property
    def python_version(self) -> str:
        """Version of Python that the runtime has: `3.13`."""
        return self.runtime.removeprefix("python")


def read_project() -> Project:
    """Read `[project]` and `[tool.fastapi-lambda]` of the project in the current folder."""
    root = Path.cwd()
    manifest = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    settings = manifest["tool"]["fastapi-lambda"]
    return Project(
        root=root,
        name=manifest["project"]["name"],
        module=settings["module"],
        runtime=settings["runtime"],
        architecture=settings["architecture"],
        docs=settings.get("docs", False),
    )

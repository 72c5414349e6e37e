"""What an API's pyproject.toml says of it, for the programs beside this module."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from .refusal import RefusalError

RUNTIMES = ("python3.12", "python3.13", "python3.14", "python3.15")
"""Lambda's runtimes of Python that this package runs on; all are Amazon Linux 2023."""

ARCHITECTURES = ("arm64", "x86_64")

BUNDLE = "dist/bundle"
ARCHIVE = "dist/bundle.zip"

NOT_BUNDLED = (
    "conftest.py",
    "project.json",
    "pyproject.toml",
    "README.md",
    "scripts",
    "tests",
    "uv.lock",
)
"""What of an API's folder the bundle leaves out, unless `exclude` in pyproject.toml says else."""

_SETTINGS = {
    "architecture": str,
    "docs": bool,
    "environment": dict,
    "exclude": list,
    "include": list,
    "layer-bytes": int,
    "module": str,
    "runtime": str,
}


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
    environment: dict[str, str]
    """Variables that the app's modules need when they are imported to describe and check it."""
    include: tuple[str, ...] = ()
    """Patterns of files that the bundle has although a rule leaves them out."""
    exclude: tuple[str, ...] = NOT_BUNDLED
    """Patterns of files beside the module that the bundle leaves out."""
    layer_bytes: int = 0
    """Unzipped size of layers of your own, which count towards Lambda's limit."""
    docs: bool = False
    """Whether `/docs`, `/redoc` and `/openapi.json` are routed: `docs = true`."""

    @property
    def dist(self) -> Path:
        """Where programs write; git ignores it."""
        return self.root / "dist"

    @property
    def bundle(self) -> Path:
        """The code that Lambda runs, as a folder."""
        return self.root / BUNDLE

    @property
    def archive(self) -> Path:
        """The same as one file."""
        return self.root / ARCHIVE

    @property
    def python_version(self) -> str:
        """Version of Python that the runtime has: `3.13`."""
        return self.runtime.removeprefix("python")


def read_project(folder: Path | None = None) -> Project:
    """Read `[project]` and `[tool.fastapi-lambda]` of a project.

    Args:
        folder: The project's. Default: the current one.

    Raises:
        RefusalError: When a setting is missing, unknown, or of a value that nothing can run.
    """
    root = folder or Path.cwd()
    manifest = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    settings: dict[str, Any] = manifest.get("tool", {}).get("fastapi-lambda", {})
    _check(settings)
    return Project(
        root=root,
        name=manifest["project"]["name"],
        module=settings["module"],
        runtime=settings["runtime"],
        architecture=settings["architecture"],
        environment=settings.get("environment", {}),
        include=tuple(settings.get("include", ())),
        exclude=tuple(settings.get("exclude", NOT_BUNDLED)),
        layer_bytes=settings.get("layer-bytes", 0),
        docs=settings.get("docs", False),
    )


def _check(settings: dict[str, Any]) -> None:
    for name in ("module", "runtime", "architecture"):
        if name not in settings:
            raise _wrong(f"lacks {name}")
    for name, value in settings.items():
        if name not in _SETTINGS:
            raise _wrong(f"has no setting {name}: there are {', '.join(_SETTINGS)}")
        if not isinstance(value, _SETTINGS[name]):
            raise _wrong(f"{name} has to be a {_SETTINGS[name].__name__}")
    texts = {
        **{name: settings.get(name, []) for name in ("include", "exclude")},
        "environment": list(cast("dict[str, Any]", settings.get("environment", {})).values()),
    }
    for name, values in texts.items():
        if not all(isinstance(value, str) for value in values):
            raise _wrong(f"{name} has to hold texts alone")
    for name, known in {"runtime": RUNTIMES, "architecture": ARCHITECTURES}.items():
        if settings[name] not in known:
            raise _wrong(f"Lambda has no {name} {settings[name]}: take {', '.join(known)}")


def _wrong(what: str) -> RefusalError:
    return RefusalError(f"pyproject.toml, [tool.fastapi-lambda]: {what}.")

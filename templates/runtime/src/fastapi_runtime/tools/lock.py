"""What uv.lock says: which packages a project needs, where from, and which of them are local."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from .refusal import RefusalError

type Key = tuple[str, str]
"""A package and one of its extras, or none: `("psycopg", "binary")`, `("psycopg", "")`."""

_SPECIFIER = re.compile(r"(===|>=|<=|==|!=|~=|>|<)\s*(\d+(?:\.\d+)*)(\.\*)?")
"""https://packaging.python.org/en/latest/specifications/version-specifiers/"""


@dataclass(frozen=True)
class LockedPackage:
    """One package of the lock, in one of its versions."""

    name: str
    version: str
    source: dict[str, str]
    wheels: tuple[str, ...] = ()
    """File names of the wheels that the lock has of it."""
    dependencies: dict[Key, list[Key]] = field(default_factory=dict[Key, list[Key]])
    """What it needs, and what each of its extras and groups (`:dev`) needs."""

    @property
    def folder(self) -> str | None:
        """Folder of a package that is on this machine, as the lock writes it."""
        return self.source.get("editable") or self.source.get("directory")


@dataclass(frozen=True)
class Lock:
    """The lock of the workspace or project that a folder belongs to."""

    root: Path
    """Folder that uv.lock lies in, from which its paths start."""
    packages: tuple[LockedPackage, ...]
    requires_python: str = ""
    """Versions of Python that it is made for: `>=3.12`."""

    def is_for(self, python_version: str) -> bool:
        """Whether the lock is made for a minor version of Python, `3.13`."""
        return self._first_patch(python_version) is not None

    def python_for(self, python_version: str) -> str:
        """The least Python of a minor version that the lock is for: of `3.13` it may be `3.13.2`.

        Markers of the lock say nothing of those before.
        """
        patch = self._first_patch(python_version)
        return f"{python_version}.{patch}" if patch else python_version

    def _first_patch(self, python_version: str) -> int | None:
        minor = int(python_version.partition(".")[2])
        # Python's minor versions end with about a dozen patches.
        versions = ((3, minor, patch) for patch in range(100))
        return next((each[2] for each in versions if _admits(self.requires_python, each)), None)

    def closure(self, start: Iterable[Key]) -> set[str]:
        """Names of all packages that some need, themselves included."""
        edges: dict[Key, list[Key]] = {}
        for package in self.packages:
            for key, needed in package.dependencies.items():
                edges.setdefault(key, []).extend(needed)
        seen: set[Key] = set()
        waiting = list(start)
        while waiting:
            key = waiting.pop()
            if key in seen:
                continue
            seen.add(key)
            waiting += edges.get(key, [])
            # An extra comes with the package itself.
            waiting.append((key[0], ""))
        return {name for name, _ in seen}

    def needed_by(self, name: str, *, development: bool = False) -> list[Key]:
        """What a project itself declares, with its groups for development or without them."""
        return [
            needed
            for package in self.packages
            if package.name == normalized(name)
            for (_, extra), keys in package.dependencies.items()
            if not extra or (development and extra.startswith(":"))
            for needed in keys
        ]

    def find(self, name: str, version: str) -> LockedPackage | None:
        """A package of the lock by name and version, or by name where there is no version."""
        return next(
            (
                package
                for package in self.packages
                if package.name == name and version in ("", package.version)
            ),
            None,
        )


def _admits(requires_python: str, version: tuple[int, int, int]) -> bool:
    """Whether a version of Python is one of those that specifiers (`>=3.12, !=3.13.*`) name."""
    for operator, text, wildcard in _SPECIFIER.findall(requires_python):
        numbers = [int(part) for part in text.split(".")]
        bound = (*numbers, 0, 0, 0)[:3]
        starts = version[: len(numbers)] == tuple(numbers)
        begins = starts if wildcard else version == bound
        compatible = version >= bound and version[: len(numbers) - 1] == tuple(numbers[:-1])
        fits = {
            ">=": version >= bound,
            ">": version > bound,
            "<=": version <= bound,
            "<": version < bound,
            "==": begins,
            "===": begins,
            "!=": not begins,
            "~=": compatible,
        }
        if not fits[operator]:
            return False
    return True


def normalized(name: str) -> str:
    """A package's name as all tools compare it: `typing_extensions` is `typing-extensions`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(project: Path) -> Lock:
    """Read the uv.lock in a project's folder, or in the nearest one above.

    Raises:
        RefusalError: When there is none.
    """
    for folder in (project, *project.parents):
        path = folder / "uv.lock"
        if path.is_file():
            content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
            packages = tuple(_package(entry) for entry in content.get("package", ()))
            return Lock(folder, packages, content.get("requires-python", ""))
    raise RefusalError("There is no uv.lock: run uv lock.")


def _package(entry: dict[str, Any]) -> LockedPackage:
    name: str = entry["name"]
    dependencies: dict[Key, list[Key]] = {(name, ""): list(_keys(entry.get("dependencies", ())))}
    for extra, needed in entry.get("optional-dependencies", {}).items():
        dependencies[name, extra] = list(_keys(needed))
    for group, needed in entry.get("dev-dependencies", {}).items():
        dependencies[name, f":{group}"] = list(_keys(needed))
    return LockedPackage(
        name=name,
        version=entry.get("version", ""),
        source=entry["source"],
        wheels=tuple(_file_name(wheel) for wheel in entry.get("wheels", ())),
        dependencies=dependencies,
    )


def _keys(needed: Iterable[dict[str, Any]]) -> Iterator[Key]:
    for dependency in needed:
        yield dependency["name"], ""
        for extra in dependency.get("extra", ()):
            yield dependency["name"], extra


def _file_name(wheel: dict[str, str]) -> str:
    place = wheel.get("filename") or wheel.get("path") or urlsplit(wheel.get("url", "")).path
    return unquote(place.rpartition("/")[2])

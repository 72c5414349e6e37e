"""A project's locked dependencies as requirements for `uv pip install`."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from .commands import FailedError, run
from .lock import Lock, normalized
from .project import Project
from .refusal import RefusalError
from .wheels import fits


@dataclass(frozen=True)
class Requirements:
    """What has to be installed, by the way in which it is."""

    wheels: tuple[str, ...]
    """Those with a wheel for Lambda; lines with the hashes that the lock has."""
    sources: dict[str, str]
    """Those that have to be built, by their names."""
    folders: dict[str, Path]
    """Packages on this machine, by their names."""
    markers: dict[str, str]
    """Conditions under which a local package is needed (`sys_platform == 'linux'`), by name."""


def read_requirements(project: Project, lock: Lock, architecture: str) -> Requirements:
    """Read what the lock says that the API needs when it runs.

    Args:
        project: The API.
        lock: Its lock, or the workspace's.
        architecture: Lambda's, which wheels are chosen for.

    Raises:
        RefusalError: When the lock does not follow pyproject.toml, or is for other Pythons.
    """
    if not lock.is_for(project.python_version):
        raise RefusalError(
            f"uv.lock is for Python {lock.requires_python}, and the runtime is {project.runtime}: "
            "change requires-python in pyproject.toml (the workspace's, the API's and those of "
            "local packages), and run uv lock."
        )
    wheels: list[str] = []
    sources: dict[str, str] = {}
    folders: dict[str, Path] = {}
    markers: dict[str, str] = {}
    for requirement in _export():
        line, _, options = requirement.partition(" --hash")
        spec, _, marker = (part.strip() for part in line.partition(" ;"))
        path = _local_path(spec, lock.root)
        if path is not None and not options:
            name = _name_at(path, lock)
            folders[name] = path
            markers[name] = marker
            continue
        if path is not None:
            # A wheel or an archive of sources, which may be called anything.
            name = _name_at(path, lock)
            requirement = requirement.replace(spec, f"{name} @ {path.as_uri()}", 1)
            files, version = (path.name,), ""
        else:
            named = re.match(r"([A-Za-z0-9][\w.-]*)(?:\[[^]]*\])?\s*(?:==\s*([^\s;]+)|@)", spec)
            if named is None:
                raise RefusalError(f"uv export wrote a requirement that is new: {spec}")
            name, version = normalized(named[1]), named[2] or ""
            locked = lock.find(name, version)
            files = locked.wheels if locked else ()
        runs = (
            file.endswith(".whl") and fits(file, project.python_version, architecture)
            for file in files
        )
        if any(runs):
            wheels.append(requirement)
        else:
            sources[f"{name} {version}".strip()] = requirement
    return Requirements(tuple(wheels), sources, folders, markers)


def _export() -> list[str]:
    try:
        text = run(
            "uv",
            "export",
            "--quiet",
            "--locked",
            "--no-default-groups",
            "--no-editable",
            "--no-emit-project",
            "--no-header",
            "--no-annotate",
        )
    except FailedError as failure:
        raise RefusalError(f"The lock is not to be used: run uv lock.\n{failure}") from None
    lines = re.sub(r"\s*\\\n\s*", " ", text).splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _local_path(spec: str, root: Path) -> Path | None:
    if spec.startswith("file:"):
        return Path(url2pathname(urlsplit(spec).path))
    if re.match(r"\.{1,2}(/|$)|/", spec):
        return (root / spec).resolve()
    return None


def _name_at(path: Path, lock: Lock) -> str:
    for package in lock.packages:
        place = package.folder or package.source.get("path")
        if place and (lock.root / place).resolve() == path.resolve():
            return package.name
    return path.name

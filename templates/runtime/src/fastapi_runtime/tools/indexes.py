"""The package indexes that a lock was made from, as options of `uv pip`.

uv.lock names an index without credentials and without a name, by which variables give some
(`UV_INDEX_MINE_PASSWORD`): pyproject.toml or the environment has both.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from .lock import Lock
from .project import Project

_VARIABLES = ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL")
"""Variables that name indexes to uv: https://docs.astral.sh/uv/reference/environment/."""


def index_options(
    project: Project, lock: Lock, environment: Mapping[str, str] = os.environ
) -> tuple[str, ...]:
    """Options that make uv ask each index that the lock has packages of.

    Every index may be asked for every package: what is installed has the lock's hashes, wherever
    it comes from.

    Args:
        project: The API.
        lock: Its lock, or the workspace's.
        environment: Has the variables that name indexes to uv.
    """
    known = [*_of_manifests(project, lock), *_of_environment(environment)]
    indexes: list[str] = []
    options: list[str] = []
    for url in sorted({package.source.get("registry", "") for package in lock.packages} - {""}):
        if not urlsplit(url).netloc:
            options += ("--find-links", str((lock.root / url).resolve()))
            continue
        name, whole, flat = next(
            (each for each in known if _bare(each[1]) == _bare(url)), ("", url, False)
        )
        if flat:
            options += ("--find-links", whole)
        else:
            indexes.append(f"{name}={whole}" if name else whole)
    if not indexes:
        return tuple(options)
    for place in indexes[:-1]:
        options += ("--index", place)
    # In place of PyPI, which a lock from a mirror does not know.
    return (*options, "--default-index", indexes[-1], "--index-strategy", "unsafe-best-match")


def _of_manifests(project: Project, lock: Lock) -> Iterator[tuple[str, str, bool]]:
    """Name, URL, and whether it is a plain list of files, of the indexes in pyproject.toml."""
    for folder in dict.fromkeys((project.root, lock.root)):
        path = folder / "pyproject.toml"
        if not path.is_file():
            continue
        manifest: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        for index in manifest.get("tool", {}).get("uv", {}).get("index", ()):
            yield index.get("name", ""), index["url"], index.get("format") == "flat"


def _of_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, str, bool]]:
    for variable in _VARIABLES:
        for given in environment.get(variable, "").split():
            named = re.fullmatch(r"(?:([\w.-]+)=)?(.+)", given)
            if named is not None:
                yield named[1] or "", named[2], False


def _bare(url: str) -> tuple[str, str]:
    """What tells an index from another: its host and path, without credentials."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2].lower(), parts.path.rstrip("/")

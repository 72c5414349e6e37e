"""Tells log lines of the app's own code from those of libraries.

INFO lines of libraries say little to whoever wrote the app: they are left out by default.
"""

import logging
import os
import sys
import sysconfig
from functools import cache
from pathlib import Path

_PACKAGES = tuple(
    {sysconfig.get_path(name) + os.sep for name in ("purelib", "platlib", "stdlib", "platstdlib")}
)
_BUNDLE = os.environ.get("LAMBDA_TASK_ROOT", "")
_RUNTIME = os.environ.get("LAMBDA_RUNTIME_DIR", "/var/runtime") + os.sep
"""Folder of what Lambda's runtime brings, botocore among it."""


def library_level(own: int) -> int:
    """Level of what libraries log: `LIBRARY_LOG_LEVEL`, by default WARNING.

    Args:
        own: Level of the app's own lines; the default is at least as high.
    """
    name = os.environ.get("LIBRARY_LOG_LEVEL", "").upper()
    return logging.getLevelNamesMapping().get(name, max(logging.WARNING, own))


class OwnCodeFilter(logging.Filter):
    """Lets the app's own lines through, and libraries' lines from a level on.

    A logger whose level the app has set keeps that level, whoever owns it.
    """

    def __init__(self, level: int) -> None:
        """State the level of libraries."""
        super().__init__()
        self._level = level

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write a line."""
        return record.levelno >= self._level or _has_own_level(record.name) or _of_own_code(record)


def _has_own_level(name: str) -> bool:
    logger: logging.Logger | None = logging.getLogger(name)
    while logger is not None and logger.level == logging.NOTSET:
        logger = logger.parent
    return logger is not None and logger is not logging.root


def _of_own_code(record: logging.LogRecord) -> bool:
    # A library may write for the app, as structlog does, to a logger named for the app's module.
    module = sys.modules.get(record.name.partition(".")[0])
    return is_own(record.pathname) or is_own(getattr(module, "__file__", None) or "<none>")


@cache
def is_own(path: str) -> bool:
    """Whether a file is of the app or of a package of its workspace, and of no library."""
    if _BUNDLE and path.startswith(_BUNDLE + os.sep):
        top = path.removeprefix(_BUNDLE + os.sep).split(os.sep)[0].removesuffix(".py")
        listed = _own_packages()
        return top not in _libraries() if listed is None else top in listed
    return not path.startswith((*_PACKAGES, sys.prefix + os.sep, _RUNTIME, "<"))


@cache
def _own_packages() -> frozenset[str] | None:
    """Import names of the app and of the workspace's packages, where the bundle lists them."""
    listed = Path(__file__).parent / "own.txt"
    return frozenset(listed.read_text(encoding="utf-8").split()) if listed.exists() else None


@cache
def _libraries() -> frozenset[str]:
    """Import names of the bundle's distributions: their own name, or those they list."""
    found = {Path(__file__).parent.name}
    for folder in Path(_BUNDLE).glob("*.dist-info"):
        name = folder.name.partition("-")[0].lower()
        # `opentelemetry_api` is `opentelemetry`.
        found.update((name, name.partition("_")[0]))
        listed = folder / "top_level.txt"
        if listed.exists():
            found.update(listed.read_text(encoding="utf-8").split())
    return frozenset(found)

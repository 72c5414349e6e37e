"""Lists the workspace's own packages in a bundle, whose log lines are no library's."""

from collections.abc import Iterable
from pathlib import Path

from .install import recorded_paths
from .lock import normalized

LIST = "own.txt"
"""File of the runtime that `fastapi_runtime.own_code` reads, an import name a line."""


def list_own_packages(bundle: Path, runtime: str, names: Iterable[str]) -> None:
    """Write the list.

    Args:
        bundle: Folder with the installed packages.
        runtime: Import name of the runtime, whose lines are not the app's.
        names: The local packages, the runtime among them.
    """
    local = {normalized(name) for name in names}
    tops = {
        path.parts[0].removesuffix(".py")
        for metadata in bundle.glob("*.dist-info")
        if normalized(metadata.name.partition("-")[0]) in local
        for path in recorded_paths(metadata)
        if path.parts[0] != metadata.name
    }
    text = "".join(f"{name}\n" for name in sorted(tops - {runtime, "bin"}))
    _ = (bundle / runtime / LIST).write_text(text, encoding="utf-8", newline="\n")

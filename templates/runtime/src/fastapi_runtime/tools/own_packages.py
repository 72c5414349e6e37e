"""Lists what in a bundle is the workspace's own, whose log lines are no library's."""

from collections.abc import Iterable
from pathlib import Path

from .files import import_name, is_code
from .install import recorded_paths
from .lock import normalized

LIST = "own.txt"
"""File of the runtime that `fastapi_runtime.own_code` reads, an import name a line."""


def list_own_packages(
    bundle: Path, runtime: str, names: Iterable[str], app: Iterable[Path] = ()
) -> None:
    """Write the list.

    Args:
        bundle: Folder with the installed packages.
        runtime: Import name of the runtime, whose lines are not the app's.
        names: The local packages, the runtime among them.
        app: The app's files, relative to its folder.
    """
    local = {normalized(name) for name in names}
    own: set[str] = set()
    libraries = {runtime, "bin"}
    for metadata in bundle.glob("*.dist-info"):
        tops = own if normalized(metadata.name.partition("-")[0]) in local else libraries
        paths = recorded_paths(metadata)
        tops.update(import_name(path.parts[0]) for path in paths if path.parts[0] != metadata.name)
    # A namespace that both have is the libraries'.
    own.update({import_name(path.parts[0]) for path in app if is_code(path)} - libraries)
    text = "".join(f"{name}\n" for name in sorted(own - {runtime, "bin"}))
    _ = (bundle / runtime / LIST).write_text(text, encoding="utf-8", newline="\n")

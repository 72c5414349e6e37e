"""Starts the server again after each edit of the app's files."""

from collections.abc import Callable
from importlib.util import cache_from_source
from pathlib import Path
from socket import socket
from typing import override

from uvicorn import Config
from uvicorn.supervisors.basereload import BaseReload

from .describer import Describer
from .project import Project

type Seen = dict[Path, tuple[int, int]]
"""Files with the time of their last change, in nanoseconds, and their size."""


def look(root: Path, folders: list[str]) -> Seen:
    """The modules of an app as they are now.

    Args:
        root: Folder of the API, with modules beside the app's own.
        folders: Names of the folders in it with the others.
    """
    paths = [
        *root.glob("*.py"),
        *(path for name in folders for path in (root / name).rglob("*.py")),
    ]
    seen: Seen = {}
    for path in paths:
        try:
            stat = path.stat()
        except OSError:
            # Gone since the folder was read.
            continue
        seen[path] = (stat.st_mtime_ns, stat.st_size)
    return seen


def forget_bytecode(paths: Seen) -> None:
    """Remove bytecode that may be of an edit before the last one.

    Python compares seconds and sizes: of two edits in one second that leave a file as long as it
    was, it takes the first for the second.
    """
    for path, (changed, _) in paths.items():
        cached = Path(cache_from_source(path))
        second = 1_000_000_000
        if cached.exists() and cached.stat().st_mtime_ns < (changed // second + 1) * second:
            cached.unlink(missing_ok=True)


class Reloader(BaseReload):
    """uvicorn's, but no edit is missed.

    uvicorn's own starts to look at files once the server starts, and a new file is no change to it:
    a server that failed for want of it stays down.
    """

    def __init__(
        self,
        config: Config,
        target: Callable[[list[socket] | None], None],
        listening: socket,
        project: Project,
        folders: list[str],
    ) -> None:
        """Note the files as they are, before any is imported.

        Args:
            config: The server's.
            target: Runs the server in a process of its own.
            listening: Where the server listens.
            project: The API.
            folders: Names of the folders in it whose edits count.
        """
        super().__init__(config, target, [listening])
        self.reloader_name = "fastapi_runtime"
        self._root = project.root
        self._folders = folders
        self._describer = Describer(project)
        self._seen = look(self._root, self._folders)

    @override
    def should_restart(self) -> list[Path] | None:
        self.pause()
        self._describer.look()
        before, self._seen = self._seen, look(self._root, self._folders)
        changed = {path for path, _ in before.items() ^ self._seen.items()}
        return sorted(changed) or None

    @override
    def startup(self) -> None:
        super().startup()
        self._describer.start()

    @override
    def restart(self) -> None:
        self._describer.stop()
        super().restart()
        self._describer.start()

    @override
    def shutdown(self) -> None:
        self._describer.stop()
        super().shutdown()

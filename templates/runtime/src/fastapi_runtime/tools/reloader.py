"""Starts the server again after each edit of the app's files."""

import os
import signal
from collections.abc import Callable, Iterator
from importlib.util import cache_from_source
from pathlib import Path
from socket import socket
from typing import override

from uvicorn import Config
from uvicorn.supervisors.basereload import BaseReload

from .describer import Describer
from .files import MADE, NEVER, app_files
from .project import Project
from .refusal import RefusalError

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
        *(path for name in folders for path in _modules(root / name)),
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


def _modules(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not _is_skipped(name)]
        yield from (Path(place) / name for name in names if name.endswith(".py"))


def _is_skipped(name: str) -> bool:
    return name.startswith(".") or name in NEVER


def watched(project: Project) -> list[str]:
    """Folders whose edits are served: the module, and those beside it that the bundle has too."""
    folders = {path.parts[0] for path in app_files(project) if len(path.parts) > 1}
    return sorted(folders - {MADE})


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
            folders: Names of the folders in it whose edits count; new ones are found.
        """
        super().__init__(config, target, [listening])
        self.reloader_name = "fastapi_runtime"
        self._project = project
        self._root = project.root
        self._folders = folders
        self._describer = Describer(project)
        self._others = self._other_folders()
        self._seen = look(self._root, self._folders)

    def _other_folders(self) -> dict[str, int]:
        """Folders that are not looked at, with the time at which one last got or lost a file."""
        found: dict[str, int] = {}
        for path in self._root.iterdir():
            name = path.name
            if name in self._folders or name == MADE or _is_skipped(name) or not path.is_dir():
                continue
            found[name] = path.stat().st_mtime_ns
        return found

    def _find_folders(self) -> None:
        """Look at new folders of the app too; which ones are the app's, git may have to tell."""
        try:
            others = self._other_folders()
            if others != self._others:
                self._folders = watched(self._project)
                self._others = self._other_folders()
        except (OSError, RefusalError):
            # Gone since the folder was read, or git is at work: the next look tells.
            return

    @override
    def should_restart(self) -> list[Path] | None:
        self.pause()
        self._describer.look()
        self._find_folders()
        before, self._seen = self._seen, look(self._root, self._folders)
        changed = {path for path, _ in before.items() ^ self._seen.items()}
        return sorted(changed) or None

    @override
    def startup(self) -> None:
        super().startup()
        # A terminal that is closed ends the server too, unless nohup keeps it.
        hangup = getattr(signal, "SIGHUP", None)
        if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:
            _ = signal.signal(hangup, self.signal_handler)
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

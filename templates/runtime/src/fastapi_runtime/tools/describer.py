"""Keeps dist/openapi.json as `openapi` would write it while the server runs.

What is generated from the document, such as a website's client, follows each edit so. It is made in
a process of its own and not by the server, whose app may have routes of `.env` and the shell.
"""

import subprocess
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO

from . import open_api
from .hermetic import start_hermetic
from .project import Project
from .refusal import RefusalError


@dataclass(frozen=True)
class _Run:
    process: subprocess.Popen[bytes]
    said: IO[bytes]
    """What it says of an error."""
    cleanup: ExitStack


class Describer:
    """Makes the document anew when asked to; never waits for it."""

    def __init__(self, project: Project) -> None:
        """Make none yet.

        Args:
            project: The API.
        """
        self._project = project
        self._run: _Run | None = None
        self._told = ""

    def start(self) -> None:
        """Make the document of the app as it is now; what was begun before is given up."""
        self.stop()
        with ExitStack() as cleanup:
            folder = tempfile.TemporaryDirectory(prefix="app-", ignore_cleanup_errors=True)
            name = cleanup.enter_context(folder)
            said = cleanup.enter_context(tempfile.TemporaryFile())
            try:
                process = start_hermetic(
                    self._project,
                    name,
                    open_api.__name__,
                    open_api.write.__name__,
                    stdout=subprocess.DEVNULL,
                    stderr=said,
                )
            except RefusalError as refusal:
                self._tell(str(refusal))
            else:
                self._run = _Run(process, said, cleanup.pop_all())

    def look(self) -> None:
        """See whether it is done, and say why where it failed."""
        run = self._run
        if run is None or run.process.poll() is None:
            return
        _ = run.said.seek(0)
        lines = run.said.read().decode(errors="replace").strip().splitlines() or [""]
        self.stop()
        self._tell(lines[-1] if run.process.returncode else "")

    def stop(self) -> None:
        """Give up what is being made; the last document stays."""
        run, self._run = self._run, None
        if run is not None:
            run.process.kill()
            _ = run.process.wait()
            run.cleanup.close()

    def _tell(self, reason: str) -> None:
        """Say it once, and again after it was well."""
        if reason and reason != self._told:
            print(f"dist/openapi.json stays as it was, since `openapi` fails: {reason}", flush=True)
        self._told = reason

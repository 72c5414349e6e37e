"""Runs a function of these tools on the app's own files, without the shell's variables."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from .environment import build_environment
from .files import copy_app
from .project import Project
from .refusal import RefusalError

_REFUSED = 3
"""Exit code of a process whose function refuses; its last line says why."""

_SCRIPT = f"""\
import importlib, pathlib, sys
from {RefusalError.__module__} import RefusalError
sys.path.insert(0, str(pathlib.Path.cwd()))
module, function, root = sys.argv[1:]
try:
    getattr(importlib.import_module(module), function)(pathlib.Path(root))
except RefusalError as refusal:
    print(refusal, file=sys.stderr)
    sys.exit({_REFUSED})
"""


def start_hermetic(
    project: Project,
    folder: str,
    module: str,
    function: str,
    *,
    stdout: int | None = None,
    stderr: int | IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `function(root)` of a module in a process of its own, in a folder that has the app.

    The folder gets the files that a bundle has, and no `.env`; modules of the app are imported from
    there, dependencies from the environment of this process.

    Args:
        project: The API; the function gets its folder.
        folder: An empty one, without `.env` above it, for the length of the process.
        module: Module of the function.
        function: Its name.
        stdout: Where its output goes. Default: where this process's does.
        stderr: Where what it says of errors goes. Default: as `stdout`.

    Raises:
        RefusalError: When a file would take the place of a dependency.
    """
    copy_app(project, Path(folder))
    return subprocess.Popen(  # noqa: S603
        (sys.executable, "-P", "-s", "-B", "-c", _SCRIPT, module, function, str(project.root)),
        cwd=folder,
        env=build_environment(project),
        stdout=stdout,
        stderr=stderr,
    )


def run_hermetic(project: Project, module: str, function: str) -> None:
    """Run `function(root)` of a module to its end, as `start_hermetic` starts it.

    Args:
        project: The API; the function gets its folder.
        module: Module of the function.
        function: Its name.

    Raises:
        RefusalError: When the function refuses, or the process fails; it has said why.
    """
    with tempfile.TemporaryDirectory(prefix="app-") as folder:
        process = start_hermetic(project, folder, module, function, stderr=subprocess.PIPE)
        said = process.communicate()[1].decode(errors="replace")
    said = said.replace(os.path.realpath(folder), str(project.root))
    said = said.replace(folder, str(project.root))
    if process.returncode == _REFUSED:
        before, _, reason = said.rstrip().rpartition("\n")
        _ = sys.stderr.write(f"{before}\n" if before else "")
        raise RefusalError(reason)
    _ = sys.stderr.write(said)
    if process.returncode:
        raise RefusalError(
            f"{project.module}.main can't be imported as it would be in Lambda: see above. A file "
            "that it reads must not be left out of the bundle (exclude in pyproject.toml); a "
            "variable that it needs has to stand in [tool.fastapi-lambda.environment]."
        )

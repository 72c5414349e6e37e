"""Runs a function of these tools on the app alone: its own files, no variables of a shell's."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .environment import build_environment
from .files import copy_app
from .project import Project
from .refusal import RefusalError

_SCRIPT = """\
import importlib, pathlib, sys
sys.path.insert(0, str(pathlib.Path.cwd()))
module, function, root = sys.argv[1:]
getattr(importlib.import_module(module), function)(pathlib.Path(root))
"""


def run_hermetic(project: Project, module: str, function: str) -> None:
    """Run `function(root)` of a module in a process and a folder of its own.

    The folder has the files that a bundle has, and no `.env`, in it or above it; modules of the app
    are imported from there, dependencies from the environment of this process.

    Args:
        project: The API; the function gets its folder.
        module: Module of the function.
        function: Its name.

    Raises:
        RefusalError: When the process fails; it has said why.
    """
    with tempfile.TemporaryDirectory(prefix="app-") as folder:
        copy_app(project, Path(folder))
        done = subprocess.run(  # noqa: S603
            (sys.executable, "-P", "-s", "-B", "-c", _SCRIPT, module, function, str(project.root)),
            cwd=folder,
            env=build_environment(project),
            check=False,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
    said = done.stderr.replace(os.path.realpath(folder), str(project.root))
    said = said.replace(folder, str(project.root))
    _ = sys.stderr.write(said)
    if done.returncode:
        raise RefusalError(
            f"{project.module}.main can't be imported as it would be in Lambda: see above. A file "
            "that it reads must not be left out of the bundle (exclude in pyproject.toml); a "
            "variable that it needs has to stand in [tool.fastapi-lambda.environment]."
        )

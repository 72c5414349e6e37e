"""Imports the app from a folder with what Lambda will have, and nothing else."""

import os
import platform
import shutil
import sys
from pathlib import Path

from .commands import FailedError, run
from .environment import build_environment
from .project import Project
from .refusal import RefusalError, without_runtime
from .wheels import GLIBC_MINOR

_SCRIPT = """\
import importlib, sys
sys.path.insert(0, sys.argv[1])
module = importlib.import_module(sys.argv[2] + ".main")
if not hasattr(module, "app"):
    raise AttributeError(f"{module.__name__} has no app")
from fastapi_runtime.application import has_runtime
print("" if has_runtime(module.app) else sys.argv[3])
"""

_FOREIGN = "not the app of init"


def is_lambdas(architecture: str) -> bool:
    """Whether wheels for Lambda run on this machine: Linux, the same processor, a new glibc."""
    machine = {"aarch64": "arm64", "AMD64": "x86_64"}.get(platform.machine(), platform.machine())
    library, _, version = " ".join(platform.libc_ver()).partition(" ")
    numbers = [int(part) for part in version.split(".")[:2] if part.isdigit()]
    is_new = library == "glibc" and numbers >= [2, GLIBC_MINOR]
    return sys.platform == "linux" and machine == architecture and is_new


def check_imports(project: Project, folder: Path, python: str) -> None:
    """Import the app's `main`, with the folder as the only place of packages.

    What the import writes there is told, and taken back.

    Args:
        project: The API.
        folder: Has the app's files and its dependencies.
        python: Interpreter of the runtime's version.

    Raises:
        RefusalError: When the import fails, with where and why.
    """
    # Isolated, and without the interpreter's own packages.
    before = _look(folder)
    isolated = (python, "-I", "-S", "-B", "-c", _SCRIPT, str(folder), project.module, _FOREIGN)
    try:
        said = run(*isolated, env=build_environment(project), cwd=str(folder))
    except FailedError as failure:
        text = str(failure).replace(f"{folder}{os.sep}", "")
        raise RefusalError(
            f"{text}\n{project.module}.main can't be imported from what Lambda would have: what it "
            "imports has to be a dependency (uv add), what it reads a file beside the module (see "
            "exclude in pyproject.toml), a variable that it needs stand in "
            "[tool.fastapi-lambda.environment]."
        ) from None
    _take_back(project, folder, before)
    if said.rstrip().endswith(_FOREIGN):
        print(without_runtime(project.module))


def _look(folder: Path) -> dict[Path, tuple[int, int]]:
    """Files of a folder, with the time of their last change and their size."""
    stats = {path: path.stat() for path in folder.rglob("*") if path.is_file()}
    return {path: (stat.st_mtime_ns, stat.st_size) for path, stat in stats.items()}


def _take_back(project: Project, folder: Path, before: dict[Path, tuple[int, int]]) -> None:
    written = {path for path, _ in _look(folder).items() - before.items()}
    names: list[Path] = []
    for name in sorted(path.relative_to(folder) for path in written):
        made = project.root / name
        if folder / name in before and not made.exists():
            # A dependency's, which is as good as it was.
            continue
        (folder / name).unlink()
        if folder / name in before:
            _ = shutil.copy2(made, folder / name)
        names.append(name)
    if names:
        told = ", ".join(name.as_posix() for name in names[:5])
        print(
            f"{project.module}.main writes {told} when it is imported, which is left out of the "
            "bundle: Lambda's folder is read-only, write to /tmp."
        )

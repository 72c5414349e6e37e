"""Imports the app from a folder with what Lambda will have, and nothing else."""

import ast
import inspect
import json
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from .app_name import MAKERS, problem_of_app
from .commands import FailedError, run
from .environment import build_environment
from .names import parsed_modules
from .project import Project
from .refusal import RefusalError, without_runtime
from .wheels import GLIBC_MINOR

_SCRIPT = f"""\
import importlib, importlib.util, json, sys
from collections.abc import Sequence
from types import ModuleType
{inspect.getsource(problem_of_app)}
folder, name, makers, *wanted = sys.argv[1:]
sys.path.insert(0, folder)
module = importlib.import_module(name + ".main")
problem = problem_of_app(module, makers.split())
has_runtime = None
if not problem:
    from fastapi_runtime.application import has_runtime
files = [getattr(each, "__file__", None) for each in list(sys.modules.values())]
missing = [each for each in wanted if each not in sys.modules]
missing = [each for each in missing if not importlib.util.find_spec(each)]
print()
print(json.dumps([problem, has_runtime and has_runtime(module.app), files, missing]))
"""

_OF_LAMBDA = {"boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3"}
"""What Lambda's runtimes of Python have besides its own library: boto3, and what that needs."""


def is_lambdas(architecture: str) -> bool:
    """Whether wheels for Lambda run on this machine: Linux, the same processor, a new glibc."""
    machine = {"aarch64": "arm64", "AMD64": "x86_64"}.get(platform.machine(), platform.machine())
    library, _, version = " ".join(platform.libc_ver()).partition(" ")
    numbers = [int(part) for part in version.split(".")[:2] if part.isdigit()]
    is_new = library == "glibc" and numbers >= [2, GLIBC_MINOR]
    return sys.platform == "linux" and machine == architecture and is_new


def check_imports(project: Project, folder: Path, python: str) -> None:
    """Import the app's `main`, with the folder as the only place of packages.

    What the import writes there is told, and taken back. So is what the app imports later, and is
    not there.

    Args:
        project: The API.
        folder: Has the app's files and its dependencies.
        python: Interpreter of the runtime's version.

    Raises:
        RefusalError: When the import fails, with where and why.
    """
    # Isolated, and without the interpreter's own packages.
    before = _look(folder)
    wanted = _imports(project)
    arguments = (str(folder), project.module, " ".join(MAKERS), *wanted)
    isolated = (python, "-I", "-S", "-B", "-c", _SCRIPT, *arguments)
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
    problem, has_runtime, files, missing = json.loads(said.rstrip().splitlines()[-1])
    if problem:
        raise RefusalError(problem)
    if not has_runtime:
        print(without_runtime(project.module))
    loaded = {os.path.realpath(file) for file in files if file}
    places = [
        (*place, name)
        for name in missing
        for place in wanted[name]
        # What nobody imports, such as migrations of a database, needs nothing here.
        if os.path.realpath(folder / place[0]) in loaded
    ]
    for path, line, name in sorted(places):
        print(
            f"{path}:{line}: {name} is imported, and is not in the bundle: make it a dependency "
            "(uv add)."
        )


def _imports(project: Project) -> dict[str, list[tuple[str, int]]]:
    """Packages that the app's modules import, with the places; not those that it can do without."""
    found: dict[str, list[tuple[str, int]]] = {}
    for path, tree in parsed_modules(project):
        for name, line in _imported(tree):
            if name not in sys.stdlib_module_names and name not in _OF_LAMBDA:
                places = found.setdefault(name, [])
                if path.as_posix() not in (place[0] for place in places):
                    places.append((path.as_posix(), line))
    return found


def _imported(node: ast.AST) -> Iterator[tuple[str, int]]:
    if isinstance(node, ast.Import):
        yield from ((alias.name.partition(".")[0], node.lineno) for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
        yield node.module.partition(".")[0], node.lineno
    elif isinstance(node, ast.Try) or (
        isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
    ):
        parts = node.handlers if isinstance(node, ast.Try) else node.orelse
        for part in (*parts, *node.orelse):
            yield from _imported(part)
    else:
        for part in ast.iter_child_nodes(node):
            yield from _imported(part)


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

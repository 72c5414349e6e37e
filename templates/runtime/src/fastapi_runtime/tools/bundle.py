"""Write dist/bundle, the code that Lambda runs, and dist/bundle.zip, the same as one file.

From uv.lock and nothing else, for Lambda's platform, without Docker; bytecode for its Python, since
compiling at the first import would more than double a cold start. The zip of the same inputs is the
same byte for byte, so that deployments see a change only where there is one.
"""

import argparse
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

from .commands import FailedError, interpreter, run
from .files import app_files, circular_links, copy_app, hidden_files
from .imports import check_imports, is_lambdas
from .indexes import index_options
from .install import Installer, leave_out, sizes
from .limits import check_size
from .lock import read_lock
from .own_packages import list_own_packages
from .project import ARCHITECTURES, ARCHIVE, BUNDLE, Project, read_project
from .refusal import told
from .requirements import read_requirements

TASK_ROOT = "/var/task"
"""Where Lambda unpacks the bundle; the paths in bytecode and stack traces."""

TOOLS = "/".join((__package__ or "").split("."))
"""Folder of these programs, which Lambda has no use for."""

EARLIEST = (1980, 1, 1, 0, 0, 0)


def main() -> None:
    """Build the bundle for the architecture that pyproject.toml or `--architecture` names."""
    parser = argparse.ArgumentParser(description=__doc__)
    _ = parser.add_argument("--architecture", choices=ARCHITECTURES)
    given: str | None = parser.parse_args().architecture
    # What is not whole or was refused must not be deployed.
    remove(Path.cwd())
    project = read_project()
    architecture = given or project.architecture
    try:
        with tempfile.TemporaryDirectory(prefix="bundle-") as work:
            build(project, architecture, Path(work))
    except BaseException:
        remove(project.root)
        raise
    size = project.archive.stat().st_size / 1_000_000
    print(f"dist/bundle.zip: {size:.1f} MB for {project.runtime} on {architecture}")


def build(project: Project, architecture: str, work: Path) -> None:
    """Make the bundle, check it, and zip it.

    Args:
        project: The API.
        architecture: Lambda's.
        work: An empty folder for what is in between.
    """
    lock = read_lock(project.root)
    installer = Installer(
        requirements=read_requirements(project, lock, architecture),
        python_version=lock.python_for(project.python_version),
        work=work,
        indexes=index_options(project, lock),
    )
    bundle = project.bundle
    installer.install(bundle, architecture)
    leave_out(bundle, TOOLS)
    local = installer.requirements.folders
    list_own_packages(bundle, TOOLS.split("/")[0], local, app_files(project))
    copy_app(project, bundle)
    for link in circular_links(project):
        print(f"{link.as_posix()} leads back to a folder around it, and is left out of the bundle.")
    if hidden := hidden_files(project):
        some = ", ".join(path.as_posix() for path in hidden[:5])
        print(f"Hidden files are left out of the bundle, unless include names them: {some}")
    python = interpreter(project.python_version)
    if python is None:
        print(
            f"Python {project.python_version} is not here and uv can't fetch it: the bundle has no "
            f"bytecode, and starts slower; nothing has imported it. uv python install "
            f"{project.python_version}"
        )
    else:
        if is_lambdas(architecture):
            check_imports(project, bundle, python)
        else:
            own = work / "own"
            installer.install(own, None)
            copy_app(project, own)
            check_imports(project, own, python)
        compile_bytecode(bundle, python)
    copy_start_script(project)
    packages = sizes(bundle)
    code = sum(path.stat().st_size for path in bundle.rglob("*") if path.is_file())
    own = code - sum(packages.values())
    check_size(project, code, {**packages, f"{project.name} itself": own})
    write_archive(project)


def remove(root: Path) -> None:
    """Remove the bundle that lies in a project's folder."""
    shutil.rmtree(root / BUNDLE, ignore_errors=True)
    (root / ARCHIVE).unlink(missing_ok=True)


def copy_start_script(project: Project) -> None:
    """Copy run.sh with the line ends and the permission that Lambda asks for."""
    script = project.bundle / "run.sh"
    text = (project.root / "run.sh").read_text(encoding="utf-8")
    # A file of a dependency may be a link into uv's cache.
    script.unlink(missing_ok=True)
    _ = script.write_text(text, encoding="utf-8", newline="\n")
    script.chmod(0o755)


def compile_bytecode(bundle: Path, python: str) -> None:
    """Compile for the runtime's Python. Unchecked: a zip's timestamps would make it look stale."""
    options = ("-q", "-j", "0", "--invalidation-mode", "unchecked-hash", "-s", str(bundle))
    # The order of sets in bytecode follows the hash seed.
    env = {**os.environ, "PYTHONHASHSEED": "0"}
    try:
        _ = run(python, "-m", "compileall", *options, "-p", TASK_ROOT, str(bundle), env=env)
    except FailedError:
        # Some packages bring files that are no Python of this version, and import none of them. The
        # app itself has been imported.
        return


def write_archive(project: Project) -> None:
    """Zip the bundle in a fixed order, with fixed times and permissions."""
    bundle = project.bundle
    with zipfile.ZipFile(project.archive, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(bundle.rglob("*"), key=lambda path: path.relative_to(bundle).as_posix()):
            if path.is_dir():
                continue
            name = path.relative_to(bundle).as_posix()
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            # Unix permissions, whatever the system that this runs on.
            entry.create_system = 3
            runs = name == "run.sh" or name.startswith("bin/") or path.stat().st_mode & 0o100
            entry.external_attr = (0o100755 if runs else 0o100644) << 16
            archive.writestr(entry, path.read_bytes(), compresslevel=6)


if __name__ == "__main__":
    told(main)

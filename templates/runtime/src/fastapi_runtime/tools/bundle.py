"""Write dist/bundle, the code that Lambda runs, and dist/bundle.zip, the same as one file.

Wheels for Lambda's platform, from the lock file, without Docker; bytecode for its Python, since
compiling at the first import would more than double a cold start. The zip of the same inputs is the
same byte for byte, so that deployments see a change only where there is one.
"""

import argparse
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from .project import Project, read_project

PLATFORMS = {"arm64": "aarch64-manylinux2014", "x86_64": "x86_64-manylinux2014"}

TASK_ROOT = "/var/task"
"""Where Lambda unpacks the bundle; the paths in bytecode and stack traces."""

NOT_RUN = ("*.pyi", "*.pyx", "*.pxd", "*.c", "*.h", "*.so.debug", "py.typed", ".lock")
INSTALLER_FILES = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json")
EARLIEST = (1980, 1, 1, 0, 0, 0)


def main() -> None:
    """Build the bundle for the architecture that pyproject.toml or `--architecture` names."""
    project = read_project()
    parser = argparse.ArgumentParser(description=__doc__)
    _ = parser.add_argument("--architecture", choices=PLATFORMS, default=project.architecture)
    architecture: str = parser.parse_args().architecture
    shutil.rmtree(project.bundle, ignore_errors=True)
    project.bundle.mkdir(parents=True)
    install_dependencies(project, architecture)
    copy_app(project)
    leave_out_what_does_not_run(project.bundle)
    compile_bytecode(project)
    write_archive(project)
    size = project.archive.stat().st_size / 1_000_000
    print(f"dist/bundle.zip: {size:.1f} MB for {project.runtime} on {architecture}")


def install_dependencies(project: Project, architecture: str) -> None:
    """Install what the lock file says."""
    listed = project.dist / "requirements.txt"
    _ = listed.write_text(export(), encoding="utf-8")
    run(
        "uv",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-build",
        "--python-platform",
        PLATFORMS[architecture],
        "--python-version",
        project.python_version,
        "--target",
        str(project.bundle),
        "--requirements",
        str(listed),
    )
    listed.unlink()


def export() -> str:
    """The project's dependencies as requirements, without those of development."""
    command = ("uv", "export", "--quiet", "--no-dev", "--no-emit-local")
    return run(*command, "--no-hashes", "--no-header", "--no-annotate")


def copy_app(project: Project) -> None:
    """Copy the app, the runtime without these tools, and the start script as Lambda asks for it."""
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", "tools")
    runtime = Path(__file__).parent.parent
    _ = shutil.copytree(runtime, project.bundle / runtime.name, ignore=ignored)
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    module = project.root / project.module
    _ = shutil.copytree(module, project.bundle / project.module, ignore=ignored)
    script = project.bundle / "run.sh"
    text = (project.root / "run.sh").read_text(encoding="utf-8")
    _ = script.write_text(text, encoding="utf-8", newline="\n")
    script.chmod(0o755)


def leave_out_what_does_not_run(bundle: Path) -> None:
    """Remove sources of extensions, type stubs, and what the installer notes for itself."""
    shutil.rmtree(bundle / "bin", ignore_errors=True)
    for pattern in NOT_RUN:
        for path in bundle.rglob(pattern):
            path.unlink()
    for metadata in bundle.glob("*.dist-info"):
        for name in INSTALLER_FILES:
            (metadata / name).unlink(missing_ok=True)


def compile_bytecode(project: Project) -> None:
    """Compile for the runtime's Python. Unchecked: a zip's timestamps would make it look stale."""
    if project.python_version == f"{sys.version_info.major}.{sys.version_info.minor}":
        python = (sys.executable,)
    else:
        python = (
            "uv",
            "run",
            "--quiet",
            "--no-project",
            "--python",
            project.python_version,
            "python",
        )
    _ = run(
        *python,
        "-m",
        "compileall",
        "-q",
        "-j",
        "0",
        "--invalidation-mode",
        "unchecked-hash",
        "-s",
        str(project.bundle),
        "-p",
        TASK_ROOT,
        str(project.bundle),
        # The order of sets in bytecode follows the hash seed.
        env={"PYTHONHASHSEED": "0"},
    )


def write_archive(project: Project) -> None:
    """Zip the bundle in a fixed order, with fixed times and permissions."""
    bundle = project.bundle
    with zipfile.ZipFile(project.archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(bundle.rglob("*"), key=lambda path: path.relative_to(bundle).as_posix()):
            if path.is_dir():
                continue
            entry = zipfile.ZipInfo(path.relative_to(bundle).as_posix(), EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            # Unix permissions, whatever the system that this runs on.
            entry.create_system = 3
            entry.external_attr = (0o100755 if path.name == "run.sh" else 0o100644) << 16
            archive.writestr(entry, path.read_bytes(), compresslevel=9)


def run(*command: str, env: dict[str, str] | None = None) -> str:
    """Run a program and return what it printed; its errors are shown."""
    done = subprocess.run(  # noqa: S603
        command,
        env={**os.environ, **(env or {})},
        check=False,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    if done.returncode:
        sys.exit(f"{Path(command[0]).name} failed: {' '.join(command)}\n{done.stdout}")
    return done.stdout


if __name__ == "__main__":
    main()

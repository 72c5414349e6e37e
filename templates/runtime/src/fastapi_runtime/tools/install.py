"""Installs what the lock names into a folder: for Lambda's platform, or for this machine's."""

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from .commands import FailedError, run
from .lock import normalized
from .refusal import RefusalError
from .requirements import Requirements
from .wheels import is_pure, platform_of

_INSTALLER_FILES = ("INSTALLER", "REQUESTED", "direct_url.json", "uv_build.json", "uv_cache.json")


@dataclass(frozen=True)
class Installer:
    """Installs one project's requirements, into as many folders as are asked for."""

    requirements: Requirements
    python_version: str
    """The runtime's: `3.13`, or `3.13.2` where the lock is for no earlier one."""
    work: Path
    """Folder for files in between, removed by whoever made it."""
    indexes: tuple[str, ...] = ()
    """Options of uv that name the indexes of the lock."""

    def install(self, target: Path, architecture: str | None) -> None:
        """Install all requirements.

        Args:
            target: The folder; made when it is not there.
            architecture: Lambda's, for whose platform wheels are chosen; None for this machine.

        Raises:
            RefusalError: When a package can't be had, is not the one that was locked, or needs
                compiled code that nothing here can build for Lambda.
        """
        listed = self.work / "requirements.txt"
        lines = "\n".join(self.requirements.wheels)
        _ = listed.write_text(f"{lines}\n", encoding="utf-8")
        try:
            no_build = () if architecture is None else ("--no-build",)
            self._pip(target, architecture, "--require-hashes", *no_build, "-r", str(listed))
        except FailedError as failure:
            raise RefusalError(f"The locked packages can't be installed: {failure}") from None
        for name, line in self.requirements.sources.items():
            _ = listed.write_text(f"{line}\n", encoding="utf-8")
            # The commit of a Git source stands for its content.
            hashes = ("--require-hashes",) if "--hash" in line else ()
            before = set(target.glob("*.dist-info"))
            try:
                self._pip(target, architecture, *hashes, "-r", str(listed))
            except FailedError as failure:
                raise self._compiled(name, architecture, str(failure)) from None
            # None where a marker says that it is not needed, as for one of two versions in a lock.
            if not all(map(_is_pure, set(target.glob("*.dist-info")) - before)):
                raise self._compiled(name, architecture, "")
        for name, folder in self.requirements.folders.items():
            marker = self.requirements.markers[name]
            line = f"{name} @ {self._built(name, folder).as_uri()}"
            _ = listed.write_text(f"{line} ; {marker}\n" if marker else line, encoding="utf-8")
            self._pip(target, architecture, "-r", str(listed))
        clean(target)

    def _pip(self, target: Path, architecture: str | None, *options: str) -> None:
        platform = () if architecture is None else ("--python-platform", platform_of(architecture))
        # Settings of a project would add to the lock, which has their effect already: constraints
        # have no hashes, for one. This file ends uv's search for some; the user's own hold.
        (self.work / "uv.toml").touch()
        _ = run(
            "uv",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--python",
            sys.executable,
            "--python-version",
            self.python_version,
            "--target",
            str(target),
            *platform,
            *self.indexes,
            *options,
            cwd=str(self.work),
        )

    def _built(self, name: str, folder: Path) -> Path:
        """A wheel of a local package; built once, and of its files as they are now."""
        place = self.work / name
        if not place.exists():
            # setuptools would build in the package's own folder, and add what an earlier build left
            # there. https://github.com/pypa/distutils/pull/177 has the variable.
            settings = self.work / "setuptools.cfg"
            elsewhere = f"[build]\nbuild_base = {self.work / name}-build\n"
            _ = settings.write_text(elsewhere, encoding="utf-8")
            env = {**os.environ, "DIST_EXTRA_CONFIG": str(settings)}
            build = ("uv", "build", "--quiet", "--python", sys.executable, "--wheel")
            try:
                _ = run(*build, "--out-dir", str(place), str(folder), env=env)
            except FailedError as failure:
                raise RefusalError(f"{folder} can't be built: {failure}") from None
        (wheel,) = place.glob("*.whl")
        if not wheel.name.endswith("-none-any.whl"):
            raise RefusalError(
                f"{name} ({folder}) compiles code for this machine, which Lambda can't run: "
                "build its wheel on Amazon Linux 2023, and depend on that by its path."
            )
        return wheel

    def _compiled(self, name: str, architecture: str | None, failure: str) -> RefusalError:
        where = f"Python {self.python_version} on {architecture or 'this machine'}"
        reason = (
            f"{name} has no wheel for {where}, and code that is compiled here would not run in "
            "Lambda: take a version or a package that has one (see its files on PyPI), or build "
            "one on Amazon Linux 2023 and depend on it by its path."
        )
        return RefusalError(f"{failure}\n{reason}".strip())


def clean(target: Path) -> None:
    """Remove what the installer notes for itself, and what names a folder of this machine."""
    (target / ".lock").unlink(missing_ok=True)
    for script in (path for path in (target / "bin").rglob("*") if path.is_file()):
        # Starts with this machine's Python; programs that are no scripts stay.
        if script.read_bytes()[:2] == b"#!":
            script.unlink()
    for metadata in target.glob("*.dist-info"):
        for name in _INSTALLER_FILES:
            (metadata / name).unlink(missing_ok=True)
        record = metadata / "RECORD"
        if record.exists():
            lines = record.read_text(encoding="utf-8").splitlines()
            kept = [line for line in lines if (target / _recorded(line)).exists()]
            # A new file: the old one may be a link into uv's cache.
            record.unlink()
            _ = record.write_text("\n".join([*kept, ""]), encoding="utf-8", newline="\n")
    if (target / "bin").exists() and not any((target / "bin").iterdir()):
        shutil.rmtree(target / "bin")


def sizes(target: Path) -> dict[str, int]:
    """Bytes of each installed package, by name, its bytecode included."""
    found: dict[str, int] = {}
    for metadata in target.glob("*.dist-info"):
        paths = {target / path for path in recorded_paths(metadata)}
        for path in list(paths):
            if path.suffix == ".py":
                paths.update((path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"))
        found[_distribution(metadata)] = sum(
            path.stat().st_size for path in paths if path.is_file()
        )
    return found


def recorded_paths(metadata: Path) -> list[Path]:
    """Files of an installed package, from the folder that it is installed in."""
    lines = (metadata / "RECORD").read_text(encoding="utf-8").splitlines()
    return [Path(_recorded(line)) for line in lines if _recorded(line)]


def leave_out(target: Path, folder: str) -> None:
    """Remove a folder of an installed package, and its lines in RECORD."""
    shutil.rmtree(target / folder, ignore_errors=True)
    clean(target)


def _recorded(line: str) -> str:
    """Path in a line of RECORD, which is CSV; quoted where it has a comma."""
    found = re.fullmatch(r'(?:"((?:[^"]|"")*)"|([^,]*)),[^,]*,\d*', line)
    return "" if found is None else (found[1] or found[2] or "").replace('""', '"')


def _distribution(metadata: Path) -> str:
    return normalized(metadata.name.partition("-")[0])


def _is_pure(metadata: Path) -> bool:
    """Whether an installed package has no compiled code."""
    return is_pure((metadata / "WHEEL").read_text(encoding="utf-8"))

"""Which files of an API's folder are the app: its module, and what stands beside it.

The rule: every file that git does not ignore, but for hidden ones and those that `exclude` in
pyproject.toml names; `include` brings files back, and reaches into `dist`. Hidden is what has a
name with a dot in front, or is in such a folder; `.gitkeep`, which keeps its folder, is not. Links
are followed, but for one that leads back to a folder around it. Nx looks at the same files, so that
a change of any of them makes a new bundle.
"""

import fnmatch
import os
import shutil
import subprocess
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from .project import ARCHIVE, BUNDLE, Project
from .refusal import RefusalError

NEVER = {"__pycache__", "node_modules"}
"""Folders that are no app's, wherever they are."""
MADE = "dist"
"""Folder of what these tools, or a build of a package, have written."""
_OURS = {Path(BUNDLE), Path(ARCHIVE), Path(MADE, "serve.json")}
"""What these tools write there."""
_KEEPING = {".gitkeep", ".keep"}
"""Files that are there for their folders."""
_OF_TOOLS = {".DS_Store", ".gitattributes", ".gitignore"}
"""Hidden files that no app reads."""
_HERE = Path()
_OF_ONE_REPOSITORY = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_WORK_TREE",
}
"""Variables by which git finds a repository; in a hook they are the hook's."""


def app_files(project: Project) -> list[Path]:
    """The files that the app is, relative to the project's folder, in order.

    `run.sh`, which starts it in Lambda, is not among them.
    """
    named = _patterns(project.include)
    left_out = _patterns(project.exclude)
    chosen = {
        path
        for path in listed_files(project.root)
        if not _is_hidden(path) and not _matches(path, left_out)
    }
    if named:
        chosen |= {path for path in _walk(project.root) if _matches(path, named)}
    if made := [pattern for pattern in named if pattern.partition("/")[0] == MADE]:
        below = (path for path in _walk(project.root, without=_OURS) if path.parts[0] == MADE)
        chosen |= {path for path in below if _matches(path, made)}
    return sorted(chosen - {Path("run.sh")}, key=lambda path: path.as_posix())


def circular_links(project: Project) -> list[Path]:
    """Links in an app's folder, relative to it, that lead back to a folder around them."""
    found: list[Path] = []
    for _ in listed_files(project.root, found):
        pass
    left_out = _patterns(project.exclude)
    return sorted(path for path in found if not _is_hidden(path) and not _matches(path, left_out))


def hidden_files(project: Project) -> list[Path]:
    """Hidden files within an app's folders, relative to its folder, that it does not have."""
    left_out = _patterns(project.exclude)
    known = set(app_files(project))
    return sorted(
        path
        for path in listed_files(project.root)
        if _is_hidden(path)
        and not path.parts[0].startswith(".")
        and path.name not in _OF_TOOLS
        and path not in known
        and not _matches(path, left_out)
    )


def copy_app(project: Project, target: Path) -> None:
    """Copy the app's files into a folder.

    Raises:
        RefusalError: When a file hides a dependency of the same name.
    """
    files = app_files(project)
    hidden = hidden_name(files, target)
    if hidden is not None:
        what = f"{hidden.as_posix()} in {project.root.name} hides a dependency of the same name"
        raise RefusalError(f"{what}: rename it, or name it in exclude of pyproject.toml.")
    for path in files:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        # A file of a dependency, such as its LICENSE, may be a link into uv's cache.
        (target / path).unlink(missing_ok=True)
        _ = shutil.copy2(project.root / path, target / path)


def hidden_name(files: Iterable[Path], target: Path, place: Path = _HERE) -> Path | None:
    """The first of the app's modules whose import would find a dependency's, or the reverse.

    Folders without `__init__.py` on either side are one package for Python, and are looked into.

    Args:
        files: The app's, relative to its folder.
        target: Folder with the dependencies.
        place: Folder within both that is looked at.
    """
    depth = len(place.parts)
    below = [path for path in files if path.is_relative_to(place) and is_code(path)]
    own = {import_name(path.parts[depth]): path.parts[depth] for path in below}
    found = (target / place).iterdir() if (target / place).is_dir() else ()
    for other in sorted(found):
        name = import_name(other.name)
        if name not in own or not (is_code(other) or _has_code(other)):
            continue
        within = place / own[name]
        is_package = other.is_file() or (other / "__init__.py").exists()
        if is_package or within in below or within / "__init__.py" in below:
            return within
        hidden = hidden_name(below, target, within)
        if hidden is not None:
            return hidden
    return None


def listed_files(folder: Path, circular: list[Path] | None = None) -> Iterator[Path]:
    """Files below a folder that git does not ignore, relative to it; outside of git, all.

    Args:
        folder: The folder.
        circular: Gets the links that lead back to a folder around them, which are left out.

    Raises:
        RefusalError: When git does not tell of a folder that is in a repository.
    """
    listed = _listed_by_git(folder)
    links: list[Path] = [] if circular is None else circular
    if listed is None:
        yield from _walk(folder, circular=links)
        return
    for path in listed:
        whole = folder / path
        if whole.is_dir():
            # A repository within, or a link to a folder.
            if _leads_back(whole):
                links.append(path)
                continue
            within: list[Path] = []
            yield from (path / below for below in _walk(whole, circular=within))
            links += (path / below for below in within)
        elif (
            whole.exists()
            and path.parts[0] != MADE
            and path.suffix != ".pyc"
            and not NEVER.intersection(path.parts)
        ):
            yield path


def _listed_by_git(folder: Path) -> list[Path] | None:
    if not any((above / ".git").exists() for above in (folder, *folder.parents)):
        return None
    command = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    env = {name: value for name, value in os.environ.items() if name not in _OF_ONE_REPOSITORY}
    try:
        listed = subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as failure:
        said = failure.stderr if isinstance(failure, subprocess.CalledProcessError) else b""
        reason = said.decode(errors="replace").strip() or str(failure)
        raise RefusalError(
            f"{reason}\ngit does not list the files of {folder}, and those that it ignores must "
            "not be deployed: mend what it says above."
        ) from None
    # None at all: a repository around this one ignores the whole folder.
    return [Path(os.fsdecode(name)) for name in listed.stdout.split(b"\0") if name] or None


def _walk(
    folder: Path,
    *,
    without: Collection[Path] = (Path(MADE),),
    circular: list[Path] | None = None,
) -> Iterator[Path]:
    for place, folders, names in os.walk(folder, followlinks=True):
        here = Path(place).relative_to(folder)
        kept: list[str] = []
        for name in sorted(folders):
            whole = Path(place, name)
            if name in NEVER or here / name in without or os.path.lexists(whole / "pyvenv.cfg"):
                continue
            if not _leads_back(whole):
                kept.append(name)
            elif circular is not None:
                circular.append(here / name)
        folders[:] = kept
        for name in names:
            path = here / name
            # A link may lead nowhere.
            if path.suffix != ".pyc" and path not in without and (folder / path).exists():
                yield path


def _leads_back(folder: Path) -> bool:
    """Whether a folder is a link to one that it is in, by whatever links its path has."""
    if not folder.is_symlink():
        return False
    target = folder.resolve()
    return any(above.resolve() == target for above in folder.absolute().parents)


def _is_hidden(path: Path) -> bool:
    folders = path.parts[:-1] if path.name in _KEEPING else path.parts
    return any(part.startswith(".") for part in folders)


def _patterns(patterns: tuple[str, ...]) -> list[str]:
    return [pattern.strip("/") for pattern in patterns]


def _matches(path: Path, patterns: list[str]) -> bool:
    """Whether a pattern names a file, or a folder above it; `*` stands for any text."""
    places = [path, *path.parents][:-1]
    return any(
        fnmatch.fnmatchcase(place.as_posix(), pattern) for place in places for pattern in patterns
    )


def is_code(path: Path) -> bool:
    """Whether Python may import a file."""
    return path.suffix in (".py", ".so", ".pyd")


def _has_code(folder: Path) -> bool:
    return any(is_code(path) for path in folder.rglob("*"))


def import_name(name: str) -> str:
    """What imports a file or folder: `_c` for `_c.cpython-313-x86_64-linux-gnu.so`."""
    return name.partition(".")[0]

"""Print one hash of the local packages that an API needs: an input of its targets in Nx.

    python -m fastapi_runtime.tools.local_packages ../../../../my-api

A change of another API's packages leaves it as it is. Runs without any dependency, before an
environment is there.
"""

import hashlib
import sys
from pathlib import Path

from .files import listed_files
from .lock import Lock, normalized, read_lock
from .project import read_project
from .refusal import RefusalError, told


def main() -> None:
    """Print the hash for the API whose folder is the argument."""
    project = read_project(Path(sys.argv[1]).resolve())
    try:
        lock = read_lock(project.root)
    except RefusalError:
        # Not installed yet: whatever needs a lock will say so itself.
        print("no lock")
        return
    print(hash_of(lock, project.name))


def hash_of(lock: Lock, project: str) -> str:
    """Hash of the files of all local packages that a project needs, those for development too."""
    needed = lock.closure(lock.needed_by(project, development=True)) - {normalized(project)}
    result = hashlib.sha256()
    for package in sorted(lock.packages, key=lambda package: package.name):
        if package.folder is None or package.name not in needed:
            continue
        folder = (lock.root / package.folder).resolve()
        for path in sorted(listed_files(folder), key=lambda path: path.as_posix()):
            if path.parts[0] == "build" or any(part.startswith(".") for part in path.parts):
                continue
            result.update(f"{package.name}/{path.as_posix()}\0".encode())
            result.update(hashlib.sha256((folder / path).read_bytes()).digest())
    return result.hexdigest()


if __name__ == "__main__":
    told(main)

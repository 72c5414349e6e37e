"""Run a program without the variables of `.env`, which are for `serve` alone.

    python -m fastapi_runtime.tools.run pytest

Nx gives every target the variables of `.env`, `.env.local` and `.local.env`, of the project and of
the workspace's root, and looks at none of them to tell whether a result is still right. What a
shell sets stays, and so does what a file of the target's own sets, such as `.env.test`.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from .dotenv import read_dotenv

_FILES = (".env.local", ".local.env", ".env")


def without_dotenv(environment: Mapping[str, str], project: Path) -> dict[str, str]:
    """The environment of a target as it would be without these files; as it is, outside of Nx.

    Args:
        environment: The one that Nx made.
        project: Folder of the API.
    """
    left = dict(environment)
    # https://nx.dev/docs/guides/tips-n-tricks/define-environment-variables
    root = left.get("NX_WORKSPACE_ROOT")
    if root is None or "NX_TASK_TARGET_TARGET" not in left:
        return left
    for folder in (project, Path(root)):
        for file in _FILES:
            for name, value in read_dotenv(folder / file).items():
                # A shell's value goes before a file's; Nx puts other variables in place of `$NAME`.
                if "$" in value or left.get(name) == value:
                    _ = left.pop(name, None)
    return left


def main() -> None:
    """Run the program that the arguments are, with its exit code."""
    environment = without_dotenv(os.environ, Path.cwd())
    sys.exit(subprocess.call(sys.argv[1:], env=environment))  # noqa: S603


if __name__ == "__main__":
    main()

"""Programs that a tool runs: uv, and interpreters of Python."""

import subprocess
import sys

from .refusal import RefusalError


class FailedError(Exception):
    """A program ended with an error; the text is what it said of it."""


def run(*command: str, env: dict[str, str] | None = None, cwd: str | None = None) -> str:
    """Run a program and return what it printed.

    Args:
        command: The program and its arguments.
        env: The whole environment of the program. Default: this process's.
        cwd: Its current folder. Default: this process's.

    Raises:
        FailedError: When it ends with an error.
        RefusalError: When there is no such program.
    """
    try:
        done = subprocess.run(  # noqa: S603
            command,
            env=env,
            cwd=cwd,
            check=False,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
    except FileNotFoundError:
        raise RefusalError(f"{command[0]} is not installed, or not on PATH.") from None
    if done.returncode:
        raise FailedError(f"{done.stdout}{done.stderr}".strip())
    return done.stdout


def interpreter(version: str) -> str | None:
    """An interpreter of a minor version (`3.13`) of Python, fetched where uv may fetch it.

    Returns:
        Its path; None where there is none to have.
    """
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    # Not `VIRTUAL_ENV`, whose Python is this process's.
    find = ("uv", "python", "find", "--no-project", "--system", version)
    try:
        return run(*find).strip()
    except FailedError:
        pass
    try:
        _ = run("uv", "python", "install", version)
        return run(*find).strip()
    except FailedError:
        return None

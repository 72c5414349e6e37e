"""Refusals of the tools: one line that says what is wrong and what would be right."""

import sys
from collections.abc import Callable


class RefusalError(Exception):
    """Says what is wrong and what to do; for the user's mistakes, not for bugs of a tool."""


def told(program: Callable[[], None]) -> None:
    """Run a program. A refusal is printed as its last line, with exit code 1."""
    try:
        program()
    except RefusalError as refusal:
        sys.exit(str(refusal))


def without_runtime(module: str) -> str:
    """What to say of an app that is not the one of `init`.

    Args:
        module: The API's module.
    """
    return (
        f"{module}.main.app is not the app of {module}.init: its requests leave no logs, metrics "
        "and traces, and its redirects (to the other form of a path with a slash at its end, too) "
        "and its pages of documentation leave out the stage. Either import app from .init in place "
        "of FastAPI(), or hand yours over: app = init.app.adopt(app)"
    )

"""How a tool refuses: one line that says what is wrong and what would be right."""

import sys
from collections.abc import Callable


class RefusalError(Exception):
    """What is wrong, and what to do, for the person at the terminal; never a bug of the tool's."""


def told(program: Callable[[], None]) -> None:
    """Run a program; what it refuses becomes its last line, with exit code 1."""
    try:
        program()
    except RefusalError as refusal:
        sys.exit(str(refusal))

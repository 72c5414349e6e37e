"""Writes files that other programs watch and read."""

import os
import tempfile
from pathlib import Path


def write_output(path: Path, text: str) -> bool:
    """Write a file at once and whole, unless it holds the text already.

    A reader finds the old text or the new one, and a watcher hears of changes alone.

    Args:
        path: The file; its folder is made.
        text: All of it.

    Returns:
        Whether it was written.
    """
    content = text.encode()
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            _ = file.write(content)
        # As of a file that is made anew, which others may read.
        Path(name).chmod(0o644)
        _ = Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return True

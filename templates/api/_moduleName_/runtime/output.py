"""Writing lines to standard output, which Lambda sends to CloudWatch Logs."""

import sys
from threading import Lock

_lock = Lock()


def write_lines(text: str) -> None:
    """Write whole lines in one piece, and flush.

    A pipe is buffered by the block, and Lambda freezes the process after the response: what is not
    flushed by then comes with a later request, or never. `print` writes a text and its newline
    apart, and lines of other threads get between.

    Args:
        text: One or more lines, each with its newline.

    """
    if not text:
        return
    with _lock:
        _ = sys.stdout.write(text)
        sys.stdout.flush()

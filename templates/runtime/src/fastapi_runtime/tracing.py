"""A request's place in its trace, and the subsegment that reports it to the X-Ray daemon.

The daemon takes one JSON document per UDP datagram. The request's own subsegment is written here,
which costs a fifth of what the X-Ray SDK takes for it; subsegments of your operations are the
SDK's, see `xray`.
"""

import os
import socket
import traceback
from time import time
from typing import Any

from .output import encode

_HEADER = b'{"format":"json","version":1}\n'
_DEEPEST_FRAMES = 10


class RequestTrace:
    """What `x-amzn-trace-id` says, and what the request adds to it.

    Lambda's own environment variable for it is of no use here: the adapter receives the
    invocations, and several may run at once.
    """

    __slots__ = ("id", "parent", "root", "sampled", "segment", "started_at")

    def __init__(self, root: str, parent: str, sampled: bool, started_at: float) -> None:
        """Args are the header's fields; `started_at` is in seconds since the epoch."""
        self.root = root
        self.parent = parent
        self.sampled = sampled
        self.started_at = started_at
        self.id = os.urandom(8).hex() if sampled else ""
        self.segment: Any = None
        """The SDK's stand-in for the request's subsegment, made by `xray` when first needed."""

    @classmethod
    def from_header(cls, header: bytes | None, started_at: float) -> "RequestTrace | None":
        """Read `Root=1-...;Parent=...;Sampled=1`; without a root there is no trace."""
        if header is None:
            return None
        fields: dict[str, str] = {}
        for field in header.decode("latin-1").split(";"):
            name, _, value = field.partition("=")
            fields[name] = value
        root, parent = fields.get("Root", ""), fields.get("Parent", "")
        if not root:
            return None
        return cls(root, parent, bool(parent) and fields.get("Sampled") == "1", started_at)

    def send(
        self,
        *,
        name: str,
        status: int,
        annotations: dict[str, Any],
        error: BaseException | None,
        fault: bool,
    ) -> None:
        """Report the request to the daemon, where it is sampled.

        Args:
            name: Name of the subsegment; characters that X-Ray refuses are replaced.
            status: HTTP status, or 0 when none was sent.
            annotations: Indexed values to search traces by.
            error: An unhandled exception, with its stack.
            fault: Whether the server is to blame; otherwise a status of 400 or more is the client's
                error.
        """
        if not self.sampled:
            return
        document: dict[str, Any] = {
            "id": self.id,
            "trace_id": self.root,
            "parent_id": self.parent,
            "type": "subsegment",
            "name": _safe_name(name),
            "start_time": self.started_at,
            "end_time": time(),
            "annotations": annotations,
        }
        if status:
            document["http"] = {"response": {"status": status}}
        if fault:
            document["fault"] = True
        elif status >= 400:
            document["error"] = True
            if status == 429:
                document["throttle"] = True
        if error is not None:
            document["cause"] = _cause(error)
        if self.segment is not None:
            document["annotations"] = {**self.segment.annotations, **annotations}
            if self.segment.metadata:
                document["metadata"] = self.segment.metadata
        _send(_HEADER + encode(document).encode())


_names: dict[str, str] = {}


def _safe_name(name: str) -> str:
    """`GET /items/:item_id` for `GET /items/{item_id}`, whose braces X-Ray refuses."""
    safe = _names.get(name)
    if safe is None:
        spelled = name.replace("{", ":").replace("}", "")
        safe = _names[name] = "".join(
            letter if letter.isalnum() or letter in " _.:/%&#=+\\-@" else "_" for letter in spelled
        )[:200]
    return safe


def _cause(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)[-_DEEPEST_FRAMES:]
    stack = [
        {"path": frame.filename, "line": frame.lineno, "label": frame.name}
        for frame in reversed(frames)
    ]
    exception = {
        "id": os.urandom(8).hex(),
        "type": type(error).__name__,
        "message": str(error),
        "stack": stack,
    }
    return {"working_directory": os.getcwd(), "exceptions": [exception]}


_socket: socket.socket | None = None
_address: tuple[str, int] = ("127.0.0.1", 2000)


def _send(datagram: bytes) -> None:
    """One datagram to the daemon. What can't be sent is lost: it must not fail the request."""
    global _socket, _address
    if _socket is None:
        _address = _daemon_address(os.environ.get("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:2000"))
        _socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        _socket.setblocking(False)
    try:
        _ = _socket.sendto(datagram, _address)
    except OSError:
        return


def _daemon_address(text: str) -> tuple[str, int]:
    """`host:port`, or `tcp:host:port udp:host:port`, of which spans go to the second."""
    for part in text.split():
        if part.startswith("udp:"):
            text = part.removeprefix("udp:")
    host, _, port = text.rpartition(":")
    return host, int(port)


def close_socket() -> None:
    """Let go of the socket; the next datagram opens one to the address that then holds."""
    global _socket
    if _socket is not None:
        _socket.close()
        _socket = None

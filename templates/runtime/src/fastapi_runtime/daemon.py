"""Lambda's X-Ray daemon, which takes one JSON document per UDP datagram."""

import os
import socket
from typing import Any

from .output import encode

_HEADER = b'{"format":"json","version":1}\n'

_socket: socket.socket | None = None
_address: tuple[str, int] = ("127.0.0.1", 2000)


def send(document: dict[str, Any]) -> None:
    """Send one document. What can't be sent is lost: it must not fail the request.

    Args:
        document: A segment or subsegment, as X-Ray's documentation describes it. X-Ray takes 64 kB
            at most.
    """
    global _socket, _address
    datagram = _HEADER + encode(document, fallback=_attributes_of).encode()
    if _socket is None:
        _address = _daemon_address(os.environ.get("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:2000"))
        _socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        _socket.setblocking(False)
    try:
        _ = _socket.sendto(datagram, _address)
    except OSError:
        return


def close_socket() -> None:
    """Let go of the socket; the next document opens one to the address that then holds."""
    global _socket
    if _socket is not None:
        _socket.close()
        _socket = None


def _attributes_of(value: object) -> object:
    """What stands for an object without a form in JSON: its public attributes, else its text."""
    attributes: dict[str, object] | None = getattr(value, "__dict__", None)
    if attributes is None or isinstance(value, type):
        return str(value)
    return {
        name: attribute
        for name, attribute in attributes.items()
        if not name.startswith("_") and not callable(attribute)
    }


def _daemon_address(text: str) -> tuple[str, int]:
    """`host:port`, or `tcp:host:port udp:host:port`, of which spans go to the second."""
    for part in text.split():
        if part.startswith("udp:"):
            text = part.removeprefix("udp:")
    host, _, port = text.rpartition(":")
    return host, int(port)

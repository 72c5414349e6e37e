"""Lambda's X-Ray daemon, which takes one JSON document per UDP datagram."""

import errno
import logging
import os
import socket
from typing import Any, cast

from .documents import attributes_of_error
from .output import encode

_HEADER = b'{"format":"json","version":1}\n'
_LONGEST_TEXT = 1000
_MOST_PARTS = 50

_logger = logging.getLogger(__name__)
_told: set[str] = set()

_socket: socket.socket | None = None
_address: tuple[str, int] = ("127.0.0.1", 2000)


def send(document: dict[str, Any]) -> None:
    """Send one document. What can't be sent is lost: it must not fail the request.

    Args:
        document: A segment or subsegment, as X-Ray's documentation describes it. X-Ray takes 64 kB
            at most; a longer one is sent without its metadata and stacks.
    """
    try:
        _deliver(document)
    except OSError as error:
        if error.errno == errno.EMSGSIZE:
            warn_once("A trace document over X-Ray's 64 kB was sent without its metadata")
            _send_shortened(document)
    except Exception as error:
        warn_once(f"A trace document was sent without its metadata: {type(error).__name__}")
        _send_shortened(document)


def warn_once(message: str) -> None:
    """Log what each request would have to say again."""
    if message not in _told:
        _told.add(message)
        _logger.warning(message)


def _deliver(document: dict[str, Any]) -> None:
    global _socket, _address
    datagram = _HEADER + encode(document, fallback=_attributes_of).encode()
    if _socket is None:
        _address = _daemon_address(os.environ.get("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:2000"))
        _socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        _socket.setblocking(False)
    _ = _socket.sendto(datagram, _address)


def _send_shortened(document: dict[str, Any]) -> None:
    try:
        short = _shortened({**document, "metadata": {"default": {"truncated": True}}})
        _deliver(short)
    except Exception:
        return


def _shortened(value: Any) -> Any:
    """The same without stacks, long texts and long lists."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value).items()
        return {key: _shortened(member) for key, member in members if key != "stack"}
    if isinstance(value, list):
        return [_shortened(member) for member in cast("list[Any]", value)[:_MOST_PARTS]]
    return value[:_LONGEST_TEXT] if isinstance(value, str) else value


def close_socket() -> None:
    """Let go of the socket; the next document opens one to the address that then holds."""
    global _socket
    if _socket is not None:
        _socket.close()
        _socket = None


def _attributes_of(value: object) -> object:
    """What stands for an object without a form in JSON: its public attributes, else its text."""
    if isinstance(value, BaseException):
        return attributes_of_error(value)
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

"""Lambda's X-Ray daemon, which takes one JSON document per UDP datagram."""

import errno
import logging
import os
import socket
from typing import Any, cast

from .exceptions import attributes_of_error
from .output import encode, without_iterators

_HEADER = b'{"format":"json","version":1}\n'
_LONGEST_TEXT = 1000
_MOST_PARTS = 50

_logger = logging.getLogger(__name__)
_told: set[str] = set()

_socket: socket.socket | None = None
_address = ("127.0.0.1", 2000)


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


def address() -> tuple[str, int]:
    """Where the daemon listens, as `AWS_XRAY_DAEMON_ADDRESS` says.

    Lambda sets it to `host:port`; of `tcp:host:port udp:host:port`, spans go to the second. Unset,
    or set to anything else, it is 127.0.0.1:2000.
    """
    told = os.environ.get("AWS_XRAY_DAEMON_ADDRESS", "")
    text = told
    for part in told.split():
        if part.startswith("udp:"):
            text = part.removeprefix("udp:")
    host, _, port = text.rpartition(":")
    if host and port.isdecimal() and 0 < int(port) < 65_536:
        return host, int(port)
    if told:
        warn_once(f"AWS_XRAY_DAEMON_ADDRESS is not host:port, but {told!r}: 127.0.0.1:2000 is used")
    return "127.0.0.1", 2000


def warn_once(message: str, error: Exception | None = None) -> None:
    """Log what each request would have to say again, with the stack of an exception."""
    if message not in _told:
        _told.add(message)
        _logger.warning(message, exc_info=error)


def _deliver(document: dict[str, Any]) -> None:
    global _socket, _address
    if "metadata" in document:
        document = {**document, "metadata": without_iterators(document["metadata"])}
    datagram = _HEADER + encode(document, fallback=_attributes_of).encode()
    if _socket is None:
        _address = address()
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
    return without_iterators(
        {
            name: attribute
            for name, attribute in attributes.items()
            if not name.startswith("_") and not callable(attribute)
        }
    )

"""A request as it comes, and an answer as it goes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl


@dataclass
class Request:
    method: str
    path: str
    """As it was sent: percent-encoded, without the query."""
    query: str
    headers: dict[str, str]
    """By their names in small letters."""
    body: bytes

    @property
    def url(self) -> str:
        return f"http://{self.headers['host']}{self.path}" + (f"?{self.query}" if self.query else "")

    @property
    def parameters(self) -> dict[str, list[str]]:
        values: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.query, keep_blank_values=True):
            values.setdefault(name, []).append(value)
        return values


@dataclass
class Response:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Iterator[bytes] = b""

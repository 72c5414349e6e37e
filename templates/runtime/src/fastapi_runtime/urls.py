"""URLs as traces may have them: without queries, fragments and credentials, which may be secret."""

import re
from collections.abc import Mapping
from typing import Any

_URL_IN_TEXT = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"<>]+")
_QUERY_IN_TEXT = re.compile(r"\?[^\s'\"<>=]*=[^\s'\"<>]*")

_URLS = ("url.full", "http.url", "http.target", "url.original", "url.query", "server.url")
"""Attributes in which instrumentations put a URL, or a part of one, with its query."""


def without_query(url: str) -> str:
    """A URL, or the path of one, without query, fragment and credentials, which may be secret."""
    scheme, slashes, rest = url.partition("//")
    if "@" in rest and (not scheme or scheme[-1] == ":"):
        url = f"{scheme}{slashes}{_without_credentials(rest)}"
    return url.partition("?")[0].partition("#")[0]


def _without_credentials(rest: str) -> str:
    """What follows the `//` of a URL, from its host on."""
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    _, at, host = authority.rpartition("@")
    if at:
        return host + rest[len(authority) :]
    port = authority.rpartition(":")[2]
    if port != authority and not authority.startswith("[") and not port.isdecimal():
        # The beginning of a password that has one of these characters in it.
        return rest.rpartition("@")[2]
    return rest


def without_queries_in_text(text: str) -> str:
    """A message whose URLs have lost their queries and credentials."""
    if "://" in text:
        text = _URL_IN_TEXT.sub(lambda found: without_query(found[0]), text)
    return _QUERY_IN_TEXT.sub("", text) if "?" in text else text


def without_queries(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of a span whose URLs have lost their queries."""
    cleaned = dict(attributes)
    for key in _URLS:
        if key in cleaned:
            cleaned[key] = without_query(str(cleaned[key]))
    _ = cleaned.pop("url.query", None)
    return cleaned

"""URLs as traces may have them: without queries, fragments and credentials, which may be secret."""

import re
from collections.abc import Mapping
from typing import Any

# A client may write the text: no place in it is a beginning that is tried again from the next one.
_URL_IN_TEXT = re.compile(r"(?<![A-Za-z0-9+.-])[A-Za-z0-9+.-]++://[^\s'\"<>]+")
_QUERY_IN_TEXT = re.compile(r"\?[^\s'\"<>]*")

_URLS = ("url.full", "http.url", "http.target", "url.original", "url.query", "server.url")
"""Attributes in which instrumentations put a URL, or a part of one, with its query."""

_DROPPED = ("url.query", "db.connection_string")


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
    return _QUERY_IN_TEXT.sub(_without_values, text) if "?" in text else text


def _without_values(query: re.Match[str]) -> str:
    return "" if "=" in query[0] else query[0]


def shortened(text: str, length: int) -> str:
    """A text of so many characters at most and `...`, without a URL that the cut goes through.

    What is left of one could no longer be told from a plain word: a password without its `@`.
    """
    if len(text) <= length:
        return text
    *before, last = re.split(r"(?<=[\s'\"<>])", text[:length])
    return "".join(before) + last.partition("://")[0] + "..."


def without_queries(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of a span whose URLs have lost their queries; without a database's password."""
    cleaned = dict(attributes)
    for key in _URLS:
        if key in cleaned:
            cleaned[key] = without_query(str(cleaned[key]))
    for key in _DROPPED:
        _ = cleaned.pop(key, None)
    return cleaned

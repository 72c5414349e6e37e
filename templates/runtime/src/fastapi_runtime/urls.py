"""URLs as traces may have them: without queries, fragments and credentials, which may be secret."""

import re
from collections.abc import Mapping
from typing import Any

_AUTHORITY = re.compile(r"//([^\s/?#]*)")
_TOKEN = re.compile(r"\S+")
_QUERY = re.compile(r"[?#]")
_SCHEME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-"
_CLOSING = "'\"`>)]},.:;!?#"
"""What ends a sentence, or closes what a URL stands in."""
_CLOSES = {"'": "'", '"': '"', "`": "`", "<": ">"}

_LONGEST_READ = 64_000
"""Characters of a text that are looked through at most."""

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
    """A message whose URLs have lost their queries, fragments and credentials.

    Where one ends is a guess, since those of clients and of configurations hold quotes, `<` and
    blanks too: rather too much of the line goes than too little.
    """
    # A client may write the text: each step reads a line once, however it is made up.
    if "//" in text:
        text = "\n".join([_line_without_credentials(line) for line in text.split("\n")])
    if "?" in text or "#" in text:
        text = "\n".join([_line_without_queries(line) for line in text.split("\n")])
    return text


def _line_without_credentials(line: str) -> str:
    kept: list[str] = []
    done = 0
    last = line.rfind("@")
    for found in _AUTHORITY.finditer(line):
        begin = found.start(1)
        if last < begin:
            break
        if begin < done:
            continue
        at = _end_of_credentials(line, found, last)
        if at >= begin:
            kept.append(line[done:begin])
            done = at + 1
    kept.append(line[done:])
    return "".join(kept)


def _end_of_credentials(line: str, found: re.Match[str], last: int) -> int:
    """Place of the `@` that ends them, or -1; the line's last one is at `last`."""
    begin, end = found.span(1)
    authority = found[1]
    if authority.endswith(":") and line.startswith("//", end):
        # It runs into the scheme of another one.
        authority = authority[:-1].rstrip(_SCHEME)
    at = authority.rfind("@")
    if at >= 0:
        return begin + at
    _, colon, port = authority.rpartition(":")
    if not colon or authority.startswith("["):
        return -1
    # `user:` and the beginning of a password that has one of these characters, or a blank, in it.
    runs_on = end == len(line) or line[end].isspace()
    return last if runs_on or not port.isdecimal() else -1


def _line_without_queries(line: str) -> str:
    if _QUERY.search(line) is None:
        return line
    kept: list[str] = []
    done = 0
    # A blank in a query is followed by another value of it, or by the words of the message.
    last_value = line.rfind("&")
    closed = {opening: line.rfind(closing) for opening, closing in _CLOSES.items()}
    for token in _TOKEN.finditer(line):
        begin, end = token.span()
        if begin < done:
            if end <= done:
                continue
            begin = done
        query = _query_in(line, begin, end)
        if query < 0:
            continue
        if last_value > end:
            end = _end_of_value(line, last_value + 1)
        rest = line[query + 1 : end].rstrip(_CLOSING)
        opening = max(_CLOSES, key=lambda quote: line.rfind(quote, begin, query))
        close = closed[opening] if line.rfind(opening, begin, query) >= 0 else -1
        if not rest and close < end:
            continue
        kept.append(line[done:query])
        done = max(query + 1 + len(rest), close)
    kept.append(line[done:])
    return "".join(kept)


def _end_of_value(line: str, begin: int) -> int:
    value = _TOKEN.search(line, begin)
    return len(line) if value is None else value.end()


def _query_in(line: str, begin: int, end: int) -> int:
    """Where in a word a query or fragment begins; -1 where its `?` or `#` is a sentence's."""
    first = _QUERY.search(line, begin, end)
    if first is None:
        return -1
    query = first.start()
    if "=" in line[query:end] or "/" in line[begin:query]:
        return query
    slash = line.find("/", query, end)
    found = _QUERY.search(line, slash, end) if slash >= 0 else None
    return -1 if found is None else found.start()


def shortened(text: str, length: int) -> str:
    """The beginning of a text without queries and credentials: so many characters, and `...`."""
    told = text
    if len(text) > _LONGEST_READ:
        whole, newline, last = text[:_LONGEST_READ].rpartition("\n")
        # What is left of a URL could no longer be told from words: a password without its `@`.
        told = whole + newline + re.split(r"//|[?#]", last, maxsplit=1)[0]
    told = without_queries_in_text(told)
    if len(told) > length or len(text) > _LONGEST_READ:
        return told[:length] + "..."
    return told


def without_queries(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of a span whose URLs have lost their queries; without a database's password."""
    cleaned = dict(attributes)
    for key in _URLS:
        if key in cleaned:
            cleaned[key] = without_query(str(cleaned[key]))
    for key in _DROPPED:
        _ = cleaned.pop(key, None)
    return cleaned

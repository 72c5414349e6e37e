"""`.env`, with variables for the local server alone."""

import re
from pathlib import Path

_ENTRY = re.compile(
    r"""^[^\S\n]*(?:export\s+)?([\w.-]+)(?:[^\S\n]*=|:(?=\s))[^\S\n]*"""
    r"""('(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`|[^#\n]*)[^\S\n]*(?:\#.*)?$""",
    re.MULTILINE | re.ASCII,
)


def read_dotenv(path: Path) -> dict[str, str]:
    r"""Read `NAME=value` lines as npm's dotenv does, by which Nx reads them.

    Without quotes a value ends at `#`; within, it may have several lines, and between `"` a `\n` is
    the end of one. No file is no variables.
    """
    if not path.is_file():
        return {}
    text = path.read_text(encoding="utf-8-sig")
    return {entry[1]: _value(entry[2].strip()) for entry in _ENTRY.finditer(text)}


def _value(text: str) -> str:
    quote = text[:1]
    quoted = len(text) > 1 and quote in "'\"`" and text.endswith(quote)
    value = text[1:-1] if quoted else text
    if quote != '"':
        return value
    return re.sub(r"\\([nr])", lambda escape: {"n": "\n", "r": "\r"}[escape[1]], value)

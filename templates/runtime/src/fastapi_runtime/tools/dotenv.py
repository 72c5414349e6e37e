"""`.env`, with variables for the local server alone."""

import re
from pathlib import Path

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)")


def read_dotenv(path: Path) -> dict[str, str]:
    """Read `NAME=value` lines; without quotes a value ends at ` #`. No file is no variables."""
    if not path.is_file():
        return {}
    found: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        parts = _LINE.fullmatch(line.strip())
        if parts is None:
            continue
        name, value = parts[1], parts[2].strip()
        quoted = re.match(r"'([^']*)'|\"((?:[^\"\\]|\\.)*)\"", value)
        if quoted is None:
            found[name] = re.split(r"\s+#", value)[0]
        elif quoted[1] is not None:
            found[name] = quoted[1]
        else:
            found[name] = quoted[2].replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")
    return found

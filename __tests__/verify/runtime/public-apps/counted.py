"""Print the routes of a public app, read from its own router and by nothing of ours.

`counted.py 'from tipg.main import app as theirs'` prints a list of `{kind, methods, path}`.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any


def walk(routes: Iterable[Any], prefix: str = "") -> Iterator[dict[str, Any]]:
    """Each route below a router, included routers with the prefixes that they were included under."""
    for route in routes:
        if hasattr(route, "original_router"):
            yield from walk(route.original_router.routes, prefix + route.include_context.prefix)
            continue
        if getattr(getattr(route, "endpoint", None), "__module__", "") == "fastapi.applications":
            # Its own pages of documentation.
            continue
        methods = sorted(getattr(route, "methods", None) or ())
        yield {"kind": type(route).__name__, "methods": methods, "path": prefix + route.path}


if __name__ == "__main__":
    found: dict[str, Any] = {}
    exec(sys.argv[1], found)  # noqa: S102
    print(json.dumps(list(walk(found["theirs"].router.routes))))

"""Which of an app's routes answers where the paths of several match.

A router asks its routes in their order. OpenAPI has one operation for a path and a method, whatever
the converters of its parameters are, and FastAPI puts the last of its routes there.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import product

from fastapi.routing import APIRoute, RouteContext
from starlette.routing import Mount, Route, compile_path

type Place = tuple[str, str]
"""An operation's method, and its path without converters: where a document has it."""

_SAMPLES = {
    "str": ("~",),
    "path": ("", "~/~"),
    "int": ("0",),
    "float": ("0.5",),
    "uuid": ("01234567-89ab-cdef-0123-456789abcdef",),
}
"""Texts that a route has to match in order to take all that a converter takes."""

_PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}")


class Answering:
    """The routes of an app, by who answers and by which of them a document should have."""

    def __init__(self, routes: Sequence[RouteContext]) -> None:
        """Compare all routes.

        Args:
            routes: The app's, in its order.
        """
        self.shown: dict[Place, RouteContext] = {}
        """Of those that answer at a place and may be in the document, the last one."""
        self.wrong: set[Place] = set()
        """Places at which FastAPI's document has a route that never answers."""
        self._sharing: dict[Place, list[RouteContext]] = {}
        self._before: dict[tuple[str, int], RouteContext] = {}
        for index, route in enumerate(routes):
            if isinstance(route.original_route, APIRoute):
                for method in route.methods or ():
                    self._add(route, method, routes[:index])

    def before(self, route: RouteContext, method: str) -> RouteContext | None:
        """The route that answers in a route's place, whatever is asked for."""
        return self._before.get((method, id(route)))

    def path(self, place: Place, route: RouteContext) -> str:
        """The path of a place's operation, wide enough for all routes that share it.

        Args:
            place: The place.
            route: Its route in the document.
        """
        rest = {
            found[1]
            for each in self._sharing.get(place, ())
            for found in _PARAMETER.finditer(each.path or "")
            if found[2] == "path"
        }
        return _PARAMETER.sub(
            lambda found: f"{{{found[1]}:path}}" if found[1] in rest else found[0],
            route.path or "",
        )

    def _add(self, route: RouteContext, method: str, earlier: Iterable[RouteContext]) -> None:
        place = (method, route.path_format or "")
        first = next((each for each in earlier if _answers(each, method, route)), None)
        if first is not None:
            self._before[method, id(route)] = first
        if not route.include_in_schema:
            return
        if first is not None and first.path_format == route.path_format:
            self.wrong.add(place)
            return
        self.wrong.discard(place)
        self.shown[place] = route
        self._sharing.setdefault(place, []).append(route)


def takes_all_of(route: RouteContext, other: RouteContext) -> bool:
    """Whether each path that another route matches is one of this route's.

    Args:
        route: Any route, a mount too.
        other: A route with a path of its own.
    """
    path, others = route.path or "", other.path or ""
    if isinstance(route.original_route, Mount):
        path = f"{path.rstrip('/')}/{{path:path}}"
    samples = _samples(others)
    if samples is None:
        # Converters of one's own are compared by their names.
        return _PARAMETER.sub(r"{:\2}", path) == _PARAMETER.sub(r"{:\2}", others)
    pattern = _pattern(path)
    return all(pattern.match(sample) for sample in samples)


def _answers(route: RouteContext, method: str, other: RouteContext) -> bool:
    kind = route.original_route
    if isinstance(kind, Route | APIRoute):
        if method not in (route.methods or (method,)):
            return False
    elif not isinstance(kind, Mount):
        return False
    return takes_all_of(route, other)


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return compile_path(path)[0]


@cache
def _samples(path: str) -> tuple[str, ...] | None:
    """Paths that a route matches; None where it has a converter of the app's own."""
    # Text, name, converter, text, name, ...
    parts = _PARAMETER.split(path)
    choices = [_SAMPLES.get(converter or "str", ()) for converter in parts[2::3]]
    if () in choices:
        return None
    return tuple(
        "".join(text + value for text, value in zip(parts[::3], (*values, ""), strict=True))
        for values in product(*choices)
    )

"""Which routes stream their answers, as their functions and response classes say."""

import inspect
import sys
from collections.abc import Iterator
from functools import cache, partial
from types import CodeType, FunctionType, ModuleType, UnionType
from typing import Any, Union, cast, get_args, get_origin

from starlette.responses import StreamingResponse

_STREAMED_TYPES = {
    "application/json-seq",
    "application/jsonl",
    "application/x-ndjson",
    "multipart/x-mixed-replace",
    "text/event-stream",
}
"""Media types whose answers come piece by piece, whichever class writes them."""


def streams(route: Any) -> bool:
    """Whether a route streams, by its response class, its function's annotation or its text.

    The text counts where it names a class of streams, in functions that it calls too, as long as
    they are in the same package. FastAPI's own streams, of generators, are told apart by their
    media types in the document.

    Args:
        route: A route of FastAPI's, or the context of one.
    """
    stated = getattr(route, "response_class", None)
    function = getattr(route, "endpoint", None)
    if _is_streamed(getattr(stated, "value", stated)):
        return True
    try:
        return _returns_stream(function)
    except TypeError:
        # No key of a cache: an instance that is called.
        return _returns_stream.__wrapped__(function)


def is_stream(route: Any) -> bool:
    """Whether a route's answers are streams of any kind, for a request that it serves."""
    function = getattr(route, "endpoint", None)
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        return True
    return streams(route)


@cache
def _returns_stream(function: Any) -> bool:
    return any(map(_is_streamed, _parts(_annotation(function)))) or _makes_one(function)


def _is_streamed(kind: Any) -> bool:
    return inspect.isclass(kind) and (
        issubclass(kind, StreamingResponse) or getattr(kind, "media_type", None) in _STREAMED_TYPES
    )


def _annotation(endpoint: Any) -> Any:
    try:
        return inspect.signature(endpoint, eval_str=True).return_annotation
    except Exception:
        # A name that only a type checker imports: no type of a response that FastAPI would know.
        return None


def _parts(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) in (Union, UnionType):
        for part in get_args(annotation):
            yield from _parts(part)
    elif hasattr(annotation, "__metadata__"):
        yield from _parts(get_args(annotation)[0])
    else:
        yield get_origin(annotation) or annotation


def _makes_one(endpoint: object) -> bool:
    """Whether a function's text, or that of one it calls, names a class of streams."""
    seen: set[int] = set()
    waiting: list[object] = [endpoint]
    while waiting:
        function = _plain(waiting.pop())
        if not isinstance(function, FunctionType) or id(function) in seen:
            continue
        seen.add(id(function))
        for value in _named(function):
            if _is_streamed(value):
                return True
            if _package(value) == _package(function):
                waiting.append(value)
    return False


def _plain(function: object) -> object:
    while isinstance(function, partial):
        function = cast("partial[Any]", function).func
    if not callable(function):
        return function
    if not inspect.isroutine(function):
        # An instance, which its class says how to call.
        function = type(function).__call__
    return inspect.unwrap(getattr(function, "__func__", function))


def _named(function: FunctionType) -> Iterator[object]:
    """What the names in a function's text stand for, those of modules that it imports too."""
    names = set(_names(function.__code__))
    values = [function.__globals__[name] for name in names if name in function.__globals__]
    yield from values
    modules = [value for value in values if isinstance(value, ModuleType)]
    modules += [sys.modules[name] for name in names if name in sys.modules]
    for module in modules:
        yield from (getattr(module, name) for name in names if name in vars(module))


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for value in code.co_consts:
        if isinstance(value, CodeType):
            yield from _names(value)


def _package(function: object) -> str | None:
    module: object = getattr(function, "__module__", None)
    return module.partition(".")[0] if isinstance(module, str) else None

"""Which routes stream their answers, as their functions and response classes say."""

import inspect
from collections.abc import Iterator
from types import UnionType
from typing import Any, Union, get_args, get_origin

from starlette.responses import StreamingResponse


def streams(route: Any) -> bool:
    """Whether a route streams by its response class or by its function's annotation.

    FastAPI's own streams, of generators, are told apart by their media types in the document.

    Args:
        route: A route of FastAPI's, or the context of one.
    """
    stated = getattr(route, "response_class", None)
    function = getattr(route, "endpoint", None)
    kinds = [getattr(stated, "value", stated), *_parts(_annotation(function))]
    return any(isinstance(kind, type) and issubclass(kind, StreamingResponse) for kind in kinds)


def is_stream(route: Any) -> bool:
    """Whether a route's answers are streams of any kind, for a request that it serves."""
    function = getattr(route, "endpoint", None)
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        return True
    return streams(route)


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

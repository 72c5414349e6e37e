"""Exceptions as traces tell of them: who is to blame, where they came from, and what they say."""

import os
from collections.abc import Mapping
from traceback import walk_tb
from types import TracebackType
from typing import Any, cast

from fastapi.exceptions import RequestValidationError
from opentelemetry.context import Context, get_value, set_value
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from .environment import CAPTURE_ERROR, is_on
from .urls import shortened, without_queries

type Frames = list[tuple[str, int, str]]
"""File, line and function, the outermost first."""

_DEEPEST_FRAMES = 10
_LONGEST_TEXT = 8000
"""Characters of a message: a document has 64 kB, and a client may write what is quoted in one."""
_OWN = {f"{__package__}.capture", f"{__package__}.subsegments"}
SILENT = "_fastapi_runtime_silent"
"""Key of a context, and attribute of an exception, whose messages stay out of traces."""


def silent(context: Context) -> Context:
    """A context in which no trace tells what exceptions say."""
    return set_value(SILENT, True, context)


def keep_silent(error: BaseException) -> None:
    """Have no trace tell what an exception says, wherever else it is recorded."""
    error.__dict__[SILENT] = True


def may_tell(error: BaseException | None = None) -> bool:
    """Whether a trace may hold what exceptions say here, and this one."""
    told = get_value(SILENT) is None and (error is None or SILENT not in error.__dict__)
    return told and is_on(CAPTURE_ERROR, "true")


def may_tell_whole(error: BaseException) -> bool:
    """The same of an exception together with all that led to it, which a stack has at its end."""
    known = {id(error): error}
    waiting = [error]
    while waiting:
        one = waiting.pop()
        led: list[BaseException | None] = [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            led.extend(cast("BaseExceptionGroup[BaseException]", one).exceptions)
        new = {id(other): other for other in led if other is not None and id(other) not in known}
        known |= new
        waiting.extend(new.values())
    return all(may_tell(one) for one in known.values())


def status_of(error: BaseException) -> int:
    """HTTP status that FastAPI answers an exception with; 0 where it has none of its own.

    A client that left while its request was read gets none: 499 is what proxies note for it.
    """
    if isinstance(error, HTTPException):
        return error.status_code
    if isinstance(error, RequestValidationError):
        return 422
    return 499 if isinstance(error, ClientDisconnect) else 0


def message_of(error: BaseException) -> str:
    """What an exception says, 8,000 characters at most, but for queries of URLs and credentials."""
    if not may_tell(error):
        return ""
    try:
        return _cleaned(str(error))
    except Exception:
        # It is the user's code that writes the text, and the exception is on its way.
        return ""


def _cleaned(text: str) -> str:
    return shortened(text, _LONGEST_TEXT)


def attributes_of_error(error: BaseException) -> dict[str, object]:
    """An exception's plain attributes: no request, answer or values of SQL, which may be secret."""
    return {
        name: _cleaned(value) if isinstance(value, str) else value
        for name, value in error.__dict__.items()
        if not name.startswith("_") and (value is None or isinstance(value, str | int | float))
    }


def told_attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of a span or event, cleaned of what URLs and exceptions are not to tell."""
    told = without_queries(attributes)
    for key in ("exception.message", "exception.stacktrace"):
        if key in told:
            text = _cleaned(str(told.pop(key)))
            if may_tell():
                told[key] = text
    return told


def frames(traceback: TracebackType | None) -> Frames:
    """The deepest frames of a traceback, without those of the runtime's own decorators."""
    walked = [
        (frame.f_code.co_filename, line, frame.f_code.co_name)
        for frame, line in walk_tb(traceback)
        if frame.f_globals.get("__name__") not in _OWN
    ]
    return walked[-_DEEPEST_FRAMES:]


def exception_of(error: BaseException, stack: Frames) -> dict[str, Any]:
    """One of the exceptions in a subsegment's cause."""
    exception: dict[str, Any] = {
        "id": os.urandom(8).hex(),
        "message": message_of(error),
        "type": type(error).__name__,
        "remote": False,
    }
    if not exception["message"]:
        del exception["message"]
    exception["stack"] = [
        {"path": os.path.basename(path), "line": line, "label": label}
        for path, line, label in stack
    ]
    return exception


def cause_of(description: str) -> dict[str, Any]:
    """Cause of a fault that no exception told of, but the status of its span."""
    told = {"id": os.urandom(8).hex(), "message": _cleaned(description)}
    return {"working_directory": os.getcwd(), "exceptions": [{**told, "remote": False}]}


def request_cause(error: BaseException) -> dict[str, Any]:
    """Cause of a request's failure, with whole paths, the deepest frame first."""
    stack = [
        {"path": frame.f_code.co_filename, "line": line, "label": frame.f_code.co_name}
        for frame, line in walk_tb(error.__traceback__)
    ]
    exception = {
        "id": os.urandom(8).hex(),
        "type": type(error).__name__,
        "message": message_of(error),
        "stack": stack[: -_DEEPEST_FRAMES - 1 : -1],
    }
    return {"working_directory": os.getcwd(), "exceptions": [exception]}

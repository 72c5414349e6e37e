"""Subsegments as X-Ray's documents describe them, from the words of OpenTelemetry's conventions."""

import os
import re
from collections.abc import Mapping
from traceback import walk_tb
from types import TracebackType
from typing import Any

from fastapi.exceptions import RequestValidationError
from opentelemetry.context import Context, get_value, set_value
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from .environment import CAPTURE_ERROR, is_on
from .output import decode
from .tracing import ANNOTATIONS, METADATA, annotation_value, listed_annotations

type Frames = list[tuple[str, int, str]]
"""File, line and function, the outermost first."""

_DEEPEST_FRAMES = 10
_OWN = {f"{__package__}.capture", f"{__package__}.subsegments"}
_NO_KEY = re.compile(r"[^A-Za-z0-9_]")
_URL_IN_TEXT = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"<>]+")
_QUERY_IN_TEXT = re.compile(r"\?[^\s'\"<>=]*=[^\s'\"<>]*")
_SILENT = "_fastapi_runtime_silent"
"""Key of a context, and attribute of an exception, whose messages stay out of traces."""
_DROPPED_IN_NAMES = str.maketrans("", "", "?;*()!$~^<>")

_URLS = ("url.full", "http.url", "http.target", "url.original", "url.query", "server.url")
"""Attributes in which instrumentations put a URL, or a part of one, with its query."""

_names: dict[str, str] = {}


def safe_name(name: str) -> str:
    """`GET /items/:item_id` for `GET /items/{item_id}`, whose braces X-Ray refuses."""
    safe = _names.get(name)
    if safe is None:
        spelled = name.replace("{", ":").replace("}", "")
        safe = "".join(
            letter if letter.isalnum() or letter in " _.:/%&#=+\\-@" else "_" for letter in spelled
        )[:200]
        if len(_names) < 1000:
            _names[name] = safe
    return safe


def subsegment_name(name: str) -> str:
    """A subsegment's name without what the X-Ray SDK left out of it; X-Ray takes no empty one."""
    return safe_name(name.translate(_DROPPED_IN_NAMES)) or safe_name(name) or "_"


def annotation_key(key: str) -> str:
    """`order_id` for `order.id`: X-Ray indexes letters, digits and underscores alone."""
    return _NO_KEY.sub("_", key)


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


def silent(context: Context) -> Context:
    """A context in which no trace tells what exceptions say."""
    return set_value(_SILENT, True, context)


def keep_silent(error: BaseException) -> None:
    """Have no trace tell what an exception says, wherever else it is recorded."""
    error.__dict__[_SILENT] = True


def may_tell(error: BaseException | None = None) -> bool:
    """Whether a trace may hold what exceptions say here, and this one."""
    told = get_value(_SILENT) is None and (error is None or _SILENT not in error.__dict__)
    return told and is_on(CAPTURE_ERROR, "true")


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
    """What an exception says, but for queries of URLs and credentials in them."""
    if not may_tell(error):
        return ""
    try:
        return without_queries_in_text(str(error))
    except Exception:
        # It is the user's code that writes the text, and the exception is on its way.
        return ""


def attributes_of_error(error: BaseException) -> dict[str, object]:
    """An exception's plain attributes: no request, answer or values of SQL, which may be secret."""
    return {
        name: without_queries_in_text(value) if isinstance(value, str) else value
        for name, value in error.__dict__.items()
        if not name.startswith("_") and (value is None or isinstance(value, str | int | float))
    }


def without_queries(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of a span whose URLs have lost their queries."""
    cleaned = dict(attributes)
    for key in _URLS:
        if key in cleaned:
            cleaned[key] = without_query(str(cleaned[key]))
    _ = cleaned.pop("url.query", None)
    return cleaned


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
    told = {"id": os.urandom(8).hex(), "message": without_queries_in_text(description)}
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


def describe(document: dict[str, Any], given: Mapping[str, Any], calls: bool) -> None:
    """Tell what a span's attributes say in X-Ray's own fields; the rest becomes metadata.

    Args:
        document: A subsegment, which gets the fields.
        given: Attributes by OpenTelemetry's conventions, old and new.
        calls: Whether the span is a call to something else.
    """
    rest = without_queries(given)
    annotations = document.setdefault("annotations", {})
    listed = listed_annotations(rest)
    _ = rest.pop(ANNOTATIONS, None)
    for name in listed:
        if name in rest:
            annotations[annotation_key(name)] = annotation_value(rest.pop(name))
    if not annotations:
        del document["annotations"]
    _describe_http(document, rest)
    if str(rest.get("rpc.system", rest.get("rpc.system.name", ""))).startswith("aws"):
        _describe_aws(document, rest)
    elif "db.system" in rest or "db.system.name" in rest:
        _describe_sql(document, rest)
    elif calls:
        _describe_remote(document, rest)
    if rest:
        _add_metadata(document.setdefault("metadata", {}), rest)


def _first(attributes: dict[str, Any], *keys: str) -> Any:
    """The value of the first of these attributes that there is; all of them are used up."""
    values = [attributes.pop(key) for key in keys if key in attributes]
    return values[0] if values else None


def _fields(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _describe_http(document: dict[str, Any], rest: dict[str, Any]) -> None:
    status: Any = _first(rest, "http.response.status_code", "http.status_code")
    length = _first(rest, "http.response.body.size", "http.response_content_length")
    response = _fields(status=status, content_length=length)
    url = _first(rest, "url.full", "http.url")
    request = _fields(method=_first(rest, "http.request.method", "http.method"), url=url)
    http = {
        name: part
        # An AWS SDK's calls are known by operation, and have no request here.
        for name, part in (("request", request if url else {}), ("response", response))
        if part
    }
    if http:
        document["http"] = http
    document.update(status_flags(status if isinstance(status, int) else 0))


def status_flags(status: int) -> dict[str, bool]:
    """Who is to blame by an HTTP status: `fault` is the server, `error` the client."""
    if status >= 500:
        return {"fault": True}
    if status == 429:
        return {"error": True, "throttle": True}
    return {"error": True} if status >= 400 else {}


def _describe_aws(document: dict[str, Any], rest: dict[str, Any]) -> None:
    service = _first(rest, "rpc.service")
    for key in ("rpc.system", "rpc.system.name"):
        _ = rest.pop(key, None)
    tables: Any = _first(rest, "aws.dynamodb.table_names")
    document["namespace"] = "aws"
    document["aws"] = _fields(
        operation=_first(rest, "rpc.method"),
        region=_first(rest, "cloud.region", "aws.region"),
        request_id=_first(rest, "aws.request_id", "aws.requestId"),
        retries=_first(rest, "retry_attempts"),
        table_name=tables[0] if tables else None,
        queue_url=_first(rest, "aws.sqs.queue.url", "aws.queue_url"),
    )
    if service:
        document["name"] = subsegment_name(str(service))


def _describe_sql(document: dict[str, Any], rest: dict[str, Any]) -> None:
    host = _first(rest, "server.address", "net.peer.name")
    database = _first(rest, "db.namespace", "db.name")
    document["namespace"] = "remote"
    document["sql"] = _fields(
        database_type=_first(rest, "db.system.name", "db.system"),
        sanitized_query=_first(rest, "db.query.text", "db.statement"),
        user=_first(rest, "db.user"),
    )
    if database or host:
        document["name"] = subsegment_name("@".join(str(part) for part in (database, host) if part))


def _describe_remote(document: dict[str, Any], rest: dict[str, Any]) -> None:
    document["namespace"] = "remote"
    host = _first(rest, "server.address", "net.peer.name", "http.host")
    url = document.get("http", {}).get("request", {}).get("url")
    if url is not None:
        host = _host_of(str(url))
    if host:
        document["name"] = subsegment_name(str(host))


def _host_of(url: str) -> str:
    rest = url.partition("://")[2]
    if rest.startswith("["):
        return rest[1:].partition("]")[0]
    return re.split("[/:]", rest, maxsplit=1)[0]


def _add_metadata(metadata: dict[str, Any], rest: Mapping[str, Any]) -> None:
    for key, value in rest.items():
        namespace = key.removeprefix(METADATA) if key.startswith(METADATA) else ""
        if not namespace:
            metadata.setdefault("default", {})[key] = value
            continue
        read = decode_text(value)
        if read is None:
            metadata.setdefault("default", {})[key] = value
        else:
            metadata.setdefault(namespace, {}).update(read)


def decode_text(value: Any) -> dict[str, Any] | None:
    """An object that an attribute holds as JSON; None for anything else."""
    return decode(value.encode()) if isinstance(value, str) else None

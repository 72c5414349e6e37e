"""Subsegments as X-Ray's documents describe them, from the words of OpenTelemetry's conventions."""

import re
from collections.abc import Mapping
from typing import Any

from .exceptions import told_attributes
from .output import decode
from .tracing import ANNOTATIONS, METADATA, annotation_value, listed_annotations
from .urls import without_queries_in_text

_NO_KEY = re.compile(r"[^A-Za-z0-9_]")
_DROPPED_IN_NAMES = str.maketrans("", "", "?;*()!$~^<>")

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


def subsegment_name(name: object) -> str:
    """A subsegment's name without what the X-Ray SDK left out of it; X-Ray takes no empty one.

    It may be a URL, or have one in it, whose query and credentials stay out.
    """
    told = name if isinstance(name, str) else str(name)
    if "//" in told:
        told = without_queries_in_text(told)
    told = told.partition("?")[0]
    return safe_name(told.translate(_DROPPED_IN_NAMES)) or safe_name(told) or "_"


def annotation(key: object, value: Any) -> tuple[str, Any]:
    """What X-Ray indexes: `order_id` for `order.id`, and no more of a text than it takes.

    By AWS's guide ("Annotation Requirements" of each X-Ray SDK) keys are letters, digits and
    underscores, 500 of them at most, and values have up to 1,000 characters.
    """
    told = annotation_value(value)
    return _NO_KEY.sub("_", str(key))[:500], told[:1000] if isinstance(told, str) else told


def describe(document: dict[str, Any], given: Mapping[str, Any], calls: bool) -> None:
    """Tell what a span's attributes say in X-Ray's own fields; the rest becomes metadata.

    Args:
        document: A subsegment, which gets the fields.
        given: Attributes by OpenTelemetry's conventions, old and new.
        calls: Whether the span is a call to something else.
    """
    rest = told_attributes(given)
    annotations = document.setdefault("annotations", {})
    listed = listed_annotations(rest)
    _ = rest.pop(ANNOTATIONS, None)
    for name in listed:
        if name in rest:
            key, value = annotation(name, rest.pop(name))
            annotations[key] = value
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
        host = _host_of(str(url)) or host
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

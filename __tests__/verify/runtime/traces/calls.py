"""Operations that call others, with the tracer provider that PROVIDER asks for: X-Ray's, or one of the user's own."""

import logging
import os
import sqlite3
import time
from typing import Any

import boto3
import httpx
import sqlalchemy
from fastapi import HTTPException
from fastapi.responses import StreamingResponse
from opentelemetry import trace

from .init import app, logger, tracer

tracer.patch(("botocore", "httpx", "sqlite3"))

CALLEE = os.environ.get("CALLEE", "")
exporter: Any = None


def keep_in_memory() -> None:
    """A provider whose batches wait for an hour, so that a flush alone sends them."""
    global exporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource({"service.name": "my-api"}))
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=3_600_000))
    trace.set_tracer_provider(provider)


if os.environ.get("PROVIDER") == "memory":
    keep_in_memory()
elif os.environ.get("PROVIDER") == "otlp":
    # The README's own.
    from .traces import send_spans

    send_spans()

own = trace.get_tracer("shop")


@app.get("/aws")
@tracer.capture_method
def aws() -> list[str]:
    with tracer.provider.in_subsegment("load"):
        return boto3.client("dynamodb", endpoint_url=CALLEE).list_tables()["TableNames"]


@app.get("/refused-by-aws")
def refused_by_aws() -> str:
    try:
        boto3.client("dynamodb", endpoint_url=CALLEE).describe_table(TableName="secret")
    except Exception as error:
        return type(error).__name__
    return "answered"


@app.get("/http/{status}")
async def http(status: int) -> int:
    with tracer.provider.in_subsegment("call"):
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{CALLEE}/status/{status}?token=hunter2#part")
            return answer.status_code


@app.get("/sync-http")
def sync_http() -> int:
    with httpx.Client() as client:
        return client.get(f"{CALLEE.replace('//', '//user:hunter2@')}/status/200?token=hunter2").status_code


@app.get("/sql")
def sql() -> int:
    cursor = sqlite3.connect(":memory:").cursor()
    return cursor.execute("select 40 + ?", (2,)).fetchone()[0]


@app.get("/orm")
def orm() -> int:
    """As the README says of a version of SQLAlchemy that its own package does not take."""
    with sqlalchemy.create_engine("sqlite://").connect() as connection:
        return connection.execute(sqlalchemy.text("select 40 + :n"), {"n": 2}).scalar_one()


@app.get("/patch/{library}")
def patch(library: str) -> str:
    try:
        tracer.patch((library,))
    except Exception as error:
        return str(error)
    return ""


@app.get("/patch-all")
def patch_all() -> str:
    try:
        tracer.patch()
    except ValueError as error:
        return str(error)
    return ""


@app.get("/own/{name}")
@tracer.capture_method
def own_spans(name: str, wait: float = 0) -> str:
    """Spans of OpenTelemetry's API and of the tracer, one below the other."""
    with own.start_as_current_span(f"outer {name}", attributes={"size": 3}) as outer:
        outer.set_attribute("order.id", name)
        outer.set_attribute("aws.xray.annotations", ["order.id"])
        with tracer.provider.in_subsegment(f"middle {name}") as middle:
            middle.put_annotation("name", name)
            middle.put_annotation("second", 2)
            middle.put_metadata("row", {"tags": ["a"]}, "shop")
            middle.put_metadata("other", 1, "shop")
            with own.start_as_current_span(f"inner {name}") as inner:
                inner.add_event("found", {"count": 1})
                time.sleep(wait)
    tracer.put_annotation("who", name)
    logger.info("own line")
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}"


@app.get("/own-failure")
def own_failure() -> str:
    try:
        with own.start_as_current_span("fails"):
            raise ValueError("no such order")
    except ValueError:
        return "handled"


@app.get("/crash")
@tracer.capture_method
def crash() -> None:
    raise ValueError("it broke")


@app.get("/stream")
def stream() -> StreamingResponse:
    @tracer.capture_method
    def parts() -> Any:
        for number in range(3):
            with tracer.provider.in_subsegment(f"part {number}"):
                yield f"{number}\n".encode()

    return StreamingResponse(parts(), media_type="text/plain")


@app.get("/missing")
@tracer.capture_method
def missing() -> None:
    with tracer.provider.in_subsegment("look up"):
        raise HTTPException(404, "no such order")


@app.get("/provider")
def provider() -> str:
    return type(trace.get_tracer_provider()).__name__


@app.get("/exported")
def exported() -> list[dict[str, Any]]:
    """Spans that the in-memory exporter was given so far."""
    return [
        {
            "name": span.name,
            "id": f"{span.context.span_id:016x}",
            "trace_id": f"{span.context.trace_id:032x}",
            "parent_id": f"{span.parent.span_id:016x}" if span.parent else None,
            "kind": span.kind.name,
            "status": span.status.status_code.name,
            "attributes": {key: list(value) if isinstance(value, tuple) else value for key, value in span.attributes.items()},
            "events": [event.name for event in span.events],
            "told": str([dict(event.attributes) for event in span.events]) + str(span.status.description),
            "start": span.start_time,
            "end": span.end_time,
        }
        for span in exporter.get_finished_spans()
    ]


logging.getLogger("opentelemetry").setLevel(logging.WARNING)

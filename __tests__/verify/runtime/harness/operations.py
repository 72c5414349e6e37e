"""Operations that the harness adds to the generated main.py, one for each way a request can go."""

import asyncio
import gc
import logging
import time
from collections.abc import AsyncIterable, AsyncIterator, Iterator

import pydantic
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from fastapi import APIRouter, BackgroundTasks, HTTPException, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel

from .init import CurrentRequest, CurrentUser, JsonStreamingResponse, after_restore, app, before_checkpoint, logger, metrics, tracer


class Line(BaseModel):
    message: str


@app.get("/async/{name}")
async def async_keys(name: str, wait: float = 0) -> dict[str, str]:
    logger.append_keys(who=name)
    metrics.add_metric(name="Visits", unit=MetricUnit.Count, value=1)
    metrics.add_dimension(name="who", value=name)
    with tracer.provider.in_subsegment(f"work {name}"):
        await asyncio.sleep(wait)
    logger.info("async line")
    return {"name": name}


@app.get("/thread/{name}")
@tracer.capture_method
def thread_keys(name: str, wait: float = 0) -> dict[str, str]:
    logger.append_keys(who=name)
    metrics.add_metric(name="Visits", unit=MetricUnit.Count, value=1)
    with tracer.provider.in_subsegment(f"work {name}"):
        time.sleep(wait)
    logger.info("thread line")
    return {"name": name}


router = APIRouter(prefix="/routed", tags=["routed"])


@router.get("/{name}")
def routed(name: str) -> dict[str, str]:
    logger.append_keys(who=name)
    logger.info("routed line")
    return {"name": name}


outer = APIRouter(prefix="/outer")
outer.include_router(router)
app.include_router(outer)


@app.get("/background/{name}")
async def background(name: str, tasks: BackgroundTasks) -> dict[str, str]:
    def work() -> None:
        logger.info("background line")

    logger.append_keys(who=name)
    tasks.add_task(work)
    return {"name": name}


@app.get("/blocked/{name}")
async def blocked(name: str, wait: float) -> dict[str, str]:
    """Holds the server up, as a library without `await` does."""
    metrics.add_metric(name="Visits", unit=MetricUnit.Count, value=1)
    time.sleep(wait)
    return {"name": name}


@app.get("/slow-stream")
async def slow_stream() -> AsyncIterable[Line]:
    for number in range(20):
        yield Line(message=str(number))
        await asyncio.sleep(0.1)


@app.get("/long-background")
async def long_background(tasks: BackgroundTasks) -> None:
    async def work() -> None:
        await asyncio.sleep(0.05)
        logger.info("background line")

    tasks.add_task(work)


@app.get("/nothing", status_code=204)
async def nothing() -> None:
    return None


@app.get("/slashed/")
async def slashed() -> str:
    return "slashed"


@app.get("/tiles/{y}@{scale}x.{image}")
async def tile(y: int, scale: int, image: str) -> list[int | str]:
    return [y, scale, image]


@app.get("/moved")
async def moved() -> RedirectResponse:
    return RedirectResponse("/echo?message=hi")


@app.get("/refused")
async def refused() -> None:
    raise HTTPException(status_code=418, detail="no coffee")


@app.get("/crash")
async def crash() -> None:
    raise ValueError("a secret: hunter2")


@app.get("/crash-in-thread")
@tracer.capture_method
def crash_in_thread() -> None:
    raise ValueError("a secret: hunter2")


@app.head("/head")
async def head() -> Response:
    return Response(headers={"x-size": "12"})


@app.options("/options")
async def options() -> Response:
    return Response(status_code=204, headers={"allow": "GET, OPTIONS"})


async def broken() -> AsyncIterator[Line]:
    yield Line(message="one")
    await asyncio.sleep(0.05)
    raise ValueError("the stream broke")


@app.get("/broken", response_class=JsonStreamingResponse, responses={200: JsonStreamingResponse.openapi_response(Line, "Lines")})
async def broken_stream() -> JsonStreamingResponse:
    return JsonStreamingResponse(broken())


closed: list[str] = []


async def endless() -> AsyncIterator[Line]:
    try:
        while True:
            yield Line(message="x" * 200)
            await asyncio.sleep(0.02)
    finally:
        logger.info("generator closed")


@app.get("/endless")
async def endless_stream() -> JsonStreamingResponse:
    return JsonStreamingResponse(endless())


@app.get("/yielded")
@tracer.capture_method
async def yielded(count: int = 3) -> AsyncIterable[Line]:
    for number in range(count):
        with tracer.provider.in_subsegment(f"step {number}"):
            logger.info("yielding", extra={"number": number})
        yield Line(message=f"line {number}")


@tracer.capture_method
def steps() -> Iterator[bytes]:
    for number in range(3):
        with tracer.provider.in_subsegment(f"step {number}"):
            yield f"part {number}\n".encode()


@app.get("/thread-stream")
def thread_stream() -> StreamingResponse:
    return StreamingResponse(steps(), media_type="text/plain")


@app.get("/events", response_class=EventSourceResponse)
async def events() -> AsyncIterable[ServerSentEvent]:
    yield ServerSentEvent(data={"n": 1}, event="tick")
    yield ServerSentEvent(data={"n": 2}, event="tick")


@app.get("/one-metric")
async def one_metric() -> None:
    with single_metric(name="Once", unit=MetricUnit.Count, value=1, namespace="Other") as metric:
        metric.add_dimension(name="kind", value="single")


@app.get("/annotated")
async def annotated() -> None:
    tracer.put_annotation("order", "42")
    tracer.put_metadata("detail", {"size": 2})


@app.get("/who")
async def who(user: CurrentUser, request: CurrentRequest) -> dict[str, object]:
    return {
        "auth": user.auth,
        "id": user.id,
        "claims": dict(user.claims),
        "authenticated": user.is_authenticated,
        "groups": user.groups,
        "scopes": user.scopes,
        "source_ip": request.source_ip,
        "stage": request.stage,
        "request_id": request.request_id,
    }


@app.get("/other-loggers")
def other_loggers() -> None:
    """What modules and libraries log by Python's own means."""
    logging.getLogger("shop").info("own info")
    logging.getLogger("shop").debug("own debug")
    logging.getLogger("my_api.operations").info("module info")
    for level in (logging.INFO, logging.WARNING):
        # As a library's own code would: from a file of its own.
        library = pydantic.__file__
        record = logging.LogRecord("pydantic.main", level, library, 1, "library %s", (logging.getLevelName(level),), None, "validate")
        if logging.getLogger("pydantic.main").isEnabledFor(level):
            logging.getLogger("pydantic.main").handle(record)


@app.get("/collects-garbage")
async def collects_garbage() -> bool:
    return gc.isenabled()


@app.get("/noise/{size}")
def noise(size: int) -> dict[str, int]:
    for number in range(20):
        logger.info("noise", extra={"filler": "x" * size, "number": number})
    return {"size": size}


app.router.on_shutdown.append(lambda: print('{"hook": "shutdown"}', flush=True))


@before_checkpoint
def checkpoint() -> None:
    print('{"hook": "before"}', flush=True)


@after_restore
async def restore() -> None:
    print('{"hook": "after"}', flush=True)

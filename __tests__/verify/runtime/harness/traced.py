"""Operations whose documents in X-Ray are compared with what the X-Ray SDK wrote for them (`documents.jsonl`)."""

import asyncio
import contextlib
import threading
import traceback
from collections.abc import AsyncIterator, Iterator
from contextvars import copy_context
from decimal import Decimal

from fastapi import HTTPException
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from .init import app, tracer


@tracer.capture_method(capture_response=True)
def price(order: int) -> dict[str, object]:
    with tracer.provider.in_subsegment("load price") as subsegment:
        subsegment.put_annotation("kept", True)
        subsegment.put_annotation("order", order)
        subsegment.put_metadata("row", {"price": Decimal("1.50"), "tags": ["a", "b"]})
        subsegment.put_metadata("row", {"cached": False}, "cache")
    return {"order": order, "price": 1.5}


@app.get("/traced/function")
@tracer.capture_method
def function() -> None:
    tracer.put_annotation("kind", "function")
    tracer.put_annotation(key="weight", value=0.5)
    tracer.put_metadata(key="seen", value={"by": "function"})
    tracer.put_metadata("seen", [1, 2], "elsewhere")
    price(7)


@tracer.capture_method
async def fetch(name: str) -> str:
    async with tracer.provider.in_subsegment_async(f"wait {name}") as subsegment:
        await asyncio.sleep(0.01)
        subsegment.put_annotation("name", name)
    with tracer.provider.in_subsegment(f"use {name}"):
        return name


@app.get("/traced/coroutine")
@tracer.capture_method
async def coroutine() -> list[str]:
    return [await fetch("one"), await fetch("two")]


@app.get("/traced/gather")
async def gather() -> list[str]:
    return await asyncio.gather(*(fetch(name) for name in "abc"))


@tracer.capture_method
def numbers() -> Iterator[int]:
    for number in range(2):
        with tracer.provider.in_subsegment(f"number {number}"):
            received = yield number
        if received:
            tracer.put_annotation("received", received)


@app.get("/traced/generator")
def generator() -> list[int]:
    items = numbers()
    first = next(items)
    with tracer.provider.in_subsegment("between"):
        pass
    return [first, items.send("ping")]


@tracer.capture_method
async def letters() -> AsyncIterator[str]:
    for letter in "xy":
        async with tracer.provider.in_subsegment_async(f"letter {letter}"):
            await asyncio.sleep(0)
        yield letter


@app.get("/traced/async-generator")
async def async_generator() -> list[str]:
    return [letter async for letter in letters()]


@tracer.capture_method
@contextlib.contextmanager
def opened() -> Iterator[str]:
    with tracer.provider.in_subsegment("open"):
        pass
    yield "handle"


@app.get("/traced/context-manager")
def context_manager() -> str:
    with opened() as handle, tracer.provider.in_subsegment("inside"):
        return handle


@tracer.capture_method
def fail(message: str) -> None:
    with tracer.provider.in_subsegment("about to fail"):
        raise ValueError(message)


@app.get("/traced/failure")
@tracer.capture_method
def failure() -> None:
    fail("no such order")


@app.get("/traced/handled")
async def handled() -> str:
    with tracer.provider.in_subsegment("handles") as subsegment:
        try:
            fail("handled")
        except ValueError as error:
            subsegment.add_exception(error, traceback.extract_tb(error.__traceback__))
        try:
            raise KeyError("mine")
        except KeyError as error:
            subsegment.add_exception(error, traceback.extract_tb(error.__traceback__))
    return "handled"


@tracer.capture_method
def breaks() -> Iterator[int]:
    yield 1
    raise ValueError("the generator broke")


@tracer.capture_method
async def breaks_async() -> AsyncIterator[int]:
    yield 1
    raise ValueError("the generator broke")


@app.get("/traced/broken-generator")
def broken_generator() -> None:
    list(breaks())


@app.get("/traced/broken-async-generator")
async def broken_async_generator() -> None:
    async for _ in breaks_async():
        pass


@app.get("/traced/refused")
@tracer.capture_method
async def refused() -> None:
    raise HTTPException(status_code=404, detail="no such order")


@app.get("/traced/names")
async def names() -> None:
    for name in ("load (all)?", "a/b:c.d-e_f@g&h=i+j%k#l", "Đơn hàng", "x" * 250):
        with tracer.provider.in_subsegment(name):
            pass


@app.get("/traced/threads")
async def threads() -> None:
    def work(name: str) -> None:
        with tracer.provider.in_subsegment(name):
            pass

    await run_in_threadpool(work, "pool")
    thread = threading.Thread(target=copy_context().run, args=(work, "own thread"))
    thread.start()
    thread.join()
    # A thread that begins without the request's context is none of its own.
    lost = threading.Thread(target=work, args=("lost",))
    lost.start()
    lost.join()


@tracer.capture_method
def parts() -> Iterator[bytes]:
    for number in range(3):
        with tracer.provider.in_subsegment(f"part {number}"):
            yield f"{number}\n".encode()


@app.get("/traced/stream")
def stream() -> StreamingResponse:
    return StreamingResponse(parts(), media_type="text/plain")

"""Streaming operations beside the generated ones: FastAPI's own, and a stream that reads from a thread."""

from collections.abc import AsyncIterable, Iterator

from fastapi.sse import EventSourceResponse, ServerSentEvent

from .init import JsonStreamingResponse, app
from .main import Chunk


@app.get("/yielded")
async def yielded() -> AsyncIterable[Chunk]:
    for number in range(3):
        yield Chunk(message=f"line {number}")


@app.get("/events", response_class=EventSourceResponse)
async def events() -> AsyncIterable[ServerSentEvent]:
    yield ServerSentEvent(data={"n": 1}, event="tick")


def chunks() -> Iterator[Chunk]:
    yield Chunk(message="from a thread")


@app.get("/threaded", response_class=JsonStreamingResponse, responses={200: JsonStreamingResponse.openapi_response(Chunk)})
def threaded() -> JsonStreamingResponse:
    return JsonStreamingResponse(chunks())

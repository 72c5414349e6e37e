"""Streams of JSON Lines from Pydantic models."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from typing import Any

from fastapi.responses import StreamingResponse
from pydantic_core import to_json
from starlette.background import BackgroundTask

STREAM_MEDIA_TYPE = "application/jsonl"


class JsonStreamingResponse(StreamingResponse):
    """Streams Pydantic models, or what else Pydantic writes as JSON, one a line.

    Behind a REST API each line is sent as soon as it is made; an HTTP API sends the whole once it
    is complete. A failure halfway drops the connection, and a client that reads through API Gateway
    must take a last line that is not JSON for one.
    """

    # Stated per response below: a media type of the class would make OpenAPI call the body, and
    # each error, a string of JSON Lines.
    media_type = None

    def __init__(
        self,
        content: AsyncIterable[Any] | Iterable[Any],
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        """Stream `content`; a plain iterable is read in the thread pool."""
        lines = _lines_async(content) if isinstance(content, AsyncIterable) else _lines(content)
        super().__init__(lines, status_code, headers, STREAM_MEDIA_TYPE, background)

    @staticmethod
    def openapi_response(model: Any, description: str = "Successful Response") -> dict[str, Any]:
        """An entry of an operation's `responses`: a stream whose `itemSchema` is the model's.

        Args:
            model: Type of one line: a Pydantic model, or any type that FastAPI takes as a response
                model.
            description: What the stream holds.
        """
        return {
            "model": model,
            "description": description,
            "content": {STREAM_MEDIA_TYPE: {"itemSchema": {}}},
        }


async def _lines_async(items: AsyncIterable[Any]) -> AsyncIterator[bytes]:
    async for item in items:
        yield _line(item)


def _lines(items: Iterable[Any]) -> Iterator[bytes]:
    for item in items:
        yield _line(item)


def _line(item: Any) -> bytes:
    return to_json(item, by_alias=True) + b"\n"

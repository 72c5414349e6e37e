"""The API of the operations, as one without the runtime has it."""

from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from . import operations

app = FastAPI(title="Shapes", version="1.0.0", generate_unique_id_function=lambda route: route.name)
app.add_middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_methods=["*"],
    allow_headers=["*"],
    expose_headers=["x-correlation-id"],
)
operations.add_to(app)


class Correlation:
    """Names each answer. Not `@app.middleware`: that one ends a stream that fails as if it were whole."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def named(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-correlation-id", b"c-1")]
            await send(message)

        await self.inner(scope, receive, named)


app.add_middleware(Correlation)

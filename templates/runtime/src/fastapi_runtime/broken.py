"""Responses that break halfway, told through middleware that would end them as if they were whole.

Starlette's `BaseHTTPMiddleware`, which `@app.middleware("http")` makes, sends the last message of a
response whose body raised, and raises only then.
"""

from fastapi import FastAPI
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.types import Message, Receive, Scope, Send

from .record import current_record


def note_broken_responses(app: FastAPI) -> None:
    """Have the record of a request know what its response broke with, before its last message.

    An app without middleware of that kind needs no such note, and pays for none.
    """
    kinds = (middleware.cls for middleware in app.user_middleware)
    if not any(isinstance(kind, type) and issubclass(kind, BaseHTTPMiddleware) for kind in kinds):
        return
    inner = app.router.middleware_stack

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_on(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await inner(scope, receive, send_on)
        except Exception as error:
            record = current_record.get()
            if started and record is not None:
                record.broken = error
            raise

    app.router.middleware_stack = noting

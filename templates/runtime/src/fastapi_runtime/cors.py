"""Cross-origin access on every response, errors too: a browser hides those that lack it.

An app with a `CORSMiddleware` of its own decides itself.
"""

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, cast

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from .environment import IN_LAMBDA

_LOCALHOST = re.compile(rb"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")
_HEADER_LIST = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,2048}")

type Headers = list[tuple[bytes, bytes]]

EXPOSED = "X-Correlation-Id"
"""What every page may read, besides what CORS shows it anyway."""


class Cors:
    """Says which origins may read the API's responses.

    It allows no credentials (cookies): tokens and signatures come in `Authorization`.
    """

    def __init__(self, allowed_origins: str | None, exposed_headers: str | None = None) -> None:
        """State the allowed origins.

        Args:
            allowed_origins: `ALLOWED_ORIGINS`: origins apart by commas, or `*` for any. Default:
                none in Lambda, and this very machine's when served locally.
            exposed_headers: `EXPOSED_HEADERS`: headers of responses that pages may read, apart by
                commas, besides `X-Correlation-Id`. Default: none in Lambda, and those that the
                operations declare when served locally.
        """
        names = [
            name.strip().rstrip("/").encode()
            for name in (allowed_origins or "").split(",")
            if name.strip()
        ]
        self._any = b"*" in names
        self._names = frozenset(names)
        self._localhost = not names and not IN_LAMBDA
        self._exposed = b""
        self._asks_app = exposed_headers is None and not IN_LAMBDA
        self._declared: Callable[[], Iterable[str]] | None = None
        self._expose((exposed_headers or "").split(","))

    def expose_declared(self, declared: Callable[[], Iterable[str]]) -> None:
        """Say what operations declare, which is asked for when a page first calls a local app."""
        if self._asks_app:
            self._declared = declared

    def _expose(self, headers: Iterable[str]) -> None:
        names = {EXPOSED.lower(): EXPOSED}
        for name in headers:
            if name.strip():
                _ = names.setdefault(name.strip().lower(), name.strip())
        self._exposed = ", ".join(names.values()).encode("latin-1", "ignore")

    def add_headers(
        self, headers: Headers, given: dict[bytes, bytes], origin: bytes | None
    ) -> None:
        """Add what a response to `origin` needs, unless the operation has set it itself.

        Args:
            headers: The response's headers, which get more.
            given: The same by name.
            origin: Where the page is from that asks, if any.
        """
        if b"access-control-allow-origin" in given:
            return
        vary = given.get(b"vary")
        if vary is None:
            headers.append((b"vary", b"Origin"))
        elif vary != b"*" and b"origin" not in vary.lower():
            headers[:] = [
                (name, value + b", Origin" if name == b"vary" else value) for name, value in headers
            ]
        allowed = self._allowed(origin)
        if allowed is not None:
            if self._declared is not None:
                self._expose(self._declared())
                self._declared = None
            headers += (
                (b"access-control-allow-origin", allowed),
                (b"access-control-expose-headers", self._exposed),
            )

    def preflight(self, headers: dict[bytes, bytes]) -> Response:
        """Answer a browser that asks what it may send, by name: `*` leaves `Authorization` out."""
        response = Response(status_code=204)
        response.headers["vary"] = (
            "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
        )
        if self._allowed(headers.get(b"origin")) is None:
            return response
        response.headers["access-control-allow-methods"] = (
            "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
        )
        response.headers["access-control-max-age"] = "600"
        asked = headers.get(b"access-control-request-headers")
        if asked is not None and _HEADER_LIST.fullmatch(asked):
            response.headers["access-control-allow-headers"] = asked.decode("ascii")
        return response

    def _allowed(self, origin: bytes | None) -> bytes | None:
        if self._any:
            return b"*"
        if origin is None:
            return None
        known = origin in self._names or (
            self._localhost and _LOCALHOST.fullmatch(origin) is not None
        )
        return origin if known else None


def own_middleware(app: FastAPI) -> Middleware | None:
    """The `CORSMiddleware` that an app has added itself."""
    return next((each for each in app.user_middleware if own_kind(each) is not None), None)


def own_kind(middleware: Middleware) -> type[CORSMiddleware] | None:
    """The class of a `CORSMiddleware`, of one that is made with `functools.partial` too."""
    kind: object = middleware.cls
    while isinstance(kind, partial):
        kind = cast("partial[Any]", kind).func
    return kind if isinstance(kind, type) and issubclass(kind, CORSMiddleware) else None


def with_own_middleware(middleware: Middleware, response: ASGIApp) -> ASGIApp:
    """Wrap a response in an app's own `CORSMiddleware`, which it has not passed."""
    return middleware.cls(response, *middleware.args, **middleware.kwargs)


def is_preflight(headers: dict[bytes, bytes]) -> bool:
    """Whether OPTIONS is a browser's preflight, and not for an operation that takes it."""
    return b"origin" in headers and b"access-control-request-method" in headers

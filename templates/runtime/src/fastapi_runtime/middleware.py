"""The one middleware around everything: each request's telemetry, before its last byte.

Lambda may freeze the process as soon as the response has ended. So the log line, the metrics and
the trace are written before the last message of the body is handed on, and not after it.
"""

import sys
from asyncio import AbstractEventLoop, get_running_loop
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from operator import itemgetter
from threading import Lock
from time import perf_counter, time

from opentelemetry.context import detach
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .cors import Cors, is_preflight
from .environment import IN_LAMBDA
from .flushes import finished_within
from .logs import RequestLogger, mark_logged
from .metrics import RequestMetrics
from .output import write_lines
from .paths import set_root_path
from .record import RequestRecord, current_record
from .request_span import RequestSpans
from .snapstart import hooks_for, run_hooks
from .watchdog import Watchdog, integration_timeout, stream_timeout

_TOLD_WITHIN = 0.5
"""Seconds to wait until the watchdog has written its report of a request."""

_SOON = 0.01
"""Seconds after its response within which a request should end."""

_RECORD = "fastapi_runtime.record"
"""Where a scope has its record, for an app that is mounted in another with the runtime."""

type ErrorHandler = Callable[[Request, Exception], Awaitable[Response]]


class RequestMiddleware:
    """The outermost middleware, in place of Starlette's for server errors."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        logger: RequestLogger,
        metrics: RequestMetrics,
        cors: Cors | None,
        handle_error: ErrorHandler | None = None,
        around_error: Callable[[ASGIApp], ASGIApp] | None = None,
    ) -> None:
        """Wrap `app`.

        Args:
            app: The application inside.
            logger: Writes each request's line.
            metrics: Counts each request.
            cors: Which origins may read the responses. None: the app decides itself.
            handle_error: Answers an unhandled exception. Default: a 500 that says nothing of its
                cause.
            around_error: Adds what the app's own middleware would, to the answers of
                `handle_error`.
        """
        self.app = app
        self.logger = logger
        self.metrics = metrics
        self.cors = cors
        self._has_own_handler = handle_error is not None
        self.handle_error = handle_error or internal_server_error
        self.around_error = around_error
        self._completing = Lock()
        self._watchdog = Watchdog(self._time_out, integration_timeout(), stream_timeout())
        self._told_of_work = not IN_LAMBDA
        self._ending: dict[RequestRecord, float] = {}
        """Requests that are over but for what goes on after them, and since when."""
        self._looks_in: AbstractEventLoop | None = None
        """Where a look at them is due."""
        self.spans = RequestSpans()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # FastAPI's own word for a scope whose telemetry is decided: an app that is mounted in this
        # one begins none of its own, which would hide the request's span and take the client's.
        _ = scope.setdefault("fastapi.telemetry", None)
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        around: RequestRecord | None = scope.get(_RECORD)
        if around is not None:
            await self._serve_below(around, scope, receive, send)
            return
        headers = dict(scope["headers"])
        record = RequestRecord(scope, headers)
        scope[_RECORD] = record
        token = current_record.set(record)
        span_token = self.spans.begin(record)
        origin = headers.get(b"origin")
        started = ended = False
        awaited: int | None = None
        """Bytes of the body that are still to come, where Content-Length says how many."""

        async def send_response(message: Message) -> None:
            nonlocal started, ended, awaited
            is_last = False
            if message["type"] == "http.response.start":
                started = True
                awaited = self._start(message, record, origin)
                # The headers are all of it: the adapter waits for nothing more.
                is_last = awaited == 0
            elif message["type"] == "http.response.body":
                if awaited is not None:
                    awaited -= len(message.get("body", b""))
                # Nor does it wait after the last byte that Content-Length promises.
                if message.get("more_body") and (awaited is None or awaited > 0):
                    record.streamed = True
                elif not ended:
                    if record.broken is not None:
                        # Not its last message: what is missing would look like the end.
                        raise record.broken
                    is_last = True
            if is_last:
                ended = True
                self.complete(record)
                if record.told is not None or record.leaves_spans:
                    await self._wait(record)
            await send(message)
            if ended and not self._told_of_work:
                self._expect_end(record)

        async def receive_request() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect" and not record.finished:
                record.disconnected = True
            return message

        try:
            if not record.silent:
                self._watchdog.watch(record)
            if record.gateway is not None:
                set_root_path(scope, record.gateway)
            hooks = hooks_for(record.method, record.path) if record.silent else None
            if hooks is not None:
                # Spans from before the snapshot are sent now, or each copy of it would send them.
                record.leaves_spans = True
                await run_hooks(hooks, scope, receive, send_response)
                return
            if record.method == "OPTIONS" and is_preflight(headers):
                record.counted = False
                if self.cors is not None:
                    await self.cors.preflight(headers)(scope, receive, send_response)
                    return
            await self.app(scope, receive_request, send_response)
        except Exception as error:
            if record.disconnected or isinstance(error, ClientDisconnect):
                record.disconnected = True
            elif ended:
                # What a mounted app has answered itself is in the request's line already.
                if error is not record.exception:
                    self.logger.exception("Background task failed", exc_info=error)
            else:
                _note_failure(record, error)
                if started:
                    ended = True
                    await self._finish(record)
                    mark_logged(error)
                    raise
                await self._answer(error, scope, receive, send_response)
        except BaseException as stopped:
            record.error = "client_disconnected" if record.disconnected else type(stopped).__name__
            raise
        finally:
            self._watchdog.forget(record)
            _ = self._ending.pop(record, None)
            # A record and a scope that hold each other would be left to the garbage collector.
            _ = scope.pop(_RECORD, None)
            try:
                if not ended:
                    if not record.finished and record.error is None:
                        record.error = (
                            "client_disconnected" if record.disconnected else "incomplete_response"
                        )
                    await self._finish(record)
                if record.metrics is not None:
                    write_lines(self.metrics.added_lines(record))
            finally:
                current_record.reset(token)
                if span_token is not None:
                    detach(span_token)

    def _start(self, message: Message, record: RequestRecord, origin: bytes | None) -> int | None:
        """Note how a response begins, and add our headers to its own.

        Returns:
            How many bytes its body has; None where no header says.
        """
        # A number alone: a member of an enumeration writes itself as a name.
        record.status = int(message["status"])
        if record.status >= 500:
            _note_answered(record)
        headers = list(message.get("headers", ()))
        given = dict(headers)
        if self.cors is not None:
            self.cors.add_headers(headers, given, origin)
        headers.append((b"x-correlation-id", record.correlation_id.encode()))
        message["headers"] = headers
        if record.method == "HEAD" or record.status in (204, 304):
            # It ends with its headers, whatever they say of a length.
            return 0
        length = given.get(b"content-length")
        return int(length) if length is not None and length.isdigit() else None

    async def _serve_below(
        self, record: RequestRecord, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Serve a request that the app around this one records, but for this one's own handler."""
        if not self._has_own_handler:
            await self.app(scope, receive, send)
            return
        started = False

        async def send_response(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, send_response)
        except Exception as error:
            if started or record.disconnected or isinstance(error, ClientDisconnect):
                raise
            _note_failure(record, error)
            await self._answer(error, scope, receive, send)

    async def _answer(self, error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
        response: ASGIApp = await self.handle_error(Request(scope), error)
        if self.around_error is not None:
            response = self.around_error(response)
        await response(scope, receive, send)

    async def _finish(self, record: RequestRecord) -> None:
        """Complete a request, and wait for what its last byte waits for."""
        self.complete(record)
        await self._wait(record)

    async def _wait(self, record: RequestRecord) -> None:
        """Wait for a report of the watchdog's, and for the spans of a user's tracer provider.

        After a report, those that have ended since then are sent.
        """
        if record.told is not None and not record.told.done():
            _ = await finished_within(record.told, _TOLD_WITHIN)
        if record.leaves_spans:
            await self.spans.flush(self._watchdog.left(record))

    def _expect_end(self, record: RequestRecord) -> None:
        """Look soon whether a request has ended, by one timer for all of them."""
        _ = self._ending.setdefault(record, perf_counter())
        loop = get_running_loop()
        if self._looks_in is not loop:
            self._looks_in = loop
            _ = loop.call_later(_SOON, self._look_for_work)

    def _look_for_work(self) -> None:
        """Warn once that Lambda may freeze or end what goes on after a response."""
        self._looks_in = None
        if self._told_of_work or not self._ending:
            return
        record, since = min(self._ending.items(), key=itemgetter(1))
        if perf_counter() - since < _SOON:
            self._looks_in = get_running_loop()
            _ = self._looks_in.call_later(_SOON, self._look_for_work)
            return
        self._told_of_work = True
        # The timer runs for whichever request began it.
        token = current_record.set(record)
        try:
            self.logger.warning(
                "Work goes on after the response, when Lambda may freeze or end it: "
                "use a queue for what must happen"
            )
        finally:
            current_record.reset(token)

    def _time_out(self, record: RequestRecord) -> None:
        """Complete a request that is about to be cut; called in the watchdog's thread."""
        token = current_record.set(record)
        try:
            if self.complete(record, timed_out=True) and record.leaves_spans:
                # Half of what is left: the line and the metrics are out already.
                left = self._watchdog.cut_of(record) - time()
                self.spans.flush_now(max(left, 0) / 2)
        finally:
            current_record.reset(token)

    def complete(self, record: RequestRecord, *, timed_out: bool = False) -> bool:
        """Write what a request ends with: its log line and metrics in one piece, then its trace.

        What can't be written must not fail the request.

        Returns:
            Whether this call wrote it. The request and the watchdog both try, and the first writes.
        """
        with self._completing:
            if record.finished:
                return False
            if timed_out:
                record.told = Future()
            record.finished = True
        try:
            if timed_out:
                record.timed_out = True
                record.error = "timeout"
                # What API Gateway answers.
                record.status = record.status or 504
            if not record.silent:
                self._write(record)
        finally:
            if record.told is not None:
                # The request's own last byte waits for it.
                record.told.set_result(None)
        return True

    def _write(self, record: RequestRecord) -> None:
        if record.disconnected and record.error is None:
            record.error = "client_disconnected"
        record.end()
        try:
            write_lines(self._lines(record))
        except Exception:
            self.logger.exception("The line of a request could not be written")
        self.spans.end(record)

    def _lines(self, record: RequestRecord) -> str:
        try:
            return self.logger.completion_line(record) + self.metrics.lines(record)
        except Exception:
            # The operation appended or added something that JSON can't hold.
            record.keys = record.metrics = None
            self.logger.exception("Keys or metrics of a request could not be written")
            return self.logger.completion_line(record) + self.metrics.lines(record)


def _note_failure(record: RequestRecord, error: Exception) -> None:
    if not record.timed_out:
        record.error = type(error).__name__
        record.exception = error


def _note_answered(record: RequestRecord) -> None:
    """Note what a mounted app without the runtime answers just now, and raises afterwards."""
    error = sys.exception()
    place = None if error is None else error.__traceback__
    if (
        isinstance(error, Exception)
        and place is not None
        and place.tb_frame.f_code is ServerErrorMiddleware.__call__.__code__
    ):
        _note_failure(record, error)


async def internal_server_error(_request: Request, _error: Exception) -> Response:
    """A 500 with no detail but the correlation id."""
    record = current_record.get()
    correlation_id = None if record is None else record.correlation_id
    return JSONResponse(
        {"detail": "Internal Server Error", "correlation_id": correlation_id}, status_code=500
    )

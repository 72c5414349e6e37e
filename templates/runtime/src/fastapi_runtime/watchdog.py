"""Reports requests that are about to be cut, half a second before, while it still can.

Lambda ends a process at its deadline without a word, and API Gateway answers 504 when its own
timeout is over.
"""

import logging
import os
from collections.abc import Callable
from math import inf
from threading import Condition, Lock, Thread
from time import time

from .record import RequestRecord
from .streamed import is_stream

MARGIN = 0.5
"""Seconds before the cut. A request with less than a second is reported at half of its time."""

_logger = logging.getLogger(__name__)


def integration_timeout() -> float:
    """Seconds that API Gateway waits, set by the infrastructure. Default: no limit."""
    return float(os.environ.get("INTEGRATION_TIMEOUT_SECONDS") or inf)


def stream_timeout() -> float:
    """Seconds that API Gateway waits for a stream's end, where other routes have less."""
    return float(os.environ.get("STREAM_TIMEOUT_SECONDS") or integration_timeout())


class Watchdog:
    """Watches running requests from a thread of its own, which no blocking call holds up."""

    def __init__(
        self, on_due: Callable[[RequestRecord], None], timeout: float, stream_timeout: float = 0
    ) -> None:
        """Watch from the first request on.

        Args:
            on_due: Called in the thread for each request that is about to be cut.
            timeout: Seconds that API Gateway waits for an answer.
            stream_timeout: Seconds that it waits for the end of a stream, where that is longer.
        """
        self._on_due = on_due
        self._timeout = timeout
        self._stream_timeout = stream_timeout
        self._running: dict[RequestRecord, float] = {}
        # Taken by itself for each request: a condition costs three times as much to enter.
        self._lock = Lock()
        self._changed = Condition(self._lock)
        self._wakes_at = inf
        self._started = False
        self._told_of_thread = False

    def cut_of(self, record: RequestRecord) -> float:
        """When a request is cut, in seconds since the epoch; infinite without a limit."""
        return min(record.deadline, self._given_up(record))

    def left(self, record: RequestRecord) -> float:
        """Seconds that a request may take until shortly before it is cut; 0 where it is over.

        Once API Gateway has answered for it, only Lambda's own deadline is one.
        """
        now = time()
        given_up = self._given_up(record)
        cut = min(record.deadline, given_up if given_up > now else inf)
        left = max(cut - now, 0)
        return left if left == inf else left - min(MARGIN, left / 2)

    def _given_up(self, record: RequestRecord) -> float:
        """When API Gateway waits no longer."""
        timeout = self._timeout
        # Before the router has chosen a route, a request is taken for one of the others.
        route = record.scope.get("route") if self._stream_timeout > timeout else None
        if route is not None and is_stream(route):
            timeout = self._stream_timeout
        return record.started_at + timeout

    def watch(self, record: RequestRecord) -> None:
        """Watch a request until it is forgotten."""
        due = self._due(record)
        if due == inf:
            return
        with self._lock:
            self._running[record] = due
            if not self._started:
                self._start()
            elif due < self._wakes_at:
                self._changed.notify()

    def _start(self) -> None:
        try:
            Thread(target=self._run, name="watchdog", daemon=True).start()
        except RuntimeError:
            # The process has as many as it may have; a later request tries again.
            if not self._told_of_thread:
                self._told_of_thread = True
                _logger.exception("Requests that are cut go untold: their thread could not start")
            return
        self._started = True

    def _due(self, record: RequestRecord) -> float:
        cut = self.cut_of(record)
        return cut if cut == inf else cut - min(MARGIN, (cut - record.started_at) / 2)

    def forget(self, record: RequestRecord) -> None:
        """Stop watching a request, which has ended."""
        with self._lock:
            _ = self._running.pop(record, None)

    def _run(self) -> None:
        while True:
            with self._changed:
                # The time of a request that has ended stays: waking once too often costs less than
                # being woken by every request.
                self._wakes_at = min(self._running.values(), default=inf)
                wait = self._wakes_at - time()
                if wait > 0:
                    _ = self._changed.wait(None if wait == inf else wait)
                now = time()
                cut = [record for record, due in self._running.items() if due <= now]
                for record in cut:
                    del self._running[record]
                    # The route is known by now, and a stream may have longer.
                    due = self._due(record)
                    if now < due < inf:
                        self._running[record] = due
                cut = [record for record in cut if record not in self._running]
            for record in cut:
                try:
                    self._on_due(record)
                except Exception:
                    # The thread has the next requests to watch.
                    _logger.exception("A request that is about to be cut could not be reported")

"""Reports requests that are about to be cut, half a second before, while it still can.

Lambda ends a process at its deadline without a word, and API Gateway answers 504 when its own
timeout is over.
"""

import logging
import os
from collections.abc import Callable
from math import inf
from threading import Condition, Thread
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
        self._running = set[RequestRecord]()
        self._changed = Condition()
        self._wakes_at = inf
        self._started = False
        self._told_of_thread = False

    def cut_of(self, record: RequestRecord) -> float:
        """When a request is cut, in seconds since the epoch; infinite without a limit."""
        given_up = self._given_up(record)
        return given_up if given_up < record.deadline else record.deadline

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
        record.due = due = self._due(record)
        if due < inf:
            self._running.add(record)
        # Asked only now, and without a lock, which each request would pay for: see `_run`.
        if due < self._wakes_at:
            with self._changed:
                if self._started:
                    self._changed.notify()
                else:
                    self._start()

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
        half = (cut - record.started_at) / 2
        # Not by `min`, which takes longer than the rest: this is asked for each request.
        return cut - (MARGIN if half > MARGIN else half)

    def forget(self, record: RequestRecord) -> None:
        """Stop watching a request, which has ended."""
        self._running.discard(record)

    def _run(self) -> None:
        while True:
            with self._changed:
                # A request that comes while this looks for the next one wakes it: it is either
                # among those here, or finds a time that is later than its own.
                self._wakes_at = inf
                # The time of a request that has ended stays: waking once too often costs less than
                # being woken by every request.
                self._wakes_at = min((record.due for record in list(self._running)), default=inf)
                wait = self._wakes_at - time()
                if wait > 0:
                    _ = self._changed.wait(None if wait == inf else wait)
            for record in self._cut_by(time()):
                try:
                    self._on_due(record)
                except Exception:
                    # The thread has the next requests to watch.
                    _logger.exception("A request that is about to be cut could not be reported")

    def _cut_by(self, now: float) -> list[RequestRecord]:
        """The requests that are about to be cut, which are watched no longer."""
        cut: list[RequestRecord] = []
        # Requests come and go meanwhile.
        for record in list(self._running):
            if record.due > now:
                continue
            # The route is known by now, and a stream may have longer.
            later = self._due(record)
            if now < later < inf:
                # Not added again: it may have ended while its route was looked at.
                record.due = later
            else:
                self.forget(record)
                cut.append(record)
        return cut

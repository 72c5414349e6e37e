"""Has a tracer provider of the user's send its spans, in a thread of its own.

The SDK waits for a collector for as long as the exporter does, whatever it is told. So nothing else
may depend on the thread: neither the pool that the app's own functions run in, nor the watchdog.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread
from time import monotonic

_UNWAITED = 20
"""Requests that wait for no flush after one that was late, unless one is in time before."""

_logger = logging.getLogger(__name__)

type _Flush = Future[Exception | None]


class Flushes:
    """Flushes one after the other: behind one that hangs, one more waits for all since."""

    def __init__(self, flush: Callable[[int], object], milliseconds: int) -> None:
        """Wait for what is to be flushed.

        Args:
            flush: The provider's `force_flush`.
            milliseconds: How long a flush may take until nobody waits for it any more.
        """
        self._flush = flush
        self._milliseconds = milliseconds
        self._asked: SimpleQueue[_Flush] = SimpleQueue()
        self._lock = Lock()
        self._next: _Flush | None = None
        """One that has not begun, and so sends all that has ended by now."""
        self._stuck_at: _Flush | None = None
        self._unwaited = 0
        """Requests that are still not to wait, after a flush that was late."""
        self._started = False
        self._told_of_thread = False

    async def flush(self, seconds: float) -> None:
        """Wait until what has ended so far is sent, or can't be.

        Not behind one that hangs; and after one that was late only once a flush has been in time,
        or one request in 20 to try: a collector that is always late would delay each of them.

        Args:
            seconds: How long the request may wait, where that is less than what a flush may take.
        """
        waits = not self._stuck and self._unwaited == 0
        if not waits and not self._stuck:
            self._unwaited -= 1
        flushed = self._ask()
        if flushed is None or not waits:
            return
        longest = min(self._milliseconds / 1000, seconds)
        if not await finished_within(flushed, longest):
            if not self._stuck:
                _logger.warning("Spans were not sent within %.0f ms", longest * 1000)
            self._stuck_at = flushed
            self._unwaited = _UNWAITED
            return
        _tell(flushed)

    def flush_now(self, seconds: float) -> None:
        """The same from a thread that may wait, which it does for so long at most."""
        stuck = self._stuck
        flushed = self._ask()
        if flushed is None or stuck:
            return
        try:
            _ = flushed.result(seconds)
        except TimeoutError:
            return
        _tell(flushed)

    @property
    def _stuck(self) -> bool:
        return self._stuck_at is not None and not self._stuck_at.done()

    def _ask(self) -> _Flush | None:
        """The flush that sends what has ended; None while there is no thread for it."""
        with self._lock:
            if not self._started and not self._start():
                return None
            if self._next is None:
                self._next = Future()
                self._asked.put(self._next)
            return self._next

    def _start(self) -> bool:
        try:
            Thread(target=self._run, name="flushes", daemon=True).start()
        except RuntimeError:
            # The process has as many as it may have; a later request tries again.
            if not self._told_of_thread:
                self._told_of_thread = True
                _logger.exception("Spans were not sent: their thread could not start")
            return False
        self._started = True
        return True

    def _run(self) -> None:
        while True:
            flushed = self._asked.get()
            with self._lock:
                self._next = None
            began = monotonic()
            error: Exception | None = None
            try:
                _ = self._flush(self._milliseconds)
            except Exception as raised:
                error = raised
            if (monotonic() - began) * 1000 <= self._milliseconds:
                self._unwaited = 0
            flushed.set_result(error)


async def finished_within[Result](future: Future[Result], seconds: float) -> bool:
    """Whether what a thread does ends within so many seconds; it goes on where it does not."""
    # Not `wait_for`, which cancels what others wait for too.
    done, _ = await asyncio.wait([asyncio.wrap_future(future)], timeout=seconds)
    return bool(done)


def _tell(flushed: _Flush) -> None:
    error = flushed.result()
    if error is not None:
        _logger.error("Spans were not sent", exc_info=error)

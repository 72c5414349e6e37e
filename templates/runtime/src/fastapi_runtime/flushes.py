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

_logger = logging.getLogger(__name__)

type _Flush = Future[Exception | None]


class Flushes:
    """Flushes one after the other: a collector that hangs has one of them, and one that waits."""

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
        self._started = False

    async def flush(self) -> None:
        """Wait until what has ended so far is sent, or can't be; but not behind one that hangs."""
        stuck = self._stuck
        flushed = self._ask()
        if stuck:
            return
        if not await finished_within(flushed, self._milliseconds / 1000):
            if not self._stuck:
                _logger.warning("Spans were not sent within %s ms", self._milliseconds)
            self._stuck_at = flushed
            return
        _tell(flushed)

    def flush_now(self, seconds: float) -> None:
        """The same from a thread that may wait, which it does for so long at most."""
        stuck = self._stuck
        flushed = self._ask()
        if stuck:
            return
        try:
            _ = flushed.result(seconds)
        except TimeoutError:
            return
        _tell(flushed)

    @property
    def _stuck(self) -> bool:
        return self._stuck_at is not None and not self._stuck_at.done()

    def _ask(self) -> _Flush:
        with self._lock:
            if self._next is None:
                self._next = Future()
                self._asked.put(self._next)
            if not self._started:
                self._started = True
                Thread(target=self._run, name="flushes", daemon=True).start()
            return self._next

    def _run(self) -> None:
        while True:
            flushed = self._asked.get()
            with self._lock:
                self._next = None
            try:
                _ = self._flush(self._milliseconds)
            except Exception as error:
                flushed.set_result(error)
            else:
                flushed.set_result(None)


async def finished_within[Result](future: Future[Result], seconds: float) -> bool:
    """Whether what a thread does ends within so many seconds; it goes on where it does not."""
    # Not `wait_for`, which cancels what others wait for too.
    done, _ = await asyncio.wait([asyncio.wrap_future(future)], timeout=seconds)
    return bool(done)


def _tell(flushed: _Flush) -> None:
    error = flushed.result()
    if error is not None:
        _logger.error("Spans were not sent", exc_info=error)

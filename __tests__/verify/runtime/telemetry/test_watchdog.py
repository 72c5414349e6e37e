"""Requests that are about to be cut are told in time, whatever became of others before them."""

import gc
import weakref
from collections.abc import Iterator
from threading import Event, current_thread
from time import time
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi_runtime.record import RequestRecord
from fastapi_runtime.watchdog import Watchdog


def new_record() -> RequestRecord:
    return RequestRecord({"app": FastAPI(), "method": "GET", "path": "/slow", "headers": []}, {})


def test_a_request_that_could_not_be_told_leaves_the_next_ones_watched(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = Event()
    first, second = new_record(), new_record()

    def on_due(record: RequestRecord) -> None:
        if record is first:
            raise RuntimeError("no room")
        told.set()

    watchdog = Watchdog(on_due, 0.02)
    watchdog.watch(first)
    assert not told.wait(0.1)
    second.started_at = time()
    watchdog.watch(second)

    assert told.wait(2)
    assert "could not be reported" in caplog.text


def test_a_request_with_little_time_left_is_not_told_before_half_of_it_is_over() -> None:
    told: list[float] = []
    done = Event()

    def on_due(_record: RequestRecord) -> None:
        told.append(time())
        done.set()

    record = new_record()
    Watchdog(on_due, 0.8).watch(record)

    assert done.wait(2)
    assert 0.35 < told[0] - record.started_at < 0.8


def test_a_stream_that_ends_while_it_is_given_longer_is_kept_no_longer() -> None:
    class Route:
        @staticmethod
        def endpoint() -> Iterator[str]:
            yield ""

    class Scope(dict[str, Any]):
        """Has a route once the watchdog's thread asks for it, and its request ends meanwhile."""

        def get(self, key: str, default: Any = None) -> Any:
            if key != "route" or current_thread().name != "watchdog":
                return super().get(key, default)
            watchdog.forget(records[0])
            looked.set()
            return Route

    looked = Event()
    told = Event()
    watchdog = Watchdog(lambda _record: told.set(), 0.02, stream_timeout=900)
    records = [new_record()]
    kept = weakref.ref(records[0])
    records[0].scope = Scope()
    watchdog.watch(records[0])
    assert looked.wait(2)
    # The thread is done with the first one once it tells of another.
    other = new_record()
    watchdog.watch(other)
    assert told.wait(2)

    records.clear()
    _ = gc.collect()

    assert kept() is None

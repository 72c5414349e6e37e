"""Requests that are about to be cut are told in time, whatever became of others before them."""

from threading import Event
from time import time

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

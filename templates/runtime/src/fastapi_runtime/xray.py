# pyright: basic
"""Powertools' Tracer over the X-Ray SDK, which this module alone imports (it has no types).

The SDK's Lambda context reads an environment variable that never comes behind the adapter. The
context here holds the open subsegment in a context variable, above the request's own subsegment, so
that concurrent requests, thread-pool routes and generators each attach below their own request.
"""

import functools
import inspect
import os
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar, cast, overload

from aws_lambda_powertools import Tracer
from aws_lambda_powertools.tracing.base import BaseProvider

from .environment import IN_LAMBDA, service_name
from .record import current_record

P = ParamSpec("P")
R = TypeVar("R")

_open: ContextVar[Any] = ContextVar("open_subsegment", default=None)


@functools.cache
def _recorder() -> Any:
    """The SDK's recorder with a context of ours; a local server never imports it unless asked."""
    from aws_xray_sdk import core, global_sdk_config
    from aws_xray_sdk.core.async_recorder import AsyncAWSXRayRecorder, AsyncSubsegmentContextManager
    from aws_xray_sdk.core.context import Context
    from aws_xray_sdk.core.models.dummy_entities import DummySegment
    from aws_xray_sdk.core.models.segment import Segment

    class RequestContext(Context):
        """Finds the open subsegment, or else the request's, for the code that asks."""

        def get_trace_entity(self) -> Any:
            entity = _open.get()
            if entity is not None:
                return entity
            record = current_record.get()
            trace = None if record is None else record.trace
            if trace is None:
                return DummySegment()
            if trace.segment is None:
                if trace.sampled and global_sdk_config.sdk_enabled():
                    trace.segment = Segment("request", entityid=trace.id, traceid=trace.root)
                else:
                    trace.segment = DummySegment()
            return trace.segment

        def set_trace_entity(self, trace_entity: Any) -> None:
            _open.set(trace_entity)

        def clear_trace_entities(self) -> None:
            _open.set(None)

        def put_segment(self, segment: Any) -> None:
            _open.set(segment)

        def put_subsegment(self, subsegment: Any) -> None:
            parent = self.get_trace_entity()
            parent.add_subsegment(subsegment)
            subsegment.enclosing = parent
            _open.set(subsegment)

        def end_subsegment(self, end_time: float | None = None) -> bool:
            entity = _open.get()
            return entity is not None and self.close(entity, end_time)

        def close(self, subsegment: Any, end_time: float | None = None) -> bool:
            """End this very subsegment: a generator may end on another thread than it began on."""
            enclosing = vars(subsegment).pop("enclosing", None)
            subsegment.close(end_time)
            if _open.get() is subsegment:
                _open.set(enclosing if getattr(enclosing, "type", None) == "subsegment" else None)
            return True

    class RequestSubsegment(AsyncSubsegmentContextManager):
        def __exit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
            if self.subsegment is None or not self.subsegment.in_progress:
                return
            if exc_val is not None:
                self.subsegment.add_exception(
                    exc_val, traceback.extract_tb(exc_tb, limit=self.recorder.max_trace_back)
                )
            context.close(self.subsegment)
            self.recorder.stream_subsegments()

    class RequestRecorder(AsyncAWSXRayRecorder):
        def in_subsegment(self, name: str | None = None, **options: Any) -> Any:
            return RequestSubsegment(self, name=name, **options)

        in_subsegment_async = in_subsegment
        patch = staticmethod(core.patch)
        patch_all = staticmethod(core.patch_all)

    context = RequestContext()
    recorder = RequestRecorder()
    recorder.configure(context=context, streaming_threshold=0)
    # Libraries that `tracer.patch` instruments take the recorder from here.
    core.xray_recorder = recorder
    return recorder


class _LazyRecorder:
    """Stands for the recorder until it is first used."""

    def __getattr__(self, name: str) -> Any:
        return getattr(_recorder(), name)


class RequestTracer(Tracer):
    """Powertools' Tracer, whose documentation tells of all but what differs here."""

    def __init__(self, service: str) -> None:
        """Create the tracer of a service.

        Args:
            service: Name of the service; `POWERTOOLS_SERVICE_NAME` wins over it.
        """
        super().__init__(
            service=service_name(service),
            auto_patch=False,
            disabled=None if IN_LAMBDA else True,
            provider=cast("BaseProvider", cast("object", _LazyRecorder())),
        )
        if IN_LAMBDA:
            # While the environment starts, which has more CPU than the first request will.
            _ = _recorder()

    @overload
    def capture_method(self, method: Callable[P, R]) -> Callable[P, R]: ...

    @overload
    def capture_method(
        self,
        method: None = None,
        capture_response: bool | None = None,
        capture_error: bool | None = None,
    ) -> Callable[[Callable[P, R]], Callable[P, R]]: ...

    def capture_method(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        method: Callable[..., Any] | None = None,
        capture_response: bool | None = None,
        capture_error: bool | None = None,
    ) -> Any:
        """Record a function's calls as subsegments, generators of both kinds included.

        Args:
            method: Function, coroutine function or generator function.
            capture_response: Whether to keep what it returned as metadata. Default:
                `POWERTOOLS_TRACER_CAPTURE_RESPONSE`, else no, since answers hold personal data.
            capture_error: Whether to keep an exception as metadata. Default:
                `POWERTOOLS_TRACER_CAPTURE_ERROR`, else yes.
        """
        if capture_response is None and "POWERTOOLS_TRACER_CAPTURE_RESPONSE" not in os.environ:
            capture_response = False
        if method is None:
            return functools.partial(
                self.capture_method, capture_response=capture_response, capture_error=capture_error
            )
        name = f"## {method.__module__}.{method.__qualname__}".replace("<locals>.", "")
        if inspect.isasyncgenfunction(method):
            return _capture_async_generator(self, method, name)
        if inspect.isgeneratorfunction(method):
            return _capture_generator(self, method, name)
        capture: Any = super().capture_method
        return capture(method, capture_response=capture_response, capture_error=capture_error)


def _capture_async_generator(
    tracer: Tracer, method: Callable[..., Any], name: str
) -> Callable[..., Any]:
    @functools.wraps(method)
    async def generate(*args: Any, **kwargs: Any) -> Any:
        with cast("Any", tracer.provider).in_subsegment(name=name):
            items = method(*args, **kwargs)
            step: Callable[[], Any] = items.__anext__
            try:
                while True:
                    try:
                        item = await step()
                    except StopAsyncIteration:
                        return
                    try:
                        sent = yield item
                        step = functools.partial(items.asend, sent)
                    except Exception as error:
                        step = functools.partial(items.athrow, error)
            finally:
                await items.aclose()

    return generate


def _capture_generator(tracer: Tracer, method: Callable[..., Any], name: str) -> Callable[..., Any]:
    @functools.wraps(method)
    def generate(*args: Any, **kwargs: Any) -> Any:
        with cast("Any", tracer.provider).in_subsegment(name=name) as subsegment:
            items = method(*args, **kwargs)
            step: Callable[[], Any] = functools.partial(next, items)
            try:
                while True:
                    # The thread pool runs each step in a context of its own, in which the
                    # subsegment is not open yet.
                    token = _open.set(subsegment)
                    try:
                        item = step()
                    except StopIteration as end:
                        return end.value
                    finally:
                        _open.reset(token)
                    try:
                        sent = yield item
                        step = functools.partial(items.send, sent)
                    except Exception as error:
                        step = functools.partial(items.throw, error)
            finally:
                items.close()

    return generate

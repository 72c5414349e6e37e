"""Functions of every kind whose calls are subsegments."""

import asyncio
import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from typing import Any, override
from weakref import finalize

from opentelemetry.context import Context, attach, get_current

from .exceptions import attributes_of_error, keep_silent, may_tell, silent
from .subsegments import Subsegment


class Captured(Subsegment):
    """The subsegment of a decorated function."""

    def __init__(self, name: str, namespace: str, response: bool, error: bool) -> None:
        """Name the function, and say what is kept as metadata, in which namespace."""
        super().__init__(f"## {name}")
        self._method = name
        self._namespace = namespace
        self._keeps_response = response
        self._keeps_error = error
        self._waits = False

    def keep(self, response: object) -> None:
        """Keep what the function returned, if that is to be kept."""
        if self._keeps_response and response is not None:
            self.put_metadata(f"{self._method} response", response, self._namespace)

    @override
    def _begin(self) -> Context | None:
        context = super()._begin()
        if self._keeps_error:
            return context
        # What it calls is not to tell of its exceptions either.
        return silent(get_current() if context is None else context)

    @override
    def _end(self, error: BaseException | None) -> None:
        if isinstance(error, Exception) and not self._keeps_error:
            keep_silent(error)
        super()._end(error)

    @override
    def _tell(self, error: Exception) -> None:
        if may_tell(error):
            kept = attributes_of_error(error)
            self.put_metadata(f"{self._method} error", kept, self._namespace)
        super()._tell(error)

    def wait_for(self, coroutine: Coroutine[Any, Any, Any]) -> Coroutine[Any, Any, Any]:
        """Stay open, though the block ends, until a coroutine that was made in it is done."""
        self._waits = True
        opened = self._opened
        steps = _Steps(get_current())

        def end(error: BaseException | None = None) -> None:
            self._opened = opened
            self.finish(error)

        async def wait() -> Any:
            _ = never_ran.detach()
            failure: BaseException | None = None
            try:
                with steps:
                    response = await coroutine
                self.keep(response)
                return response
            except BaseException as error:
                failure = error
                raise
            finally:
                end(failure)

        waiting = wait()
        # As that of a task which is cancelled before it begins.
        never_ran = finalize(waiting, end)
        never_ran.atexit = False
        return waiting

    def end_with(self, future: asyncio.Future[Any]) -> None:
        """Stay open, though the block ends, until a task that was made in it is done."""
        self._waits = True
        opened = self._opened

        def end(done: asyncio.Future[Any]) -> None:
            self._opened = opened
            # Not by `exception()`: it counts as having been read by somebody then, and asyncio
            # would no longer tell of a task that failed and was never waited for.
            failure = getattr(done, "_exception", None)
            if failure is None and not done.cancelled():
                self.keep(done.result())
            self.finish(failure)

        future.add_done_callback(end)

    @override
    def _leave(self, error: BaseException | None) -> None:
        if not self._waits:
            super()._leave(error)

    def start(self) -> "_Steps":
        """Begin without a block, for a generator: each of its steps is to run in the result."""
        outer = get_current()
        return _Steps(self._open() or outer)

    def finish(self, error: BaseException | None) -> None:
        """End what `start` began."""
        self._end(error)


class Silenced(Captured):
    """A call that nothing is recorded of, but whose exceptions no other subsegment tells either."""

    def __init__(self, name: str) -> None:
        """Name the function."""
        super().__init__(name, "", response=False, error=False)

    @override
    def _begin(self) -> Context | None:
        return silent(get_current())


class _Steps(AbstractContextManager[None]):
    """The context of a generator, which is current while the generator runs, and only then.

    What reads a generator is not below it; and the thread pool runs each step in a context of its
    own, in which the generator's subsegments are not open yet.
    """

    def __init__(self, context: Context) -> None:
        self._own = context
        self._readers = context

    @override
    def __enter__(self) -> None:
        self._readers = get_current()
        _ = attach(self._own)

    @override
    def __exit__(self, *_error: object) -> None:
        self._own = get_current()
        _ = attach(self._readers)


def name_of(method: Callable[..., Any]) -> str:
    """Module and name of a function, of what a partial one calls, or of an object's class."""
    method = _whole(method)
    named: Any = method if _is_function(method) else type(method)
    # Methods of Python's own types have no module, but their types have.
    own: Any = getattr(named, "__objclass__", getattr(named, "__self__", None).__class__)
    module: str = getattr(named, "__module__", None) or own.__module__
    return f"{module}.{named.__qualname__}"


def _whole(method: Callable[..., Any]) -> Callable[..., Any]:
    """The function that partial ones stand for."""
    while isinstance(method, functools.partial):
        method = method.func
    return method


def _is_function(method: Callable[..., Any]) -> bool:
    return hasattr(method, "__qualname__")


def capture(method: Callable[..., Any], subsegment: Callable[[], Captured]) -> Callable[..., Any]:
    """Wrap a function, coroutine function, generator function of either kind or context manager.

    Args:
        method: The function, a partial one, or an object that is called like one.
        subsegment: Makes the subsegment of one call.
    """
    whole = _whole(method)
    called = whole if _is_function(whole) else type(whole).__call__
    if inspect.isasyncgenfunction(called):
        return _capture_async_generator(method, subsegment)
    if inspect.isgeneratorfunction(called):
        return _capture_generator(method, subsegment)
    if getattr(whole, "__globals__", {}).get("__name__") == contextmanager.__module__:
        if inspect.isasyncgenfunction(inspect.unwrap(whole)):
            return _capture_async_context_manager(method, subsegment)
        return _capture_context_manager(method, subsegment)
    if inspect.iscoroutinefunction(called):

        async def call_async(*args: Any, **kwargs: Any) -> Any:
            with subsegment() as opened:
                response = await method(*args, **kwargs)
                opened.keep(response)
                return response

        return call_async

    def call(*args: Any, **kwargs: Any) -> Any:
        with subsegment() as opened:
            response = method(*args, **kwargs)
            # A plain decorator's function, for one, is no coroutine function, but calls one.
            if inspect.iscoroutine(response):
                return opened.wait_for(response)
            if asyncio.isfuture(response):
                opened.end_with(response)
            else:
                opened.keep(response)
            return response

    return call


def _capture_context_manager(
    method: Callable[..., Any], subsegment: Callable[[], Captured]
) -> Callable[..., Any]:
    @contextmanager
    def manage(*args: Any, **kwargs: Any) -> Generator[Any]:
        with subsegment() as opened, method(*args, **kwargs) as value:
            yield value
            opened.keep(value)

    return manage


def _capture_async_context_manager(
    method: Callable[..., Any], subsegment: Callable[[], Captured]
) -> Callable[..., Any]:
    @asynccontextmanager
    async def manage(*args: Any, **kwargs: Any) -> AsyncGenerator[Any]:
        with subsegment() as opened:
            async with method(*args, **kwargs) as value:
                yield value
                opened.keep(value)

    return manage


def _capture_async_generator(
    method: Callable[..., Any], subsegment: Callable[[], Captured]
) -> Callable[..., Any]:
    async def generate(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        opened = subsegment()
        steps = opened.start()
        failure: BaseException | None = None
        try:
            items = method(*args, **kwargs)
            step: Callable[[], Any] = items.__anext__
            try:
                while True:
                    with steps:
                        try:
                            item = await step()
                        except StopAsyncIteration:
                            return
                    try:
                        sent = yield item
                        step = functools.partial(items.asend, sent)
                    except GeneratorExit:
                        raise
                    except BaseException as error:
                        step = functools.partial(items.athrow, error)
            finally:
                with steps:
                    await items.aclose()
        except BaseException as error:
            failure = error
            raise
        finally:
            opened.finish(failure)

    return generate


def _capture_generator(
    method: Callable[..., Any], subsegment: Callable[[], Captured]
) -> Callable[..., Any]:
    def generate(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        opened = subsegment()
        steps = opened.start()
        failure: BaseException | None = None
        try:
            items = method(*args, **kwargs)
            step: Callable[[], Any] = functools.partial(next, items)
            try:
                while True:
                    with steps:
                        try:
                            item = step()
                        except StopIteration as end:
                            opened.keep(end.value)
                            return end.value
                    try:
                        sent = yield item
                        step = functools.partial(items.send, sent)
                    except GeneratorExit:
                        raise
                    except BaseException as error:
                        step = functools.partial(items.throw, error)
            finally:
                with steps:
                    items.close()
        except BaseException as error:
            failure = error
            raise
        finally:
            opened.finish(failure)

    return generate

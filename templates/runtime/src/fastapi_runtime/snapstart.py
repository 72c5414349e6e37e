"""Hooks of Lambda SnapStart, which the adapter calls (version 1.1.0 and later).

Use them for what copies of a snapshot must not share: connections, secrets, random seeds.
"""

import random
from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .daemon import close_socket

BEFORE_CHECKPOINT_PATH = "/_lambda/before-checkpoint"
AFTER_RESTORE_PATH = "/_lambda/after-restore"

type Hook = Callable[[], Awaitable[None] | None]

_before_checkpoint: list[Hook] = [close_socket]
_after_restore: list[Hook] = [random.seed]


def before_checkpoint(hook: Hook) -> Hook:
    """Run a function before the snapshot is taken, later ones first; a decorator."""
    _before_checkpoint.insert(0, hook)
    return hook


def after_restore(hook: Hook) -> Hook:
    """Run a function after each restore, in the order of registration; a decorator."""
    _after_restore.append(hook)
    return hook


def hooks_for(method: str, path: str) -> list[Hook] | None:
    """The hooks that a request of the adapter asks for, or None when it asks for none."""
    if method != "POST":
        return None
    return {BEFORE_CHECKPOINT_PATH: _before_checkpoint, AFTER_RESTORE_PATH: _after_restore}.get(
        path
    )


async def run_hooks(hooks: list[Hook], scope: Scope, receive: Receive, send: Send) -> None:
    """Run hooks and answer the adapter; their exception is a 500, which fails the snapshot."""
    for hook in list(hooks):
        waiting = hook()
        if waiting is not None:
            await waiting
    await Response(status_code=204)(scope, receive, send)

"""Lambda's Runtime API and Extensions API, as far as the adapter uses them, on loopback.

Invocations wait in a queue; what the adapter answers is kept, streamed parts with it. As soon as the adapter asks for the
next invocation while none waits, `on_idle` is called: Lambda freezes the environment there.
"""

import json
import queue
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

PRELUDE_END = b"\0" * 8


@dataclass
class Invocation:
    """One event, and what came back for it."""

    id: str
    event: dict[str, Any]
    headers: dict[str, str]
    cut_after: int | None = None
    """Cut the connection once so many bytes of a streamed body have come, as a client that leaves."""
    body: bytes = b""
    parts: list[bytes] = field(default_factory=list)
    streaming: bool = False
    failed: bool = False
    cut: bool = False
    done: threading.Event = field(default_factory=threading.Event)
    on_part: Callable[["Invocation"], None] | None = None


class RuntimeApi(socketserver.ThreadingTCPServer):
    """The API at `address`; `invoke` gives the adapter an event and waits for its answer."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.waiting: queue.Queue[Invocation] = queue.Queue()
        self.running: dict[str, Invocation] = {}
        self.asked = threading.Semaphore(0)
        self.on_idle: Callable[[], None] = lambda: None
        self.on_invoke: Callable[[], None] = lambda: None
        self.idle = 0
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def start(self, invocation: Invocation) -> Invocation:
        """Queue an event without waiting for its answer."""
        self.running[invocation.id] = invocation
        self.waiting.put(invocation)
        return invocation


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: RuntimeApi

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self.path.endswith("/event/next"):
            threading.Event().wait()
        api = self.server
        with api.lock:
            api.idle += 1
            if api.waiting.empty():
                api.on_idle()
        api.asked.release()
        invocation = api.waiting.get()
        with api.lock:
            api.idle -= 1
            api.on_invoke()
        payload = json.dumps(invocation.event).encode()
        self.send_response(200)
        for name, value in invocation.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def do_POST(self) -> None:
        if self.path.endswith("/extension/register"):
            self.body()
            return self.answer(200, {"Lambda-Extension-Identifier": "00000000-0000-4000-8000-00000000000e"})
        if self.path.endswith("/init/error"):
            self.body()
            return self.answer(202)
        invocation = self.server.running[self.path.split("/")[-2]]
        invocation.failed = self.path.endswith("/error")
        invocation.streaming = self.headers.get("Lambda-Runtime-Function-Response-Mode") == "streaming"
        try:
            for part in self.parts():
                invocation.parts.append(part)
                invocation.body += part
                if invocation.on_part:
                    invocation.on_part(invocation)
                streamed = len(invocation.body.partition(PRELUDE_END)[2])
                if invocation.cut_after is not None and streamed >= invocation.cut_after:
                    invocation.cut = True
                    self.close_connection = True
                    self.connection.close()
                    return
            self.answer(202)
        finally:
            invocation.done.set()

    def body(self) -> bytes:
        return b"".join(self.parts())

    def parts(self) -> Any:
        """The body, chunk by chunk where it is chunked."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            yield self.rfile.read(int(self.headers.get("Content-Length") or 0))
            return
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass

    def answer(self, status: int, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        payload = b"{}"
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

"""A Lambda environment on this machine: the bundle's run.sh, the Lambda Web Adapter, the Runtime API and an X-Ray daemon."""

import array
import base64
import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import termios
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from events import http_event, rest_event
from runtime_api import PRELUDE_END, Invocation, RuntimeApi

ADAPTER = os.environ["HARNESS_ADAPTER"]
TASK_ROOT = Path(os.environ["HARNESS_TASK_ROOT"])
ARN = "arn:aws:lambda:eu-central-1:111122223333:function:harness"
WAIT = float(os.environ.get("HARNESS_WAIT", "10"))
"""Seconds until a wait is in vain: large apps need more than the example's to start."""


@dataclass
class Answer:
    """What API Gateway would send the client."""

    status: int
    headers: dict[str, str]
    body: bytes
    id: str
    failed: bool = False

    def json(self) -> Any:
        return json.loads(self.body)


class Sandbox:
    """Starts the environment, sends events through it, and keeps what it writes."""

    def __init__(
        self,
        *,
        streaming: bool = True,
        freeze: bool = True,
        env: dict[str, str] | None = None,
        concurrency: int = 1,
        task_root: Path = TASK_ROOT,
    ) -> None:
        self.api = RuntimeApi()
        self.daemon = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.daemon.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.daemon.bind(("127.0.0.1", 0))
        self.stdout: list[str] = []
        self.stderr: list[str] = []
        self.datagrams: list[bytes] = []
        self.streaming = streaming
        self.port = free_port()
        self.env = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "LAMBDA_TASK_ROOT": str(task_root),
            "LAMBDA_RUNTIME_DIR": str(task_root / "no-runtime"),
            "AWS_LAMBDA_FUNCTION_NAME": "harness",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_FUNCTION_VERSION": "7",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_RUNTIME_API": self.api.address,
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/harness",
            "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
            "AWS_REGION": "eu-central-1",
            "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:%d" % self.daemon.getsockname()[1],
            "PORT": str(self.port),
            "AWS_LWA_INVOKE_MODE": "response_stream" if streaming else "buffered",
            "AWS_LWA_READINESS_CHECK_PROTOCOL": "tcp",
            "POWERTOOLS_SERVICE_NAME": "my-api",
            "POWERTOOLS_METRICS_NAMESPACE": "MyApi",
            "LOG_LEVEL": "INFO",
            "ALLOWED_ORIGINS": "*",
            **({"AWS_LAMBDA_MAX_CONCURRENCY": str(concurrency)} if concurrency > 1 else {}),
            **(env or {}),
        }
        # As Lambda starts a zip's handler: from the task's folder, without a terminal, with pipes.
        self.app = subprocess.Popen([str(task_root / "run.sh")], cwd=task_root, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        # The real adapter is a program; the stand-in is a script.
        command = [sys.executable, ADAPTER] if ADAPTER.endswith(".py") else [ADAPTER]
        self.adapter = subprocess.Popen(command, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.adapter_log: list[str] = []
        for pipe, lines in ((self.app.stdout, self.stdout), (self.app.stderr, self.stderr), (self.adapter.stderr, self.adapter_log)):
            threading.Thread(target=collect, args=(pipe, lines), daemon=True).start()
        threading.Thread(target=self.collect_datagrams, daemon=True).start()
        if not self.api.asked.acquire(timeout=WAIT):
            self.stop()
            raise AssertionError("the app did not start:\n" + "\n".join(self.stderr + self.stdout + self.adapter_log))
        if freeze:
            self.api.on_idle = lambda: self.app.send_signal(signal.SIGSTOP)
            self.api.on_invoke = lambda: self.app.send_signal(signal.SIGCONT)
            self.app.send_signal(signal.SIGSTOP)

    def collect_datagrams(self) -> None:
        while True:
            try:
                self.datagrams.append(self.daemon.recv(1 << 16))
            except OSError:
                return

    def start(self, method: str, path: str, *, http_api: bool = False, trace: str | None = "", cut_after: int | None = None, seconds: float = 60, **options: Any) -> Invocation:
        """Queue one request, which Lambda would end after so many seconds; see `events` for the options."""
        event = (http_event if http_api else rest_event)(method, path, **options)
        return self.send(event, trace=trace, cut_after=cut_after, seconds=seconds)

    def send(
        self,
        event: dict[str, Any],
        *,
        trace: str | None = "",
        cut_after: int | None = None,
        seconds: float = 60,
        on_part: Callable[[Invocation], None] | None = None,
    ) -> Invocation:
        """Queue an event; `on_part` gets each part of the answer as it comes."""
        identity = str(uuid.uuid4())
        headers = {
            "Lambda-Runtime-Aws-Request-Id": identity,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": ARN,
        }
        if trace is not None:
            headers["Lambda-Runtime-Trace-Id"] = trace or "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1"
        return self.api.start(Invocation(identity, event, headers, cut_after, on_part=on_part))

    def finish(self, invocation: Invocation) -> Answer:
        """Wait for a request's answer, and until the adapter has asked for the next."""
        assert invocation.done.wait(WAIT), "no answer came:\n" + "\n".join(self.stdout[-5:] + self.stderr[-20:])
        assert self.api.asked.acquire(timeout=WAIT), "the adapter did not ask for the next invocation"
        return self.answer(invocation)

    def request(self, method: str, path: str, **options: Any) -> Answer:
        """One request, from event to answer."""
        return self.finish(self.start(method, path, **options))

    def answer(self, invocation: Invocation) -> Answer:
        if invocation.failed:
            return Answer(0, {}, invocation.body, invocation.id, failed=True)
        if invocation.streaming:
            prelude, _, body = invocation.body.partition(PRELUDE_END)
            head = json.loads(prelude)
            return Answer(head["statusCode"], lowered(head["headers"]), body, invocation.id)
        head = json.loads(invocation.body)
        text: str = head.get("body") or ""
        body = base64.b64decode(text) if head.get("isBase64Encoded") else text.encode()
        headers = {name: ", ".join(values) for name, values in (head.get("multiValueHeaders") or {}).items()}
        return Answer(head["statusCode"], lowered({**headers, **(head.get("headers") or {})}), body, invocation.id)

    def written(self) -> "list[dict[str, Any]]":
        """Every line of standard output so far, which must all be JSON."""
        # The reader's thread may be behind the process, which has written all it will.
        settle(self.stdout, self.app.stdout)
        return [json.loads(line) for line in self.stdout]

    def lines(self, **keys: Any) -> list[dict[str, Any]]:
        """Log lines that have these values."""
        return [line for line in self.written() if "_aws" not in line and matches(line, keys)]

    def documents(self, **keys: Any) -> list[dict[str, Any]]:
        """Metric documents that have these values."""
        return [line for line in self.written() if "_aws" in line and matches(line, keys)]

    def segments(self, **keys: Any) -> list[dict[str, Any]]:
        """Trace documents that have these values."""
        settle(self.datagrams, self.daemon)
        documents = [json.loads(datagram.partition(b"\n")[2]) for datagram in list(self.datagrams)]
        return [document for document in documents if matches(document, keys)]

    def wait_for(self, condition: Callable[[], Any]) -> None:
        """Wait for what comes without an answer, such as the line of a client that left."""
        deadline = time.monotonic() + WAIT
        while not condition():
            assert time.monotonic() < deadline, "waited in vain:\n" + "\n".join(self.stdout[-5:] + self.stderr[-20:])
            time.sleep(0.05)

    def stop(self) -> int:
        """End the environment as Lambda does, and return how the app ended."""
        self.app.send_signal(signal.SIGCONT)
        self.app.send_signal(signal.SIGTERM)
        try:
            code = self.app.wait(10)
        except subprocess.TimeoutExpired:
            self.app.kill()
            code = self.app.wait()
        self.adapter.kill()
        self.adapter.wait()
        self.api.shutdown()
        self.api.server_close()
        self.daemon.close()
        return code


def matches(document: dict[str, Any], keys: dict[str, Any]) -> bool:
    return all(document.get(key) == value for key, value in keys.items())


def lowered(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def settle(collected: list[Any], source: Any) -> None:
    """Wait until a reader's thread has caught up: nothing waits to be read, and nothing new has come in 50 ms."""
    seen = -1
    while seen != len(collected) or waiting(source):
        seen = len(collected)
        time.sleep(0.05)


def waiting(source: Any) -> int:
    """Bytes that a pipe or a socket holds for its reader."""
    size = array.array("i", [0])
    fcntl.ioctl(source.fileno(), termios.FIONREAD, size)
    return size[0]


def collect(pipe: Any, lines: list[str]) -> None:
    with contextlib.suppress(ValueError):
        for line in pipe:
            lines.append(line.decode().rstrip("\n"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

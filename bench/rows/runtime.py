"""Measures one bundle, or one folder that is laid out like one. Prints a JSON object. Used by runtime.mjs.

    python runtime.py call   TASK [sampled] [spans]    CPU of an ASGI call in this process, in us; of an operation with three spans
    python runtime.py server TASK [sampled]            CPU of the server process per request, in us
    python runtime.py start  TASK                      CPU from exec to the first 200, in ms

Each also makes sure that no line of the log tells of an error: a request that fails, or is cut, is no measure of one that does not.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time

CALLS = 4000
TRACE = "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=%d"
LAMBDA_CONTEXT = {
    "request_id": "8d1ee9a3-0000-4000-8000-000000000001",
    # An hour from now, in milliseconds: no measurement takes as long.
    "deadline": int(time.time() * 1000) + 3_600_000,
    "invoked_function_arn": "arn:aws:lambda:eu-central-1:111122223333:function:bench",
    "env_config": {"function_name": "bench", "memory": 512, "version": "7", "log_stream": "stream", "log_group": "/aws/lambda/bench"},
}
REQUEST_CONTEXT = {
    "accountId": "111122223333",
    "apiId": "abcdef1234",
    "domainName": "abcdef1234.execute-api.eu-central-1.amazonaws.com",
    "domainPrefix": "abcdef1234",
    "httpMethod": "GET",
    "identity": {"sourceIp": "203.0.113.7", "userAgent": "bench", "userArn": "arn:aws:sts::111122223333:assumed-role/reader/session"},
    "path": "/prod/echo",
    "protocol": "HTTP/1.1",
    "requestId": "gateway-request",
    "requestTimeEpoch": int(time.time() * 1000),
    "resourceId": "res123",
    "resourcePath": "/echo",
    "stage": "prod",
}


def compact(value: dict[str, object]) -> str:
    """JSON as the adapter writes it."""
    return json.dumps(value, separators=(",", ":"))


def headers(sampled: bool) -> list[tuple[bytes, bytes]]:
    """What the adapter sends with each request; the bare app gets the same."""
    values = {
        "host": "abcdef1234.execute-api.eu-central-1.amazonaws.com",
        "accept": "application/json",
        "user-agent": "bench",
        "x-forwarded-for": "203.0.113.7",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
        "x-amzn-trace-id": TRACE % sampled,
        "x-amzn-request-context": compact(REQUEST_CONTEXT),
        "x-amzn-lambda-context": compact({**LAMBDA_CONTEXT, "xray_trace_id": TRACE % sampled}),
    }
    return [(name.encode(), value.encode()) for name, value in values.items()]


def environment(task: str) -> dict[str, str]:
    daemon = os.environ.get("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:9")
    return {
        "PATH": os.environ["PATH"],
        "LAMBDA_TASK_ROOT": task,
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_VERSION": "7",
        "AWS_XRAY_DAEMON_ADDRESS": daemon,
        "POWERTOOLS_SERVICE_NAME": "bench",
        "POWERTOOLS_METRICS_NAMESPACE": "bench",
        "ALLOWED_ORIGINS": "*",
    }


def assert_no_error(lines: bytes) -> None:
    """What the bare app writes is no JSON, and tells of no error either."""
    assert b'"error"' not in lines and b"ERROR" not in lines, lines.decode()[-2000:]


def measure_call(task: str, sampled: bool, path: str) -> float:
    """The least CPU of ten rounds, in us per call: what disturbs a round only ever adds to it."""
    os.environ.update(environment(task))
    sys.path.insert(0, task)
    from my_api.main import app

    sent = headers(sampled)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"message=hi",
        "root_path": "",
        "headers": sent,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8080),
        "state": {},
    }
    statuses = set()

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            statuses.add(message["status"])

    async def rounds() -> float:
        best = float("inf")
        for _ in range(10):
            began = time.process_time()
            for _ in range(CALLS // 10):
                await app(dict(scope), receive, send)
            best = min(best, time.process_time() - began)
        return best / (CALLS // 10) * 1e6

    async def told_of_some() -> bytes:
        with tempfile.TemporaryFile() as lines:
            os.dup2(lines.fileno(), 1)
            for _ in range(CALLS // 10):
                await app(dict(scope), receive, send)
            lines.seek(0)
            return lines.read()

    async def measure() -> float:
        best = await rounds()
        assert_no_error(await told_of_some())
        return best

    best = asyncio.run(measure())
    assert statuses == {200}, statuses
    return best


def start_server(task: str, output: int = subprocess.DEVNULL) -> tuple[subprocess.Popen[bytes], int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {**environment(task), "PORT": str(port)}
    return subprocess.Popen([os.path.join(task, "run.sh")], env=env, stdout=output, stderr=output), port


def connect(port: int) -> socket.socket:
    for _ in range(2000):
        try:
            connection = socket.create_connection(("127.0.0.1", port))
        except OSError:
            time.sleep(0.01)
        else:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
    raise AssertionError("the server did not start")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process with all its threads, to the nanosecond where the kernel tells it."""
    total = 0.0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat") as file:
            total += int(file.read().split()[0]) / 1e9
    return total


def request_bytes(sampled: bool) -> bytes:
    lines = [b"GET /echo?message=hi HTTP/1.1", *(name + b": " + value for name, value in headers(sampled))]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def exchange(connection: socket.socket, request: bytes) -> None:
    connection.sendall(request)
    answer = b""
    while not answer.endswith(b'{"message":"hi"}'):
        part = connection.recv(4096)
        assert part, answer
        answer += part
    assert answer.startswith(b"HTTP/1.1 200"), answer


def measure_server(task: str, sampled: bool) -> float:
    server, port = start_server(task)
    try:
        connection, request = connect(port), request_bytes(sampled)
        for _ in range(200):
            exchange(connection, request)
        best = float("inf")
        for _ in range(8):
            began = cpu_seconds(server.pid)
            for _ in range(400):
                exchange(connection, request)
            best = min(best, cpu_seconds(server.pid) - began)
        return best / 400 * 1e6
    finally:
        server.kill()
        server.wait()


def measure_start(task: str) -> float:
    with tempfile.TemporaryFile() as lines:
        server, port = start_server(task, lines.fileno())
        try:
            exchange(connect(port), request_bytes(True))
            used = cpu_seconds(server.pid)
        finally:
            server.kill()
            server.wait()
        lines.seek(0)
        assert_no_error(lines.read())
        return used * 1e3


if __name__ == "__main__":
    kind, task = sys.argv[1:3]
    sampled = "sampled" in sys.argv[3:]
    if kind == "call":
        # Its log lines go where a file descriptor takes them, and the figure to the one that was standard output.
        out = os.fdopen(os.dup(1), "w")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        path = "/spans" if "spans" in sys.argv[3:] else "/echo"
        print(json.dumps({"value": measure_call(task, sampled, path)}), file=out, flush=True)
    elif kind == "server":
        print(json.dumps({"value": measure_server(task, sampled)}))
    else:
        print(json.dumps({"value": measure_start(task)}))

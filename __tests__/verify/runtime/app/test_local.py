"""The same app on a developer's machine: readable lines, no metrics, no traces, no trust in Lambda's headers."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import my_api

PROJECT = Path(my_api.__file__).parent.parent


class Served:
    """A running `serve` target, and what it has printed."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        assert process.stdout is not None
        self.url = process.stdout.readline().strip().removesuffix("/docs")

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, Any, bytes]:
        request = urllib.request.Request(self.url + path, headers=headers or {})
        for _ in range(200):
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    return answer.status, answer.headers, answer.read()
            except urllib.error.HTTPError as error:
                return error.code, error.headers, error.read()
            except urllib.error.URLError:
                time.sleep(0.05)
        raise AssertionError("the server did not start")

    def stop(self) -> str:
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.communicate(timeout=20)[0]


@contextmanager
def served(port: int, *options: str) -> Iterator[Served]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "POWERTOOLS_", "LOG_LEVEL"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "fastapi_runtime.tools.serve", "--port", str(port), *options],
        cwd=PROJECT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield Served(process)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_docs_and_the_document_are_served_and_lines_are_readable() -> None:
    with served(free_port()) as server:
        status, headers, body = server.get("/echo?message=hi")
        assert (status, json.loads(body)) == (200, {"message": "hi"})
        assert re.fullmatch(r"[0-9a-f-]{36}", headers["x-correlation-id"])
        for path in ("/docs", "/redoc", "/openapi.json"):
            assert server.get(path)[0] == 200
        assert server.get("/crash")[0] == 500
        assert server.get("/one-metric")[0] == 200
        output = server.stop()

    assert "_aws" not in output
    assert re.search(r"^\d\d:\d\d:\d\d\.\d{3} INFO     GET /echo 200 in [\d.]+ ms  correlation_id=[0-9a-f-]{36}$", output, re.MULTILINE)
    assert re.search(r" ERROR    GET /crash 500 in [\d.]+ ms  error=ValueError  correlation_id=", output, re.MULTILINE)
    assert "ValueError: a secret: hunter2" in output
    assert output.count("Traceback") == 1


def test_dotenv_is_the_servers() -> None:
    dotenv = PROJECT / ".env"
    try:
        dotenv.write_text("LOG_LEVEL=ERROR\n")
        with served(free_port()) as server:
            assert server.get("/echo?message=hi")[0] == 200
            assert server.get("/crash")[0] == 500
            output = server.stop()
    finally:
        dotenv.unlink()

    assert "GET /echo" not in output
    assert "GET /crash 500" in output


def test_headers_of_lambda_are_not_believed() -> None:
    forged = {
        "x-amzn-lambda-context": json.dumps({"request_id": "forged"}),
        "x-amzn-request-context": json.dumps({"stage": "prod", "path": "/prod/who", "identity": {"userArn": "root"}}),
    }
    with served(free_port()) as server:
        _, headers, body = server.get("/who", forged)
        assert json.loads(body)["auth"] == "None"
        assert headers["x-correlation-id"] != "forged"
        server.stop()


def test_pages_on_this_machine_may_call_and_others_may_not() -> None:
    with served(free_port()) as server:
        for origin, allowed in {
            "http://localhost:3000": True,
            "http://127.0.0.1:5173": True,
            "http://localhost.evil.example": False,
            "https://example.com": False,
        }.items():
            _, headers, _ = server.get("/echo?message=hi", {"Origin": origin})
            assert (headers["access-control-allow-origin"] == origin) is allowed
        server.stop()


def test_the_next_free_port_is_taken_when_the_own_one_is_not_free() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with served(port) as server:
            assert server.get("/echo?message=hi")[0] == 200
            assert int(server.url.rpartition(":")[2]) > port
            server.stop()


def test_an_edit_is_served_without_a_restart_by_hand() -> None:
    main = PROJECT / "my_api" / "main.py"
    before = main.read_text()
    try:
        with served(free_port()) as server:
            assert json.loads(server.get("/echo?message=hi")[2]) == {"message": "hi"}
            main.write_text(before.replace("Message(message=message)", "Message(message=message.upper())"))
            deadline = time.monotonic() + 10
            while json.loads(server.get("/echo?message=hi")[2]) != {"message": "HI"}:
                assert time.monotonic() < deadline
            server.stop()
    finally:
        main.write_text(before)


def test_a_user_is_given_by_a_flag() -> None:
    with served(free_port(), "--user", "sub=ada,groups=admins,buyers,email=ada@example.com") as server:
        who = json.loads(server.get("/who")[2])
        server.stop()

    assert (who["auth"], who["id"], who["groups"]) == ("Cognito", "ada", ["admins", "buyers"])
    assert who["claims"]["email"] == "ada@example.com"


def test_pythons_own_loggers_are_readable_too() -> None:
    with served(free_port()) as server:
        assert server.get("/other-loggers")[0] == 200
        output = server.stop()

    assert re.search(r" INFO     own info  correlation_id=", output)
    assert "library WARNING" in output
    assert "own debug" not in output
    assert "library INFO" not in output

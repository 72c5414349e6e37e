"""The same app on a developer's machine: readable lines, no metrics, no traces, no trust in Lambda's headers."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import my_api
import pytest
from fastapi_runtime.tools.project import read_project
from fastapi_runtime.tools.refusal import RefusalError
from fastapi_runtime.tools.reloader import Reloader, forget_bytecode, look
from fastapi_runtime.tools.serve import address, listen
from uvicorn import Config

PROJECT = Path(my_api.__file__).parent.parent


class Served:
    """A running `serve` target, and what it has printed."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self._said: list[str] = []
        assert process.stdout is not None
        self.url = process.stdout.readline().strip().removesuffix("/docs")
        self._reader = threading.Thread(target=lambda: self._said.extend(iter(process.stdout.readline, "")))
        self._reader.start()

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, Any, bytes]:
        request = urllib.request.Request(self.url + path, headers=headers or {})
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return answer.status, answer.headers, answer.read()
            except urllib.error.HTTPError as error:
                return error.code, error.headers, error.read()
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.05)
        raise AssertionError("the server did not start")

    def output(self) -> str:
        """What it has printed after its first line."""
        return "".join(self._said)

    def stop(self) -> str:
        os.killpg(self.process.pid, signal.SIGINT)
        _ = self.process.wait(timeout=60)
        self._reader.join()
        return self.output()


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


MAIN = PROJECT / "my_api" / "main.py"


@pytest.fixture
def edit() -> Iterator[Callable[[str, str], None]]:
    """Edits main.py, which is as it was after the test."""
    before = MAIN.read_text()

    def replace(old: str, new: str) -> None:
        assert old in before
        _ = MAIN.write_text(before.replace(old, new))

    yield replace
    _ = MAIN.write_text(before)


def wait_until(is_so: Callable[[], bool]) -> None:
    """No test of speed: a machine at work may take half a minute for what takes one second alone."""
    deadline = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:{}"), ("0.0.0.0", "http://127.0.0.1:{}"), ("localhost", "http://localhost:{}"), ("::1", "http://[::1]:{}")],
)
def test_it_listens_where_it_is_told_and_names_an_address_that_a_browser_finds(host: str, url: str) -> None:
    if ":" in host and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    first, second = listen(free_port(), host), listen(free_port(), host)
    port = first.getsockname()[1]
    third = listen(port, host)
    assert third.getsockname()[1] > port
    assert address(host, port) == url.format(port)
    with socket.create_connection(first.getsockname()[:2], timeout=5):
        pass
    for one in (first, second, third):
        one.close()


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_an_address_that_the_machine_does_not_have_is_refused_in_a_line() -> None:
    with pytest.raises(RefusalError, match=r"^No port from 8000 to 8099 is free on 192\.0\.2\.1: "):
        listen(8000, "192.0.2.1")


def test_a_port_that_does_not_exist_is_refused_in_a_line() -> None:
    with pytest.raises(RefusalError, match=r"^There is no port 70000: ports end at 65535\.$"):
        listen(70_000)


def test_an_edit_is_served_without_a_restart_by_hand(edit: Callable[[str, str], None]) -> None:
    with served(free_port()) as server:
        assert json.loads(server.get("/echo?message=hi")[2]) == {"message": "hi"}
        edit("Message(message=message)", "Message(message=message.upper())")
        wait_until(lambda: json.loads(server.get("/echo?message=hi")[2]) == {"message": "HI"})
        server.stop()


def test_an_edit_counts_from_before_the_server_starts(edit: Callable[[str, str], None]) -> None:
    reloader = new_reloader()
    edit("Message(message=message)", "Message(message=message.upper())")

    assert reloader.should_restart() == [MAIN]
    assert reloader.should_restart() is None


def test_new_and_deleted_modules_and_older_ones_are_edits(edit: Callable[[str, str], None]) -> None:
    reloader = new_reloader()
    new = PROJECT / "beside.py"
    try:
        new.touch()
        assert reloader.should_restart() == [new]
        os.utime(new, (1_000_000_000, 1_000_000_000))
        assert reloader.should_restart() == [new]
    finally:
        new.unlink()
    assert reloader.should_restart() == [new]


def test_a_new_folder_is_looked_at_once_it_has_a_module_and_no_folder_of_packages_is(tmp_path: Path) -> None:
    _ = (tmp_path / "pyproject.toml").write_text((PROJECT / "pyproject.toml").read_text())
    for name in ("my_api/main.py", "my_api/node_modules/x/a.py", "my_api/.venv/b.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    config = Config("my_api.main:app", reload_delay=0)
    reloader = Reloader(config, lambda _: None, socket.socket(), read_project(tmp_path), ["my_api"])
    assert set(look(tmp_path, ["my_api"])) == {tmp_path / "my_api" / "main.py"}

    (tmp_path / "shop").mkdir()
    assert reloader.should_restart() is None
    new = tmp_path / "shop" / "orders.py"
    _ = new.write_text("A = 1\n")
    assert reloader.should_restart() == [new]
    _ = new.write_text("A = 10\n")
    assert reloader.should_restart() == [new]


def test_a_closed_terminal_ends_a_server_which_takes_its_own_address_alone_with_it() -> None:
    place = PROJECT / "dist" / "serve.json"
    with served(free_port()) as first, served(free_port()) as second:
        for server in (first, second):
            assert server.get("/echo?message=hi")[0] == 200
        os.kill(first.process.pid, signal.SIGHUP)
        assert first.process.wait(timeout=60) == 0
        assert json.loads(place.read_text())["pid"] == second.process.pid
        os.kill(second.process.pid, signal.SIGHUP)
        assert second.process.wait(timeout=60) == 0
        assert not place.exists()


def new_reloader() -> Reloader:
    config = Config("my_api.main:app", reload_delay=0)
    return Reloader(config, lambda _: None, socket.socket(), read_project(PROJECT), ["my_api"])


def test_of_two_edits_in_one_second_the_last_is_served(tmp_path: Path) -> None:
    module = tmp_path / "number.py"
    second = int(time.time()) - 100

    def read() -> str:
        command = [sys.executable, "-c", "import number; print(number.n)"]
        env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return subprocess.run(command, cwd=tmp_path, env=env, check=True, capture_output=True, text=True).stdout

    _ = module.write_text("n = 1\n")
    os.utime(module, (second + 0.2, second + 0.2))
    assert read() == "1\n"
    cached = Path(cache_from_source(module))
    os.utime(cached, (second + 0.4, second + 0.4))
    _ = module.write_text("n = 2\n")
    os.utime(module, (second + 0.6, second + 0.6))
    assert read() == "1\n"
    forget_bytecode(look(tmp_path, []))
    assert read() == "2\n"
    os.utime(cached, (second + 1, second + 1))
    forget_bytecode(look(tmp_path, []))
    assert cached.exists()


def test_a_server_that_failed_starts_again_when_the_module_it_lacks_comes(edit: Callable[[str, str], None]) -> None:
    later = PROJECT / "my_api" / "later.py"
    try:
        with served(free_port()) as server:
            assert server.get("/echo?message=hi")[0] == 200
            edit("message=message)", "message=later.shout(message))\n\n\nfrom . import later")
            wait_until(lambda: "cannot import name 'later'" in server.output())
            _ = later.write_text("def shout(text: str) -> str:\n    return text.upper()\n")
            assert json.loads(server.get("/echo?message=hi")[2]) == {"message": "HI"}
            server.stop()
    finally:
        later.unlink(missing_ok=True)


def test_where_it_serves_and_what_is_in_files_while_it_runs(edit: Callable[[str, str], None]) -> None:
    """Watchers and a website's development server read them."""
    place, document = PROJECT / "dist" / "serve.json", PROJECT / "dist" / "openapi.json"
    document.unlink(missing_ok=True)

    def title() -> str:
        return json.loads(document.read_text())["paths"]["/echo"]["get"]["summary"]

    with served(free_port()) as server:
        where = json.loads(place.read_text())
        assert where == {"url": server.url, "port": int(server.url.rpartition(":")[2]), "pid": server.process.pid}
        wait_until(document.exists)
        first = document.read_bytes()
        written = document.stat().st_mtime_ns
        subprocess.run([sys.executable, PROJECT / "scripts" / "generate_open_api.py"], check=True, cwd=PROJECT, capture_output=True)
        assert document.read_bytes() == first
        assert document.stat().st_mtime_ns == written

        edit("def echo(", "def echo(:")
        wait_until(lambda: "dist/openapi.json stays as it was, since `openapi` fails: SyntaxError: " in server.output())
        assert document.read_bytes() == first

        edit('@app.get("/echo")', '@app.get("/echo", summary="Said again")')
        wait_until(lambda: title() == "Said again")
        server.stop()
    assert not place.exists()
    assert not [path.name for path in document.parent.iterdir() if path.name.startswith(".")]


def test_the_document_of_the_server_has_no_route_of_dotenv(edit: Callable[[str, str], None]) -> None:
    dotenv, document = PROJECT / ".env", PROJECT / "dist" / "openapi.json"
    document.unlink(missing_ok=True)
    edit('@app.get("/echo")', 'if __import__("os").environ.get("STAGE") == "dev":\n    app.get("/debug")(lambda: {})\n\n\n@app.get("/echo")')
    try:
        dotenv.write_text("STAGE=dev\n")
        with served(free_port()) as server:
            assert server.get("/debug")[0] == 200
            wait_until(document.exists)
            server.stop()
    finally:
        dotenv.unlink()
    assert "/debug" not in document.read_text()


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

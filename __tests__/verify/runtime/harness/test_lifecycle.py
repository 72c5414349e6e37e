"""The life of an environment: probes, freezing, snapshots and its end."""

import http.client
import signal
import time

import pytest
from sandbox import TASK_ROOT, Sandbox


def direct(sandbox: Sandbox, method: str, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """A request to the app past the adapter, as the adapter's own are."""
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
    connection.request(method, path, headers=headers or {})
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_nothing_is_missing_in_200_invocations_with_the_process_stopped_at_each_next(rest: Sandbox) -> None:
    paths = ["/async/n", "/thread/n", "/items/7", "/crash", "/yielded"]
    missing: list[str] = []
    for number in range(200):
        parent = f"00000000000a{number:04x}"
        trace = f"Root=1-67891233-abcdef012345678912345678;Parent={parent};Sampled=1"
        answer = rest.request("GET", paths[number % len(paths)], trace=trace)
        # The process is stopped now: what it has not written could only come with a later invocation.
        expected = {"line": f'"function_request_id":"{answer.id}"', "metrics": f'"correlation_id":"{answer.id}"}}', "trace": f'"parent_id":"{parent}"'}
        for _ in range(20):
            written = [*rest.stdout[-40:], *(datagram.decode() for datagram in rest.datagrams[-20:])]
            left = [kind for kind, text in expected.items() if not any(text in entry for entry in written)]
            if not left:
                break
            time.sleep(0.01)
        missing += [f"{kind} of invocation {number}" for kind in left]

    assert missing == []
    assert len(rest.documents(who="n")) == 40


def test_probes_leave_neither_lines_nor_metrics(parallel: Sandbox) -> None:
    lines, segments = len(parallel.written()), len(parallel.segments())

    assert direct(parallel, "GET", "/echo?message=hi") == (200, b'{"message":"hi"}')
    assert direct(parallel, "GET", "/")[0] == 404

    assert parallel.written()[lines:] == []
    assert parallel.segments()[segments:] == []


def test_a_probe_is_not_the_first_request() -> None:
    sandbox = Sandbox(freeze=False)
    try:
        direct(sandbox, "GET", "/echo?message=hi")
        answer = sandbox.request("GET", "/echo", query={"message": "hi"})
        assert sandbox.lines(function_request_id=answer.id)[0]["cold_start"] is True
    finally:
        sandbox.stop()


def test_snapstart_hooks_answer_the_adapter_alone() -> None:
    sandbox = Sandbox(freeze=False)
    try:
        for hook in ("before-checkpoint", "after-restore"):
            assert direct(sandbox, "POST", f"/_lambda/{hook}")[0] == 204
            assert sandbox.request("POST", f"/_lambda/{hook}").status == 404
        assert [line["hook"] for line in sandbox.written() if "hook" in line] == ["before", "after"]
        # Telemetry works after a restore.
        before = len(sandbox.segments())
        sandbox.request("GET", "/items/7")
        assert len(sandbox.segments()) == before + 2
    finally:
        sandbox.stop()


def test_sigterm_ends_the_server_cleanly() -> None:
    sandbox = Sandbox()
    sandbox.request("GET", "/echo", query={"message": "hi"})

    # uvicorn closes what is open, ends the app's lifespan, and then lets the signal have its way.
    assert sandbox.stop() == -signal.SIGTERM
    assert [line["hook"] for line in sandbox.written() if "hook" in line] == ["shutdown"]
    assert sandbox.stderr == []


def test_garbage_is_collected_once_the_app_has_started(rest: Sandbox) -> None:
    assert rest.request("GET", "/collects-garbage").json() is True


def test_the_bundle_leaves_botocore_to_the_runtime() -> None:
    assert not (TASK_ROOT / "botocore").exists()
    assert (TASK_ROOT / "aws_lambda_powertools").exists()
    assert (TASK_ROOT / "run.sh").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("path", ["my_api/main.py", "fastapi/applications.py"])
def test_bytecode_is_there_and_needs_no_timestamp(path: str) -> None:
    source = TASK_ROOT / path
    bytecode = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
    # PEP 552: bit 0 is a hash in place of a timestamp, bit 1 that it is checked.
    assert int.from_bytes(bytecode.read_bytes()[4:8], "little") == 0b01

"""A tracer provider that main.py sets wins over X-Ray's, and its spans are sent before the last byte."""

import json
import os
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from callee import Callee
from conftest import OTLP
from sandbox import TASK_ROOT, Sandbox

ROOT = "1-67891233-abcdef012345678912345678"
TRACE_ID = "67891233abcdef012345678912345678"
PARENT = "53995c3f42cd8ad8"
STRANGER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def header(sampled: int = 1, parent: str = PARENT) -> str:
    return f"Root={ROOT};Parent={parent};Sampled={sampled}"


def requested(sandbox: Sandbox, path: str, sampled: int = 1, **options: Any) -> dict[str, dict[str, Any]]:
    """Spans of one request by name, as the exporter had them when the environment was frozen."""
    is_http_api = not sandbox.streaming
    before = len(exported(sandbox))
    sandbox.request("GET", path, trace=header(sampled), http_api=is_http_api, **options)
    return {span["name"]: span for span in exported(sandbox)[before:]}


def exported(sandbox: Sandbox) -> list[dict[str, Any]]:
    # Unsampled, and so itself not among the spans.
    return sandbox.request("GET", "/exported", trace=header(0), http_api=not sandbox.streaming).json()


def test_spans_are_one_tree_below_the_invocation(memory: Sandbox) -> None:
    spans = requested(memory, "/own/ada")

    names = ["GET /own/{name}", "## my_api.calls.own_spans", "outer ada", "middle ada", "inner ada"]
    assert spans.keys() == set(names)
    assert spans[names[0]]["parent_id"] == PARENT
    for above, below in zip(names, names[1:], strict=False):
        assert spans[below]["parent_id"] == spans[above]["id"]
    assert {span["trace_id"] for span in spans.values()} == {TRACE_ID}
    assert memory.segments() == []


def test_the_request_is_a_server_span_with_its_route_and_status(memory: Sandbox) -> None:
    spans = requested(memory, "/own/ada")

    span = spans["GET /own/{name}"]
    assert span["kind"] == "SERVER"
    assert span["status"] == "UNSET"
    assert span["start"] < span["end"]
    attributes = span["attributes"]
    assert attributes["http.request.method"] == "GET"
    assert attributes["http.route"] == "/own/{name}"
    assert attributes["http.response.status_code"] == 200
    assert attributes["url.path"] == "/own/ada"
    assert attributes["aws.xray.annotations"] == ["method", "route", "correlation_id", "cold_start"]
    assert attributes["faas.invocation_id"] == attributes["correlation_id"]


def test_annotations_and_metadata_follow_the_conventions_of_x_ray(memory: Sandbox) -> None:
    spans = requested(memory, "/own/ada")

    middle = spans["middle ada"]["attributes"]
    assert (middle["name"], middle["second"]) == ("ada", 2)
    assert middle["aws.xray.annotations"] == ["name", "second"]
    assert middle["aws.xray.metadata.shop"] == '{"row":{"tags":["a"]},"other":1}'
    assert spans["## my_api.calls.own_spans"]["attributes"] == {"who": "ada", "aws.xray.annotations": ["who"]}


def test_a_failure_is_an_error_with_its_exception(memory: Sandbox) -> None:
    spans = requested(memory, "/crash")

    for name in ("GET /crash", "## my_api.calls.crash"):
        assert spans[name]["status"] == "ERROR"
        assert spans[name]["events"] == ["exception"]
    assert spans["GET /crash"]["attributes"]["http.response.status_code"] == 500


def test_what_answers_404_is_no_error_of_the_servers(memory: Sandbox) -> None:
    spans = requested(memory, "/missing")

    for name in ("look up", "## my_api.calls.missing"):
        assert spans[name]["status"] == "UNSET"
        assert spans[name]["events"] == ["exception"]
    assert spans["GET /missing"]["status"] == "UNSET"
    assert spans["GET /missing"]["attributes"]["http.response.status_code"] == 404


def test_the_words_of_exceptions_stay_out_by_one_variable(start: Any) -> None:
    sandbox: Sandbox = start(env={"PROVIDER": "memory", "POWERTOOLS_TRACER_CAPTURE_ERROR": "false"})
    spans = requested(sandbox, "/crash")

    for name in ("GET /crash", "## my_api.calls.crash"):
        assert spans[name]["status"] == "ERROR"
        assert "ValueError" in spans[name]["told"]
        assert "in crash" in spans[name]["told"]
    # The source line of `raise ValueError("it broke")` is in a stack, as it is in the repository.
    assert "it broke" not in str(spans).replace('raise ValueError("it broke")', "")


def test_a_stream_is_recorded_to_its_end(memory: Sandbox) -> None:
    spans = requested(memory, "/stream")

    method = next(span for name, span in spans.items() if name.endswith("parts"))
    assert method["parent_id"] == spans["GET /stream"]["id"]
    assert [spans[f"part {number}"]["parent_id"] for number in range(3)] == [method["id"]] * 3


def test_instrumentations_record_with_it_without_queries_of_urls(memory: Sandbox, callee: Callee) -> None:
    spans = requested(memory, "/http/200")

    call = spans["GET"]
    assert call["parent_id"] == spans["call"]["id"]
    assert call["attributes"]["http.url"] == f"{callee.url}/status/200"
    assert "hunter2" not in str(spans)
    assert callee.headers[-1]["traceparent"] == f"00-{TRACE_ID}-{call['id']}-01"


def test_what_lambda_does_not_sample_is_not_recorded(memory: Sandbox) -> None:
    assert requested(memory, "/own/ada", sampled=0) == {}


def test_a_client_can_not_choose_the_trace(memory: Sandbox) -> None:
    spans = requested(memory, "/own/eve", headers={"traceparent": STRANGER})

    assert {span["trace_id"] for span in spans.values()} == {TRACE_ID}


def test_log_lines_have_the_trace_id(memory: Sandbox) -> None:
    answer = memory.request("GET", "/own/ada", trace=header(), http_api=not memory.streaming)

    lines = memory.lines(function_request_id=answer.id)
    assert len(lines) == 2
    assert {(line["trace_id"], line["xray_trace_id"]) for line in lines} == {(TRACE_ID, ROOT)}


@pytest.mark.parametrize("path", ["/own/ada", "/stream", "/crash"])
def test_nothing_is_lost_at_the_freeze(otlp: Sandbox, callee: Callee, path: str) -> None:
    """The answer's last byte comes after the receiver has had every span, however slow it is."""
    callee.delay = 0.2
    before = len(callee.spans)
    otlp.request("GET", path, trace=header(), http_api=not otlp.streaming)

    spans = callee.spans[before:]
    by_id = {span.span_id.hex(): span for span in spans}
    (request,) = [span for span in spans if span.parent_span_id.hex() == PARENT]
    assert request.name.startswith(f"GET /{path.split('/')[1]}")
    assert len(spans) > 1
    assert all(span is request or span.parent_span_id.hex() in by_id for span in spans)
    assert {span.trace_id.hex() for span in spans} == {TRACE_ID}
    callee.delay = 0


def test_eight_invocations_at_once_keep_their_own_parents(start: Any, callee: Callee) -> None:
    parallel: Sandbox = start(env=OTLP, concurrency=8, freeze=False)
    before = len(callee.spans)
    parents = [f"000000000000f{number:03x}" for number in range(8)]
    running = [
        parallel.start("GET", f"/own/n{number}", query={"wait": "0.1"}, trace=header(parent=parent)) for number, parent in enumerate(parents)
    ]
    for invocation in running:
        parallel.finish(invocation)

    spans = {span.span_id.hex(): span for span in callee.spans[before:]}
    assert len(spans) == 8 * 5
    for number, parent in enumerate(parents):
        (ancestor,) = [span for span in spans.values() if span.name == f"inner n{number}"]
        while ancestor.parent_span_id.hex() in spans:
            ancestor = spans[ancestor.parent_span_id.hex()]
        assert ancestor.parent_span_id.hex() == parent


def test_a_receiver_that_does_not_answer_delays_a_response_and_does_not_fail_it(start: Any, callee: Callee) -> None:
    sandbox: Sandbox = start(env={**OTLP, "OTEL_BSP_EXPORT_TIMEOUT": "300"})
    before = len(callee.spans)
    callee.delay = 2
    began = time.monotonic()
    answer = sandbox.request("GET", "/own/ada", trace=header())
    took = time.monotonic() - began
    callee.delay = 0

    assert answer.status == 200
    assert 0.3 <= took < 2
    sandbox.request("GET", "/own/bob", trace=header())
    assert any("Spans were not sent" in line["message"] for line in sandbox.lines())
    # The receiver takes those in late, which no other test is to count as its own.
    deadline = time.monotonic() + 20
    while len(callee.spans) < before + 2 * 5 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [span.name for span in callee.spans[before:]].count("inner ada") == 1


def test_fastapis_own_spans_are_below_the_request_where_a_user_turns_them_on(start: Any, tmp_path: Path) -> None:
    for entry in TASK_ROOT.iterdir():
        if entry.name != "my_api":
            os.symlink(entry, tmp_path / entry.name)
    shutil.copytree(TASK_ROOT / "my_api", tmp_path / "my_api", ignore=shutil.ignore_patterns("init.*.pyc"))
    init = tmp_path / "my_api" / "init.py"
    written = init.read_text()
    init.write_text(written.replace("    logger=logger,\n", '    logger=logger,\n    telemetry={"tracing": True},\n', 1))
    assert init.read_text() != written

    sandbox: Sandbox = start(env={"PROVIDER": "memory"}, task_root=tmp_path)
    before = len(exported(sandbox))
    # The second has FastAPI's server span of the first sent, which ends after the last byte.
    for name in ("ada", "eve"):
        sandbox.request("GET", f"/own/{name}", trace=header(), query={"token": "hunter2"}, headers={"traceparent": STRANGER})
    spans = exported(sandbox)[before:]

    ours = [span for span in spans if span["trace_id"] == TRACE_ID]
    parts = ["outer", "middle", "inner"]
    fastapis = ["fastapi.dependencies", "fastapi.endpoint", "fastapi.serialization"]
    each = ["GET /own/{name}", "## my_api.calls.own_spans", *fastapis]
    assert Counter(span["name"] for span in ours) == Counter(
        [*each, *each, *(f"{part} {name}" for part in parts for name in ("ada", "eve"))]
    )
    endpoint = next(span for span in ours if span["name"] == "fastapi.endpoint")
    method = next(span for span in ours if span["name"] == "## my_api.calls.own_spans")
    assert method["parent_id"] == endpoint["id"]
    request, second = [span for span in spans if span["attributes"].get("url.path") == "/own/ada"]
    assert endpoint["parent_id"] == request["id"]
    assert request["parent_id"] == PARENT
    # As the README says: a second trace, which the client chooses, with what it asked for.
    assert f"00-{second['trace_id']}-{second['parent_id']}-01" == STRANGER
    assert second["attributes"]["url.query"] == "token=hunter2"


def test_the_readmes_provider_costs_nothing_where_there_is_no_collector(callee: Callee) -> None:
    """As a local server and the user's own tests run it; with the address of one, it sends."""
    script = """
from fastapi.testclient import TestClient
from my_api.main import app
client = TestClient(app)
print(client.get("/provider").json())
"""

    def run(**env: str) -> str:
        known = {"PATH": os.environ["PATH"], "PYTHONPATH": str(TASK_ROOT), **OTLP, **env}
        return subprocess.run(["python3", "-c", script], env=known, capture_output=True, text=True, check=True).stdout.splitlines()[-1]

    before = len(callee.spans)
    assert run() == "ProxyTracerProvider"
    # The project's own tests run as in Lambda.
    assert run(AWS_LAMBDA_FUNCTION_NAME="test-function") != "TracerProvider"
    assert run(OTEL_EXPORTER_OTLP_ENDPOINT=callee.url) == "TracerProvider"
    assert [span.name for span in callee.spans[before:]] == ["GET /provider"]


def test_a_collector_that_is_not_there_fails_no_request_nor_holds_it_up_for_long(start: Any) -> None:
    sandbox: Sandbox = start(env={**OTLP, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"})
    began = time.monotonic()
    assert sandbox.request("GET", "/own/ada", trace=header()).status == 200
    assert time.monotonic() - began < 4


def test_outside_of_lambda_a_users_provider_records_and_xrays_does_not(callee: Callee) -> None:
    """As a local server runs it, with a collector on the developer's machine for instance."""
    script = """
import json
from fastapi.testclient import TestClient
from my_api.main import app
client = TestClient(app)
before = len(client.get("/exported").json()) if os.environ.get("PROVIDER") else 0
client.get("/own/ada", headers={"x-amzn-trace-id": "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1"})
print(json.dumps(client.get("/exported").json()[before:] if os.environ.get("PROVIDER") else []), end="")
"""

    def run(**env: str) -> list[dict[str, Any]]:
        known = {"PATH": os.environ["PATH"], "PYTHONPATH": str(TASK_ROOT), "CALLEE": callee.url, **env}
        done = subprocess.run(["python3", "-c", "import os\n" + script], env=known, capture_output=True, text=True, check=True)
        return json.loads(done.stdout.splitlines()[-1])

    assert run() == []
    spans = {span["name"]: span for span in run(PROVIDER="memory")}
    request = spans["GET /own/{name}"]
    assert request["parent_id"] is None
    assert request["trace_id"] != TRACE_ID
    assert spans["## my_api.calls.own_spans"]["parent_id"] == request["id"]

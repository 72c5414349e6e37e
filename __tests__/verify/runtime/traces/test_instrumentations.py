"""What OpenTelemetry's API and its instrumentations record reaches X-Ray, below the request at hand."""

import re
from typing import Any

import pytest
from callee import Callee
from sandbox import Sandbox

ROOT = "1-67891233-abcdef012345678912345678"
TRACE_ID = "67891233abcdef012345678912345678"
PARENT = "53995c3f42cd8ad8"


def header(sampled: int = 1) -> str:
    return f"Root={ROOT};Parent={PARENT};Sampled={sampled}"


def requested(sandbox: Sandbox, path: str, sampled: int = 1, **options: Any) -> dict[str, dict[str, Any]]:
    """Documents of one request by name."""
    before = len(sandbox.segments())
    answer = sandbox.request("GET", path, trace=header(sampled), http_api=not sandbox.streaming, **options)
    assert answer.status == 200, answer.body
    return {document["name"]: document for document in sandbox.segments()[before:]}


def asked(sandbox: Sandbox, path: str) -> Any:
    return sandbox.request("GET", path, http_api=not sandbox.streaming).json()


def test_a_call_of_botocore_is_an_aws_subsegment(xray: Sandbox, callee: Callee) -> None:
    documents = requested(xray, "/aws")

    call = documents["DynamoDB"]
    assert call["parent_id"] == documents["load"]["id"]
    assert call["namespace"] == "aws"
    assert call["aws"] == {"operation": "ListTables", "region": "eu-central-1", "request_id": "REQUEST42", "retries": 0}
    assert call["http"] == {"response": {"status": 200}}
    assert "fault" not in call
    assert callee.headers[-1]["x-amzn-trace-id"] == f"Root={ROOT};Parent={call['id']};Sampled=1"


def test_what_aws_refuses_is_an_error_and_not_a_fault(xray: Sandbox) -> None:
    call = requested(xray, "/refused-by-aws")["DynamoDB"]

    assert call["aws"]["operation"] == "DescribeTable"
    assert call["aws"]["table_name"] == "secret"
    assert call["http"] == {"response": {"status": 400}}
    assert call["error"] is True
    assert "fault" not in call


@pytest.mark.parametrize(
    ("status", "flags"),
    [(200, {}), (404, {"error": True}), (429, {"error": True, "throttle": True}), (503, {"fault": True})],
)
def test_a_call_of_httpx_is_a_remote_subsegment(xray: Sandbox, callee: Callee, status: int, flags: dict[str, bool]) -> None:
    documents = requested(xray, f"/http/{status}")

    call = documents["127.0.0.1"]
    assert call["parent_id"] == documents["call"]["id"]
    assert call["namespace"] == "remote"
    assert call["http"] == {"request": {"method": "GET", "url": f"{callee.url}/status/{status}"}, "response": {"status": status}}
    assert {key: call[key] for key in ("error", "fault", "throttle") if key in call} == flags
    assert callee.headers[-1]["traceparent"] == f"00-{TRACE_ID}-{call['id']}-01"


@pytest.mark.parametrize("path", ["/http/200", "/sync-http"])
def test_queries_of_urls_do_not_reach_a_trace(xray: Sandbox, callee: Callee, path: str) -> None:
    before = len(xray.datagrams)
    requested(xray, path)

    sent = b"".join(xray.datagrams[before:])
    assert callee.url.encode() in sent
    assert b"hunter2" not in sent
    assert b"token" not in sent


def test_a_statement_of_sql_is_a_remote_subsegment(xray: Sandbox) -> None:
    documents = requested(xray, "/sql")

    (statement,) = [document for document in documents.values() if "sql" in document]
    assert statement["parent_id"] == documents["GET /sql"]["id"]
    assert statement["namespace"] == "remote"
    assert statement["sql"] == {"database_type": "sqlite", "sanitized_query": "select 40 + ?"}


def test_statements_of_sqlalchemy_are_those_of_the_driver_below_it(xray: Sandbox) -> None:
    documents = requested(xray, "/orm")

    assert "select 40 + ?" in [document["sql"]["sanitized_query"] for document in documents.values() if "sql" in document]


def test_an_unsampled_request_tells_callees_so_and_sends_nothing(xray: Sandbox, callee: Callee) -> None:
    assert requested(xray, "/http/200", sampled=0) == {}
    assert callee.headers[-1]["traceparent"] == f"00-{TRACE_ID}-{PARENT}-00"
    assert requested(xray, "/aws", sampled=0) == {}
    assert callee.headers[-1]["x-amzn-trace-id"] == f"Root={ROOT};Parent={PARENT};Sampled=0"


def test_spans_of_the_api_and_subsegments_of_the_tracer_are_one_tree(xray: Sandbox) -> None:
    before = len(xray.segments())
    answer = xray.request("GET", "/own/ada", trace=header(), http_api=not xray.streaming)
    documents = {document["name"]: document for document in xray.segments()[before:]}

    names = ["GET /own/:name", "## my_api.calls.own_spans", "outer ada", "middle ada", "inner ada"]
    assert documents.keys() == set(names)
    for above, below in zip(names, names[1:], strict=False):
        assert documents[below]["parent_id"] == documents[above]["id"]
    assert documents["outer ada"]["annotations"] == {"order_id": "ada"}
    assert documents["outer ada"]["metadata"] == {"default": {"size": 3}}
    assert documents["middle ada"]["annotations"] == {"name": "ada", "second": 2}
    assert documents["middle ada"]["metadata"] == {"shop": {"row": {"tags": ["a"]}, "other": 1}}
    (event,) = documents["inner ada"]["metadata"]["default"]["events"]
    assert (event["name"], event["attributes"]) == ("found", {"count": 1})
    assert documents["## my_api.calls.own_spans"]["annotations"] == {"who": "ada"}
    assert answer.json() == TRACE_ID
    (line,) = xray.lines(function_request_id=answer.id, message="own line")
    assert line["xray_trace_id"] == ROOT
    assert "trace_id" not in line


def test_an_exception_of_a_span_is_a_fault_with_its_cause(xray: Sandbox) -> None:
    span = requested(xray, "/own-failure")["fails"]

    assert span["fault"] is True
    (exception,) = span["cause"]["exceptions"]
    assert (exception["type"], exception["message"]) == ("ValueError", "no such order")
    assert exception["stack"][-1]["label"] == "own_failure"


def test_a_client_can_not_choose_the_trace(xray: Sandbox) -> None:
    stranger = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    documents = requested(xray, "/own/eve", headers={"traceparent": stranger})

    assert {document["trace_id"] for document in documents.values()} == {ROOT}
    assert documents["GET /own/:name"]["parent_id"] == PARENT
    assert requested(xray, "/own/eve", sampled=0, headers={"traceparent": stranger}) == {}


def test_a_package_that_is_missing_is_named(xray: Sandbox) -> None:
    assert asked(xray, "/patch/asyncpg") == (
        "Traces of asyncpg need a package that is not installed: uv add opentelemetry-instrumentation-asyncpg"
    )
    assert asked(xray, "/patch/aiohttp_client").endswith("uv add opentelemetry-instrumentation-aiohttp-client")


def test_a_library_that_is_missing_is_named(xray: Sandbox) -> None:
    told = asked(xray, "/patch/aiobotocore")
    assert re.fullmatch(r"opentelemetry-instrumentation-botocore takes aiobotocore ?>= ?2\S*, which is not installed", told)


def test_a_version_that_its_package_does_not_take_is_named_with_those_that_it_does(xray: Sandbox) -> None:
    told = asked(xray, "/patch/sqlalchemy")
    assert re.fullmatch(
        r"opentelemetry-instrumentation-sqlalchemy takes sqlalchemy >= 1\.0\.0, < 2\.1\.0, and not sqlalchemy 2\.1\.\w+: "
        r"install a version that it takes, or a newer one of it",
        told,
    )


def test_libraries_are_to_be_named(xray: Sandbox) -> None:
    assert asked(xray, "/patch-all") == 'Name the libraries to trace: tracer.patch(("botocore", "httpx"))'


def test_patching_twice_records_once(xray: Sandbox) -> None:
    assert asked(xray, "/patch/httpx") == ""

    before = len(xray.segments())
    requested(xray, "/http/200")
    assert len(xray.segments()) - before == 3

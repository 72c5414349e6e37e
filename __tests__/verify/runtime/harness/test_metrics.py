"""Metrics: one document a request, under its method and route template."""

import json
from pathlib import Path

import pytest
from sandbox import Sandbox


@pytest.mark.parametrize(
    ("method", "path", "status", "route", "outcome"),
    [
        ("GET", "/items/7", 200, "/items/{item_id}", "Success"),
        ("POST", "/items", 201, "/items", "Success"),
        ("GET", "/nothing", 204, "/nothing", "Success"),
        ("GET", "/moved", 307, "/moved", "Success"),
        ("HEAD", "/head", 200, "/head", "Success"),
        ("OPTIONS", "/options", 204, "/options", "Success"),
        ("GET", "/outer/routed/ada", 200, "/outer/routed/{name}", "Success"),
        ("GET", "/docs", 200, "/docs", "Success"),
        ("GET", "/no/such/path", 404, "unmatched", "ClientError"),
        ("DELETE", "/items/7", 405, "/items/{item_id}", "ClientError"),
        ("DELETE", "/outer/routed/ada", 405, "/outer/routed/{name}", "ClientError"),
        ("GET", "/refused", 418, "/refused", "ClientError"),
        ("GET", "/items/seven", 422, "/items/{item_id}", "ClientError"),
        ("GET", "/crash", 500, "/crash", "Failure"),
        ("GET", "/crash-in-thread", 500, "/crash-in-thread", "Failure"),
        ("POST", "/stream", 200, "/stream", "Success"),
        ("GET", "/yielded", 200, "/yielded", "Success"),
        ("GET", "/events", 200, "/events", "Success"),
        ("GET", "/thread-stream", 200, "/thread-stream", "Success"),
    ],
)
@pytest.mark.parametrize("api", ["rest", "http"])
def test_a_request_is_counted(
    request: pytest.FixtureRequest, api: str, method: str, path: str, status: int, route: str, outcome: str
) -> None:
    sandbox: Sandbox = request.getfixturevalue(api)
    body = '{"name":"Lamp"}' if path == "/items" else None
    answer = sandbox.request(method, path, body=body, headers={"content-type": "application/json"}, http_api=api == "http")

    assert answer.status == status
    (document,) = sandbox.documents(correlation_id=answer.id)
    (directive,) = document["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "MyApi"
    assert directive["Dimensions"] == [["service", "method", "route"], ["service"]]
    assert (document["service"], document["method"], document["route"]) == ("my-api", method, route)
    counts = {"RequestCount", "Success", "ClientError", "Failure"} & set(document)
    assert counts == {"RequestCount", outcome}
    assert document["RequestCount"] == document[outcome] == 1
    units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    units.pop("ColdStart", None)
    assert units == {"RequestCount": "Count", outcome: "Count", "Latency": "Milliseconds"}
    assert document["Latency"] > 0
    (line,) = sandbox.lines(function_request_id=answer.id, status=status)
    assert line["route"] == route


def test_the_metrics_and_their_dimensions_are_those_that_dashboards_show() -> None:
    sandbox = Sandbox()
    try:
        ids = [sandbox.request("GET", path).id for path in ("/items/7", "/no/such/path", "/crash")]
        written: dict[str, set[str]] = {}
        for document in (document for id in ids for document in sandbox.documents(correlation_id=id)):
            for directive in document["_aws"]["CloudWatchMetrics"]:
                for dimensions in directive["Dimensions"]:
                    assert set(dimensions) <= set(document)
                    names = written.setdefault(",".join(sorted(dimensions)), set())
                    names.update(metric["Name"] for metric in directive["Metrics"])
    finally:
        sandbox.stop()

    shown = json.loads((Path(__file__).parents[3] / "support" / "own-metrics.json").read_text())
    assert {dimensions: sorted(names) for dimensions, names in written.items()} == shown


def test_a_broken_stream_is_a_failure(rest: Sandbox) -> None:
    answer = rest.request("GET", "/broken")

    (document,) = rest.documents(correlation_id=answer.id)
    assert document["Failure"] == 1
    assert "Success" not in document


def test_a_client_that_left_is_counted_once_as_neither() -> None:
    # The adapter ends with the connection, and so does this environment.
    sandbox = Sandbox(freeze=False)
    try:
        invocation = sandbox.start("GET", "/endless", cut_after=600)
        assert invocation.done.wait(20)
        sandbox.wait_for(lambda: sandbox.documents(correlation_id=invocation.id))

        (document,) = sandbox.documents(correlation_id=invocation.id)
        assert document["RequestCount"] == 1
        assert {"Success", "ClientError", "Failure"} & set(document) == set()
        (line,) = sandbox.lines(function_request_id=invocation.id, error="client_disconnected")
        assert line["streamed"] is True
        # The generator was closed, and did not run on.
        assert len(sandbox.lines(function_request_id=invocation.id, message="generator closed")) == 1
    finally:
        sandbox.stop()


def test_preflights_are_logged_and_not_counted(rest: Sandbox) -> None:
    headers = {"Origin": "https://example.com", "Access-Control-Request-Method": "GET"}
    answer = rest.request("OPTIONS", "/items/7", headers=headers)

    assert answer.status == 204
    assert len(rest.lines(function_request_id=answer.id, status=204)) == 1
    assert rest.documents(correlation_id=answer.id) == []


def test_the_cold_start_is_counted_once(http: Sandbox) -> None:
    sandbox = Sandbox()
    try:
        answers = [sandbox.request("GET", "/echo", query={"message": "hi"}) for _ in range(3)]
        cold = [sandbox.documents(correlation_id=answer.id)[0].get("ColdStart") for answer in answers]
        assert cold == [1, None, None]
        assert [sandbox.lines(function_request_id=answer.id)[0]["cold_start"] for answer in answers] == [True, False, False]
    finally:
        sandbox.stop()


def test_provisioned_concurrency_starts_warm() -> None:
    sandbox = Sandbox(env={"AWS_LAMBDA_INITIALIZATION_TYPE": "provisioned-concurrency"})
    try:
        answer = sandbox.request("GET", "/echo", query={"message": "hi"})
        assert "ColdStart" not in sandbox.documents(correlation_id=answer.id)[0]
    finally:
        sandbox.stop()


def test_metrics_of_an_operation_come_with_its_request(rest: Sandbox) -> None:
    before = len(rest.documents())
    answer = rest.request("POST", "/items", body='{"name":"Lamp"}', headers={"content-type": "application/json"})

    own, added = rest.documents()[before:]
    assert own["correlation_id"] == answer.id
    assert added["ItemCreated"] == [1.0]
    assert added["service"] == "my-api"
    assert added["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]


def test_dimensions_of_an_operation_do_not_reach_the_next(rest: Sandbox) -> None:
    rest.request("GET", "/async/ada")
    before = len(rest.documents())
    rest.request("GET", "/thread/bob")

    _, added = rest.documents()[before:]
    assert added["Visits"] == [1.0]
    assert "who" not in added


def test_a_single_metric_is_written_at_once(rest: Sandbox) -> None:
    rest.request("GET", "/one-metric")

    (document,) = rest.documents(kind="single")
    assert document["Once"] == [1.0]
    assert document["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Other"


def test_a_variable_leaves_the_routes_out() -> None:
    sandbox = Sandbox(env={"METRICS_BY_ROUTE": "false"})
    try:
        answer = sandbox.request("GET", "/items/7")
        (document,) = sandbox.documents(correlation_id=answer.id)
        assert document["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]
        # A property, to search by in the logs.
        assert document["route"] == "/items/{item_id}"
    finally:
        sandbox.stop()

"""Log lines: one at the end of each request, and the request's keys on every line."""

import socket

from sandbox import ARN, Sandbox

KEYS_OF_EVERY_LINE = {
    "level",
    "location",
    "message",
    "timestamp",
    "service",
    "method",
    "path",
    "route",
    "correlation_id",
    "function_name",
    "function_memory_size",
    "function_version",
    "function_request_id",
    "function_arn",
    "cold_start",
    "xray_trace_id",
}


def test_a_request_ends_with_one_line_that_names_everything(rest: Sandbox) -> None:
    answer = rest.request("GET", "/items/7", query={"q": "1"})

    (line,) = rest.lines(function_request_id=answer.id, message="Request completed")
    assert set(line) == KEYS_OF_EVERY_LINE | {"status", "duration_ms", "streamed"}
    assert line["level"] == "INFO"
    assert line["method"] == "GET"
    assert line["path"] == "/items/7"
    assert line["route"] == "/items/{item_id}"
    assert line["status"] == 200
    assert line["duration_ms"] > 0
    assert line["streamed"] is False
    assert line["function_name"] == "harness"
    assert line["function_arn"] == ARN
    assert line["function_memory_size"] == 512
    assert line["function_version"] == "7"
    assert line["xray_trace_id"] == "1-67891233-abcdef012345678912345678"
    assert line["service"] == "my-api"


def test_lines_of_an_operation_have_the_same_keys(rest: Sandbox) -> None:
    answer = rest.request("GET", "/items/7")

    (line,) = rest.lines(function_request_id=answer.id, message="Fetching item")
    assert set(line) == KEYS_OF_EVERY_LINE | {"item_id"}
    assert line["item_id"] == 7
    assert line["location"].startswith("get_item:")


def test_appended_keys_stay_with_their_request(rest: Sandbox) -> None:
    first = rest.request("GET", "/async/ada")
    second = rest.request("GET", "/echo", query={"message": "hi"})

    assert [line["who"] for line in rest.lines(function_request_id=first.id)] == ["ada", "ada"]
    (line,) = rest.lines(function_request_id=second.id)
    assert "who" not in line


def test_keys_appended_in_a_thread_reach_the_last_line(rest: Sandbox) -> None:
    answer = rest.request("GET", "/thread/ada")

    assert [line["who"] for line in rest.lines(function_request_id=answer.id)] == ["ada", "ada"]


def test_an_included_routers_line_has_the_whole_template(rest: Sandbox) -> None:
    answer = rest.request("GET", "/outer/routed/ada")

    lines = rest.lines(function_request_id=answer.id)
    assert [line["route"] for line in lines] == ["/outer/routed/{name}"] * 2
    assert [line["who"] for line in lines] == ["ada", "ada"]


def test_a_background_tasks_line_has_its_requests_keys(parallel: Sandbox) -> None:
    answer = parallel.request("GET", "/background/ada")

    (line,) = parallel.lines(function_request_id=answer.id, message="background line")
    assert line["who"] == "ada"
    assert line["route"] == "/background/{name}"


def test_the_clients_correlation_id_is_logged_and_returned(rest: Sandbox) -> None:
    answer = rest.request("GET", "/echo", query={"message": "hi"}, headers={"X-Correlation-Id": "order-42:a/b"})

    assert answer.headers["x-correlation-id"] == "order-42:a/b"
    (line,) = rest.lines(function_request_id=answer.id)
    assert line["correlation_id"] == "order-42:a/b"


def test_a_hostile_correlation_id_is_replaced_by_the_request_id(rest: Sandbox) -> None:
    for hostile in ("a" * 129, 'x","level":"ERROR', "<script>", "a b", "häßlich", "a\tb"):
        answer = rest.request("GET", "/echo", query={"message": "hi"}, headers={"X-Correlation-Id": hostile})

        assert answer.status == 200
        assert answer.headers["x-correlation-id"] == answer.id
        (line,) = rest.lines(function_request_id=answer.id)
        assert line["correlation_id"] == answer.id


def test_a_path_with_quotes_and_line_breaks_stays_one_line(rest: Sandbox) -> None:
    answer = rest.request("GET", '/items/"}%0A{"level":"ERROR')

    (line,) = rest.lines(function_request_id=answer.id)
    assert line["path"] == '/items/"}\n{"level":"ERROR'


def test_lines_of_threads_are_never_torn(parallel: Sandbox) -> None:
    running = [parallel.start("GET", f"/noise/{size}") for size in (10, 5_000, 70_000, 300) for _ in range(6)]
    answers = [parallel.finish(invocation) for invocation in running]

    # `written` reads every line as JSON, and so fails on a torn one.
    for answer in answers:
        assert [line["number"] for line in parallel.lines(function_request_id=answer.id, message="noise")] == list(range(20))


def test_the_level_is_set_by_log_level() -> None:
    sandbox = Sandbox(env={"LOG_LEVEL": "WARNING"})
    try:
        quiet = sandbox.request("GET", "/items/7")
        loud = sandbox.request("GET", "/crash")
        assert sandbox.lines(function_request_id=quiet.id) == []
        assert [line["level"] for line in sandbox.lines(function_request_id=loud.id)] == ["ERROR"]
        assert len(sandbox.documents(correlation_id=quiet.id)) == 1
    finally:
        sandbox.stop()


def test_pythons_own_loggers_write_with_the_requests_keys_and_libraries_only_warn(rest: Sandbox) -> None:
    answer = rest.request("GET", "/other-loggers")

    lines = rest.lines(function_request_id=answer.id)
    assert [line["message"] for line in lines] == ["own info", "module info", "library WARNING", "Request completed"]
    for line in lines:
        assert (line["route"], line["correlation_id"], line["service"]) == ("/other-loggers", answer.id, "my-api")
    assert lines[0]["location"].startswith("other_loggers:")


def test_one_variable_opens_libraries_and_log_level_closes_all() -> None:
    for env, messages in [
        ({"LIBRARY_LOG_LEVEL": "INFO"}, ["own info", "module info", "library INFO", "library WARNING"]),
        ({"LOG_LEVEL": "DEBUG"}, ["own info", "own debug", "module info", "library WARNING"]),
        ({"LOG_LEVEL": "ERROR"}, []),
    ]:
        sandbox = Sandbox(env=env)
        try:
            answer = sandbox.request("GET", "/other-loggers")
            lines = sandbox.lines(function_request_id=answer.id)
            assert [line["message"] for line in lines if line["message"] != "Request completed"] == messages
        finally:
            sandbox.stop()


def test_the_servers_own_lines_are_json_too(parallel: Sandbox) -> None:
    with socket.create_connection(("127.0.0.1", parallel.port)) as connection:
        connection.sendall(b"no HTTP at all\r\n\r\n")
        _ = connection.recv(1000)

    (line,) = parallel.lines(message="Invalid HTTP request received.")
    assert line["level"] == "WARNING"
    assert parallel.stderr == []

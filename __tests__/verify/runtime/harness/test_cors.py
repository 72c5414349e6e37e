"""CORS: on every response, for the origins that are allowed."""

from collections.abc import Iterator

import pytest
from sandbox import Sandbox

ORIGIN = {"Origin": "https://shop.example.com"}


@pytest.fixture(scope="module")
def restricted() -> Iterator[Sandbox]:
    """One origin is allowed."""
    sandbox = Sandbox(env={"ALLOWED_ORIGINS": "https://shop.example.com, https://admin.example.com"})
    yield sandbox
    sandbox.stop()


@pytest.mark.parametrize("path", ["/items/7", "/items/seven", "/no/such/path", "/crash", "/refused", "/yielded", "/moved"])
def test_every_response_has_the_headers(rest: Sandbox, path: str) -> None:
    answer = rest.request("GET", path, headers=ORIGIN)

    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-expose-headers"] == "X-Correlation-Id"
    assert answer.headers["vary"] == "Origin"
    assert answer.headers["x-correlation-id"] == answer.id


def test_an_allowed_origin_is_named(restricted: Sandbox) -> None:
    answer = restricted.request("GET", "/items/7", headers=ORIGIN)
    assert answer.headers["access-control-allow-origin"] == "https://shop.example.com"

    other = restricted.request("GET", "/items/7", headers={"Origin": "https://shop.example.com.evil.example"})
    assert "access-control-allow-origin" not in other.headers
    assert other.headers["vary"] == "Origin"

    none = restricted.request("GET", "/items/7")
    assert "access-control-allow-origin" not in none.headers
    assert none.headers["vary"] == "Origin"


def test_a_preflight_names_the_headers_it_was_asked_for(restricted: Sandbox) -> None:
    asked = {**ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    answer = restricted.request("OPTIONS", "/items", headers=asked)

    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == "https://shop.example.com"
    assert answer.headers["access-control-allow-headers"] == "authorization,content-type"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "Origin" in answer.headers["vary"]


def test_a_preflight_of_another_origin_gets_nothing(restricted: Sandbox) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = restricted.request("OPTIONS", "/items", headers=asked)

    assert not any(name.startswith("access-control-") for name in answer.headers)


def test_without_a_setting_no_origin_is_allowed_in_lambda() -> None:
    sandbox = Sandbox(env={"ALLOWED_ORIGINS": ""})
    try:
        for origin in ("https://shop.example.com", "http://localhost:3000"):
            answer = sandbox.request("GET", "/items/7", headers={"Origin": origin})
            assert "access-control-allow-origin" not in answer.headers
    finally:
        sandbox.stop()


def test_headers_that_the_infrastructure_names_may_be_read() -> None:
    sandbox = Sandbox(env={"EXPOSED_HEADERS": "X-Total,Link,x-correlation-id"})
    try:
        answer = sandbox.request("GET", "/items/7", headers=ORIGIN)
        assert answer.headers["access-control-expose-headers"] == "X-Correlation-Id, X-Total, Link"
    finally:
        sandbox.stop()

"""Paths: documentation and routes behind stages, custom domains and base paths."""

import pytest
from events import DOMAIN
from sandbox import Sandbox


def test_docs_behind_a_stage_of_a_rest_api(rest: Sandbox) -> None:
    page = rest.request("GET", "/docs", stage="prod")
    assert b"'/prod/openapi.json'" in page.body

    document = rest.request("GET", "/openapi.json", stage="prod").json()
    assert document["servers"] == [{"url": "/prod"}]
    assert rest.lines(function_request_id=page.id)[0]["route"] == "/docs"


def test_docs_behind_a_custom_domain(rest: Sandbox) -> None:
    page = rest.request("GET", "/docs", context_path="/docs")
    assert b"'/openapi.json'" in page.body


def test_docs_behind_a_base_path_mapping() -> None:
    sandbox = Sandbox(env={"AWS_LWA_REMOVE_BASE_PATH": "/shop"})
    try:
        page = sandbox.request("GET", "/shop/docs", context_path="/shop/docs")
        assert b"'/shop/openapi.json'" in page.body
        item = sandbox.request("GET", "/shop/items/7", context_path="/shop/items/7")
        assert item.json() == {"name": "Item 7"}
        (_, line) = sandbox.lines(function_request_id=item.id)
        assert (line["path"], line["route"]) == ("/items/7", "/items/{item_id}")
    finally:
        sandbox.stop()


@pytest.mark.parametrize(
    ("stage", "path", "domain", "root"),
    [
        ("$default", "/docs", DOMAIN, ""),
        ("dev", "/dev/docs", DOMAIN, "/dev"),
        ("dev", "/docs", "api.example.com", ""),
    ],
)
def test_docs_of_an_http_api(http: Sandbox, stage: str, path: str, domain: str, root: str) -> None:
    page = http.request("GET", path, stage=stage, domain=domain, http_api=True)

    assert page.status == 200
    assert f"'{root}/openapi.json'".encode() in page.body


def test_operations_behind_a_named_stage_of_an_http_api(http: Sandbox) -> None:
    answer = http.request("GET", "/dev/items/7", stage="dev", http_api=True)

    assert answer.json() == {"name": "Item 7"}
    (_, line) = http.lines(function_request_id=answer.id)
    assert line["route"] == "/items/{item_id}"


def test_a_route_that_is_named_like_the_stage_is_found(rest: Sandbox) -> None:
    answer = rest.request("GET", "/items/7", stage="items")

    assert answer.json() == {"name": "Item 7"}


@pytest.mark.parametrize("api", ["rest", "http"])
@pytest.mark.parametrize(("path", "answer"), [("/echo/", {"message": "hi"}), ("/slashed", "slashed"), ("/slashed/", "slashed")])
def test_either_form_of_a_path_is_answered(request: pytest.FixtureRequest, api: str, path: str, answer: object) -> None:
    sandbox: Sandbox = request.getfixturevalue(api)
    given = sandbox.request("GET", path, query={"message": "hi"}, http_api=api == "http")

    assert (given.status, given.json()) == (200, answer)
    (line,) = sandbox.lines(function_request_id=given.id)
    assert (line["path"], line["route"]) == (path, "/echo" if "echo" in path else "/slashed/")


@pytest.mark.parametrize("api", ["rest", "http"])
def test_a_part_that_mixes_text_and_parameters_is_matched_by_the_app(request: pytest.FixtureRequest, api: str) -> None:
    sandbox: Sandbox = request.getfixturevalue(api)
    answer = sandbox.request("GET", "/tiles/7@2x.png", http_api=api == "http")

    assert answer.json() == [7, 2, "png"]
    assert sandbox.lines(function_request_id=answer.id)[0]["route"] == "/tiles/{y}@{scale}x.{image}"
    # API Gateway's parameter takes any text, which the app refuses.
    assert sandbox.request("GET", "/tiles/7.png", http_api=api == "http").status == 404


def test_either_form_is_answered_behind_a_named_stage_of_an_http_api(http: Sandbox) -> None:
    assert http.request("GET", "/dev/slashed", stage="dev", http_api=True).json() == "slashed"

"""Documents are field by field those that the X-Ray SDK wrote for the same operations, but for what is named here."""

from typing import Any

import pytest
from documents import comparable, recorded
from sandbox import Sandbox

ROOT = "1-67891233-abcdef012345678912345678"
RECORDED = recorded()


def put_right(operation: str, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The recorded documents with the faults of the SDK's path put right."""
    return sorted((put_right_one(operation, document) for document in documents), key=lambda document: (document["name"], document["parent_id"]))


def put_right_one(operation: str, document: dict[str, Any]) -> dict[str, Any]:
    # X-Ray takes names of 200 characters at most.
    document = {**document, "name": document["name"][:200]}
    if operation == "generator":
        # A generator that was not read to its end is no fault; what its reader does is not below it.
        if document["name"] in ("## my_api.traced.numbers", "number 1"):
            assert document.pop("cause")["exceptions"][0]["type"] == "GeneratorExit"
            assert document.pop("fault")
        elif document["name"] == "between":
            document["parent_id"] = "GET /traced/generator"
    elif operation == "refused" and document["name"] == "## my_api.traced.refused":
        # X-Ray's own terms: what answers 404 is an error of the client's, as the request above it is.
        assert document.pop("fault")
        document["error"] = True
    elif operation.startswith("broken-") and document["name"].startswith("## my_api.traced.breaks"):
        # `capture_error` is true of generators as well.
        document["metadata"] = {"my-api": {f"{document['name'][3:]} error": {}}}
    return document


@pytest.mark.parametrize("mode", ["rest", "http"])
@pytest.mark.parametrize("operation", RECORDED)
def test_documents_are_those_of_the_x_ray_sdk(request: pytest.FixtureRequest, mode: str, operation: str) -> None:
    sandbox: Sandbox = request.getfixturevalue(mode)
    parent = f"{list(RECORDED).index(operation) + 1:016x}"
    before = len(sandbox.segments())

    sandbox.request("GET", f"/traced/{operation}", trace=f"Root={ROOT};Parent={parent};Sampled=1", http_api=mode == "http")

    assert comparable(sandbox.segments()[before:], parent) == put_right(operation, RECORDED[operation])


def test_each_datagram_begins_as_the_daemon_asks(rest: Sandbox) -> None:
    rest.request("GET", "/traced/function")

    assert rest.datagrams
    assert {datagram.partition(b"\n")[0] for datagram in rest.datagrams} == {b'{"format":"json","version":1}'}

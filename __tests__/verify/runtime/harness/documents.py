"""X-Ray documents made comparable: what differs from run to run (ids, times, frames of libraries) by what it stands for.

`documents.jsonl` was recorded by these functions from a bundle whose tracer was Powertools' over aws-xray-sdk 2.15.0.
"""

import json
from pathlib import Path
from typing import Any


def recorded() -> dict[str, list[dict[str, Any]]]:
    """What the X-Ray SDK wrote for each operation of `traced.py`."""
    documents: dict[str, list[dict[str, Any]]] = {}
    for line in Path(__file__).with_suffix(".jsonl").read_text().splitlines():
        entry = json.loads(line)
        documents.setdefault(entry["operation"], []).append(entry["document"])
    return documents


def comparable(documents: list[dict[str, Any]], invocation: str) -> list[dict[str, Any]]:
    """Documents of one request, by name and then by parent.

    Args:
        documents: What the daemon was sent.
        invocation: Id that stands above the request, as `x-amzn-trace-id` gave it.
    """
    names = {invocation: "invocation", **{document["id"]: document["name"] for document in documents}}
    thrown = {
        exception["id"]: f"{exception['type']} of {document['name']}"
        for document in documents
        if isinstance(document.get("cause"), dict)
        for exception in document["cause"]["exceptions"]
    }
    made = [_comparable(document, names, thrown) for document in documents]
    return sorted(made, key=lambda document: (document["name"], document["parent_id"]))


def _comparable(document: dict[str, Any], names: dict[str, str], thrown: dict[str, str]) -> dict[str, Any]:
    document = dict(document)
    assert len(bytes.fromhex(document.pop("id"))) == 8
    assert 1.7e9 < document.pop("start_time") <= document.pop("end_time")
    document["parent_id"] = names[document["parent_id"]]
    cause = document.get("cause")
    if isinstance(cause, str):
        document["cause"] = thrown[cause]
    elif cause is not None:
        exceptions = [{**exception, "id": thrown[exception["id"]], "stack": _own(exception["stack"])} for exception in cause["exceptions"]]
        document["cause"] = {"working_directory": "given" if cause.pop("working_directory") else "", "exceptions": exceptions}
    if "annotations" in document:
        document["annotations"] = {**document["annotations"]}
        for varies in ("correlation_id", "cold_start"):
            document["annotations"].pop(varies, None)
    return document


def _own(stack: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Frames of the operations; the others are of the library that recorded them."""
    own = [frame for frame in stack if frame["path"].endswith("traced.py")]
    return [{**frame, "path": frame["path"][max(frame["path"].rfind("my_api/"), 0) :]} for frame in own]

"""Every Python snippet of the document that the generator is built from, as the main.py of a generated project.

`*.document.txt` is the document's text, which has lost its indentation; `*.main.txt` is the same as a module.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "harness"))

from sandbox import TASK_ROOT, Answer, Sandbox  # noqa: E402

NAMES = sorted(path.name.removesuffix(".document.txt") for path in HERE.glob("*.document.txt"))

type Start = Callable[[str, bool], tuple[Sandbox, Callable[..., Answer]]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the bundle with a snippet as its main.py, behind a REST (streaming) or an HTTP API (buffered)."""
    started: list[Sandbox] = []

    def begin(name: str, streaming: bool) -> tuple[Sandbox, Callable[..., Answer]]:
        task = tmp_path / f"{name}-{streaming}"
        task.mkdir()
        for entry in TASK_ROOT.iterdir():
            if entry.name != "my_api":
                os.symlink(entry, task / entry.name)
        ignored = shutil.ignore_patterns("main.py", "main.*.pyc", "operations*")
        shutil.copytree(TASK_ROOT / "my_api", task / "my_api", ignore=ignored)
        (task / "my_api" / "main.py").write_text((HERE / f"{name}.main.txt").read_text())
        sandbox = Sandbox(streaming=streaming, task_root=task)
        started.append(sandbox)
        return sandbox, lambda *args, **options: sandbox.request(*args, http_api=not streaming, **options)

    yield begin
    for sandbox in started:
        sandbox.stop()


@pytest.mark.parametrize("name", NAMES)
def test_a_snippet_is_changed_in_nothing_but_what_was_left_out(name: str) -> None:
    document = [line.strip() for line in (HERE / f"{name}.document.txt").read_text().splitlines()]
    main = [line.strip() for line in (HERE / f"{name}.main.txt").read_text().splitlines()]

    if "from .init import app" in main:
        main.remove("from .init import app")
    assert len(main) == len(document)
    for given, run in zip(document, main, strict=True):
        before, ellipsis, after = given.partition("...")
        assert run == given or (ellipsis and run.startswith(before) and run.endswith(after))


@pytest.mark.parametrize("streaming", [True, False], ids=["streaming", "buffered"])
class TestInBothModes:
    def test_operations(self, start: Start, streaming: bool) -> None:
        sandbox, request = start("operations", streaming)

        assert request("GET", "/items/7").json() == {"name": "Item 7"}
        created = request("POST", "/items", body='{"name":"Lamp"}', headers={"content-type": "application/json"})
        assert (created.status, created.json()) == (200, {"name": "Lamp"})
        names = {segment["name"] for segment in sandbox.segments()}
        assert {"## my_api.main.get_item", "## my_api.main.create_item"} <= names

    def test_logging(self, start: Start, streaming: bool) -> None:
        sandbox, request = start("logging", streaming)
        answer = request("GET", "/items/7", headers={"X-Correlation-Id": "order-42"})

        assert answer.json() == {"item_id": 7}
        (line,) = sandbox.lines(message="Fetching item")
        assert line["item_id"] == 7
        assert line["correlation_id"] == "order-42"
        assert (line["method"], line["path"]) == ("GET", "/items/7")
        assert line["function_request_id"] == answer.id
        assert line["function_name"] == "harness"
        assert line["cold_start"] is True

    def test_tracing(self, start: Start, streaming: bool) -> None:
        sandbox, request = start("tracing", streaming)

        assert request("GET", "/items/7").json() == {"item_id": 7}
        by_name = {segment["name"]: segment for segment in sandbox.segments()}
        method = by_name["## my_api.main.read_item"]
        assert by_name["fetch-item-details"]["parent_id"] == method["id"]
        assert method["parent_id"] == by_name["GET /items/:item_id"]["id"]

    def test_metrics(self, start: Start, streaming: bool) -> None:
        sandbox, request = start("metrics", streaming)
        answer = request("GET", "/items/7")

        assert answer.json() == {"item_id": 7}
        own, added = sandbox.documents()
        assert added["ItemViewed"] == [1.0]
        assert (own["RequestCount"], own["Success"], own["ColdStart"]) == (1, 1, 1)
        assert own["route"] == "/items/{item_id}"

    def test_errors(self, start: Start, streaming: bool) -> None:
        sandbox, request = start("errors", streaming)

        assert request("GET", "/items/7").json() == {"item_id": 7}
        refused = request("GET", "/items/-1")
        assert (refused.status, refused.json()) == (400, {"detail": "Item ID must be positive"})
        (document,) = sandbox.documents(correlation_id=refused.id)
        assert document["ClientError"] == 1

    def test_streaming(self, start: Start, streaming: bool) -> None:
        sandbox, request = start("streaming", streaming)
        answer = request("POST", "/stream")

        assert answer.headers["content-type"] == "application/jsonl"
        assert answer.body.decode().splitlines() == [f'{{"message":"This is chunk {number}"}}' for number in range(100)]
        (line,) = sandbox.lines(function_request_id=answer.id)
        assert line["streamed"] is True
        document = request("GET", "/openapi.json").json()
        operation = document["paths"]["/stream"]["post"]
        assert operation["operationId"] == "my_stream"
        assert operation["responses"]["200"] == {
            "description": "Stream of chunks",
            "content": {"application/jsonl": {"itemSchema": {"$ref": "#/components/schemas/Chunk"}}},
        }

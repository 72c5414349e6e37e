"""Several requests at once in one environment never mix."""

from sandbox import Sandbox


def test_concurrent_requests_never_mix_a_key(parallel: Sandbox) -> None:
    before = len(parallel.documents())
    running = [
        parallel.start("GET", f"/{kind}/{kind}{number}", query={"wait": "0.05"}, headers={"X-Correlation-Id": f"{kind}{number}"})
        for number in range(20)
        for kind in ("async", "thread")
    ]
    answers = [parallel.finish(invocation) for invocation in running]

    for answer in answers:
        name = answer.json()["name"]
        lines = parallel.lines(function_request_id=answer.id)
        assert len(lines) == 2
        for line in lines:
            assert (line["who"], line["correlation_id"], line["path"].rpartition("/")[2]) == (name, name, name)
    visits = [document for document in parallel.documents()[before:] if "Visits" in document]
    assert len(visits) == 40
    assert all(document["Visits"] == [1.0] for document in visits)
    assert sorted(document["who"] for document in visits if "who" in document) == sorted(f"async{number}" for number in range(20))

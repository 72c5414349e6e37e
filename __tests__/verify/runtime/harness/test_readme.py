"""The README of the runtime names every log key, metric and annotation that there is, and no other."""

import re

from sandbox import TASK_ROOT, Sandbox

README = (TASK_ROOT.parents[2] / "common" / "runtime" / "README.md").read_text()


def named(heading: str) -> set[str]:
    """Code in the first column of a section's tables."""
    section = README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([A-Za-z_]+)`", row.split("|")[1])}


def test_the_readme_names_what_is_written() -> None:
    sandbox = Sandbox(freeze=False)
    try:
        for path in ("/echo?message=hi", "/echo", "/crash", "/docs"):
            sandbox.request("GET", path.partition("?")[0], query={"message": "hi"} if "?" in path else None)

        assert named("Logs") == {key for line in sandbox.lines() for key in line}
        metrics = {
            metric["Name"]
            for document in sandbox.documents()
            for directive in document["_aws"]["CloudWatchMetrics"]
            for metric in directive["Metrics"]
        }
        assert named("Metrics") == metrics
        assert named("Annotations") == {key for segment in sandbox.segments() for key in segment["annotations"]}
    finally:
        sandbox.stop()

"""A pytest plugin that writes each test's outcome as a line of JSON to the file that RESULTS names, for jest to report."""

import json
import os

import pytest


@pytest.hookimpl
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    failed_around = report.when != "call" and report.outcome != "passed"
    if report.when == "call" or failed_around:
        write(report.nodeid, report.outcome, report.longreprtext)


@pytest.hookimpl
def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.failed:
        write(report.nodeid, "failed", report.longreprtext)


def write(name: str, outcome: str, text: str) -> None:
    with open(os.environ["RESULTS"], "a") as file:
        file.write(json.dumps({"name": name, "outcome": outcome, "text": text}) + "\n")

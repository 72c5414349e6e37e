"""Whose lines of a log are one's own."""

import logging
from pathlib import Path

import fastapi
import pytest
from fastapi_runtime import own_code
from fastapi_runtime.gateway import Caller, local_caller
from fastapi_runtime.tools.own_packages import list_own_packages
from my_api import main


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle: the app, a package of the workspace and libraries, side by side."""
    for name in ("httpx-0.28.1", "opentelemetry_api-1.30.0", "pillow-11.0.0", "shared-0.1.0"):
        (tmp_path / f"{name}.dist-info").mkdir()
        (tmp_path / f"{name}.dist-info" / "RECORD").touch()
    (tmp_path / "pillow-11.0.0.dist-info" / "top_level.txt").write_text("PIL\n")
    (tmp_path / "fastapi_runtime").mkdir()
    monkeypatch.setattr(own_code, "_BUNDLE", str(tmp_path))
    monkeypatch.setattr(own_code, "__file__", str(tmp_path / "fastapi_runtime" / "own_code.py"))
    clear()
    yield tmp_path
    clear()


def clear() -> None:
    for cached in (own_code.is_own, own_code._libraries, own_code._own_packages):
        cached.cache_clear()


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("my_api/main.py", True),
        ("shop/orders.py", True),
        ("settings.py", True),
        ("httpx/_client.py", False),
        ("opentelemetry/trace/__init__.py", False),
        ("PIL/Image.py", False),
        ("fastapi_runtime/logs.py", False),
        ("shared/x.py", False),
    ],
)
def test_a_bundles_libraries_are_known_by_their_distributions(bundle: Path, path: str, own: bool) -> None:
    assert own_code.is_own(str(bundle / path)) is own


def test_a_bundle_may_list_packages_of_the_workspace(bundle: Path) -> None:
    (bundle / "fastapi_runtime" / "own.txt").write_text("shared\n")

    assert own_code.is_own(str(bundle / "shared" / "x.py"))
    assert not own_code.is_own(str(bundle / "httpx" / "_client.py"))


def test_the_bundle_lists_the_app_and_packages_of_the_workspace(bundle: Path) -> None:
    for name, files in {
        "shared-0.1.0": ["shared_things/x.py", "helper.py", "shared-0.1.0.dist-info/METADATA"],
        "my_scope_fastapi_runtime-0.0.0": ["fastapi_runtime/logs.py"],
        "httpx-0.28.1": ["httpx/_client.py"],
        "slack_sdk-3.0.0": ["slack_sdk/web.py"],
        "google_cloud-1.0.0": ["google/cloud/x.py"],
        "PyYAML-6.0.0": ["yaml/__init__.py", "../bin/x"],
    }.items():
        folder = bundle / f"{name}.dist-info"
        folder.mkdir(exist_ok=True)
        (folder / "RECORD").write_text("".join(f"{file},sha256=x,1\n" for file in files))

    app = [Path(name) for name in ("my_api/main.py", "slack/send.py", "google/mine.py", "settings.py", "templates/mail.html")]
    list_own_packages(bundle, "fastapi_runtime", ["shared", "my-scope-fastapi-runtime"], app)

    assert (bundle / "fastapi_runtime" / "own.txt").read_text().split() == ["helper", "my_api", "settings", "shared_things", "slack"]
    assert own_code.is_own(str(bundle / "shared_things" / "x.py"))
    assert own_code.is_own(str(bundle / "slack" / "send.py"))
    assert own_code.is_own(str(bundle / "settings.py"))
    assert not own_code.is_own(str(bundle / "yaml" / "__init__.py"))


def test_on_this_machine_packages_of_the_environment_are_libraries() -> None:
    assert own_code.is_own(main.__file__)
    assert not own_code.is_own(fastapi.__file__)
    assert not own_code.is_own(logging.__file__)
    assert not own_code.is_own("<string>")


def record(name: str, path: str, level: int = logging.INFO) -> logging.LogRecord:
    return logging.LogRecord(name, level, path, 1, "text", None, None)


def test_a_logger_with_a_level_of_its_own_has_it() -> None:
    lines = own_code.OwnCodeFilter(logging.WARNING)
    assert not lines.filter(record("sqlalchemy.engine", fastapi.__file__))

    logging.getLogger("sqlalchemy").setLevel(logging.INFO)
    try:
        assert lines.filter(record("sqlalchemy.engine", fastapi.__file__))
    finally:
        logging.getLogger("sqlalchemy").setLevel(logging.NOTSET)


def test_a_library_that_writes_for_the_app_is_heard() -> None:
    assert own_code.OwnCodeFilter(logging.WARNING).filter(record("my_api.main", fastapi.__file__))


@pytest.mark.parametrize(
    ("text", "caller", "groups", "scopes"),
    [
        ("", Caller(), [], []),
        ("ada", Caller("Cognito", "ada", {"sub": "ada"}), [], []),
        (
            "sub=ada,groups=admins,buyers,scopes=a b",
            Caller("Cognito", "ada", {"sub": "ada", "cognito:groups": "admins,buyers", "scope": "a b"}),
            ["admins", "buyers"],
            ["a", "b"],
        ),
        (
            "auth=Custom,sub=ada,groups=admins,team=shop",
            Caller("Custom", "ada", {"sub": "ada", "groups": "admins", "team": "shop", "principalId": "ada"}),
            ["admins"],
            [],
        ),
    ],
)
def test_a_local_caller_is_read_from_text(text: str, caller: Caller, groups: list[str], scopes: list[str]) -> None:
    found = local_caller(text)

    assert found == caller
    assert (found.groups, found.scopes) == (groups, scopes)

"""Rules of the development tools that need no project to be seen."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import fastapi
import pytest
from fastapi_runtime.tools import open_api
from fastapi_runtime.tools.conditions import conditional_routes
from fastapi_runtime.tools.dotenv import read_dotenv
from fastapi_runtime.tools.environment import build_environment
from fastapi_runtime.tools.files import app_files, circular_links, copy_app, hidden_files
from fastapi_runtime.tools.hermetic import run_hermetic
from fastapi_runtime.tools.imports import check_imports
from fastapi_runtime.tools.lock import Lock, LockedPackage
from fastapi_runtime.tools.project import Project, read_project
from fastapi_runtime.tools.refusal import RefusalError
from fastapi_runtime.tools.run import without_dotenv
from fastapi_runtime.tools.wheels import fits, is_pure


@pytest.mark.parametrize(
    ("wheel", "arm", "intel"),
    [
        ("fastapi-0.165.0-py3-none-any.whl", True, True),
        ("six-1.17.0-py2.py3-none-any.whl", True, True),
        ("numpy-2.5.5-cp313-cp313-manylinux_2_27_aarch64.manylinux_2_28_aarch64.whl", True, False),
        ("numpy-2.5.5-cp313-cp313-manylinux2014_x86_64.manylinux_2_17_x86_64.whl", False, True),
        ("cryptography-46.0.0-cp311-abi3-manylinux_2_34_x86_64.whl", False, True),
        ("orjson-4.0.0-cp313-cp313-manylinux_2_35_aarch64.whl", False, False),
        ("numpy-2.5.5-cp313-cp313t-manylinux_2_27_aarch64.whl", False, False),
        ("numpy-2.5.5-cp314-cp314-manylinux_2_27_aarch64.whl", False, False),
        ("future-1.0.0-cp314-abi3-manylinux_2_27_aarch64.whl", False, False),
        ("numpy-2.5.5-cp313-cp313-musllinux_1_2_aarch64.whl", False, False),
        ("numpy-2.5.5-cp313-cp313-macosx_14_0_arm64.whl", False, False),
        ("pywin32-311-cp313-cp313-win_amd64.whl", False, False),
        ("ruff-0.17.6-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.whl", True, False),
        ("old-1.0-cp27-none-any.whl", False, False),
        ("with_build_tag-1.0-1-py3-none-any.whl", True, True),
    ],
)
def test_a_wheel_fits_by_its_name(wheel: str, arm: bool, intel: bool) -> None:
    assert fits(wheel, "3.13", "arm64") is arm
    assert fits(wheel, "3.13", "x86_64") is intel


def test_a_wheel_is_pure_by_its_tags() -> None:
    assert is_pure("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n")
    assert not is_pure("Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp313-cp313-linux_x86_64\n")
    assert not is_pure("")


@pytest.mark.parametrize(
    ("requires", "versions"),
    [
        (">=3.12", ["3.12", "3.13", "3.14"]),
        (">=3.13", ["3.13", "3.14"]),
        (">=3.12, <3.14", ["3.12", "3.13"]),
        (">=3.12,<3.14.1", ["3.12", "3.13", "3.14"]),
        ("==3.13.*", ["3.13"]),
        (">=3.12, !=3.13.*", ["3.12", "3.14"]),
        (">=3.12, !=3.13.0", ["3.12", "3.13", "3.14"]),
        (">3.13", ["3.13", "3.14"]),
        (">3.13.0, <=3.13.5", ["3.13"]),
        (">=3", ["3.12", "3.13", "3.14"]),
        (">=3.12,<4", ["3.12", "3.13", "3.14"]),
        ("~=3.12", ["3.12", "3.13", "3.14"]),
        ("==3.*, <3.14", ["3.12", "3.13"]),
        ("===3.13.2", ["3.13"]),
        ("<3.14.0rc1", ["3.12", "3.13"]),
        ("~=3.13.0", ["3.13"]),
        ("", ["3.12", "3.13", "3.14"]),
    ],
)
def test_a_lock_is_for_versions_of_python(requires: str, versions: list[str]) -> None:
    lock = Lock(Path(), (), requires)
    assert [version for version in ("3.12", "3.13", "3.14") if lock.is_for(version)] == versions


@pytest.mark.parametrize(
    ("requires", "python"),
    [
        (">=3.12", "3.13"),
        (">=3.12.4", "3.13"),
        (">=3.13.2, <3.14", "3.13.2"),
        (">3.13.1", "3.13.2"),
        ("~=3.13.0", "3.13"),
        ("<=3.13.5", "3.13"),
        ("!=3.13.0, !=3.13.1", "3.13.2"),
        ("==3.13.4", "3.13.4"),
        (">3.13", "3.13.1"),
    ],
)
def test_a_bundle_is_for_no_python_that_the_lock_is_not_for(requires: str, python: str) -> None:
    assert Lock(Path(), (), requires).python_for("3.13") == python


def package(name: str, *needs: str, folder: str = "", **extras: list[str]) -> LockedPackage:
    source = {"editable": folder} if folder else {"registry": "https://index.example/simple"}
    dependencies = {(name, ""): [(need, "") for need in needs]}
    dependencies.update({(name, extra): [(need, "") for need in needed] for extra, needed in extras.items()})
    return LockedPackage(name, "1.0", source, (), dependencies)


def test_an_extra_counts_as_what_it_brings() -> None:
    lock = Lock(Path(), (package("store", s3=["botocore"]), package("botocore", "urllib3"), package("urllib3")))
    assert lock.closure([("store", "")]) == {"store"}
    assert lock.closure([("store", "s3")]) == {"store", "botocore", "urllib3"}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("# note\nA=1\nexport B = two words # note\nnot a line\nE=\n", {"A": "1", "B": "two words", "E": ""}),
        ("A='x # y'\r\nB=a#b\r\n", {"A": "x # y", "B": "a"}),
        ("A='one\ntwo' # note\nB=\"three\nB2=four\"\nC=`it's \"it\"`", {"A": "one\ntwo", "B": "three\nB2=four", "C": "it's \"it\""}),
        ("A: x\nb.c-d=2\n", {"A": "x", "b.c-d": "2"}),
        ('A="a\\nb\\\\nc"\nB=\'a\\nb\'\n', {"A": "a\nb\\\nc", "B": "a\\nb"}),
        ('A=it\'s\nB="open\nC=1\n', {"A": "it's", "B": '"open', "C": "1"}),
    ],
)
def test_dotenv_is_read_as_npms_dotenv_reads_it(tmp_path: Path, text: str, values: dict[str, str]) -> None:
    _ = (tmp_path / ".env").write_text(text, newline="")
    assert read_dotenv(tmp_path / ".env") == values
    assert read_dotenv(tmp_path / "none") == {}


def test_a_target_runs_without_the_variables_of_dotenv(tmp_path: Path) -> None:
    project = tmp_path / "api"
    project.mkdir()
    _ = (project / ".env").write_text("A=1\nB=file\nC=$A/x\n")
    _ = (tmp_path / ".local.env").write_text("D='two words'\n")
    given = {"A": "1", "B": "shell", "C": "1/x", "D": "two words", "E": "kept"}
    nx = {"NX_WORKSPACE_ROOT": str(tmp_path), "NX_TASK_TARGET_TARGET": "test"}

    assert without_dotenv({**given, **nx}, project) == {"B": "shell", "E": "kept", **nx}
    assert without_dotenv(given, project) == given


def project(root: Path, **settings: Any) -> Project:
    values: dict[str, Any] = {"name": "api", "module": "api", "runtime": "python3.13", "architecture": "arm64", "environment": {}}
    return Project(root=root, **{**values, **settings})


def test_the_app_is_imported_without_the_shells_variables_and_without_aws(tmp_path: Path) -> None:
    shell = {
        "PATH": "/bin",
        "HOME": "/home/me",
        "LC_ALL": "C.UTF-8",
        "STAGE": "dev",
        "AWS_PROFILE": "production",
        "AWS_ACCESS_KEY_ID": "AKIA",
        "PYTHONPATH": "/elsewhere",
        "DATABASE_URL": "mine",
    }
    environment = build_environment(project(tmp_path, environment={"DATABASE_URL": "stated", "AWS_REGION": "eu-central-1"}), shell)

    assert {name: environment[name] for name in ("PATH", "HOME", "LC_ALL")} == {name: shell[name] for name in ("PATH", "HOME", "LC_ALL")}
    assert not {"STAGE", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "PYTHONPATH"} & set(environment)
    assert environment["DATABASE_URL"] == "stated"
    assert environment["AWS_REGION"] == "eu-central-1"
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9"


def test_routes_under_a_condition_are_told_with_their_place(tmp_path: Path) -> None:
    module = tmp_path / "api"
    module.mkdir()
    _ = (module / "main.py").write_text(
        "import os\n"
        'if os.environ.get("STAGE") == "dev":\n'
        '    @app.get("/debug")\n'
        "    def debug(): ...\n"
        "def create(settings):\n"
        "    if settings.debug:\n"
        "        pass\n"
        "    else:\n"
        "        app.include_router(router)\n"
        "if __name__ == '__main__':\n"
        "    run()\n"
        "if cache:\n"
        "    cache.get('x')\n"
    )
    _ = (module / "broken.py").write_text("def (:\n")
    lines = list(conditional_routes(project(tmp_path)))
    assert [line.partition(": decides")[0] for line in lines] == [
        "api/main.py:2: if os.environ.get('STAGE') == 'dev'",
        "api/main.py:6: if settings.debug",
    ]


DECIDED = ": decides about routes once, for all stages, "


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("if settings.debug:\n    app.include_router(debug.router)", ["1: if settings.debug"]),
        ("if settings.debug:\n    for one in routers:\n        app.include_router(one)", ["1: if settings.debug"]),
        ("if a:\n    with x:\n        try:\n            app.mount('/x', y)\n        finally:\n            z()", ["1: if a"]),
        ("if a:\n    if b:\n        app.include_router(x)", ["2: if b"]),
        ("def add(app):\n    if not settings.debug:\n        return\n    app.include_router(x)", ["2: if not settings.debug"]),
        ("for one in all:\n    if one.hidden:\n        continue\n    app.include_router(one)", ["2: if one.hidden"]),
        ("match stage:\n    case 'dev':\n        app.include_router(x)", ["1: match stage"]),
        ("settings.debug and app.include_router(x)", ["1: settings.debug and app.include_router(x)"]),
        ("app.include_router(x) if debug() else None", ["1: app.include_router(x) if debug() else None"]),
        ("for one in [a] + ([b] if debug else []):\n    app.include_router(one)", ["1: [b] if debug else []"]),
        ("if debug:\n    from . import routes", ["1: if debug"]),
        ("if debug:\n    from .routes import other", ["1: if debug"]),
        ("if debug:\n    import api.routes", ["1: if debug"]),
        ("@app.get('/x', include_in_schema=settings.debug)\ndef x(): ...", ["1: include_in_schema=settings.debug"]),
        ("router = APIRouter(include_in_schema=not is_production())", ["1: include_in_schema=not is_production()"]),
        ("app.include_router(x, include_in_schema=STAGE == 'dev')", ["1: include_in_schema=STAGE == 'dev'"]),
        ("SHOWN: bool = os.environ['SHOWN'] == '1'\n@app.get('/x', include_in_schema=SHOWN)\ndef x(): ...", ["2: include_in_schema=SHOWN"]),
        # A function that adds routes, here or in another module, and one that calls it.
        ("def add(app):\n    app.include_router(x)\nif debug:\n    add(app)", ["3: if debug"]),
        ("def add(app):\n    app.include_router(x)\ndef all(app):\n    add(app)\nif debug:\n    all(app)", ["5: if debug"]),
        ("def make():\n    @app.get('/x')\n    def x(): ...\nif debug:\n    make()", ["4: if debug"]),
        ("from . import helpers\ndebug and helpers.add_pages(app)", ["2: debug and helpers.add_pages(app)"]),
        ("from .helpers import add_pages as pages\nif debug:\n    pages(app)", ["2: if debug"]),
        ("def create():\n    app.include_router(x)\n    return app\napp = create() if debug else None", ["4: create() if debug else None"]),
        ("def create():\n    app.include_router(x)\n    return app\nif debug:\n    app = create()", ["4: if debug"]),
        # Lists of routers and of routes.
        ("routers = [a]\nif debug:\n    routers.append(b)\nfor one in routers:\n    app.include_router(one)", ["2: if debug"]),
        ("routers = [a]\nif debug:\n    routers += [b]\nfor one in routers:\n    app.include_router(one)", ["2: if debug"]),
        ("if debug:\n    routers = [a]\nelse:\n    routers = []\nfor one in routers:\n    app.include_router(one)", ["1: if debug"]),
        ("routers = [a] if debug else []\nfor one in routers:\n    app.include_router(one)", ["1: [a] if debug else []"]),
        ("for one in (x for x in routers if x.shown):\n    app.include_router(one)", ["1: x.shown"]),
        ("[app.include_router(x) for x in routers if x.shown]", ["1: x.shown"]),
        ("app = FastAPI(routes=[a] + ([b] if debug else []))", ["1: [b] if debug else []"]),
        ("if debug:\n    app.router.routes.append(x)", ["1: if debug"]),
        ("if debug:\n    app.router.routes.remove(x)", ["1: if debug"]),
        ("import os\nfor name in os.environ['NAMES'].split():\n    app.add_api_route(name, x)", ["2: for os.environ['NAMES'].split()"]),
        ("debug and app.get('/x')(x)", ["1: debug and app.get('/x')(x)"]),
        ("app.get('/x')(x) if debug else None", ["1: app.get('/x')(x) if debug else None"]),
        ("if debug:\n    app.get('/x')(x)", ["1: if debug"]),
        # Other ways out of a function, and decorators.
        ("def add(app):\n    if a:\n        x()\n    else:\n        return\n    app.include_router(x)", ["2: if a"]),
        ("def add(app):\n    match stage:\n        case 'production':\n            return\n    app.include_router(x)", ["2: match stage"]),
        ("@(app.get('/x') if debug else nothing)\ndef x(): ...", ["1: app.get('/x') if debug else nothing"]),
        ("while debug:\n    app.include_router(x)\n    break", ["1: while debug"]),
        # Where a route is, from the environment: by any name that reads it.
        ("import os\napp.include_router(x, prefix=os.environ.get('P', ''))", ["2: prefix=os.environ.get('P', '')"]),
        ("from os import getenv as env\n@app.get(env('P') + '/x')\ndef x(): ...", ["2: env('P') + '/x'"]),
        ("from os import environ\nPREFIX = environ['P']\nrouter = APIRouter(prefix=f'/{PREFIX}')", ["3: prefix=f'/{PREFIX}'"]),
        ("from .config import settings\napp.include_router(x, prefix=settings.prefix)", ["2: prefix=settings.prefix"]),
        ("from .config import settings as s\napp.mount(s.path, x)", ["2: s.path"]),
        ("from . import config\napp.include_router(x, prefix=config.settings.prefix)", ["2: prefix=config.settings.prefix"]),
        ("from .config import get_settings\napp.include_router(x, prefix=get_settings().prefix)", ["2: prefix=get_settings().prefix"]),
        ("from .config import PREFIX\nrouter = APIRouter(prefix=PREFIX)", ["2: prefix=PREFIX"]),
        ("from .config import FIXED\nrouter = APIRouter(prefix=FIXED)", []),
        ("from .config import Plain\nrouter = APIRouter(prefix=Plain().prefix)", []),
        ("for name in names:\n    app.include_router(x, prefix=f'/{name}')", []),
        # The same for all stages, or no condition of a route's.
        ("if debug:\n    helpers.say()", []),
        ("for one in names:\n    app.include_router(one)\nif debug:\n    others.append(x)", []),
        ("def lifespan():\n    if debug:\n        routes.load()", []),
        ("try:\n    import x\nexcept ImportError:\n    x = None\nif x:\n    app.include_router(x.router)", []),
        ("try:\n    import x\n    HAS = True\nexcept ImportError:\n    HAS = False\nif not HAS:\n    pass\nelse:\n    app.include_router(y)", []),
        ("try:\n    from x import router\nexcept ImportError:\n    router = None\nif router is not None:\n    app.include_router(router)", []),
        ("def add(app, debug=False):\n    if debug:\n        app.include_router(x)\ndebug = False", ["2: if debug"]),
        ("debug = False\ndebug = os.environ.get('D')\nif debug:\n    app.include_router(x)", ["3: if debug"]),
        ("SHOWN = False\n@app.get('/x', include_in_schema=SHOWN)\ndef x(): ...", []),
        ("@app.get('/x', include_in_schema=False)\ndef x(): ...", []),
        ("if TYPE_CHECKING:\n    from .routes import other", []),
        ("if debug:\n    from .plain import other", []),
        ("if debug:\n    from fastapi import routing", []),
        ("if debug:\n    def later(app):\n        app.include_router(x)", []),
        ("level = os.environ.get('A') if debug else cache.get('B')", []),
        ("def f():\n    if a:\n        return\n    g()\napp.include_router(x)", []),
        ("app = FastAPI(docs_url=None if settings.production else '/docs')", []),
    ],
)
def test_a_condition_of_any_common_form_is_told(text: str, said: list[str], tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    _ = (tmp_path / "api" / "main.py").write_text(text)
    _ = (tmp_path / "api" / "routes.py").write_text("@router.get('/x')\ndef x(): ...\n")
    _ = (tmp_path / "api" / "plain.py").write_text("other = 1\n")
    _ = (tmp_path / "api" / "helpers.py").write_text("def say(): ...\ndef add_pages(app):\n    app.mount('/pages', pages)\n")
    _ = (tmp_path / "api" / "config.py").write_text(
        "import os\nfrom pydantic_settings import BaseSettings\nclass Plain:\n    prefix = '/a'\n"
        "class Base(BaseSettings): ...\nclass Settings(Base):\n    prefix: str = '/v1'\n"
        "settings = Settings()\nFIXED = '/v1'\nPREFIX = os.getenv('PREFIX', '')\n"
        "@cache\ndef get_settings() -> Settings:\n    return Settings()\n"
    )
    lines = list(conditional_routes(project(tmp_path)))
    assert [line.partition(DECIDED)[0] for line in lines] == [f"api/main.py:{place}" for place in said]


def test_pages_of_documentation_under_a_condition_are_told_where_they_are_routed(tmp_path: Path) -> None:
    _ = (tmp_path / "main.py").write_text("app = FastAPI(docs_url=None if settings.production else '/docs', title=settings.title)")
    lines = list(conditional_routes(project(tmp_path, docs=True)))
    assert [line.partition(DECIDED)[0] for line in lines] == ["main.py:1: docs_url=None if settings.production else '/docs'"]


def test_the_files_of_an_app_outside_of_git(tmp_path: Path) -> None:
    for name in ("api/main.py", "api/__pycache__/x.pyc", "tests/t.py", "dist/old.txt", ".env", "data/big.csv", "data/keep.csv", "run.sh"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "pyvenv.cfg").touch()

    def names(**settings: Any) -> list[str]:
        return [path.as_posix() for path in app_files(project(tmp_path, **settings))]

    assert names() == ["api/main.py", "data/big.csv", "data/keep.csv"]
    assert names(exclude=("data",), include=("data/keep.csv",)) == ["api/main.py", "data/keep.csv", "tests/t.py"]
    assert names(exclude=("*.csv", "tests")) == ["api/main.py"]


def test_include_reaches_what_was_built_into_dist_but_not_what_these_tools_write(tmp_path: Path) -> None:
    put(tmp_path, "api/main.py", "dist/site/index.html", "dist/site/app.csv", "dist/bundle/api/main.py", "dist/bundle.zip", "dist/serve.json")

    def names(*include: str) -> list[str]:
        return [path.as_posix() for path in app_files(project(tmp_path, include=include))]

    assert names("dist/site") == ["api/main.py", "dist/site/app.csv", "dist/site/index.html"]
    assert names("dist/") == ["api/main.py", "dist/site/app.csv", "dist/site/index.html"]
    assert names("*.csv") == ["api/main.py"]


@pytest.mark.parametrize("in_git", [False, True])
def test_of_hidden_files_the_app_has_those_that_keep_a_folder(tmp_path: Path, in_git: bool) -> None:
    put(tmp_path, "api/main.py", "uploads/.gitkeep", "cache/.keep", ".env", "data/.hidden", ".well-known/x.json", ".github/.gitkeep")
    if in_git:
        _ = subprocess.run(("git", "init", "--quiet", str(tmp_path)), check=True)

    assert [path.as_posix() for path in app_files(project(tmp_path))] == ["api/main.py", "cache/.keep", "uploads/.gitkeep"]
    assert Path(".well-known/x.json") in app_files(project(tmp_path, include=(".well-known",)))


@pytest.mark.parametrize("in_git", [False, True])
def test_a_link_that_leads_back_is_left_out_and_told(tmp_path: Path, in_git: bool) -> None:
    api = tmp_path / "api"
    put(api, "main.py", "data/a.csv", "data/deep/b.csv", "left/c.csv", "right/d.csv")
    put(tmp_path, "beside/e.csv")
    for link, target in {
        "data/deep/up": "../../data",
        "data/itself": "itself",
        "left/right": "../right",
        "right/left": "../left",
        "whole": "..",
        "beside": "../beside",
    }.items():
        (api / link).symlink_to(target)
    if in_git:
        _ = subprocess.run(("git", "init", "--quiet", str(tmp_path)), check=True)

    assert [path.as_posix() for path in app_files(project(api))] == [
        "beside/e.csv",
        "data/a.csv",
        "data/deep/b.csv",
        "left/c.csv",
        "left/right/d.csv",
        "main.py",
        "right/d.csv",
        "right/left/c.csv",
    ]
    links = [path.as_posix() for path in circular_links(project(api))]
    assert links == ["data/deep/up", "left/right/left", "right/left/right", "whole"]
    assert Path("whole") not in circular_links(project(api, exclude=("whole",)))
    assert [path for path in app_files(project(api, include=("data",))) if len(path.parts) > 3] == []


def put(folder: Path, *names: str, text: str = "") -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        _ = (folder / name).write_text(text)


@pytest.mark.parametrize(
    ("own", "others", "hidden"),
    [
        ("utils.py", "utils/__init__.py", "utils.py"),
        ("utils/__init__.py", "utils.py", "utils"),
        ("fast.py", "fast.cpython-313-x86_64-linux-gnu.so", "fast.py"),
        ("google/mine.py", "google/cloud/storage.py", None),
        ("google/cloud/storage.py", "google/cloud/storage/__init__.py", "google/cloud/storage.py"),
        ("docs/index.md", "docs/conf.py", None),
        ("LICENSE", "LICENSE", None),
        ("click/data.csv", "click/__init__.py", None),
        ("shop/x.py", "shop-1.0.dist-info/METADATA", None),
    ],
)
def test_a_module_that_hides_a_dependency_is_refused_and_a_plain_file_is_not(
    own: str, others: str, hidden: str | None, tmp_path: Path
) -> None:
    api, target = tmp_path / "api", tmp_path / "target"
    put(api, own)
    put(target, others)

    if hidden is None:
        copy_app(project(api), target)
        assert (target / own).is_file()
    else:
        with pytest.raises(RefusalError, match=f"^{hidden} in api hides a dependency of the same name: rename it"):
            copy_app(project(api), target)


def test_a_file_in_place_of_a_dependencys_leaves_uvs_cache_as_it_is(tmp_path: Path) -> None:
    put(tmp_path / "cache", "LICENSE", text="theirs")
    put(tmp_path / "api", "LICENSE", text="mine")
    (tmp_path / "target").mkdir()
    os.link(tmp_path / "cache" / "LICENSE", tmp_path / "target" / "LICENSE")

    copy_app(project(tmp_path / "api"), tmp_path / "target")

    assert (tmp_path / "target" / "LICENSE").read_text() == "mine"
    assert (tmp_path / "cache" / "LICENSE").read_text() == "theirs"


def test_a_hook_of_another_repository_lists_the_apps_own_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = tmp_path / "mine" / "api"
    put(api, "main.py", "secret.txt")
    put(api, ".gitignore", text="secret.txt")
    for name in ("mine", "other"):
        _ = subprocess.run(("git", "init", "--quiet", str(tmp_path / name)), check=True)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "other"))

    assert app_files(project(api)) == [Path("main.py")]


def test_where_git_tells_nothing_of_a_repository_the_files_that_it_ignores_are_not_shipped(tmp_path: Path) -> None:
    put(tmp_path, "main.py")
    put(tmp_path, ".git", text="gitdir: nowhere")

    with pytest.raises(RefusalError, match="not a git repository(.|\n)*must not be deployed"):
        app_files(project(tmp_path))


def test_asking_for_help_leaves_the_bundle(tmp_path: Path) -> None:
    put(tmp_path, "dist/bundle/run.sh", "dist/bundle.zip")
    command = (sys.executable, "-m", "fastapi_runtime.tools.bundle", "--help")
    _ = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

    assert (tmp_path / "dist" / "bundle" / "run.sh").exists()
    assert (tmp_path / "dist" / "bundle.zip").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("app = 3", "api.main.app is no FastAPI app, but of type int: the FastAPI app has to be called app."),
        ("api = FastAPI()", "api.main has no app: write app = api."),
        ("def create_app():\n    return FastAPI()", "api.main has no app: write app = create_app()."),
        ("def run(): ...", "api.main has no app: the FastAPI app has to be called app."),
        ("from starlette.applications import Starlette\napp = Starlette()", "api.main.app is no FastAPI app, but of type Starlette: the FastAPI app has to be called app."),
        (
            "from dataclasses import dataclass\n@dataclass\nclass Around:\n    inner: FastAPI\nshop = FastAPI()\napp = Around(shop)",
            "api.main.app is no FastAPI app, but of type Around: write app = shop, and put what is around it in with app.add_middleware(...).",
        ),
    ],
)
def test_what_is_refused_of_the_app_is_one_line(text: str, said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    api = tmp_path / "root"
    put(api, "pyproject.toml", text=MANIFEST)
    put(api, "api/main.py", text=f"import sys\nfrom fastapi import FastAPI\nprint('imported', file=sys.stderr)\n{text}\n")
    whole = read_project(api)

    with pytest.raises(RefusalError) as refused:
        run_hermetic(whole, "fastapi_runtime.tools.open_api", "write")
    assert (str(refused.value), capfd.readouterr().err) == (said, "imported\n")

    target = tmp_path / "target"
    packages = Path(fastapi.__file__).parent.parent
    target.mkdir()
    for path in packages.iterdir():
        if path.suffix != ".pth":
            (target / path.name).symlink_to(path)
    put(target, "fastapi_runtime/__init__.py", "fastapi_runtime/application.py")
    copy_app(whole, target)
    with pytest.raises(RefusalError) as refused:
        check_imports(whole, target, sys.executable)
    assert str(refused.value) == said


STAND_IN = "class FastAPI: ...\napp = FastAPI()\n"
"""An app of a bundle that has no FastAPI in it."""

MANIFEST = '[project]\nname = "api"\n[tool.fastapi-lambda]\nmodule = "api"\nruntime = "python3.13"\narchitecture = "arm64"\n'


def test_what_the_import_writes_is_told_and_not_bundled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    api, target = tmp_path / "root", tmp_path / "target"
    put(api, "counted.txt", text="0")
    put(target, "fastapi_runtime/__init__.py", "api/__init__.py", "cached.txt")
    put(target, "fastapi_runtime/application.py", text="def has_runtime(app): return True\n")
    put(
        target,
        "api/main.py",
        text=f"from pathlib import Path\n{STAND_IN}"
        "for name in ('sql_app.db', 'counted.txt', 'cached.txt'): _ = Path(name).write_text('written')\n",
    )
    copy_app(project(api), target)

    check_imports(project(api), target, sys.executable)

    assert not (target / "sql_app.db").exists()
    assert (target / "counted.txt").read_text() == "0"
    assert (target / "cached.txt").exists()
    assert capsys.readouterr().out == (
        "api.main writes counted.txt, sql_app.db when it is imported, which is left out of the bundle: "
        "Lambda's folder is read-only, write to /tmp.\n"
    )


def test_an_import_that_waits_for_a_request_is_looked_for_in_the_bundle(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    api, target = tmp_path / "root", tmp_path / "target"
    put(target, "fastapi_runtime/__init__.py", "there.py", "space/deep/there.py")
    put(target, "fastapi_runtime/application.py", text="def has_runtime(app): return True\n")
    put(api, "api/__init__.py", "api/later.py", "beside.py")
    put(
        api,
        "api/main.py",
        text="import json\nfrom . import other\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import typed_only\n"
        "try:\n    import ujson_of_nobody\nexcept ImportError:\n    pass\ntry:\n    from speed_of_nobody import up\nexcept:\n    up = 1\n"
        "def lazy():\n    import there, space.deep.there, beside, boto3, botocore.config\n    from . import later\n    from gone.deep import x\n    import gone\n" + STAND_IN,
    )
    put(api, "api/other.py", text="def lazy():\n    from missing import y\n")
    put(api, "alembic/env.py", text="import sqlalchemy_of_nobody\n")
    copy_app(project(api), target)

    check_imports(project(api), target, sys.executable)

    assert capsys.readouterr().out == (
        "api/main.py:17: gone is imported, and is not in the bundle: make it a dependency (uv add).\n"
        "api/other.py:2: missing is imported, and is not in the bundle: make it a dependency (uv add).\n"
    )


def test_hidden_files_that_are_left_out_are_told(tmp_path: Path) -> None:
    put(tmp_path, "api/main.py", "api/.cfg", "api/.hidden/x.txt", "data/.gitkeep", ".env", ".gitignore", "api/.gitignore", "tests/.cfg", ".idea/x.xml")

    assert [path.as_posix() for path in hidden_files(project(tmp_path, exclude=("tests",)))] == ["api/.cfg", "api/.hidden/x.txt"]
    assert hidden_files(project(tmp_path, include=("api/.*",))) == []


def test_what_is_written_and_variables_that_the_import_alone_is_given_are_told(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    put(tmp_path, "pyproject.toml", text=MANIFEST + "environment = { DATABASE_URL = 'sqlite://', SECRET = 'x' }\n")
    put(tmp_path, "api/main.py", text="import os\nfrom fastapi import FastAPI\nos.environ['SECRET']\napp = FastAPI()\napp.mount('/v1', FastAPI())\n")
    open_api.main()

    first, *_, last = capfd.readouterr().out.splitlines()
    assert first == "dist/openapi.json: 0 paths, and apps mounted at /v1"
    assert last == (
        "DATABASE_URL, SECRET of [tool.fastapi-lambda.environment] are for this import alone: what functions need of them, the "
        "infrastructure has to give them (environment)."
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('runtime = "python3.9"', "Lambda has no runtime python3.9: take python3.12, "),
        ('architecture = "arm"', "Lambda has no architecture arm: take arm64, x86_64."),
        ('enviroment = "x"', "has no setting enviroment: there are architecture, docs, environment, "),
        ("module = 3", "module has to be a str."),
        ("environment = { PORT = 8000 }", "environment has to hold texts alone."),
        ("", "lacks runtime."),
    ],
)
def test_a_wrong_setting_is_refused_by_name(tmp_path: Path, line: str, said: str) -> None:
    settings = {"module": '"api"', "runtime": '"python3.13"', "architecture": '"arm64"'}
    name = line.partition(" ")[0] or "runtime"
    settings = {key: value for key, value in settings.items() if key != name}
    body = "\n".join([*(f"{key} = {value}" for key, value in settings.items()), line])
    _ = (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "api"\n[tool.fastapi-lambda]\n{body}\n')
    with pytest.raises(RefusalError, match=r"^pyproject.toml, \[tool.fastapi-lambda\]: ") as refused:
        read_project(tmp_path)
    assert said in str(refused.value)

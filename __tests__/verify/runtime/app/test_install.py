"""What the bundle installs from a lock, with wheels and indexes made here: only setuptools is fetched."""

import base64
import hashlib
import subprocess
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest
from fastapi_runtime.tools import requirements
from fastapi_runtime.tools.indexes import index_options
from fastapi_runtime.tools.install import Installer
from fastapi_runtime.tools.lock import Lock, LockedPackage, read_lock
from fastapi_runtime.tools.project import Project
from fastapi_runtime.tools.requirements import Requirements


def project(root: Path) -> Project:
    return Project(root=root, name="api", module="api", runtime="python3.13", architecture="x86_64", environment={})


def wheel(folder: Path, name: str, version: str) -> str:
    """Write a wheel with one module; returns its hash."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    metadata = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"VERSION = '{version}'\n",
        f"{metadata}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{metadata}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{place},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip('=')},{len(text)}\n"
        for place, text in files.items()
    )
    with zipfile.ZipFile(path, "w") as archive:
        for place, text in {**files, f"{metadata}/RECORD": f"{record}{metadata}/RECORD,,\n"}.items():
            archive.writestr(place, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and where its files are served."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002

    folder = tmp_path / "served"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_each_package_is_had_from_whichever_index_has_the_locked_files(
    tmp_path: Path, served: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first index has an older `second` than the lock, and the project constrains what it locks."""
    folder, url = served
    _ = wheel(folder / "a" / "second", "second", "1.0")
    hashes = {
        "first": wheel(folder / "a" / "first", "first", "1.0"),
        "second": wheel(folder / "b" / "second", "second", "2.0"),
    }
    api = tmp_path / "api"
    api.mkdir()
    _ = (api / "pyproject.toml").write_text(
        '[project]\nname = "api"\nversion = "1"\n[tool.uv]\nconstraint-dependencies = ["second<3"]\n'
        f'[[tool.uv.index]]\nname = "a"\nurl = "{url}/a"\nexplicit = true\n'
    )
    versions = {"first": ("1.0", f"{url}/a"), "second": ("2.0", f"{url}/b")}
    packages = tuple(LockedPackage(name, version, {"registry": index}) for name, (version, index) in versions.items())
    lines = tuple(f"{name}=={versions[name][0]} --hash=sha256:{value}" for name, value in hashes.items())
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(api)

    installer = Installer(Requirements(lines, {}, {}, {}), "3.13", work, index_options(project(api), Lock(api, packages)))
    installer.install(tmp_path / "target", "x86_64")

    installed = {path.name for path in (tmp_path / "target").glob("*.dist-info")}
    assert installed == {"first-1.0.dist-info", "second-2.0.dist-info"}


def test_an_index_keeps_the_name_and_the_credentials_that_uv_knows_it_by(tmp_path: Path) -> None:
    _ = (tmp_path / "pyproject.toml").write_text(
        '[[tool.uv.index]]\nname = "mine"\nurl = "https://mine.example/simple/"\n'
        '[[tool.uv.index]]\nname = "files"\nurl = "https://files.example/all"\nformat = "flat"\n'
    )
    places = ("https://public.example/simple", "https://mine.example/simple", "https://other.example/s", "https://files.example/all", "wheels")
    lock = Lock(tmp_path, tuple(LockedPackage(place, "1", {"registry": place}) for place in places))
    environment = {"UV_INDEX": "other=https://me:secret@other.example/s"}

    assert index_options(project(tmp_path), lock, environment) == (
        "--find-links",
        "https://files.example/all",
        "--find-links",
        str(tmp_path / "wheels"),
        "--index",
        "mine=https://mine.example/simple/",
        "--index",
        "other=https://me:secret@other.example/s",
        "--default-index",
        "https://public.example/simple",
        "--index-strategy",
        "unsafe-best-match",
    )


def test_of_two_locked_versions_the_one_that_is_not_needed_says_nothing_of_the_other(tmp_path: Path) -> None:
    metadata = tmp_path / "target" / "markupsafe-3.0.2.dist-info"
    metadata.mkdir(parents=True)
    _ = (metadata / "WHEEL").write_text("Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp313-cp313-linux_x86_64\n")
    work = tmp_path / "work"
    work.mkdir()
    older = {"markupsafe 2.1.5": "markupsafe==2.1.5 ; python_full_version < '3.13'"}

    Installer(Requirements((), older, {}, {}), "3.13", work).install(tmp_path / "target", "x86_64")

    assert metadata.exists()


def test_no_group_of_development_is_bundled_though_uv_installs_it_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("needed", "checks"):
        (tmp_path / name).mkdir()
        _ = (tmp_path / name / "pyproject.toml").write_text(f'[project]\nname = "{name}"\nversion = "1"\n')
    _ = (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "api"\nversion = "1"\nrequires-python = ">=3.12"\ndependencies = ["needed"]\n'
        '[dependency-groups]\ntests = ["checks"]\n[tool.uv]\npackage = false\ndefault-groups = ["tests"]\n'
        '[tool.uv.sources]\nneeded = { path = "needed" }\nchecks = { path = "checks" }\n'
    )
    _ = subprocess.run(("uv", "lock", "--quiet", "--offline"), cwd=tmp_path, check=True)
    monkeypatch.chdir(tmp_path)

    assert requirements._export() == ["./needed"]


def archive(path: Path) -> None:
    """Write the sources of `my-thing` as an archive of this name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    files = {
        "pyproject.toml": '[project]\nname = "my-thing"\nversion = "1.0"\n[tool.setuptools]\npy-modules = ["my_thing"]\n'
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n',
        "my_thing.py": "",
        "PKG-INFO": "Metadata-Version: 2.2\nName: my-thing\nVersion: 1.0\n",
    }
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as zipped:
            for name, text in files.items():
                zipped.writestr(f"my_thing-1.0/{name}", text)
        return
    with tarfile.open(path, "w:gz") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(f"my_thing-1.0/{name}")
            info.size = len(text)
            tar.addfile(info, BytesIO(text.encode()))


@pytest.mark.parametrize(
    "place",
    [
        "vendor/my-thing-1.0.tar.gz",
        "vendor/latest.tar.gz",
        "../beside/my-thing-main.zip",
        "vendor/two words/my_thing-1.0.tar.gz",
        "vendor/my_thing-1.0-py3-none-any.whl",
        "URL/archive/main.tar.gz",
        "URL/my_thing-1.0-py3-none-any.whl?download=1",
    ],
)
def test_a_package_that_is_a_file_is_installed_from_it(
    place: str, tmp_path: Path, served: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, url = served
    api, work = tmp_path / "api", tmp_path / "work"
    api.mkdir()
    work.mkdir()
    name = place.partition("?")[0]
    path = folder / name.removeprefix("URL/") if name.startswith("URL") else api / name
    if path.suffix == ".whl":
        _ = wheel(path.parent, "my_thing", "1.0")
    else:
        archive(path)
    source = f'{{ url = "{place.replace("URL", url)}" }}' if name.startswith("URL") else f'{{ path = "{place}" }}'
    _ = (api / "pyproject.toml").write_text(
        '[project]\nname = "api"\nversion = "1"\nrequires-python = ">=3.12"\ndependencies = ["my-thing"]\n'
        f"[tool.uv]\npackage = false\n[tool.uv.sources]\nmy-thing = {source}\n"
    )
    _ = subprocess.run(("uv", "lock", "--quiet"), cwd=api, check=True)
    monkeypatch.chdir(api)
    lock = read_lock(api)

    needed = requirements.read_requirements(project(api), lock, "x86_64")
    Installer(needed, "3.13", work, index_options(project(api), lock)).install(tmp_path / "target", "x86_64")

    assert (tmp_path / "target" / "my_thing.py").exists()
    assert bool(needed.wheels) is (path.suffix == ".whl")
    assert set(needed.sources) <= {"my-thing", "my-thing 1.0"}


def test_a_local_package_has_no_module_of_an_earlier_build(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    (folder / "shared").mkdir(parents=True)
    _ = (folder / "pyproject.toml").write_text(
        '[project]\nname = "shared"\nversion = "1"\n[tool.setuptools]\npackages = ["shared"]\n'
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
    )
    for name in ("__init__.py", "gone.py"):
        (folder / "shared" / name).touch()
    # The repository's own choice of a Python, which need not be on this machine, is none of the bundle's.
    _ = (tmp_path / ".python-version").write_text("3.99\n")

    def modules(turn: str) -> set[str]:
        (tmp_path / turn).mkdir()
        local = Requirements((), {}, {"shared": folder}, {"shared": ""})
        Installer(local, "3.13", tmp_path / turn).install(tmp_path / turn / "target", "x86_64")
        return {path.name for path in (tmp_path / turn / "target" / "shared").glob("*.py")}

    assert modules("first") == {"__init__.py", "gone.py"}
    (folder / "shared" / "gone.py").unlink()
    assert modules("second") == {"__init__.py"}
    assert not (folder / "build").exists()

"""Routes: either form of a trailing slash, and what the script tells of routes that get no way in."""

import warnings
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import my_api
import pytest
import starlette.responses
from fastapi import APIRouter, FastAPI, WebSocket
from fastapi.openapi.utils import get_openapi
from fastapi.responses import EventSourceResponse, FileResponse, JSONResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from fastapi.testclient import TestClient
from fastapi_runtime.application import Application, has_runtime
from fastapi_runtime.cors import Cors
from fastapi_runtime.tools.open_api import describe
from fastapi_runtime.tools.project import Project, read_project
from fastapi_runtime.tools.told import told_of_app
from my_api.init import logger, metrics
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

if TYPE_CHECKING:
    from decimal import Decimal

PROJECT = Path(my_api.__file__).parent.parent


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(PROJECT)
    return read_project()


def new_app(**options: Any) -> Application:
    return Application(title="test", logger=logger, metrics=metrics, cors=Cors("*"), **options)


def ids(document: dict[str, Any]) -> dict[str, str]:
    return {f"{method} {path}": op["operationId"] for path, item in document["paths"].items() for method, op in item.items()}


def shop(app: FastAPI) -> FastAPI:
    router = APIRouter(prefix="/items")

    @router.get("/")
    def list_items() -> str:
        return "list"

    @router.post("/", status_code=201)
    def create_item(item: dict[str, int]) -> dict[str, int]:
        return item

    @router.get("/{item_id}")
    def read_item(item_id: str) -> str:
        return item_id

    @app.get("/plain")
    def plain(request: Request) -> str:
        return request.url.path

    @app.get("/files/{path:path}")
    def file(path: str) -> str:
        return path

    app.include_router(router, prefix="/v1")
    inner = FastAPI()

    @inner.get("/")
    def root() -> str:
        return "inner"

    app.mount("/inner", inner)
    return app


@pytest.mark.parametrize("adopted", [False, True])
@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/v1/items/", "list"),
        ("/v1/items", "list"),
        ("/v1/items/7/", "7"),
        ("/plain/", "/plain"),
        ("/files/a/b/", "a/b/"),
        ("/inner/", "inner"),
        ("/inner", "inner"),
    ],
)
def test_either_form_of_a_path_is_answered_without_a_redirect(adopted: bool, path: str, answer: str) -> None:
    app = new_app().adopt(shop(FastAPI())) if adopted else shop(new_app())
    response = TestClient(app, follow_redirects=False).get(path)

    assert (response.status_code, response.json()) == (200, answer)


def test_the_body_of_a_post_arrives_in_either_form() -> None:
    client = TestClient(shop(new_app()), follow_redirects=False)

    assert client.post("/v1/items", json={"a": 1}).json() == {"a": 1}
    assert client.post("/v1/items/", json={"a": 1}).json() == {"a": 1}


def test_what_is_neither_form_is_not_found_and_a_wrong_method_not_allowed() -> None:
    client = TestClient(shop(new_app()), follow_redirects=False)

    assert client.get("/nothing/").status_code == 404
    assert client.get("/v1/items/7/8/").status_code == 404
    assert client.delete("/v1/items/").status_code == 405


@pytest.mark.parametrize("later", [False, True])
def test_redirect_slashes_false_holds(later: bool) -> None:
    app = shop(new_app() if later else new_app(redirect_slashes=False))
    if later:
        app.router.redirect_slashes = False
    client = TestClient(app, follow_redirects=False)

    assert client.get("/v1/items/").status_code == 200
    assert client.get("/v1/items").status_code == 404


def test_each_form_has_its_own_function_where_there_are_two() -> None:
    app = new_app()
    app.get("/x")(lambda: "without")
    app.get("/x/")(lambda: "with")
    client = TestClient(app)

    assert client.get("/x").json() == "without"
    assert client.get("/x/").json() == "with"


@pytest.mark.parametrize("method", ["get", "post", "delete"])
@pytest.mark.parametrize("included", [False, True])
def test_a_method_that_one_form_alone_has_is_answered_in_either(included: bool, method: str) -> None:
    app = new_app()
    router = APIRouter()
    router.get("/y")(lambda: "get")
    router.post("/y/")(lambda: "post")
    if included:
        app.include_router(router, prefix="/v1")
    else:
        app.mount("/v1", FastAPI(routes=router.routes))
    client = TestClient(app, follow_redirects=False)
    answers = [client.request(method, f"/v1/y{slash}") for slash in ("", "/")]

    expected = (405, {"detail": "Method Not Allowed"}) if method == "delete" else (200, method)
    assert [(answer.status_code, answer.json()) for answer in answers] == [expected] * 2


@pytest.mark.parametrize("redirects", [True, False])
def test_a_mounted_app_answers_either_form_unless_it_says_otherwise(redirects: bool) -> None:
    app, outer, inner = new_app(), FastAPI(redirect_slashes=False), FastAPI(redirect_slashes=redirects)
    inner.get("/items/")(lambda: "items")
    outer.mount("/inner", inner)
    app.mount("/outer", outer)
    client = TestClient(app, follow_redirects=False)

    assert client.get("/outer/inner/items/").json() == "items"
    assert client.get("/outer/inner/items").status_code == (200 if redirects else 404)


def test_a_path_with_a_slash_that_is_anothers_without_it_is_told(project: Project) -> None:
    app = new_app()

    @app.get("/items/{name}")
    def item(name: str) -> None: ...

    @app.get("/numbers/{number:int}")
    def number(number: int) -> None: ...

    @app.get("/items/search/")
    def search() -> None: ...

    @app.get("/numbers/all/")
    def numbers() -> None: ...

    told = describe(app, project)[1]

    assert told == [
        "GET /items/search/ (search): asked for without its slash, as by clients, GET /items/{name} (item) answers; "
        "leave out the slash, and declare it first.",
        "Clients leave out the slash at the end, which HTTP APIs do not route: /items/search/, /numbers/all/",
    ]


def described(app: FastAPI, project: Project) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Ids and stated paths of a document's operations, and what is told."""
    document, told = describe(app, project)
    paths = {op["operationId"]: op["x-fastapi-path"] for item in document["paths"].values() for op in item.values() if "x-fastapi-path" in op}
    return ids(document), paths, told


SHARES = "shares the document's place, the route and the function of"
OWN = "its parameters named otherwise give it its own."


@pytest.mark.parametrize(
    ("paths", "shown", "stated", "told"),
    [
        # The first takes what the second would: the document has the first, which FastAPI's own has not.
        (["/{id}", "/{id:int}"], "first", None, ["GET /v1/{id:int} (second): GET /v1/{id} (first) answers it."]),
        (["/{id:path}", "/{id}"], "first", "/v1/{id:path}", ["GET /v1/{id} (second): GET /v1/{id:path} (first) answers it."]),
        (["/{id:float}", "/{id:int}"], "first", "/v1/{id:float}", ["GET /v1/{id:int} (second): GET /v1/{id:float} (first) answers it."]),
        (["/{id}", "/{id}"], "first", None, ["GET /v1/{id} (second): GET /v1/{id} (first) answers it."]),
        # Both answer, and the route takes what either does.
        (["/{id:int}", "/{id}"], "second", None, [f"GET /v1/{{id:int}} (first) {SHARES} GET /v1/{{id}} (second): {OWN}"]),
        (["/{id}", "/{id:path}"], "second", "/v1/{id:path}", [f"GET /v1/{{id}} (first) {SHARES} GET /v1/{{id:path}} (second): {OWN}"]),
        (["/{id:int}", "/{id:uuid}"], "second", "/v1/{id:uuid}", [f"GET /v1/{{id:int}} (first) {SHARES} GET /v1/{{id:uuid}} (second): {OWN}"]),
        (
            ["/{a:path}/b/{c}", "/{a}/b/{c:path}"],
            "second",
            "/v1/{a:path}/b/{c:path}",
            [f"GET /v1/{{a:path}}/b/{{c}} (first) {SHARES} GET /v1/{{a}}/b/{{c:path}} (second): {OWN}"],
        ),
    ],
)
@pytest.mark.parametrize("included", [False, True])
def test_one_parameter_with_two_converters_is_one_operation_of_the_function_that_answers(
    project: Project, paths: list[str], shown: str, stated: str | None, told: list[str], included: bool
) -> None:
    app = new_app()
    router = APIRouter()

    def first() -> int:
        return 1

    def second() -> Whole:
        raise NotImplementedError

    for path, function in zip(paths, (first, second), strict=True):
        if included:
            router.get(path)(function)
        else:
            app.get(f"/v1{path}")(function)
    if included:
        app.include_router(router, prefix="/v1")
    found, converters, lines = described(app, project)

    assert list(found.values()) == [shown]
    assert converters.get(shown) == stated
    assert lines == told
    content = next(iter(describe(app, project)[0]["paths"].values()))["get"]["responses"]["200"]["content"]["application/json"]
    assert ("$ref" in content["schema"]) is (shown == "second")


class Whole(BaseModel):
    size: int


def test_each_method_keeps_its_own_converter(project: Project) -> None:
    app = new_app()
    app.get("/{id}")(plain_get)
    app.put("/{id:path}")(plain_put)

    assert described(app, project) == ({"get /{id}": "plain_get", "put /{id}": "plain_put"}, {"plain_put": "/{id:path}"}, [])


def plain_get() -> None: ...


def plain_put() -> None: ...


def test_a_route_behind_one_that_takes_all_of_its_paths_is_told(project: Project, tmp_path: Path) -> None:
    app = new_app()

    @app.get("/items/{name}")
    def item(name: str) -> None: ...

    @app.get("/items/mine")
    def mine() -> None: ...

    @app.post("/items/mine")
    def add_mine() -> None: ...

    @app.get("/{a}/{b:int}")
    def two(a: str, b: int) -> None: ...

    @app.get("/items/{number:int}/parts")
    def parts(number: int) -> None: ...

    @app.get("/docs")
    def docs() -> None: ...

    app.mount("/files", StaticFiles(directory=tmp_path), name="files")

    @app.get("/files/{name}")
    def file(name: str) -> None: ...

    @app.get("/files")
    def files() -> None: ...

    @app.get("/rest/{a}/{b}")
    def pair(a: str, b: str) -> None: ...

    @app.get("/rest/{all:path}")
    def rest(all: str) -> None: ...  # noqa: A002

    assert describe(app, project)[1] == [
        "GET /items/mine (mine): GET /items/{name} (item) answers it.",
        "GET /docs (docs): GET /docs (swagger_ui_html) answers it.",
        "GET /files/{name} (file): Mount /files (files) answers it.",
    ]
    client = TestClient(app)
    assert client.get("/files/x").json() == {"detail": "Not Found"}
    assert client.get("/docs").headers["content-type"].startswith("text/html")


def test_of_one_path_the_route_that_is_hidden_leaves_its_place_to_none(project: Project) -> None:
    app = new_app()

    @app.get("/items/{id}", include_in_schema=False)
    def hidden() -> None: ...

    @app.get("/items/{id}")
    def never() -> None: ...

    found, _, told = described(app, project)

    assert found == {}
    assert told == [
        "GET /items/{id} (hidden): include_in_schema=False leaves it without a route.",
        "GET /items/{id} (never): GET /items/{id} (hidden) answers it.",
    ]


def test_one_function_for_both_forms_is_one_operation(project: Project) -> None:
    app = new_app()

    @app.get("/both")
    @app.get("/both/")
    def both() -> None: ...

    @app.get("/other/")
    def other() -> None: ...

    document, told = describe(app, project)

    assert ids(document) == {"get /both": "both", "get /other/": "other"}
    assert told == ["Clients leave out the slash at the end, which HTTP APIs do not route: /other/"]


def test_a_mount_is_an_operation_named_for_it(project: Project, tmp_path: Path) -> None:
    app = new_app()
    outer = APIRouter()
    outer.mount("/deep", FastAPI())
    app.include_router(outer, prefix="/outer")
    app.mount("/v1/admin", FastAPI())
    app.mount("/tenants/{tenant}", FastAPI(), name="tenant_app")
    app.mount("/static", StaticFiles(directory=tmp_path), name="static")
    app.mount("/", FastAPI())
    document, told = describe(app, project)

    operations = document["x-fastapi-lambda"]["operations"]
    assert [(each["operationId"], each["paths"]) for each in operations] == [
        ("outer_deep", ("/outer/deep", "/outer/deep/{proxy:path}")),
        ("v1_admin", ("/v1/admin", "/v1/admin/{proxy:path}")),
        ("tenant_app", ("/tenants/{tenant}", "/tenants/{tenant}/{proxy:path}")),
        ("static", ("/static", "/static/{proxy:path}")),
        ("root", ("/", "/{proxy:path}")),
    ]
    assert operations[0]["methods"] == ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
    assert told == []


def test_each_route_without_a_way_in_is_told(project: Project) -> None:
    app = new_app()

    @app.get("/shown")
    def shown() -> None: ...

    @app.api_route("/hidden/{name}", methods=["POST", "GET"], include_in_schema=False)
    def hidden(name: str) -> None: ...

    @app.get("/shown")
    def never() -> None: ...

    @app.websocket("/socket")
    async def socket(websocket: WebSocket) -> None: ...

    chat = APIRouter(prefix="/chat")
    chat.add_api_websocket_route("/{room}", socket)
    app.include_router(chat)
    app.add_route("/own", lambda _: PlainTextResponse(""), name="own")
    app.host("api.example.com", FastAPI())
    document, told = describe(app, project)

    assert list(document["paths"]) == ["/shown"]
    assert told == [
        "GET /hidden/{name} (hidden): include_in_schema=False leaves it without a route.",
        "POST /hidden/{name} (hidden): include_in_schema=False leaves it without a route.",
        "GET /shown (never): GET /shown (shown) answers it.",
        "WebSocket /socket: API Gateway's REST and HTTP APIs have no WebSockets.",
        "WebSocket /chat/{room}: API Gateway's REST and HTTP APIs have no WebSockets.",
        "GET, HEAD /own: the OpenAPI document has routes of FastAPI alone, so it has no route.",
        "Host api.example.com: apps by host name have no route.",
    ]


def test_methods_that_api_gateway_does_not_know_are_told(project: Project) -> None:
    app, below = new_app(), FastAPI()

    @app.api_route("/dav/{name}", methods=["GET", "PROPFIND"])
    def dav(name: str) -> None: ...

    @app.api_route("/query", methods=["QUERY"], include_in_schema=False)
    def query() -> None: ...

    below.api_route("/x", methods=["MKCOL", "POST"], name="make")(lambda: None)
    app.mount("/below", below)
    document, told = describe(app, project)

    assert list(document["paths"]) == ["/dav/{name}"]
    assert told == [
        "PROPFIND /dav/{name} (dav): API Gateway has no method PROPFIND, so it has no route.",
        "QUERY /query (query): API Gateway has no method QUERY, so it has no route.",
        "MKCOL /below/x (make): API Gateway has no method MKCOL, so it has no route.",
    ]


def test_what_a_mounted_app_holds_is_told_as_that_of_the_app(project: Project, tmp_path: Path) -> None:
    async def socket(websocket: WebSocket) -> None: ...

    app, outer, inner = new_app(), FastAPI(), FastAPI()
    inner.websocket("/ws")(socket)
    inner.get("/lines")(plain)
    outer.mount("/inner", inner)
    app.mount("/outer", outer)
    quiet = FastAPI()
    quiet.get("/x")(plain_get)
    app.mount("/quiet", quiet)
    app.mount("/static", StaticFiles(directory=tmp_path), name="static")
    app.mount("/itself", app)
    document, told = describe(app, project)

    operations = {each["operationId"]: each for each in document["x-fastapi-lambda"]["operations"]}
    assert operations["outer"]["streaming"] is True
    assert "streaming" not in operations["quiet"] | operations["static"]
    assert told[0] == "WebSocket /outer/inner/ws: API Gateway's REST and HTTP APIs have no WebSockets."


def test_a_root_path_of_the_app_is_told(project: Project) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        app = new_app(root_path="/api")
    app.get("/db")(plain_get)

    assert describe(app, project)[1] == [
        "root_path /api is no part of the routes: clients find them below it where it is the base path of a custom domain."
    ]


def test_operations_that_read_bytes_of_no_declared_type_are_told_in_a_line(project: Project) -> None:
    app = new_app()
    declared = {"requestBody": {"content": {"image/png": {}}}}

    @app.post("/raw")
    async def raw(request: Request) -> int:
        return len(await request.body())

    @app.put("/later")
    async def later(request: "Request", name: str = "") -> None: ...

    @app.post("/stated", openapi_extra=declared)
    async def stated(request: Request) -> None: ...

    @app.post("/model")
    async def model(request: Request, whole: Whole) -> None: ...

    @app.get("/read")
    async def read(request: Request) -> None: ...

    @app.delete("/gone")
    async def gone(request: Request) -> None: ...

    (line,) = describe(app, project)[1]

    assert line == (
        "A REST API hands bodies on byte by byte of forms, of application/octet-stream, and of types that the document names "
        "(openapi_extra with a requestBody), and all others as text. These read one that no document declares: POST /raw (raw), PUT /later (later)."
    )


def test_the_pages_of_documentation_are_routed_when_asked_for(project: Project) -> None:
    app = new_app(docs_url="/swagger")
    app.get("/x")(lambda: None)
    document, told = describe(app, project)
    assert told == []
    assert "operations" not in document["x-fastapi-lambda"]

    document, _ = describe(app, replace(project, docs=True))
    assert document["x-fastapi-lambda"]["operations"] == [
        {"operationId": "docs", "methods": ("GET",), "paths": ("/openapi.json", "/swagger", "/docs/oauth2-redirect", "/redoc")}
    ]


def test_a_document_of_ones_own_may_lack_paths_and_operations(project: Project) -> None:
    app = new_app()

    @app.get("/public")
    def public() -> None: ...

    @app.api_route("/both/{p:path}", methods=["GET", "PUT"])
    def both(p: str) -> None: ...

    @app.api_route("/secret", methods=["GET", "PUT"])
    def secret() -> None: ...

    def custom() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema
        schema = get_openapi(title="Custom", version="1", routes=app.routes)
        del schema["paths"]["/secret"]["put"]
        app.openapi_schema = schema
        return schema

    app.openapi = custom
    document, told = describe(app, project)

    assert ids(document) == {
        "get /public": "public",
        "get /both/{p}": "both_get",
        "put /both/{p}": "both_put",
        "get /secret": "secret_get",
    }
    assert document["paths"]["/both/{p}"]["put"]["x-fastapi-path"] == "/both/{p:path}"
    assert told == ["PUT /secret (secret): the OpenAPI document lacks it, so it has no route."]

    app.openapi = lambda: {"openapi": "3.1.0", "info": {"title": "Empty", "version": "1"}}
    document, told = describe(app, project)
    assert document["paths"] == {}
    assert len(told) == 5


def test_names_of_a_function_with_several_methods_are_the_same_each_time(project: Project) -> None:
    """FastAPI's own ids end with any one of the methods."""
    app = FastAPI()

    @app.api_route("/both", methods=["GET", "PUT", "POST"])
    def both() -> None: ...

    document, _ = describe(new_app().adopt(app), project)

    assert ids(document) == {f"{method} /both": f"both_both_{method}" for method in ("get", "put", "post")}


def test_a_router_that_is_included_twice_is_named_by_the_line_that_the_build_gives(project: Project) -> None:
    router = APIRouter()

    @router.get("/items", name="items:list")
    def listing() -> None: ...

    app = new_app()
    app.include_router(router, prefix="/v1", generate_unique_id_function=lambda route: route.name)
    app.include_router(router, prefix="/v2", generate_unique_id_function=lambda route: f"v2_{route.name}")
    app.include_router(router, prefix="/v3")
    document, _ = describe(app, project)

    assert ids(document) == {"get /v1/items": "items:list", "get /v2/items": "v2_items:list", "get /v3/items": "listing"}
    assert document["paths"]["/v3/items"]["get"]["x-fastapi-name"] == "items:list"


async def lines() -> AsyncIterator[str]:
    yield ""


class Ndjson(StreamingResponse):
    media_type = "application/x-ndjson"


def plain() -> "StreamingResponse":
    return StreamingResponse(lines())


def maybe() -> JSONResponse | Ndjson:
    return Ndjson(lines())


def annotated() -> Annotated[Ndjson, "lines"]:
    return Ndjson(lines())


def nothing_said() -> Any:
    return StreamingResponse(lines())


class ForeignEvents(Response):
    """As the one of sse-starlette: no StreamingResponse, and known by its media type."""

    media_type = "text/event-stream"


def plain_response() -> Response:
    return Ndjson(lines())


def by_helper():
    return helper()


def helper():
    def inner() -> Response:
        return starlette.responses.StreamingResponse(lines())

    return inner()


def imports_itself():
    from starlette.responses import StreamingResponse as Late

    return Late(lines())


@wraps(by_helper)
def decorated(*args: Any):
    return by_helper(*args)


@dataclass
class Callee:
    def __call__(self):
        return StreamingResponse(lines())

    def method(self):
        return StreamingResponse(lines())


def says_nothing_of_it():
    return JSONResponse({"StreamingResponse": plain_get()})


def unknown_name() -> "Decimal":
    raise NotImplementedError


def download() -> FileResponse:
    return FileResponse("x")


@pytest.mark.parametrize(
    ("function", "options", "streams"),
    [
        (plain, {}, True),
        (maybe, {"response_model": None}, True),
        (annotated, {"response_model": None}, True),
        (nothing_said, {"response_class": EventSourceResponse}, True),
        (nothing_said, {"response_class": Ndjson}, True),
        (nothing_said, {"response_class": ForeignEvents}, True),
        (nothing_said, {}, True),
        (plain_response, {}, True),
        (by_helper, {}, True),
        (imports_itself, {}, True),
        (decorated, {}, True),
        (Callee(), {}, True),
        (Callee().method, {}, True),
        (partial(nothing_said), {}, True),
        (says_nothing_of_it, {}, None),
        (unknown_name, {"response_model": None}, None),
        (download, {}, None),
        (plain, {"openapi_extra": {"x-fastapi-stream": False}}, False),
        (nothing_said, {"openapi_extra": {"x-fastapi-stream": True}}, True),
    ],
)
def test_a_stream_is_known_by_its_type(project: Project, function: Any, options: dict[str, Any], streams: bool | None) -> None:
    router = APIRouter(prefix="/deep")
    router.get("/x", **options)(function)
    app = new_app()
    app.include_router(router)
    document, _ = describe(app, project)

    assert document["paths"]["/deep/x"]["get"].get("x-fastapi-stream") is streams


def test_a_routers_default_response_class_streams_too(project: Project) -> None:
    app = new_app()
    app.include_router(APIRouter(default_response_class=Ndjson), prefix="/none")
    router = APIRouter(default_response_class=Ndjson)
    router.get("/x")(nothing_said)
    app.include_router(router)
    document, _ = describe(app, project)

    assert document["paths"]["/x"]["get"]["x-fastapi-stream"] is True


def test_an_app_that_is_not_inits_is_told_with_the_two_ways_out() -> None:
    own = FastAPI()
    (line,) = told_of_app(own, "my_api")

    assert line == (
        "my_api.main.app is not the app of my_api.init: its requests leave no logs, metrics and traces, and its redirects (to the other "
        "form of a path with a slash at its end, too) and its pages of documentation leave out the stage. "
        "Either import app from .init in place of FastAPI(), or hand yours over: app = init.app.adopt(app)"
    )
    assert told_of_app(new_app(), "my_api") == []
    assert new_app().adopt(own) is own
    assert has_runtime(own)
    assert told_of_app(own, "my_api") == []


def test_an_adopted_app_has_the_runtime_around_it() -> None:
    app = new_app().adopt(shop(FastAPI()))

    @app.get("/crash")
    def crash() -> None:
        raise LookupError

    response = TestClient(app).get("/crash", headers={"x-correlation-id": "order-42", "origin": "https://shop.example.com"})

    assert response.json() == {"detail": "Internal Server Error", "correlation_id": "order-42"}
    assert response.headers["access-control-allow-origin"] == "*"

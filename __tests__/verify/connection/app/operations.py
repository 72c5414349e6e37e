"""An operation of each kind, for the tests of the website's client."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Cookie, FastAPI, File, Form, Header, Query, Request, Response, UploadFile
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, Field

from . import other, shapes

router = APIRouter()
router.include_router(other.router)

PRODUCED: dict[str, int] = {}


@router.post("/everything")
async def echo_everything(body: shapes.Everything) -> shapes.Everything:
    """Send it back."""
    return body


@router.post("/pet")
async def echo_pet(pet: shapes.Pet) -> shapes.Pet:
    return pet


@router.post("/open")
async def echo_open(body: shapes.Open) -> shapes.Open:
    return body


@router.post("/open-numbers")
async def echo_open_numbers(body: shapes.OpenNumbers) -> shapes.OpenNumbers:
    return body


@router.post("/closed")
async def echo_closed(body: shapes.Closed) -> shapes.Closed:
    return body


@router.post("/empty")
async def echo_empty(body: shapes.Empty) -> shapes.Empty:
    return body


@router.post("/two")
async def two_bodies(first: shapes.Cat, second: shapes.Tree) -> list[shapes.Cat | shapes.Tree]:
    return [first, second]


@router.post("/list")
async def echo_list(numbers: list[int]) -> list[int]:
    return numbers


@router.post("/scalar")
async def echo_scalar(number: Annotated[int, Body()]) -> int:
    return number


@router.post("/optional")
async def optional_body(pet: shapes.Cat | None = None) -> str:
    return "nothing" if pet is None else pet.name


@router.patch("/merge")
async def merge(
    change: Annotated[dict[str, Any], Body(media_type="application/merge-patch+json")], request: Request
) -> str:
    return request.headers["content-type"]


class Seen(BaseModel):
    """What an operation got."""

    item_id: int
    color: shapes.Color
    ids: list[int]
    names: list[str]
    flag: bool | None
    text: str | None
    page_size: int
    trace: str | None
    numbers: list[int] | None


@router.get("/items/{item_id}/of/{color}")
async def get_item(
    item_id: int,
    color: shapes.Color,
    ids: Annotated[list[int] | None, Query()] = None,
    names: Annotated[list[str], Query(alias="names[]")] = [],
    flag: bool | None = None,
    text: str | None = None,
    page_size: int = 10,
    trace: Annotated[str | None, Header(alias="X-Trace-Id")] = None,
    numbers: Annotated[list[int] | None, Header()] = None,
    session: Annotated[str | None, Cookie()] = None,
) -> Seen:
    """Read one item."""
    return Seen(
        item_id=item_id,
        color=color,
        ids=ids or [],
        names=names,
        flag=flag,
        text=text,
        page_size=page_size,
        trace=trace,
        numbers=numbers,
    )


class Filters(BaseModel):
    model_config = {"extra": "forbid"}

    limit: int = 5
    order_by: Literal["name", "age"] = "name"
    tags: list[str] = []


@router.get("/filtered")
async def filtered(filters: Annotated[Filters, Query()]) -> Filters:
    return filters


@router.get("/collide/{id}")
async def collide(
    id: int,
    page_size: int,
    camel: Annotated[int, Query(alias="pageSize")],
    query_id: Annotated[int, Query(alias="id")],
    body_: Annotated[int, Query(alias="body")] = 0,
) -> list[int]:
    return [id, page_size, camel, query_id, body_]


@router.get("/names")
async def constructor(
    constructor: str = "none",
    to_string: Annotated[str, Header(alias="to-string")] = "none",
    then: int = 0,
) -> list[str | int]:
    return [constructor, to_string, then]


@router.post("/names")
async def then(to_string: str = "none") -> str:
    return to_string


class Inner(BaseModel):
    a: int = 1


class Nested(BaseModel):
    name: str
    inner: Inner | None = None
    choice: int | Inner = 0


@router.get("/nested")
async def nested_query(nested: Annotated[Nested, Query()]) -> Nested:
    return nested


@router.post("/nested")
async def nested_form(nested: Annotated[Nested, Form()]) -> Nested:
    return nested


@router.get("/with-agent")
async def with_agent(
    user_agent: Annotated[str | None, Header()] = None, referer: Annotated[str | None, Header()] = None
) -> bool:
    return user_agent is not None


@router.get("/redirect", response_class=RedirectResponse)
async def redirect() -> str:
    return "/nothing"


@router.get("/files/{name:path}")
async def read_file(name: str) -> str:
    return name


@router.get("/segments/{name}")
async def read_segment(name: str) -> str:
    return name


@router.get("/pets", responses={200: {"headers": {"X-Total": {"schema": {"type": "integer"}}}}})
async def list_pets(response: Response, cursor: int | None = None, limit: int = 2) -> shapes.PetPage:
    response.headers["X-Total"] = "5"
    first = cursor or 0
    pets: list[Any] = [shapes.Cat(name=f"Cat {n}") for n in range(first, min(first + limit, 5))]
    end = first + limit >= 5
    return shapes.PetPage(items=pets, next_cursor=None if end else str(first + limit))


@router.get("/sparse", response_model_exclude_unset=True)
async def sparse() -> shapes.Sparse:
    return shapes.Sparse(name="a")


@router.get("/picked", response_model_include={"name"})
async def picked() -> shapes.Sparse:
    return shapes.Sparse(name="a")


@router.post("/search", openapi_extra={"x-query": True})
async def search(text: Annotated[str, Body(embed=True)]) -> list[str]:
    return [text]


class Uploaded(BaseModel):
    name: str | None
    size: int
    sizes: list[int]
    plain: int
    note: str
    tags: list[str]
    text: str
    optional: bool


@router.post("/upload")
async def upload(
    file: UploadFile,
    files: list[UploadFile],
    plain: Annotated[bytes, File()],
    tags: Annotated[list[str], Form()],
    note: Annotated[str, Form()] = "none",
    optional: UploadFile | None = None,
) -> Uploaded:
    content = await file.read()
    return Uploaded(
        name=file.filename,
        size=len(content),
        sizes=[len(await one.read()) for one in files],
        plain=len(plain),
        note=note,
        tags=tags,
        text=content[:20].decode(errors="replace"),
        optional=optional is not None,
    )


class Login(BaseModel):
    user: str
    remember: bool = False
    scopes: list[str] = []


@router.post("/login")
async def login(form: Annotated[Login, Form()]) -> Login:
    return form


@router.post("/raw")
async def raw(body: Annotated[bytes, Body(media_type="application/octet-stream")]) -> int:
    return len(body)


@router.post("/text", response_class=PlainTextResponse)
async def text(body: Annotated[str, Body(media_type="text/plain")]) -> str:
    return body.upper()


@router.get(
    "/image",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}},
)
async def image() -> Response:
    return Response(b"\x89PNG", media_type="image/png")


@router.get("/whatever", response_class=StreamingResponse)
async def whatever() -> StreamingResponse:
    return StreamingResponse(iter(["a", "b"]), media_type="text/plain")


@router.delete("/items/{item_id}", status_code=204)
async def delete_item(item_id: int) -> None:
    """Delete an item."""


@router.get("/nothing")
async def nothing() -> None:
    return None


@router.post("/created", status_code=201, responses={202: {"model": shapes.Problem}})
async def created(later: bool = False) -> shapes.Cat:
    if later:
        return JSONResponse({"message": "later"}, 202)  # pyright: ignore
    return shapes.Cat(name="new")


class FailedError(Exception):
    def __init__(self, status: int, body: Any) -> None:
        self.status = status
        self.body = body


async def failed(_: Request, error: Any) -> JSONResponse:
    return JSONResponse(error.body, error.status)


@router.get(
    "/fail/{status}",
    responses={404: {"model": shapes.Problem}, 409: {"model": shapes.Conflict}, "5XX": {"model": shapes.Problem}},
)
async def fail(status: int) -> shapes.Cat:
    if status == 409:
        raise FailedError(409, {"version": 7})
    if status == 403:
        raise FailedError(403, {"message": "Forbidden"})
    if status == 410:
        return Response("123", 410, media_type="text/plain")  # pyright: ignore
    if status == 502:
        return Response("<html>Bad gateway", 502, media_type="text/html")  # pyright: ignore
    raise FailedError(status, {"message": f"It is {status}"})


@router.get("/slow")
async def slow() -> str:
    await asyncio.sleep(20)
    return "late"


@router.get("/not-json", responses={200: {"model": shapes.Cat}})
async def not_json() -> Response:
    return Response("<!doctype html>", media_type="text/html")


class Tick(BaseModel):
    number: int
    text: str = "→ é 漢字 🎉"


class Delta(BaseModel):
    type: Literal["delta"] = "delta"
    text: str


class Done(BaseModel):
    type: Literal["done"] = "done"
    tokens: int


@router.get("/ticks")
async def ticks(count: int = 3, pause: float = 0.0, name: str = "") -> AsyncIterable[Tick]:
    """Count, and note how far it came."""
    for number in range(count):
        PRODUCED[name] = number
        yield Tick(number=number)
        await asyncio.sleep(pause)


@router.get("/produced")
async def produced(name: str) -> int | None:
    return PRODUCED.get(name)


class Prompt(BaseModel):
    prompt: str


@router.post("/chat", responses={429: {"model": shapes.Problem}})
async def chat(
    prompt: Prompt,
) -> AsyncIterable[Annotated[Delta | Done, Field(discriminator="type")]]:
    if prompt.prompt == "too much":
        raise FailedError(429, {"message": "Slow down"})
    for word in prompt.prompt.split():
        yield Delta(text=word)
    yield Done(tokens=len(prompt.prompt))


@router.get("/events", response_class=EventSourceResponse)
async def events(count: int = 3, pause: float = 0.0) -> AsyncIterable[Tick]:
    for number in range(count):
        yield Tick(number=number)
        await asyncio.sleep(pause)


@router.get("/named-events", response_class=EventSourceResponse)
async def named_events() -> AsyncIterable[ServerSentEvent]:
    yield ServerSentEvent(data={"a": 1}, event="first", id="1", retry=500)
    yield ServerSentEvent(comment="nothing to see")
    yield ServerSentEvent(raw_data="two\nlines")


@router.get("/broken/{way}", responses={200: {"content": {"application/jsonl": {"itemSchema": Tick.model_json_schema()}}}})
async def broken(way: Literal["raise", "half", "gateway"]) -> StreamingResponse:
    async def lines() -> AsyncIterator[str]:
        yield '{"number":0,"text":"a"}\n{"number":1,"text":"b"}\n'
        await asyncio.sleep(0.05)
        if way == "raise":
            raise RuntimeError("broken on purpose")
        yield '{"number":2,' if way == "half" else "Internal Server Error"

    return StreamingResponse(lines(), media_type="application/jsonl")


def add_to(app: FastAPI) -> None:
    """Give an app all of them."""
    app.include_router(router)
    app.add_exception_handler(FailedError, failed)

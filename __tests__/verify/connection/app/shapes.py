"""Models of every kind that Pydantic writes into an OpenAPI document."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Literal, NamedTuple, NotRequired
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, computed_field
from typing_extensions import TypedDict


class Color(StrEnum):
    RED = "red"
    DEEP_BLUE = "deep blue"


class Size(IntEnum):
    SMALL = 1
    LARGE = 2


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    name: str
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog", "hound"]
    name: str
    friend: "Pet | None" = None


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


class Tree(BaseModel):
    value: int
    children: list["Tree"] = []


class Point(NamedTuple):
    x: int
    y: float = 0.5


class Partial(TypedDict):
    there: str
    perhaps: NotRequired[int]


class Everything(BaseModel):
    """One field of each kind."""

    required_nullable: int | None
    optional_nullable: int | None = None
    with_default: int = 3
    text: str = Field(description="Words that end with */ and go on")
    flag: bool
    ratio: float
    color: Color
    size: Size
    mixed: Literal["a", 1, True] | None
    union: int | str | list[bool]
    pet: Pet
    pair: tuple[int, str]
    point: Point
    many: tuple[float, ...]
    counts: dict[str, int]
    by_color: dict[Color, int]
    pets_by_name: dict[str, Pet]
    amount: Decimal
    day: date
    at: datetime
    length: timedelta
    uid: UUID
    raw: bytes
    tree: Tree
    tags: set[str]
    anything: Any
    partial: Partial
    nested: list[list[int | None]]
    camel: str = Field(alias="camelCase")
    odd: str = Field(alias="odd-name 1")

    @computed_field
    @property
    def area(self) -> float:
        return self.ratio * 2


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")

    name: str
    age: int | None = None


class OpenNumbers(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, int]

    name: str


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str


class Empty(BaseModel):
    pass


class Page[Item](BaseModel):
    items: list[Item]
    next_cursor: str | None = None


class PetPage(Page[Pet]):
    pass


class Sparse(BaseModel):
    name: str
    note: str | None = None
    count: int = 0


class Problem(BaseModel):
    message: str


class Conflict(BaseModel):
    version: int

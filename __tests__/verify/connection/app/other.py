"""Names that are there twice."""

from fastapi import APIRouter
from pydantic import BaseModel

router = APIRouter()


class Cat(BaseModel):
    """Not the cat of `shapes`."""

    whiskers: int


class cat(BaseModel):  # noqa: N801
    """A name that differs by its case alone."""

    paws: int


@router.post("/other")
async def other_cat(first: Cat, second: cat) -> Cat:
    return first

"""Fields of settings whose values stand in AWS: under which names, and which of them an app has."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin

from pydantic import AliasChoices, BaseModel
from pydantic.fields import FieldInfo

NOT_GIVEN: Final = object()

_PARAMETER = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")
_SECRET = re.compile(r"[A-Za-z0-9_.+=@-]+(/[A-Za-z0-9_.+=@-]+)*")


@dataclass(frozen=True, eq=False)
class Parameter:
    """Says that a field's value is a parameter of SSM Parameter Store, of any type.

    `page_size: Annotated[int, Parameter("page-size")] = 50`
    """

    name: str
    """Its name below the environment's path: `page-size` is `/my-scope/production/page-size`."""
    local: Any = NOT_GIVEN
    """The value outside of Lambda, where no variable gives one. Default: the field's own."""

    def __post_init__(self) -> None:
        """Refuse what Parameter Store would.

        Raises:
            ValueError: When no parameter can have the name.
        """
        _check(self.name, _PARAMETER)


@dataclass(frozen=True, eq=False)
class Secret:
    """Says that a field's value is a secret of Secrets Manager, or a part of one that is JSON.

    `database_url: Annotated[SecretStr, Secret("database-url", local="sqlite://")]`
    """

    name: str
    """Its name below the environment's path: `database` is `/my-scope/production/database`."""
    key: str | None = None
    """Which value of a JSON object it is. Default: the whole secret."""
    local: Any = NOT_GIVEN
    """The value outside of Lambda, where no variable gives one. Default: the field's own."""

    def __post_init__(self) -> None:
        """Refuse what Secrets Manager would.

        Raises:
            ValueError: When no secret can have the name.
        """
        _check(self.name, _SECRET)


@dataclass(frozen=True)
class NamedField:
    """A field with a name in AWS, of settings or of a model within them."""

    path: tuple[str, ...]
    """Keys that lead to it: `("database", "url")`."""
    field: FieldInfo
    source: Parameter | Secret
    is_required: bool


def named_fields(
    model: type[BaseModel],
    above: tuple[str, ...] = (),
    *,
    within: tuple[type[BaseModel], ...] = (),
    required: bool = True,
) -> Iterator[NamedField]:
    """Fields of a model, and of the models in it, whose values stand in AWS.

    Args:
        model: Settings, or a model within them.
        above: Keys that lead to the model.
        within: Models that it is in, of which none is looked at again.
        required: Whether the model itself has to be there.
    """
    inner = (*within, model)
    for name, field in model.model_fields.items():
        path = (*above, _key(name, field))
        is_required = required and field.is_required()
        parts = list(_parts(field.annotation))
        for found in (*field.metadata, *(mark for part in parts for mark in _marks(part))):
            if isinstance(found, Parameter | Secret):
                yield NamedField(path, field, found, is_required)
                break
        for part in parts:
            if isinstance(part, type) and issubclass(part, BaseModel) and part not in inner:
                yield from named_fields(part, path, within=inner, required=is_required)


_declared: list[type[BaseModel]] = []


def declare(settings: type[BaseModel]) -> None:
    """Note a class of settings of the app."""
    _declared.append(settings)


def declared_names() -> dict[str, list[str]]:
    """Names in AWS of all settings that were imported, which a function has to be granted.

    Returns:
        `parameters` and `secrets`, in alphabetical order; a list that would be empty is missing.
    """
    sources = [named.source for settings in _declared for named in named_fields(settings)]
    lists = {
        "parameters": _names(source for source in sources if isinstance(source, Parameter)),
        "secrets": _names(source for source in sources if isinstance(source, Secret)),
    }
    return {kind: names for kind, names in lists.items() if names}


def _names(sources: Iterable[Parameter | Secret]) -> list[str]:
    return sorted({source.name for source in sources})


def _check(name: str, pattern: re.Pattern[str]) -> None:
    if not pattern.fullmatch(name):
        raise ValueError(
            f"{name!r} is no name of a setting: it takes letters, digits and _ . - in parts that "
            "a slash divides, and stands below the environment's path, without a slash before it."
        )


def _key(name: str, field: FieldInfo) -> str:
    """What a model's input calls a field."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        alias = alias.choices[0]
    return alias if isinstance(alias, str) else name


def _parts(annotation: Any) -> Iterator[Any]:
    """A type, or those of a union."""
    if get_origin(annotation) in (Union, UnionType):
        for part in get_args(annotation):
            yield from _parts(part)
    else:
        yield annotation


def _marks(annotation: Any) -> tuple[Any, ...]:
    return getattr(annotation, "__metadata__", ())

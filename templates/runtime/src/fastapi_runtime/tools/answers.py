"""What of its model an operation leaves out of its answers."""

from collections.abc import Iterable
from typing import Any, cast

from fastapi.routing import RouteContext
from pydantic import BaseModel

_SWITCHES = {
    "response_model_exclude_unset": "excludeUnset",
    "response_model_exclude_defaults": "excludeDefaults",
    "response_model_exclude_none": "excludeNone",
}


def left_out(route: RouteContext) -> dict[str, Any]:
    """The route's `response_model_` arguments that OpenAPI has no word for; empty without any.

    Returns:
        `excludeUnset`, `excludeDefaults`, `excludeNone`: true where it is so. `byName`: true where
        fields go out by their names, while the document has their aliases. `include`, `exclude`:
        the fields as the document names them, or true where fields of fields are chosen.
    """
    found: dict[str, Any] = {
        name: True for argument, name in _SWITCHES.items() if getattr(route, argument, False)
    }
    if getattr(route, "response_model_by_alias", True) is False:
        found["byName"] = True
    for name in ("include", "exclude"):
        chosen = getattr(route, f"response_model_{name}", None)
        if chosen is not None:
            found[name] = _names(chosen, getattr(route, "response_model", None))
    return found


def _names(chosen: Any, model: Any) -> list[str] | bool:
    parts = cast("dict[Any, Any]", chosen) if isinstance(chosen, dict) else {}
    names = list(cast("Iterable[Any]", chosen))
    if any(part not in (True, ...) for part in parts.values()):
        return True
    if not all(isinstance(name, str) for name in names):
        return True
    return sorted(_in_document(name, model) for name in names)


def _in_document(name: str, model: Any) -> str:
    if isinstance(model, type) and issubclass(model, BaseModel):
        field = model.model_fields.get(name)
        return (field and field.serialization_alias) or name
    return name

"""Whether an API's `main` has a FastAPI app under the name that Lambda starts."""

from collections.abc import Sequence
from types import ModuleType

MAKERS = ("create_app", "create_application", "get_app", "get_application", "make_app", "build_app")
"""Names of functions that make an app."""


def problem_of_app(module: ModuleType, makers: Sequence[str]) -> str:
    """What is wrong with a module's `app`, and what to write; empty where it is one of FastAPI's.

    Its text runs in a bundle too, which lacks this module: it imports nothing.

    Args:
        module: The API's `main`.
        makers: Names of functions that are known to make an app.
    """

    def is_fastapi(value: object) -> bool:
        return any(kind.__name__ == "FastAPI" for kind in type(value).__mro__)

    app = getattr(module, "app", None)
    if is_fastapi(app):
        return ""
    others = [name for name, value in vars(module).items() if is_fastapi(value)]
    found = [name for name in makers if callable(getattr(module, name, None))]
    is_wrapped = app is not None and others
    around = ", and put what is around it in with app.add_middleware(...)" if is_wrapped else ""
    kind = type(app).__name__
    what = " has no app" if app is None else f".app is no FastAPI app, but of type {kind}"
    if others:
        remedy = f"write app = {others[0]}{around}"
    elif found:
        remedy = f"write app = {found[0]}()"
    else:
        remedy = "the FastAPI app has to be called app"
    return f"{module.__name__}{what}: {remedy}."

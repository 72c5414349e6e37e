"""Finds routes that are there under a condition: it is decided once, for all stages."""

import ast
from collections.abc import Iterator
from pathlib import Path

from .files import app_files
from .project import Project

_DECORATORS = {
    "api_route",
    "delete",
    "get",
    "head",
    "options",
    "patch",
    "post",
    "put",
    "route",
    "trace",
}
_CALLS = {"add_api_route", "add_route", "include_router", "mount"}


def conditional_routes(project: Project) -> Iterator[str]:
    """A line for each `if` of the app's that routes depend on, with its place and its condition."""
    for path in app_files(project):
        if path.suffix != ".py":
            continue
        try:
            tree = ast.parse((project.root / path).read_bytes())
        except SyntaxError:
            # The import says so, with the place.
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and any(map(_registers, [*node.body, *node.orelse])):
                yield _line(path, node)


def _line(path: Path, node: ast.If) -> str:
    return (
        f"{path.as_posix()}:{node.lineno}: if {ast.unparse(node.test)}: decides about routes once, "
        "for all stages, without the variables of your shell. One that should count stands in "
        "[tool.fastapi-lambda.environment] of pyproject.toml."
    )


def _registers(statement: ast.stmt) -> bool:
    """Whether a statement adds a route: a decorated function, or a call of its own."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return any(_is_call_of(_DECORATORS, decorator) for decorator in statement.decorator_list)
    return isinstance(statement, ast.Expr) and _is_call_of(_CALLS, statement.value)


def _is_call_of(names: set[str], expression: ast.expr) -> bool:
    """Whether an expression calls a method of one of these names: `app.get("/items")`."""
    return (
        isinstance(expression, ast.Call)
        and isinstance(expression.func, ast.Attribute)
        and expression.func.attr in names
    )

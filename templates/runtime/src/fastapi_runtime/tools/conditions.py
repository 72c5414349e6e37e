"""Finds routes that are there under a condition: it is decided once, for all stages."""

import ast
from collections.abc import Iterator
from pathlib import Path

from .files import app_files
from .project import Project

_REGISTERING = {
    "add_api_route",
    "add_route",
    "api_route",
    "delete",
    "get",
    "head",
    "include_router",
    "mount",
    "options",
    "patch",
    "post",
    "put",
    "route",
    "trace",
}


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
        return any(_is_registration(decorator) for decorator in statement.decorator_list)
    if isinstance(statement, ast.Expr):
        return _is_registration(statement.value)
    return False


def _is_registration(expression: ast.expr) -> bool:
    """`app.get(...)`, `router.include_router(...)`; `values.get(...)` decorates nothing."""
    return (
        isinstance(expression, ast.Call)
        and isinstance(expression.func, ast.Attribute)
        and expression.func.attr in _REGISTERING
    )

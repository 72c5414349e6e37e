"""Finds routes that are there under a condition: it is decided once, for all stages.

Looked at is the text of the app's modules: `if`, `match`, `and`, `or` and `x if y else z` around
what adds a route or imports a module that does, a `return` before it, and the arguments that hide a
route. Not looked at are conditions elsewhere that reach a route through a variable, such as a list
of routers, a function's argument, or a prefix of a settings object.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

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
_HIDING = {"include_in_schema"}
_HIDING_PAGES = {"docs_url", "redoc_url", "openapi_url"}
_MAKERS = {"APIRouter", "Application", "FastAPI"}
_SAME_EVERYWHERE = {"TYPE_CHECKING", "typing.TYPE_CHECKING", "__name__ == '__main__'"}

_RUN_LATER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def conditional_routes(project: Project) -> Iterator[str]:
    """A line for each condition of the app's that routes depend on, with its place."""
    modules = dict(_parsed(project))
    hiding = _HIDING | _HIDING_PAGES if project.docs else _HIDING
    for path, tree in modules.items():
        module = _Module(path, tree, modules)
        places = {*module.around_routes(), *module.in_arguments(hiding)}
        for line, condition in sorted(places):
            yield (
                f"{path.as_posix()}:{line}: {condition}: decides about routes once, for all "
                "stages, without the variables of your shell. One that should count stands in "
                "[tool.fastapi-lambda.environment] of pyproject.toml."
            )


def _parsed(project: Project) -> Iterator[tuple[Path, ast.Module]]:
    for path in app_files(project):
        if path.suffix != ".py":
            continue
        try:
            yield path, ast.parse((project.root / path).read_bytes())
        except SyntaxError:
            # The import says so, with the place.
            continue


@dataclass
class _Module:
    path: Path
    tree: ast.Module
    modules: dict[Path, ast.Module]
    """All modules of the app, for those that this one imports."""

    def around_routes(self) -> Iterator[tuple[int, str]]:
        """Conditions that statements with routes depend on: their line, and their text."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.If):
                if self._adds(node.body) or self._adds(node.orelse):
                    yield from _told(node.lineno, node.test, "if ")
            elif isinstance(node, ast.Match):
                if any(self._adds(case.body) for case in node.cases):
                    yield from _told(node.lineno, node.subject, "match ")
            elif isinstance(node, ast.IfExp | ast.BoolOp):
                if any(_is_call_of(_CALLS, part) for part in ast.walk(node)):
                    yield from _told(node.lineno, node)
            elif isinstance(node, ast.For):
                chosen = [part for part in ast.walk(node.iter) if isinstance(part, ast.IfExp)]
                if chosen and self._adds(node.body):
                    yield from _told(node.lineno, chosen[0])
            for name in ("body", "orelse", "finalbody"):
                # A lambda's body is an expression.
                statements: Any = getattr(node, name, None)
                if isinstance(statements, list):
                    yield from self._after_return(cast("list[ast.stmt]", statements))

    def in_arguments(self, hiding: set[str]) -> Iterator[tuple[int, str]]:
        """Arguments that hide a route by what is no constant."""
        for node in ast.walk(self.tree):
            if not isinstance(node, ast.Call) or not (
                _is_call_of(_CALLS | _DECORATORS | _MAKERS, node)
                or (isinstance(node.func, ast.Name) and node.func.id in _MAKERS)
            ):
                continue
            for argument in node.keywords:
                if argument.arg in hiding and not self._is_constant(argument.value):
                    yield from _told(argument.lineno, argument.value, f"{argument.arg}=")

    def _after_return(self, statements: list[ast.stmt]) -> Iterator[tuple[int, str]]:
        """Conditions that end a function or a turn of a loop before a route is added."""
        for index, statement in enumerate(statements):
            if (
                isinstance(statement, ast.If)
                and isinstance(statement.body[-1], ast.Return | ast.Continue | ast.Break)
                and self._adds(statements[index + 1 :])
            ):
                yield from _told(statement.lineno, statement.test, "if ")

    def _adds(self, statements: Iterable[ast.stmt]) -> bool:
        """Whether statements add a route, but for those with a condition of their own."""
        for statement in statements:
            if isinstance(statement, ast.If | ast.Match):
                continue
            if _registers(statement) or self._imports_routes(statement):
                return True
            parts = ast.iter_child_nodes(statement)
            if not isinstance(statement, _RUN_LATER) and self._adds(
                part for part in parts if isinstance(part, ast.stmt)
            ):
                return True
        return False

    def _imports_routes(self, statement: ast.stmt) -> bool:
        """Whether a statement imports a module of the app's that adds routes."""
        if isinstance(statement, ast.Import):
            names = [alias.name.split(".") for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom):
            above = self.path.parts[: -statement.level] if statement.level else ()
            module = [*above, *(statement.module.split(".") if statement.module else ())]
            names = [module, *([*module, alias.name] for alias in statement.names)]
        else:
            return False
        trees = (self.modules.get(Path(*name).with_suffix(".py")) for name in names if name)
        return any(tree is not None and any(map(_registers, tree.body)) for tree in trees)

    def _is_constant(self, value: ast.expr) -> bool:
        """Whether a value is one, by itself or by the name of one at the module's top."""
        if isinstance(value, ast.Name):
            values = [
                statement.value
                for statement in self.tree.body
                if isinstance(statement, ast.Assign | ast.AnnAssign) and _names(statement, value.id)
            ]
            return bool(values) and all(isinstance(found, ast.Constant) for found in values)
        return isinstance(value, ast.Constant)


def _names(statement: ast.Assign | ast.AnnAssign, name: str) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def _told(line: int, condition: ast.expr, before: str = "") -> Iterator[tuple[int, str]]:
    text = ast.unparse(condition)
    if text not in _SAME_EVERYWHERE:
        yield line, before + text


def _registers(statement: ast.stmt) -> bool:
    """Whether a statement adds a route: a decorated function, or a call of its own."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return any(_is_call_of(_DECORATORS, decorator) for decorator in statement.decorator_list)
    return isinstance(statement, ast.Expr) and _is_call_of(_CALLS, statement.value)


def _is_call_of(names: set[str], expression: ast.AST) -> bool:
    """Whether an expression calls a method of one of these names: `app.get("/items")`."""
    return (
        isinstance(expression, ast.Call)
        and isinstance(expression.func, ast.Attribute)
        and expression.func.attr in names
    )

"""Finds routes that are there under a condition: it is decided once, for all stages.

Looked at is the text of the app's modules: `if`, `match`, `while`, `and`, `or`, `x if y else z` and
comprehensions around what adds a route, a `return` before it, the lists of routers that a loop goes
through, the arguments that hide a route, and paths and prefixes that the environment or a settings
object states. What adds a route is a call or a decorator, an import of a module that has one, or a
call of a function of the app's that does. Not looked at is what reaches a route in another way: an
argument of a function, an attribute that is set elsewhere, a `try`.
"""

import ast
from collections.abc import Iterable, Iterator, Set
from functools import cache
from typing import Any, cast

from .names import Module, Modules, Named
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
_WITH_PATH = _DECORATORS | _CALLS - {"include_router"}
_CHANGES = {"append", "clear", "extend", "insert", "pop", "remove"}
_HIDING = {"include_in_schema"}
_HIDING_PAGES = {"docs_url", "redoc_url", "openapi_url"}
_PLACING = {"path", "prefix"}
_MAKERS = {"APIRouter", "Application", "FastAPI"}
_SAME_EVERYWHERE = {"TYPE_CHECKING", "typing.TYPE_CHECKING", "__name__ == '__main__'"}

_RUN_LATER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_LEAVING = (ast.Return, ast.Continue, ast.Break)

type Place = tuple[int, str]
"""A condition: its line, and its text."""


def conditional_routes(project: Project) -> Iterator[str]:
    """A line for each condition of the app's that routes depend on, with its place."""
    modules = Modules(project)

    @cache
    def reader_of(path: str, known: frozenset[Named]) -> _Reader:
        return _Reader(modules, known, modules.all[path])

    def adds(module: Module, name: str, known: set[Named]) -> bool:
        if name not in module.functions:
            return False
        return reader_of(module.path.as_posix(), frozenset(known)).adds(name)

    adding = modules.closed(adds)
    hiding = _HIDING | _HIDING_PAGES if project.docs else _HIDING
    for path, module in modules.all.items():
        reader = _Reader(modules, adding, module)
        places = {*reader.around_routes(), *reader.in_arguments(hiding)}
        for line, condition in sorted(places):
            yield (
                f"{path}:{line}: {condition}: decides about routes once, for all "
                "stages, without the variables of your shell. One that should count stands in "
                "[tool.fastapi-lambda.environment] of pyproject.toml."
            )


class _Reader:
    """Reads one module."""

    def __init__(self, modules: Modules, adding: Set[Named], module: Module) -> None:
        self._modules = modules
        self._adding = adding
        self._module = module
        self._lists: set[str] = set()
        """Names of lists whose routers are added one by one."""
        self._arguments = {node.arg for node in ast.walk(module.tree) if isinstance(node, ast.arg)}
        loops = [node for node in ast.walk(module.tree) if isinstance(node, ast.For)]
        over = [loop.iter for loop in loops if self._adds(loop.body)]
        self._lists.update(name.id for name in over if isinstance(name, ast.Name))

    def adds(self, name: str) -> bool:
        """Whether a function of the module adds routes when it is called."""
        function = self._module.functions.get(name)
        return function is not None and any(
            self._registers(node) for node in ast.walk(function) if node is not function
        )

    def around_routes(self) -> Iterator[Place]:
        """Conditions that statements with routes depend on."""
        for node in ast.walk(self._module.tree):
            if isinstance(node, ast.If):
                if self._adds(node.body) or self._adds(node.orelse):
                    yield from self._told(node.lineno, node.test, "if ")
            elif isinstance(node, ast.While):
                if self._adds(node.body):
                    yield from self._told(node.lineno, node.test, "while ")
            elif isinstance(node, ast.Match):
                if any(self._adds(case.body) for case in node.cases):
                    yield from self._told(node.lineno, node.subject, "match ")
            elif isinstance(node, ast.IfExp | ast.BoolOp):
                if any(self._is_adding_call(part) for part in ast.walk(node)):
                    yield from self._told(node.lineno, node)
            elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
                if any(self._is_adding_call(part) for part in ast.walk(node.elt)):
                    yield from self._choices(node)
            elif isinstance(node, ast.For) and self._adds(node.body):
                if self._modules.is_from_environment(self._module, node.iter):
                    yield from self._told(node.lineno, node.iter, "for ")
                yield from self._choices(node.iter)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for decorator in node.decorator_list:
                    parts = ast.walk(decorator)
                    # A route's own arguments are looked at below.
                    if not _is_call_of(_DECORATORS, decorator) and any(
                        _is_call_of(_DECORATORS, part) for part in parts
                    ):
                        yield from self._choices(decorator)
            for name in ("body", "orelse", "finalbody"):
                # A lambda's body is an expression.
                statements: Any = getattr(node, name, None)
                if isinstance(statements, list):
                    yield from self._after_return(cast("list[ast.stmt]", statements))
        for name in self._lists:
            for value in self._module.values.get(name, ()):
                yield from self._choices(value)

    def in_arguments(self, hiding: set[str]) -> Iterator[Place]:
        """Arguments that hide a route by what is no constant, or place it by the environment."""
        for node in ast.walk(self._module.tree):
            if not isinstance(node, ast.Call) or not (
                _is_call_of(_CALLS | _DECORATORS | _MAKERS, node)
                or (isinstance(node.func, ast.Name) and node.func.id in _MAKERS)
            ):
                continue
            for argument in node.keywords:
                name, value = argument.arg, argument.value
                if (name in hiding and not self._is_constant(value)) or (
                    name in _PLACING and self._modules.is_from_environment(self._module, value)
                ):
                    yield from self._told(argument.lineno, value, f"{name}=")
                elif name in _PLACING or name == "routes":
                    yield from self._choices(value)
            if node.args and _is_call_of(_WITH_PATH, node):
                path = node.args[0]
                if self._modules.is_from_environment(self._module, path):
                    yield from self._told(path.lineno, path)
                else:
                    yield from self._choices(path)

    def _after_return(self, statements: list[ast.stmt]) -> Iterator[Place]:
        """Conditions that end a function or a turn of a loop before a route is added."""
        for index, statement in enumerate(statements):
            if isinstance(statement, ast.If):
                ways, condition, word = [statement.body, statement.orelse], statement.test, "if "
            elif isinstance(statement, ast.Match):
                ways = [case.body for case in statement.cases]
                condition, word = statement.subject, "match "
            else:
                continue
            leaves = any(way and isinstance(way[-1], _LEAVING) for way in ways)
            if leaves and self._adds(statements[index + 1 :]):
                yield from self._told(statement.lineno, condition, word)

    def _adds(self, statements: Iterable[ast.stmt]) -> bool:
        """Whether statements add a route, but for those with a condition of their own."""
        for statement in statements:
            if isinstance(statement, ast.If | ast.Match):
                continue
            if self._registers(statement) or self._imports_routes(statement):
                return True
            parts = ast.iter_child_nodes(statement)
            if not isinstance(statement, _RUN_LATER) and self._adds(
                part for part in parts if isinstance(part, ast.stmt)
            ):
                return True
        return False

    def _registers(self, statement: ast.AST) -> bool:
        """Whether a statement adds a route: a decorated function, or a call."""
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            return any(_is_call_of(_DECORATORS, each) for each in statement.decorator_list)
        if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            named = {target.id for target in targets if isinstance(target, ast.Name)}
            return bool(named & self._lists) or self._is_adding_call(statement.value)
        if isinstance(statement, ast.Expr | ast.Return):
            return self._is_adding_call(statement.value)
        return False

    def _is_adding_call(self, expression: ast.AST | None) -> bool:
        if not isinstance(expression, ast.Call):
            return False
        function = expression.func
        if self._modules.resolve(self._module, function) in self._adding:
            return True
        if not isinstance(function, ast.Attribute):
            # A decorator that is called: app.get("/items")(items).
            return _is_call_of(_DECORATORS, function)
        changed = function.value
        is_list = (isinstance(changed, ast.Attribute) and changed.attr == "routes") or (
            isinstance(changed, ast.Name) and changed.id in self._lists
        )
        return function.attr in _CALLS or (function.attr in _CHANGES and is_list)

    def _imports_routes(self, statement: ast.stmt) -> bool:
        """Whether a statement imports a module of the app's that adds routes."""
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            return False
        names = [alias.asname or alias.name for alias in statement.names]
        found = (self._modules.imported_module(self._module, name) for name in names)
        return any(
            module is not None and any(map(self._registers, module.tree.body)) for module in found
        )

    def _choices(self, expression: ast.expr) -> Iterator[Place]:
        """Conditions within a value: `x if y else z`, `and`, `or`, and those of comprehensions."""
        for part in ast.walk(expression):
            if isinstance(part, ast.IfExp | ast.BoolOp):
                yield from self._told(part.lineno, part)
            elif isinstance(part, ast.comprehension):
                for condition in part.ifs:
                    yield from self._told(condition.lineno, condition)

    def _told(self, line: int, condition: ast.expr, before: str = "") -> Iterator[Place]:
        text = ast.unparse(condition)
        if text not in _SAME_EVERYWHERE and not self._is_same_everywhere(condition):
            yield line, before + text

    def _is_same_everywhere(self, condition: ast.expr) -> bool:
        """Whether a condition depends on the text alone, or on whether a package is installed."""
        if isinstance(condition, ast.Constant):
            return True
        if isinstance(condition, ast.UnaryOp):
            return self._is_same_everywhere(condition.operand)
        if isinstance(condition, ast.Compare):
            return all(map(self._is_same_everywhere, (condition.left, *condition.comparators)))
        return (
            isinstance(condition, ast.Name)
            and condition.id not in self._arguments
            and self._is_constant(condition)
        )

    def _is_constant(self, value: ast.expr) -> bool:
        """Whether a value is one, by itself or by the name of one."""
        if isinstance(value, ast.Name):
            values = self._module.values.get(value.id, ())
            return bool(values) and all(isinstance(found, ast.Constant) for found in values)
        return isinstance(value, ast.Constant)


def _is_call_of(names: set[str], expression: ast.AST) -> bool:
    """Whether an expression calls a method of one of these names: `app.get("/items")`."""
    return (
        isinstance(expression, ast.Call)
        and isinstance(expression.func, ast.Attribute)
        and expression.func.attr in names
    )

"""What names stand for in an app's modules, as far as their text tells."""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .files import app_files
from .project import Project

type Named = tuple[str, str]
"""A module and a name in it: `("api/helpers.py", "add_pages")`, `("os", "environ")`."""

type Function = ast.FunctionDef | ast.AsyncFunctionDef

_READING = {("os", "environ"), ("os", "environb"), ("os", "getenv")}


@dataclass
class Module:
    """One module of an app."""

    path: Path
    tree: ast.Module
    imported: dict[str, Named] = field(default_factory=dict[str, Named])
    """Names that are another module's, and modules: `("api/helpers.py", "")`."""
    values: dict[str, list[ast.expr]] = field(default_factory=dict[str, list[ast.expr]])
    """What is assigned to a name, at the top or in a function."""
    functions: dict[str, Function] = field(default_factory=dict[str, Function])
    classes: dict[str, ast.ClassDef] = field(default_factory=dict[str, ast.ClassDef])


class Modules:
    """All modules of an app, and what a name in one of them is."""

    def __init__(self, project: Project) -> None:
        """Read them.

        Args:
            project: The API.
        """
        self.all = {path.as_posix(): Module(path, tree) for path, tree in parsed_modules(project)}
        for module in self.all.values():
            self._note(module)
        self._of_environment = self.closed(self._reads_environment)

    def closed(self, is_so: Callable[[Module, str, set[Named]], bool]) -> set[Named]:
        """Names of the app's of which something is so, by themselves or by other names.

        Args:
            is_so: Says it of a name of a module, given those of which it is known already.
        """
        found: set[Named] = set()
        known = -1
        while known < len(found):
            known = len(found)
            for path, module in self.all.items():
                for name in (*module.values, *module.functions, *module.classes):
                    if (path, name) not in found and is_so(module, name, found):
                        found.add((path, name))
        return found

    def resolve(self, module: Module, expression: ast.AST) -> Named | None:
        """What a name or a chain of them (`helpers.add_pages`) stands for; None for all else."""
        if isinstance(expression, ast.Name):
            place = expression.id
            if place in module.imported:
                return self._origin(module.imported[place])
            return module.path.as_posix(), place
        if not isinstance(expression, ast.Attribute):
            return None
        whole = ast.unparse(expression.value)
        base = module.imported.get(whole)
        if base is not None and (not base[1] or self._module(*base)):
            path = self._module(*base) if base[1] else base[0]
            return self._origin((path or base[0], expression.attr))
        return None

    def is_from_environment(self, module: Module, expression: ast.expr) -> bool:
        """Whether a value depends on variables of the environment, or on a settings object."""
        return self._has(module, expression, self._of_environment)

    def imported_module(self, module: Module, name: str) -> Module | None:
        """The app's module that a name of an import stands for, or that it is taken from."""
        path, inner = module.imported[name]
        within = self._module(path, inner) if inner else None
        return self.all.get(within or path)

    def _has(self, module: Module, expression: ast.AST, names: set[Named]) -> bool:
        for part in ast.walk(expression):
            found = self.resolve(module, part)
            if found is not None and (found in _READING or found in names):
                return True
        return False

    def _reads_environment(self, module: Module, name: str, known: set[Named]) -> bool:
        parts: list[ast.AST] = list(module.values.get(name, ()))
        if name in module.functions:
            parts += [
                part
                for part in ast.walk(module.functions[name])
                if isinstance(part, ast.Return) and part.value
            ]
        if name in module.classes:
            bases = module.classes[name].bases
            if any(ast.unparse(base).rpartition(".")[2] == "BaseSettings" for base in bases):
                return True
            parts += bases
        return any(self._has(module, part, known) for part in parts)

    def _note(self, module: Module) -> None:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                module.imported.update(self._imports(module, node))
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                module.functions[node.name] = node
            elif isinstance(node, ast.ClassDef):
                module.classes[node.name] = node
            elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value:
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    if isinstance(target, ast.Name):
                        module.values.setdefault(target.id, []).append(node.value)

    def _imports(
        self, module: Module, statement: ast.Import | ast.ImportFrom
    ) -> Iterator[tuple[str, Named]]:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                yield alias.asname or alias.name, (self._file(alias.name.split(".")), "")
            return
        above = module.path.parts[: -statement.level] if statement.level else ()
        parts = [*above, *(statement.module.split(".") if statement.module else ())]
        for alias in statement.names:
            yield alias.asname or alias.name, (self._file(parts), alias.name)

    def _file(self, parts: Iterable[str]) -> str:
        """The app's file of a module; for one of a library, its name."""
        place = "/".join(parts)
        for path in (f"{place}.py", f"{place}/__init__.py".lstrip("/")):
            if path in self.all:
                return path
        return place.replace("/", ".")

    def _module(self, path: str, name: str) -> str | None:
        """The file of a module that is imported from its package by name."""
        folder = path.removesuffix("/__init__.py").removesuffix("__init__.py").replace(".", "/")
        found = self._file([part for part in (folder, name) if part])
        return found if found in self.all else None

    def _origin(self, named: Named) -> Named:
        """Where a name that modules hand on is from."""
        for _ in self.all:
            module = self.all.get(named[0])
            if module is None or named[1] not in module.imported:
                break
            named = module.imported[named[1]]
        return named


def parsed_modules(project: Project) -> Iterator[tuple[Path, ast.Module]]:
    """The app's modules, with their paths in its folder."""
    for path in app_files(project):
        if path.suffix != ".py":
            continue
        try:
            yield path, ast.parse((project.root / path).read_bytes())
        except SyntaxError:
            # The import says so, with the place.
            continue

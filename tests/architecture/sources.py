"""The package as text: what each module imports, and where.

Rules take a module's path and text, so a planted fault is a literal in a test.  No module of the package is imported.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]
PACKAGE = "aformity_pipelines"


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One module: `path` is relative to the package (`mapping/compile.py`)."""

    path: str
    text: str

    @property
    def room(self) -> str:
        """The folder of the package it stands in; a module at the top is a room of its own."""
        return PurePosixPath(self.path).parts[0].removesuffix(".py")

    @property
    def name(self) -> str:
        """Its dotted name below the package: `mapping.compile`; a room's `__init__` has the room's name."""
        parts = PurePosixPath(self.path).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)

    def tree(self) -> ast.Module:
        """Return its syntax tree, which nobody may change."""
        return _parsed(self.path, self.text)


@cache
def _parsed(path: str, text: str) -> ast.Module:
    return ast.parse(text, path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One name that a module imports, by its full dotted name."""

    module: Module
    line: int
    target: str
    inside: bool
    """Whether it stands in a function, and so costs nothing until that is called."""

    @property
    def here(self) -> str:
        """Its name below the package, or nothing when it comes from elsewhere."""
        return self.target.removeprefix(f"{PACKAGE}.") if self.target.startswith(f"{PACKAGE}.") else ""

    @property
    def library(self) -> str:
        """The top name of what it comes from: `great_expectations`."""
        return self.target.partition(".")[0]

    def says(self, what: str) -> str:
        """Return a breach at this line."""
        return f"{self.module.path}:{self.line}: {what}"


@cache
def package() -> tuple[Module, ...]:
    """Return every module of the package."""
    folder = ROOT / PACKAGE
    return tuple(
        Module(path=path.relative_to(folder).as_posix(), text=path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.py"))
    )


@cache
def imports_of(module: Module) -> tuple[Import, ...]:
    """Return what `module` imports, wherever it does; relative imports are refused by ruff."""
    return tuple(_imports(module, module.tree(), inside=False))


def _imports(module: Module, node: ast.AST, *, inside: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            origin = f"{child.module}." if isinstance(child, ast.ImportFrom) else ""
            for alias in child.names:
                yield Import(module=module, line=child.lineno, target=origin + alias.name, inside=inside)
        within = inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        yield from _imports(module, child, inside=within)

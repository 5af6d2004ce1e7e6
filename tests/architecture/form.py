"""How each module is written: its size, its docstrings, its names, its silenced lines, its imports' place."""

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator

from tests.architecture.sources import Module, imports_of

MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 60
DRAWERS = {"util", "utils", "helper", "helpers", "common", "misc", "shared", "tools"}
EMPTY_WORDS = {"process", "processor", "handle", "handler", "manager", "data", "util", "utils", "helper"}
SILENCED = re.compile(r"noqa|type: ignore|pyright: ignore|pragma: no cover|pylint: disable")
REASONED = re.compile(r"(?:noqa: [A-Z0-9, ]+|no cover) - \S|type: ignore\[[a-z-, ]+\]\s+# \S")
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def long_modules(modules: Iterable[Module]) -> list[str]:
    """Return the modules of more than 400 lines."""
    return [
        f"{module.path}: {lines} lines, {MOST_LINES} are the most"
        for module in modules
        if (lines := len(module.text.splitlines())) > MOST_LINES
    ]


def long_functions(modules: Iterable[Module]) -> list[str]:
    """Return the functions of more than 60 lines, docstring included."""
    return [
        f"{module.path}:{node.lineno}: '{node.name}' has {lines} lines, {MOST_LINES_OF_A_FUNCTION} are the most"
        for module in modules
        for node in ast.walk(module.tree())
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > MOST_LINES_OF_A_FUNCTION
    ]


def undocumented(modules: Iterable[Module]) -> list[str]:
    """Return the modules and public definitions that say nothing about themselves."""
    breaches = []
    for module in modules:
        tree = module.tree()
        if not ast.get_docstring(tree):
            breaches.append(f"{module.path}:1: the module has no docstring")
        breaches += [
            f"{module.path}:{node.lineno}: '{node.name}' has no docstring"
            for node in _public(tree.body)
            if not ast.get_docstring(node)
        ]
    return breaches


def hidden_imports(modules: Iterable[Module]) -> list[str]:
    """Return the imports inside functions that give no reason on their line."""
    return [
        one.says(f"'{one.target}' is imported inside a function; give the reason: # noqa: PLC0415 - ...")
        for module in modules
        for one in imports_of(module)
        if one.inside and not re.search(r"# noqa: PLC0415 - \S", module.text.splitlines()[one.line - 1])
    ]


def silenced_without_reason(modules: Iterable[Module]) -> list[str]:
    """Return the comments that silence a tool and do not say why."""
    return [
        f"{module.path}:{token.start[0]}: '{token.string}' gives no reason"
        for module in modules
        for token in tokenize.generate_tokens(io.StringIO(module.text).readline)
        if token.type == tokenize.COMMENT
        and SILENCED.search(token.string)
        and not REASONED.search(token.string)
    ]


def empty_names(modules: Iterable[Module]) -> list[str]:
    """Return the modules called util, helper, common or misc, and definitions named by a word that says nothing."""
    breaches = []
    for module in modules:
        if DRAWERS & set(re.split(r"[._]", module.name)):
            breaches.append(f"{module.path}: is a drawer; name it by what belongs in it")
        breaches += [
            f"{module.path}:{node.lineno}: '{node.name}' says '{word}', which says nothing"
            for node in ast.walk(module.tree())
            if isinstance(node, Definition)
            for word in sorted(EMPTY_WORDS & set(_words(node.name)))
        ]
    return breaches


def catch_alls(modules: Iterable[Module], *, allowed: Iterable[str]) -> list[str]:
    """Return the handlers of any exception outside of the modules that may hold one."""
    return [
        f"{module.path}:{node.lineno}: catches any exception; name the ones that are expected"
        for module in modules
        if module.path not in set(allowed)
        for node in ast.walk(module.tree())
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type)
    ]


def _public(body: Iterable[ast.stmt]) -> Iterator[Definition]:
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body)


def _is_broad(caught: ast.expr | None) -> bool:
    names = [caught] if not isinstance(caught, ast.Tuple) else caught.elts
    return any(name is None or getattr(name, "id", None) in {"Exception", "BaseException"} for name in names)


def _words(name: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]

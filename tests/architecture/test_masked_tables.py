"""Personal values stay where they are: of the launch record's modules one opens tables, and few may look behind it."""

import ast
from collections.abc import Iterable, Iterator

from tests.architecture.sources import Module, imports_of, package

LAUNCH = "stages/launch/"
OPENS = {
    "masked.py": "makes the masked views, and runs what sections ask of them",
    "masking.py": "reads which columns a table has",
    "guarded.py": "asks the parser what a statement reads",
    "proved.py": "asks every count of the record again: numbers by name, and nothing else, leave it",
    "previous.py": "names the tables of an earlier version, for `counted`",
    "answers/links.py": "names the tables behind the links that it has measured",
    "answers/corrected.py": "lets the review room work out which decision put a value there: rows and ids",
}
"""Modules that may touch the connection or a stage's files, each with its reason."""
LOOKS_BEHIND = {
    "answers/basis.py": "passes it on to the three below",
    "answers/cleared.py": "a step that clears a text is found by running it on the text; what is kept is masked",
    "answers/corrected.py": "copies rows and ids",
    "answers/links.py": "follows links by their keys; what is kept are rows, names of entities and numbers",
    "answers/values.py": "counts which delivered text became which value; what is kept is masked",
}
"""Modules that may have a working table filled from unmasked tables, each with its reason."""
DOORS = frozenset({"connection", "execute", "executemany", "read_text", "read_bytes", "open"})
ROOMS = ("duckdb", "polars", "pyarrow")
FILES = frozenset(
    {
        "folder_of",
        "parquet",
        "TABLE",
        "REJECTS",
        "FINDINGS",
        "EXAMPLES",
        "VALUES",
        "open_all",
        "open_raw",
        "open_table",
    }
)


def _of_launch(modules: Iterable[Module]) -> Iterator[tuple[str, Module]]:
    for module in modules:
        if module.path.startswith(LAUNCH):
            yield module.path.removeprefix(LAUNCH), module


def openings(modules: Iterable[Module]) -> list[str]:
    """Return where a module of the launch record opens a table or a file, or asks the database itself."""
    found = []
    for name, module in _of_launch(modules):
        if name not in OPENS:
            found += [
                f"{name}:{node.lineno}: `.{node.attr}`; ask `Sources` for what is masked"
                for node in ast.walk(module.tree())
                if isinstance(node, ast.Attribute) and node.attr in DOORS
            ]
            found += [
                one.says(f"'{one.target}' opens what may hold personal values; ask `Sources`")
                for one in imports_of(module)
                if one.library in ROOMS
                or (one.here.startswith("stages.") and one.here.rpartition(".")[2] in FILES)
            ]
    return found


def looks_behind(modules: Iterable[Module]) -> set[str]:
    """Return the modules that have something measured on unmasked tables."""
    return {
        name
        for name, module in _of_launch(modules)
        for node in ast.walk(module.tree())
        if isinstance(node, ast.Attribute) and node.attr == "measure"
    }


def test_only_named_modules_of_the_launch_record_open_tables() -> None:
    assert openings(package()) == []


def test_only_named_modules_look_behind_the_masked_tables() -> None:
    assert looks_behind(package()) - set(LOOKS_BEHIND) == set()


def test_every_name_on_the_lists_is_still_a_module() -> None:
    names = {name for name, _ in _of_launch(package())}

    assert {*OPENS, *LOOKS_BEHIND} <= names


def test_an_opened_table_is_found() -> None:
    planted = [
        Module(path=LAUNCH + "rows.py", text="def f(sources):\n    return sources.run.connection"),
        Module(path=LAUNCH + "held.py", text="from aformity_pipelines.stages.outputs import TABLE, parquet"),
        Module(path=LAUNCH + "work.py", text="import duckdb"),
        Module(path=LAUNCH + "answers/new.py", text="from aformity_pipelines.stages.sources import open_all"),
    ]

    assert len(openings(planted)) == 5


def test_a_new_look_behind_is_found() -> None:
    planted = [Module(path=LAUNCH + "rows.py", text="def f(sources):\n    sources.masked.measure('')")]

    assert looks_behind(planted) == {"rows.py"}

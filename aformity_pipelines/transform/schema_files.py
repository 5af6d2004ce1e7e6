"""What a project's `*.yml` files declare: descriptions of models, and which sources there are.

Only what the pipeline needs is read; the rest of dbt's vocabulary is dbt's own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDeclaration:
    """What a schema.yml says about one model."""

    where: str
    """`file:line` of the declaration, the file relative to the project's folder."""
    description: str
    is_lookup: bool
    columns: Mapping[str, str]
    """Column name -> description."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """All that the files of one project declare."""

    models: Mapping[str, ModelDeclaration]
    sources: Mapping[tuple[str, str], str]
    """(schema, table) -> description."""


def read_declarations(folder: Path) -> tuple[Declarations, tuple[str, ...]]:
    """Read every `*.yml` below `folder/models`.

    Returns what they declare, and a problem `file:line: ...` for each file or entry that cannot be
    read or says something twice.
    """
    models: dict[str, ModelDeclaration] = {}
    sources: dict[tuple[str, str], str] = {}
    problems: list[str] = []
    for path in sorted((folder / "models").rglob("*.yml")):
        name = str(path.relative_to(folder))
        try:
            root = _composed(path.read_text(encoding="utf-8"))
        except yaml.YAMLError as error:
            mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
            what = error.problem if isinstance(error, yaml.MarkedYAMLError) else str(error)
            problems.append(f"{name}:{mark.line + 1 if mark else 1}: not valid YAML: {what}; correct it")
            continue
        for node in _entries(root, "models"):
            declaration = _model(node, name)
            model = _text(node, "name")
            if model in models:
                problems.append(
                    f"{declaration.where}: model {model!r} is also at {models[model].where}; keep one"
                )
            models.setdefault(model, declaration)
        for node in _entries(root, "sources"):
            for table in _entries(node, "tables"):
                sources[_text(node, "name"), _text(table, "name")] = _text(table, "description")
    return Declarations(models=models, sources=sources), tuple(problems)


@lru_cache(maxsize=64)
def _composed(text: str) -> yaml.Node | None:
    """Every step of a wave reads the same project; a file that was edited has another text."""
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _model(node: yaml.Node, file: str) -> ModelDeclaration:
    meta = _value(_value(node, "config"), "meta")
    return ModelDeclaration(
        where=f"{file}:{node.start_mark.line + 1}",
        description=_text(node, "description"),
        is_lookup=_text(meta, "rows") == "lookup",
        columns={_text(column, "name"): _text(column, "description") for column in _entries(node, "columns")},
    )


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def _text(node: yaml.Node | None, key: str) -> str:
    value = _value(node, key)
    return str(value.value) if isinstance(value, yaml.ScalarNode) else ""


def _entries(node: yaml.Node | None, key: str) -> Iterator[yaml.Node]:
    value = _value(node, key)
    if isinstance(value, yaml.SequenceNode):
        yield from value.value

"""A project of models: SQL files in a folder that dbt can run too, read without dbt.

Only `{{ ref('model') }}` and `{{ source('schema', 'table') }}` are understood, so that a person
reads SQL and nothing else.  Whether that SQL is portable is `lint`'s question.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from aformity_pipelines.transform.schema_files import Declarations, read_declarations

Source = tuple[str, str]
"""Schema and table of a relation that the project reads and does not make."""

_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|\{\{|\{%|\{#|\}\}|%\}|#\}", re.DOTALL)
_REF = re.compile(r"""\{\{-?\s*ref\(\s*(['"])(?P<model>\w+)\1\s*\)\s*-?\}\}""")
_SOURCE = re.compile(
    r"""\{\{-?\s*source\(\s*(['"])(?P<schema>\w+)\1\s*,\s*(['"])(?P<table>\w+)\3\s*\)\s*-?\}\}"""
)


class ProjectError(ValueError):
    """The folder is no project of models.

    `problems` holds every problem as `file:line: what is wrong; what to do`.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One SQL file: a SELECT whose name is the file's."""

    name: str
    layer: str
    """The folder below `models/`: staging, intermediate or marts."""
    path: Path
    """Relative to the project's folder."""
    sql: str
    """As written, `ref()` and `source()` included."""
    description: str
    is_lookup: bool
    """Declared `rows: lookup` in its schema.yml: a table of keys that stands for no records."""
    refs: tuple[str, ...]
    """Models it reads, each once, in order of appearance."""
    sources: tuple[Source, ...]
    """Source relations it reads, each once, in order of appearance."""

    def resolved(self, ref: Callable[[str], str], source: Callable[[Source], str]) -> str:
        """Return the SQL with every `ref()` and `source()` replaced by what the functions give.

        Lines stay where they are, so a position in the result is one in the file.
        """
        sql = _REF.sub(lambda found: ref(found["model"]) + "\n" * found[0].count("\n"), self.sql)
        return _SOURCE.sub(
            lambda found: source((found["schema"], found["table"])) + "\n" * found[0].count("\n"), sql
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """All models of one folder, each after the models it reads; ties by name."""

    folder: Path
    models: tuple[Model, ...]

    def model(self, name: str) -> Model:
        """Return one model; raise KeyError, naming those there are, when there is none."""
        for model in self.models:
            if model.name == name:
                return model
        known = ", ".join(model.name for model in self.models)
        raise KeyError(f"no model {name!r} in {self.folder.name}; there are: {known}")

    def ancestors(self, name: str) -> tuple[Model, ...]:
        """Return the models that `name` is made of, directly or not, in the order to build them."""
        needed = set(self.model(name).refs)
        for model in reversed(self.models):
            if model.name in needed:
                needed.update(model.refs)
        return tuple(model for model in self.models if model.name in needed)

    def sources_of(self, name: str) -> tuple[Source, ...]:
        """Return the source relations that `name` reads, directly or not, each once."""
        chain = (*self.ancestors(name), self.model(name))
        return tuple(dict.fromkeys(source for model in chain for source in model.sources))


def load_project(folder: Path) -> Project:
    """Read `folder`: `models/<layer>/*.sql` and the `*.yml` beside them.

    Raises `ProjectError` with all problems at once: other Jinja, an unknown model or source, a
    duplicate name, a cycle, a description of a model that is not there.
    """
    root = folder / "models"
    paths = sorted(root.rglob("*.sql"))
    declared, problems = read_declarations(folder)
    if not paths:
        raise ProjectError((f"{folder.name}/models:1: no .sql file here; is this the project's folder?",))
    models = tuple(_read_model(path, folder, declared) for path in paths)
    problems += tuple(_problems(models, declared))
    if problems:
        raise ProjectError(tuple(sorted(problems)))
    by_name = {model.name: model for model in models}
    return Project(folder=folder, models=tuple(by_name[name] for name in _ordered(models)))


def _read_model(path: Path, folder: Path, declared: Declarations) -> Model:
    sql = path.read_text(encoding="utf-8")
    relative = path.relative_to(folder)
    declaration = declared.models.get(path.stem)
    return Model(
        name=path.stem,
        layer=relative.parts[1],
        path=relative,
        sql=sql,
        description=declaration.description if declaration else "",
        is_lookup=declaration is not None and declaration.is_lookup,
        refs=tuple(dict.fromkeys(found["model"] for found in _REF.finditer(sql))),
        sources=tuple(dict.fromkeys((found["schema"], found["table"]) for found in _SOURCE.finditer(sql))),
    )


def _ordered(models: tuple[Model, ...]) -> list[str]:
    sorter = TopologicalSorter({model.name: sorted(model.refs) for model in models})
    sorter.prepare()
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order.extend(ready)
        sorter.done(*ready)
    return order


def _problems(models: tuple[Model, ...], declared: Declarations) -> Iterator[str]:
    first: dict[str, Model] = {}
    for model in models:
        if model.name in first:
            yield f"{model.path}:1: model {model.name!r} is also {first[model.name].path}; rename one"
        first.setdefault(model.name, model)
    for model in models:
        yield from _problems_of_jinja(model, first, declared)
    for name, declaration in declared.models.items():
        if name not in first:
            yield f"{declaration.where}: describes model {name!r}, which has no .sql file; remove or rename it"
    try:
        _ordered(tuple(first.values()))
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        where = f"{first[circle[0]].path}:{_line_of_ref(first[circle[0]], circle[1])}"
        yield f"{where}: models read each other in a circle: {' -> '.join(circle)}; break it"


def _problems_of_jinja(model: Model, known: dict[str, Model], declared: Declarations) -> Iterator[str]:
    for found in _JINJA.finditer(model.sql):
        where = f"{model.path}:{model.sql.count(chr(10), 0, found.start()) + 1}"
        ref, source = _REF.fullmatch(found[0]), _SOURCE.fullmatch(found[0])
        if ref and ref["model"] not in known:
            yield f"{where}: ref to unknown model {ref['model']!r}; the models are {', '.join(sorted(known))}"
        elif source and (source["schema"], source["table"]) not in declared.sources:
            name = f"{source['schema']}.{source['table']}"
            yield f"{where}: source {name!r} is not declared; add it to models/sources.yml"
        elif not (ref or source):
            shown = " ".join(found[0].split())
            yield f"{where}: only ref('model') and source('schema', 'table') are understood, not {shown}"


def _line_of_ref(model: Model, name: str) -> int:
    starts = (found.start() for found in _REF.finditer(model.sql) if found["model"] == name)
    return model.sql.count("\n", 0, next(starts, 0)) + 1

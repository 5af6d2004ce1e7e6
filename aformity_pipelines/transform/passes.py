"""Which models a mapped field passes on its way to the product, and which of them may change it.

Read from the SQL of one model after the other, so that a step is named by the file that a person can open.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from aformity_pipelines.transform.lineage import Made, made_of
from aformity_pipelines.transform.project import Model, Project, Source
from aformity_pipelines.transform.run_models import MAPPED_COLUMNS

MERGE_COLUMNS = ("entity", "row_id", "survivor", "decision")
"""The columns of `review.merges`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A field's way through the models."""

    models: tuple[Model, ...]
    """In the order in which they run."""
    changing: tuple[Model, ...]
    """Those in which its column is more than the column before it."""

    @property
    def says(self) -> str:
        """What the changing models do, as their authors describe them; empty where none changes it."""
        return " ".join(f"{model.name}: {_sentence(model)}" for model in self.changing)


def passages(project: Project, entity: str, mapped: Mapping[str, Iterable[str]]) -> dict[str, Passage]:
    """Return the way of every field of an entity's mapped table that reaches the column of its name.

    `mapped` names the fields of every entity that the models read.
    """
    chain = (*project.ancestors(entity), project.model(entity))
    columns = {_named(("mapped", name)): (*MAPPED_COLUMNS, *fields) for name, fields in mapped.items()}
    columns[_named(("review", "merges"))] = MERGE_COLUMNS
    made: dict[tuple[str, str], Made] = {}
    for model in chain:
        found = made_of(
            model.resolved(str, _named),
            {name: dict.fromkeys(each, "VARCHAR") for name, each in columns.items()},
        )
        columns[model.name] = tuple(found)
        made |= {(model.name, column): each for column, each in found.items()}
    return {
        field: passage
        for field in mapped[entity]
        if (passage := _passage(chain, made, (_named(("mapped", entity)), field), (entity, field)))
    }


def _passage(
    chain: tuple[Model, ...],
    made: Mapping[tuple[str, str], Made],
    start: tuple[str, str],
    end: tuple[str, str],
) -> Passage | None:
    steps = frozenset(_steps(made, start, end))
    passed = {model for model, _ in steps}
    changing = {model for model, column in steps if not made[model, column].is_plain}
    if not passed:
        return None
    return Passage(
        models=tuple(model for model in chain if model.name in passed),
        changing=tuple(model for model in chain if model.name in changing),
    )


def _steps(
    made: Mapping[tuple[str, str], Made], start: tuple[str, str], column: tuple[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield the columns of models by which `start` comes into `column`, that one included."""
    if column in made:
        before = [(each.relation, each.column) for each in made[column].upstream]
        steps = [step for each in before for step in _steps(made, start, each)]
        if steps or start in before:
            yield column
            yield from steps


def _named(source: Source) -> str:
    return "__".join(source)


def _sentence(model: Model) -> str:
    text = model.description.strip() or "changes it"
    return text if text.endswith(".") else f"{text}."

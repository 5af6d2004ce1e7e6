"""All answers of a launch record, and the questions that they answer."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aformity_pipelines.domain.launch.answers import Answer, LikelyQuestion, OpenAnswer, OpenQuestion
from aformity_pipelines.domain.launch.limits import LISTED, LISTED_ROWS
from aformity_pipelines.domain.launch.statements import Statement
from aformity_pipelines.export.manifest import FileEntry
from aformity_pipelines.stages.launch.answers.basis import Basis
from aformity_pipelines.stages.launch.answers.blanks import blank_groups
from aformity_pipelines.stages.launch.answers.concerning import create_concerning
from aformity_pipelines.stages.launch.answers.corrected import corrected_groups, create_corrected
from aformity_pipelines.stages.launch.answers.ended import create_ended
from aformity_pipelines.stages.launch.answers.fates import absent_groups
from aformity_pipelines.stages.launch.answers.field_ways import mapping_groups
from aformity_pipelines.stages.launch.answers.findings import create_found, found_groups
from aformity_pipelines.stages.launch.answers.given import create_given
from aformity_pipelines.stages.launch.answers.group import (
    Group,
    open_answer,
    settled_answer,
    stand_once,
    within_budget,
)
from aformity_pipelines.stages.launch.answers.idle import idle_groups
from aformity_pipelines.stages.launch.answers.links import link_groups
from aformity_pipelines.stages.launch.answers.merges import apart_groups, merged_groups
from aformity_pipelines.stages.launch.answers.questions import Asking, open_questions, questions
from aformity_pipelines.stages.launch.answers.updated import updated_groups
from aformity_pipelines.stages.launch.answers.values import value_groups


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a launch record says before anybody asks."""

    answers: tuple[Answer, ...]
    open_answers: tuple[OpenAnswer, ...]
    questions: tuple[LikelyQuestion, ...]
    open_questions: tuple[OpenQuestion, ...]
    notices: tuple[Statement, ...]

    def rows_listed(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the entity of each answer and the row ids that it lists: each needs a label."""
        yield from ((answer.entity, answer.rows) for answer in self.answers)
        yield from ((answer.entity, answer.rows) for answer in self.open_answers)


def answered(basis: Basis) -> Answered:
    """Return every answer, settled and open, and the questions that come first."""
    groups = stand_once(_groups(basis))
    listed, is_cut = within_budget(groups)
    return Answered(
        answers=tuple(settled_answer(g, n) for g, n in zip(groups, listed, strict=True) if g.owed is None),
        open_answers=tuple(open_answer(g, g.owed, n) for g, n in zip(groups, listed, strict=True) if g.owed),
        questions=questions(_asking(basis), groups),
        open_questions=open_questions(_asking(basis), groups),
        notices=(cut_notice(basis.sources.run.slug),) if is_cut else (),
    )


def _groups(basis: Basis) -> Iterator[Group]:
    create_found(basis)
    create_concerning(basis)
    create_ended(basis)
    create_corrected(basis)
    create_given(basis)
    yield from mapping_groups(basis)
    yield from blank_groups(basis)
    yield from link_groups(basis)
    yield from value_groups(basis)
    yield from corrected_groups(basis)
    yield from merged_groups(basis)
    yield from apart_groups(basis)
    yield from absent_groups(basis)
    yield from found_groups(basis)
    yield from updated_groups(basis)
    yield from idle_groups(basis)


def _asking(basis: Basis) -> Asking:
    destination, files = basis.sources.run.migration.destination, basis.sources.manifest.files
    return Asking(
        entities=destination.entities,
        moments=tuple(destination.moments),
        of_record={entity: basis.moment(entity, None) for entity in basis.entities()},
        live={entity: sum(each.rows for each in of) for entity, of in _brought(files).items()},
    )


def _brought(files: Iterable[FileEntry]) -> dict[str, list[FileEntry]]:
    """Return entity -> the files of its records that the export creates or updates."""
    found: dict[str, list[FileEntry]] = {}
    for each in files:
        entity = each.entity or each.updates
        if entity and each.format == "parquet":
            found.setdefault(entity, []).append(each)
    return found


def cut_notice(slug: str) -> Statement:
    """Say that not every row is listed, and how to ask for the others."""
    says = (
        f"Some answers name only the first of their rows, since all of them would name more than {LISTED_ROWS:,};"
        f" `aformity why {slug} ENTITY KEY` answers for every one."
    )
    return Statement(says=says, evidence=(LISTED,))

"""Deliveries that wait: what is stored instead of a table where a person must answer, or another file is needed.

The delivery that came last waits; an older one of its source is never taken in its place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from aformity_pipelines.domain.delivery import Delivery
from aformity_pipelines.domain.findings import Severity
from aformity_pipelines.domain.format_words import in_words
from aformity_pipelines.domain.responsible import responsible
from aformity_pipelines.domain.stage_record import StageRecord, WaitingDelivery
from aformity_pipelines.domain.waiting_file import AskedOfFile, WaitingFile
from aformity_pipelines.intake.refusal import Question
from aformity_pipelines.stages.graph import RAW_FILE, TRANSFORMED, before, project_in, up_to
from aformity_pipelines.stages.intake_answers import store_questions, without_values
from aformity_pipelines.stages.outputs import folder_of, read_record, write_record
from aformity_pipelines.stages.run import Run

SEND_ANOTHER = "Send another file: this one is kept as it came, and nothing of it is brought over."
ANSWER = "Answer what is asked: until then none of its rows is brought over, and nobody can count them."


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTakenIn:
    """Why a delivery was not taken in: questions about it, or a reason why no answer would help."""

    questions: tuple[Question, ...] = ()
    refused: str = ""


def let_wait(
    run: Run,
    source: str,
    inputs: dict[str, str],
    delivery: Delivery,
    why: NotTakenIn,
    decisions: tuple[str, ...],
) -> StageRecord:
    """Store that `delivery` waits, in place of whatever an earlier one left, and return the stage's record."""
    folder = folder_of(run, RAW_FILE, source)
    for path in folder.iterdir():
        if path.is_file() and path.suffix in {".parquet", ".json"}:
            path.unlink()
    store_questions(folder, why.questions)
    return write_record(
        run,
        StageRecord(
            stage=RAW_FILE,
            name=source,
            wave=None,
            inputs=inputs,
            output="",
            rows_in=0,
            rows_out=0,
            waits=WaitingDelivery(
                file_name=delivery.file_name,
                sha256=delivery.sha256,
                received_on=delivery.received_on,
                received_by=delivery.received_by,
                questions=tuple(without_values(each) for each in why.questions),
                refused=why.refused,
            ),
            decisions=decisions,
        ),
    )


def waiting_files(run: Run) -> tuple[WaitingFile, ...]:
    """Return the deliveries that wait now, in the order of the sources, each with who settles it and by when."""
    records = ((source, read_record(run, RAW_FILE, source)) for source in run.migration.customer.sources)
    return tuple(_file(run, source, record.waits) for source, record in records if record and record.waits)


def _file(run: Run, source: str, waits: WaitingDelivery) -> WaitingFile:
    # A file that waits stops everything that is made of it.
    settles = responsible(run.migration, source, (), {source: waits.received_on}, risk=Severity.CRITICAL)
    due = settles.due or run.as_of + timedelta(days=settles.due_days)
    return WaitingFile(
        source=source,
        says=run.migration.customer.sources[source].says,
        file=waits.file_name,
        sha256=waits.sha256,
        received_on=waits.received_on,
        received_by=waits.received_by,
        owner=settles.person,
        due=due,
        is_overdue=due < run.as_of,
        asks=tuple(AskedOfFile(says=q.says, proposal=in_words(q.proposal)) for q in waits.questions),
        refused=waits.refused,
        entities=tuple(_entities_behind(run, source)),
        next_step=SEND_ANOTHER if waits.refused else ANSWER,
    )


def _entities_behind(run: Run, source: str) -> Iterator[str]:
    """Yield the entities that cannot go on without a delivery of `source`."""
    project = project_in(run.workspace.transforms)
    stopped = {(RAW_FILE, source)}
    for step in up_to(run.migration, TRANSFORMED):
        if stopped & set(before(run.migration, project, step)):
            stopped.add(step)
            if step[0] == TRANSFORMED:
                yield step[1]

"""Deliveries that wait, for the person who can answer: every question in full, and a draft of the answer."""

from collections.abc import Iterable, Iterator

from aformity_pipelines.cli.output import say
from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.domain.findings import Severity
from aformity_pipelines.domain.format_words import as_yaml, in_words
from aformity_pipelines.domain.stage_record import WaitingDelivery
from aformity_pipelines.domain.waiting_file import WaitingFile
from aformity_pipelines.stages.graph import RAW_FILE
from aformity_pipelines.stages.intake_answers import how_to_read, questions_in_full
from aformity_pipelines.stages.outputs import folder_of, read_record
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.waiting import waiting_files

_HEAD = "decide:"


class WaitingLine(Document):
    """One delivery that waits."""

    file: WaitingFile
    questions: tuple[str, ...]
    """What was seen and what to do about it, with examples from the file."""
    draft: str
    """The file of `aformity decide` that answers as proposed; empty where only another file helps."""


def waiting_lines(run: Run) -> tuple[WaitingLine, ...]:
    """Return the deliveries that wait now, in the order of the sources."""
    return tuple(_line(run, file) for file in waiting_files(run))


def put_waiting(customer: str, lines: tuple[WaitingLine, ...]) -> None:
    """Print what waits, since when, who settles it by when, and one draft for all of it that can be pasted."""
    for line in lines:
        file = line.file
        what = "another file" if file.refused else "an answer"
        waits = "waits" if len(file.entities) == 1 else "wait"
        behind = f"; {', '.join(file.entities)} {waits} with it" if file.entities else ""
        say(
            f"{file.source}: {file.file}, received on {file.received_on}, waits for {what}{behind}",
            style="yellow",
        )
        say(f"  {file.owner.name} settles it by {file.due}{' (overdue)' if file.is_overdue else ''}")
        for question in line.questions or ((file.refused,) if file.refused else ()):
            say(f"  - {question}")
        if not line.draft:
            say("  Put the new file into the intake folder; the next run takes it.")
    drafts = [line.draft for line in lines if line.draft]
    if drafts:
        say(f"Complete this, save it as answers.yaml, and run `aformity decide {customer} answers.yaml`:")
        say(_indented((_HEAD, *(draft.removeprefix(f"{_HEAD}\n") for draft in drafts))))


def _indented(texts: Iterable[str]) -> str:
    return "\n".join(f"    {line}" for text in texts for line in text.splitlines())


def _line(run: Run, file: WaitingFile) -> WaitingLine:
    record = read_record(run, RAW_FILE, file.source)
    assert record is not None
    assert record.waits is not None
    asked = questions_in_full(folder_of(run, RAW_FILE, file.source))
    return WaitingLine(
        file=file,
        questions=tuple(f"{kind}: {what}; {answer}" for kind, what, answer in asked),
        draft="" if file.refused else "\n".join(_draft(run, file.source, record.waits)),
    )


def _draft(run: Run, source: str, waits: WaitingDelivery) -> Iterator[str]:
    """Yield the lines of a draft; what only a person knows is left empty, and refused until it is filled in."""
    proposed = FormatHints()
    for question in waits.questions:
        proposed = proposed.over(question.proposal)
    yield _HEAD
    yield "  - kind: intake_answered"
    yield f"    by: {run.migration.customer.owner_of(source, risk=Severity.CRITICAL).person}"
    yield '    how_known: ""  # the mail, call or minutes in which this was said'
    yield f"    says: {_quoted(f'{waits.file_name}: {in_words(proposed)}.' if proposed != FormatHints() else '')}"
    yield '    why: ""'
    yield f"    source: {source}"
    yield f"    format: {as_yaml(proposed)}  # the proposal; correct it where it is wrong"
    for answer in how_to_read(run.migration, source).answers:
        if any(question.says.startswith(f"{answer.id} ") for question in waits.questions):
            yield f"    supersedes: {answer.id}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

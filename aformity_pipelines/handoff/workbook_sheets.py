"""The handoff workbook's sheets as rows of texts and numbers: what the report says, to be filtered and sorted.

Pure: the launch record in, rows out.  Accepted risks and unresolved work are never on one sheet.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from aformity_pipelines.domain.customer import Person
from aformity_pipelines.domain.launch.answers import Answer, OpenAnswer
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff.report_words import (
    FATE_WORDS,
    KIND_WORDS,
    REASON_WORDS,
    SIDE_WORDS,
    decision_words,
    phrase,
)

Cell: TypeAlias = str | int | date
Line: TypeAlias = tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet: its tab, and columns with the width that suits them, in characters."""

    name: str
    columns: tuple[tuple[str, int], ...]
    lines: tuple[Line, ...]


def sheets_of(record: LaunchRecord) -> tuple[Sheet, ...]:
    """Return every sheet in the report's order; the lines have as many cells as the sheet has columns."""
    return (*_first(record), *_settled(record), *_open(record), *_rows(record), *_proof(record))


def _first(record: LaunchRecord) -> Iterator[Sheet]:
    yield _sheet(
        "At a glance",
        (("What", 28), ("Says", 110), ("Evidence", 40)),
        (
            (record.label, f"{record.wave_says} ({record.wave})", f"log entry {record.log.seq}"),
            ("As of", record.as_of, ""),
            ("Launches on", record.launches_on, ""),
            *(("Launch", each.says, _listed(each.evidence)) for each in record.glance),
            *(("Good to know", each.says, _listed(each.evidence)) for each in record.notices),
            *(
                ("Changed since", each.says, _listed(each.evidence))
                for each in (record.changes.says if record.changes else ())
            ),
        ),
    )
    yield _sheet(
        "What customers ask",
        (("Question", 50), ("What to say", 100), ("Where", 22), ("Records", 10), ("Evidence", 40)),
        (
            (each.asks, each.says, _moment(record, each.moment), each.records, _listed(each.evidence))
            for each in record.questions
        ),
    )
    yield _sheet(
        "Field map",
        (
            ("Entity", 14), ("Field", 22), ("What it is", 44), ("How", 18), ("Source", 18), ("Columns", 30),
            ("Rule", 44), ("Rows", 9), ("Filled", 9), ("Changed", 9), ("Approval", 20), ("Decision", 10),
        ),
        (
            (
                each.entity, each.field, each.says, KIND_WORDS[each.kind][0], each.source, ", ".join(each.headers),
                each.rule, each.rows, each.filled, each.changed, each.approval, each.approved_by or "",
            )
            for each in record.mapping
        ),
    )  # fmt: skip
    yield _sheet(
        "Delivered columns",
        (("Source", 20), ("Column", 28), ("What it means", 50), ("Ends as", 14), ("Fields", 40), ("Why", 60)),
        (
            (each.source, each.header, each.says, phrase(each.fate), ", ".join(each.fields), each.why)
            for each in record.columns
        ),
    )


def _settled(record: LaunchRecord) -> Iterator[Sheet]:
    yield _sheet(
        "Accepted risks",
        (
            ("Says", 60), ("Why", 60), ("Agreed by", 34), ("On", 12), ("Decision", 10), ("Rule", 34), ("Where", 20),
            ("Rows", 9), ("Row", 50),
        ),
        (
            (
                risk.says, risk.why, "; ".join(map(_person, (risk.approver, *risk.seconded_by))), risk.accepted_on, risk.decision, risk.rule,
                _moment(record, risk.moment), risk.row_count, _label(record, row),
            )
            for risk in record.accepted_risks
            for row in risk.rows
        ),
    )  # fmt: skip
    yield _sheet(
        "Answers",
        (("About", 14), ("Entity", 14), ("Field", 20), ("Row", 50), ("Answer", 100), ("Rows", 9), ("Evidence", 40)),
        (line for each in record.answers for line in _answers(record, each)),
    )  # fmt: skip


def _open(record: LaunchRecord) -> Iterator[Sheet]:
    yield _sheet(
        "Unresolved work",
        (
            ("Due", 12), ("Overdue", 10), ("Owner", 34), ("Says", 60), ("Next step", 60), ("Id", 34), ("Entity", 14),
            ("Holds rows", 11), ("Rows", 9), ("Row", 50),
        ),
        (
            (
                work.due, "overdue" if work.is_overdue else "", _person(work.owner), work.says, work.next_step,
                work.id, work.entity, work.holds, work.row_count, _label(record, row),
            )
            for work in record.unresolved
            for row in work.rows
        ),
    )  # fmt: skip
    yield _sheet(
        "Files that wait",
        (("Due", 12), ("Overdue", 10), ("Owner", 34), ("File", 34), ("Next step", 60), ("Refused", 60)),
        (
            (
                file.due, "overdue" if file.is_overdue else "", _person(file.owner), file.file, file.next_step,
                file.refused,
            )
            for file in record.waiting
        ),
    )  # fmt: skip
    yield _sheet(
        "Still open",
        (
            ("Due", 12), ("Overdue", 10), ("Owner", 34), ("About", 14), ("Entity", 14), ("Field", 20), ("Row", 50),
            ("What to say", 100), ("Rows", 9), ("Evidence", 40),
        ),
        (
            (each.due, "overdue" if each.is_overdue else "", _person(each.owner), *line)
            for each in record.open_answers
            for line in _answers(record, each)
        ),
    )  # fmt: skip


def _rows(record: LaunchRecord) -> Iterator[Sheet]:
    yield _sheet(
        "Only listed",
        (("Rule", 34), ("Says", 60), ("Entity", 14), ("Detail", 60), ("Rows", 9), ("Row", 50)),
        (
            (each.rule, each.says, each.entity, each.detail, each.row_count, _label(record, row))
            for each in record.reported
            for row in each.rows or ("",)
        ),
    )
    yield _sheet(
        "Deferred",
        (("Wave", 14), ("Launches on", 12), ("Entity", 14), ("Says", 70), ("Released by", 60), ("Rows", 9), ("Evidence", 40)),
        (
            (
                each.wave, each.launches_on, each.entity, each.says, each.released_by, each.rows,
                _listed(each.evidence),
            )
            for each in record.deferred
        ),
    )  # fmt: skip
    yield _sheet(
        "Excluded",
        (("Entity", 14), ("Says", 70), ("Why", 70), ("Rows", 9), ("Evidence", 40)),
        ((each.entity, each.says, each.why, each.rows, _listed(each.evidence)) for each in record.excluded),
    )
    yield _sheet(
        "Merged",
        (
            ("Record", 24), ("Entity", 14), ("File", 30), ("Row", 9), ("Part", 12), ("Contributed", 50), ("Says", 60),
            ("Why", 60), ("Approved by", 34), ("On", 12), ("Decision", 10),
        ),
        (
            (
                merge.record, merge.entity, part.file, part.row_number, "survivor" if part.is_survivor else "merged",
                ", ".join(part.contributed), merge.says, merge.why, _person(merge.approver), merge.approved_on,
                merge.decision,
            )
            for merge in record.merged
            for part in merge.parts
        ),
    )  # fmt: skip


def _proof(record: LaunchRecord) -> Iterator[Sheet]:
    yield _sheet(
        "History",
        (("On", 12), ("Decision", 10), ("Kind", 24), ("By", 34), ("Says", 70), ("Why", 70), ("Stands", 10), ("Ended by", 10)),
        (
            (
                line.on, line.id, decision_words(line.kind), _person(line.by), line.says, line.why,
                "yes" if line.stands else "no", line.ended_by or "",
            )
            for line in record.history
        ),
    )  # fmt: skip
    yield _sheet(
        "Fates",
        (("Entity", 14), ("Source", 20), ("Fate", 14), ("Because", 70), ("Rows", 9)),
        (
            (each.entity, each.source, FATE_WORDS[each.fate], REASON_WORDS[each.reason], each.rows)
            for each in record.fates
        ),
    )
    yield _sheet(
        "Information loss",
        (("Entity", 14), ("Field", 20), ("Source", 20), ("Columns", 30), ("Kind", 16), ("Number", 9), ("Says", 70), ("Covered by", 24)),
        (
            (
                line.entity, line.field, line.source, ", ".join(line.headers), phrase(loss.sort), loss.number, loss.says,
                _listed(loss.covered_by),
            )
            for line in record.losses
            for loss in line.losses
        ),
    )  # fmt: skip
    yield _sheet(
        "Export files",
        (("File", 34), ("Entity", 14), ("Rows", 9), ("Bytes", 12), ("SHA-256", 68)),
        (
            (file.path, file.entity, file.rows, file.size, file.sha256)
            for file in (record.export.files if record.export else ())
        ),
    )


def _answers(record: LaunchRecord, each: Answer | OpenAnswer) -> Iterator[Line]:
    says = f"{each.says} {each.detail}".strip()
    for row in each.rows or ("",):
        yield (
            phrase(each.about), each.entity, each.field or "", _label(record, row), says, each.row_count,
            _listed(each.evidence),
        )  # fmt: skip


def _sheet(name: str, columns: tuple[tuple[str, int], ...], lines: Iterable[Line]) -> Sheet:
    return Sheet(name=name, columns=columns, lines=tuple(lines))


def _label(record: LaunchRecord, row: str) -> str:
    return record.row_labels.get(row, row)


def _person(who: Person) -> str:
    return f"{who.name}, {who.role} ({SIDE_WORDS[who.side]})"


def _moment(record: LaunchRecord, moment: str) -> str:
    return next((each.label for each in record.moments if each.moment == moment), moment)


def _listed(ids: Sequence[str]) -> str:
    return ", ".join(ids)

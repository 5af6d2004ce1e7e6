"""The handoff workbook's sheets as rows of texts and numbers: what the report says, to be filtered and sorted.

Pure: the launch record in, rows out.  Accepted risks and unresolved work are never on one sheet.
"""

from collections.abc import Iterator

from aformity_pipelines.domain.launch.answers import Answer, OpenAnswer
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff.report_rows import row_label
from aformity_pipelines.handoff.report_words import (
    FATE_WORDS,
    REASON_WORDS,
    VANISHED_WORDS,
    decision_words,
    phrase,
)
from aformity_pipelines.handoff.workbook_maps import said_and_mapped
from aformity_pipelines.handoff.workbook_sheet import (
    Line,
    Sheet,
    listed,
    moment_label,
    person,
    sheet,
)
from aformity_pipelines.handoff.workbook_waves import in_the_product, tested_again


def sheets_of(record: LaunchRecord) -> tuple[Sheet, ...]:
    """Return every sheet in the report's order; the lines have as many cells as the sheet has columns."""
    return (
        *said_and_mapped(record),
        *in_the_product(record),
        *_settled(record),
        *_open(record),
        *tested_again(record),
        *_rows(record),
        *_proof(record),
    )


def _settled(record: LaunchRecord) -> Iterator[Sheet]:
    yield sheet(
        "Accepted risks",
        (
            ("Says", 60), ("Why", 60), ("Agreed by", 34), ("On", 12), ("Decision", 10), ("Rule", 34), ("Where", 20),
            ("Rows", 9), ("Row", 50),
        ),
        (
            (
                risk.says, risk.why, "; ".join(map(person, (risk.approver, *risk.seconded_by))), risk.accepted_on, risk.decision, risk.rule,
                moment_label(record, risk.moment), risk.row_count, row_label(record, row),
            )
            for risk in record.accepted_risks
            for row in risk.rows
        ),
    )  # fmt: skip
    yield sheet(
        "Answers",
        (("About", 14), ("Entity", 14), ("Field", 20), ("Row", 50), ("Answer", 100), ("Rows", 9), ("Evidence", 40)),
        (line for each in record.answers for line in _answers(record, each)),
    )  # fmt: skip


def _open(record: LaunchRecord) -> Iterator[Sheet]:
    yield sheet(
        "Unresolved work",
        (
            ("Due", 12), ("Overdue", 10), ("Owner", 34), ("Says", 60), ("Next step", 60), ("Id", 34), ("Entity", 14),
            ("Holds rows", 11), ("Rows", 9), ("Row", 50),
        ),
        (
            (
                work.due, "overdue" if work.is_overdue else "", person(work.owner), work.says, work.next_step,
                work.id, work.entity, work.holds, work.row_count, row_label(record, row, work.entity),
            )
            for work in record.unresolved
            for row in work.rows
        ),
    )  # fmt: skip
    yield sheet(
        "Files that wait",
        (("Due", 12), ("Overdue", 10), ("Owner", 34), ("File", 34), ("Next step", 60), ("Refused", 60)),
        (
            (
                file.due, "overdue" if file.is_overdue else "", person(file.owner), file.file, file.next_step,
                file.refused,
            )
            for file in record.waiting
        ),
    )  # fmt: skip
    yield sheet(
        "Still open",
        (
            ("Due", 12), ("Overdue", 10), ("Owner", 34), ("About", 14), ("Entity", 14), ("Field", 20), ("Row", 50),
            ("What to say", 100), ("Rows", 9), ("Evidence", 40),
        ),
        (
            (each.due, "overdue" if each.is_overdue else "", person(each.owner), *line)
            for each in record.open_answers
            for line in _answers(record, each)
        ),
    )  # fmt: skip


def _rows(record: LaunchRecord) -> Iterator[Sheet]:
    yield sheet(
        "Only listed",
        (("Rule", 34), ("Says", 60), ("Entity", 14), ("Detail", 60), ("Rows", 9), ("Row", 50)),
        (
            (
                each.rule, each.says, each.entity, each.detail, each.row_count, row_label(record, row, each.entity),
            )
            for each in record.reported
            for row in each.rows or ("",)
        ),
    )  # fmt: skip
    yield sheet(
        "Deferred",
        (("Wave", 14), ("Launches on", 12), ("Entity", 14), ("Says", 70), ("Released by", 60), ("Rows", 9), ("Evidence", 40)),
        (
            (
                each.wave, each.launches_on, each.entity, each.says, each.released_by, each.rows,
                listed(each.evidence),
            )
            for each in record.deferred
        ),
    )  # fmt: skip
    yield sheet(
        "Excluded",
        (("Entity", 14), ("Says", 70), ("Why", 70), ("Rows", 9), ("Evidence", 40)),
        ((each.entity, each.says, each.why, each.rows, listed(each.evidence)) for each in record.excluded),
    )
    yield sheet(
        "No longer delivered",
        (("Source", 20), ("File", 34), ("Received on", 12), ("What is done", 70), ("Rows", 9), ("Open", 9), ("Kept", 9), ("Left out", 9), ("Row", 50)),
        (
            (
                each.source, each.file, each.received_on, VANISHED_WORDS[each.policy], each.rows, each.open, each.kept,
                each.left_out, row_label(record, row),
            )
            for each in record.vanished
            for row in each.examples or ("",)
        ),
    )  # fmt: skip
    yield sheet(
        "Merged",
        (
            ("Record", 24), ("Entity", 14), ("File", 30), ("Row", 9), ("Part", 12), ("Contributed", 50), ("Says", 60),
            ("Why", 60), ("Approved by", 34), ("On", 12), ("Decision", 10),
        ),
        (
            (
                merge.record, merge.entity, part.file, part.row_number, "survivor" if part.is_survivor else "merged",
                ", ".join(part.contributed), merge.says, merge.why, person(merge.approver), merge.approved_on,
                merge.decision,
            )
            for merge in record.merged
            for part in merge.parts
        ),
    )  # fmt: skip


def _proof(record: LaunchRecord) -> Iterator[Sheet]:
    yield sheet(
        "History",
        (("On", 12), ("Decision", 10), ("Kind", 24), ("By", 34), ("Says", 70), ("Why", 70), ("Stands", 10), ("Ended by", 10)),
        (
            (
                line.on, line.id, decision_words(line.kind), person(line.by), line.says, line.why,
                "yes" if line.stands else "no", line.ended_by or "",
            )
            for line in record.history
        ),
    )  # fmt: skip
    yield sheet(
        "Fates",
        (("Entity", 14), ("Source", 20), ("Fate", 14), ("Because", 70), ("Rows", 9)),
        (
            (each.entity, each.source, FATE_WORDS[each.fate], REASON_WORDS[each.reason], each.rows)
            for each in record.fates
        ),
    )
    yield sheet(
        "Information loss",
        (("Entity", 14), ("Field", 20), ("Source", 20), ("Columns", 30), ("Kind", 16), ("Number", 9), ("Says", 70), ("Covered by", 24)),
        (
            (
                line.entity, line.field, line.source, ", ".join(line.headers), phrase(loss.sort), loss.number, loss.says,
                listed(loss.covered_by),
            )
            for line in record.losses
            for loss in line.losses
        ),
    )  # fmt: skip
    yield sheet(
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
            phrase(each.about), each.entity, each.field or "", row_label(record, row, each.entity), says, each.row_count,
            listed(each.evidence),
        )  # fmt: skip

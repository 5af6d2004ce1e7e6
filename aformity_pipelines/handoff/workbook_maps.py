"""The workbook's first sheets: what the handoff says at a glance, what may be asked, and the field map."""

from collections.abc import Iterator

from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff.report_overrides import override_lines
from aformity_pipelines.handoff.report_view import ReportView
from aformity_pipelines.handoff.report_words import KIND_WORDS, phrase
from aformity_pipelines.handoff.workbook_sheet import Sheet, listed, moment_label, sheet


def said_and_mapped(record: LaunchRecord) -> Iterator[Sheet]:
    """Yield what the handoff says first, what may be asked, and how every field is filled."""
    yield sheet(
        "At a glance",
        (("What", 28), ("Says", 110), ("Evidence", 40)),
        (
            (record.label, f"{record.wave_says} ({record.wave})", f"log entry {record.log.seq}"),
            ("As of", record.as_of, ""),
            ("Launches on", record.launches_on, ""),
            *(("Launch", each.says, listed(each.evidence)) for each in record.glance),
            *(("Good to know", each.says, listed(each.evidence)) for each in record.notices),
            *(
                ("Changed since", each.says, listed(each.evidence))
                for each in (record.changes.says if record.changes else ())
            ),
        ),
    )
    yield sheet(
        "What customers ask",
        (("Question", 50), ("What to say", 100), ("Where", 22), ("Records", 10), ("Evidence", 40)),
        (
            (each.asks, each.says, moment_label(record, each.moment), each.records, listed(each.evidence))
            for each in record.questions
        ),
    )
    yield sheet(
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
    yield sheet(
        "Different here",
        (("Where", 34), ("What", 34), ("For other customers", 44), ("For this customer", 44), ("Why", 60)),
        (
            (each.where, each.what, each.before, each.after, each.why)
            for each in override_lines(ReportView(record=record))
        ),
    )
    yield sheet(
        "Delivered columns",
        (("Source", 20), ("Column", 28), ("What it means", 50), ("Ends as", 14), ("Fields", 40), ("Why", 60)),
        (
            (each.source, each.header, each.says, phrase(each.fate), ", ".join(each.fields), each.why)
            for each in record.columns
        ),
    )

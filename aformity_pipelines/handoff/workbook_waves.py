"""The workbook's sheets about waves: what is in the product and changes there, and how later waves stand."""

from collections.abc import Iterator

from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff.report_rows import row_label
from aformity_pipelines.handoff.report_words import STATE_WORDS
from aformity_pipelines.handoff.workbook_sheet import Sheet, listed, person, sheet


def in_the_product(record: LaunchRecord) -> Iterator[Sheet]:
    """Yield what changes in the product, and what this export builds on."""
    yield sheet(
        "Updates",
        (
            ("Entity", 14), ("Field", 22), ("Records", 9), ("Blank before", 13), ("Blank now", 11), ("Row", 50),
            ("Before", 34), ("After", 34),
        ),
        (
            (
                each.entity, each.field, each.records, each.filled, each.cleared, row_label(record, one.row, each.entity),
                one.before or "", one.after or "",
            )
            for each in record.updates
            for one in each.examples
        ),
    )  # fmt: skip
    yield sheet(
        "Waves",
        (("Wave", 14), ("Version", 20), ("Handed over", 13), ("Created", 50), ("Updated", 50), ("Loaded", 13), ("By", 34), ("Decision", 10), ("Made from", 90)),
        (
            (
                each.wave, each.version, each.as_of or "", _numbered(each.created), _numbered(each.updated),
                each.loaded.on if each.loaded else "", person(each.loaded.by) if each.loaded else "",
                each.loaded.decision if each.loaded else "", listed([file.file for file in each.built_from]),
            )
            for each in record.builds_on
        ),
    )  # fmt: skip


def tested_again(record: LaunchRecord) -> Iterator[Sheet]:
    """Yield how the waves after this one stood when they were tested last."""
    yield sheet(
        "Later waves tested",
        (("Wave", 14), ("On", 12), ("State", 18), ("Entity", 14), ("Because", 70), ("Owner", 34), ("Due", 12), ("Rows", 9)),
        (
            (
                tested.wave, tested.as_of, STATE_WORDS[line.state], line.entity, line.says, line.owner, line.due or "",
                line.rows,
            )
            for tested in record.revalidations
            for line in tested.lines
        ),
    )  # fmt: skip


def _numbered(records: dict[str, int]) -> str:
    return ", ".join(f"{number:,} {entity}" for entity, number in records.items())

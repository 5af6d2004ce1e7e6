"""The report's fixed words: dates, numbers, kinds and states as a customer would say them.

Words for accepted risks and for unresolved work are not here: each stands in its own section only.
"""

from datetime import date

from aformity_pipelines.domain.customer import Side, Vanished
from aformity_pipelines.domain.delivery_line import DeliveryLine
from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.launch.field_map import ColumnFate, MappingKind
from aformity_pipelines.domain.revalidation import RowState

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

FATE_WORDS: dict[Fate, str] = {
    Fate.EXPORTED: "Exported",
    Fate.MERGED: "Merged",
    Fate.EXCLUDED: "Excluded",
    Fate.DEFERRED: "Deferred",
    Fate.UNRESOLVED: "Unresolved",
}

REASON_WORDS: dict[Reason, str] = {
    Reason.READY: "every gate let them through",
    Reason.LIVE: "an earlier export brought them",
    Reason.UPDATE: "this export brings what changed about them",
    Reason.VANISHED: "a later file no longer holds them",
    Reason.DECISION: "a decision says so",
    Reason.MAPPING: "the mapping says that they are no record of this kind",
    Reason.WAVE: "they launch with a later wave",
    Reason.UNREADABLE: "their lines of the file could not be read",
    Reason.RULE: "a rule holds them and no decision covers that",
    Reason.GATE: "the gate of their entity, or of one it depends on, is closed, or a file that these need waits",
    Reason.PARENT: "they share the fate of the record that they belong to",
    Reason.PARTNER: "another part of their merged record is not ready",
}

KIND_WORDS: dict[MappingKind, tuple[str, str]] = {
    MappingKind.DIRECT: ("Taken over as it is", "The value is exactly what was delivered."),
    MappingKind.TRANSFORMED: (
        "Transformed",
        "The value is what was delivered, after the rule shown beside it.",
    ),
    MappingKind.COMBINED: ("Combined", "Several delivered columns make up one value."),
    MappingKind.CONSTANT: ("Constant", "Every record gets the same value."),
    MappingKind.NOT_MAPPED: ("Not mapped", "No delivered column fills this field."),
}

COLUMN_WORDS: dict[ColumnFate, str] = {
    ColumnFate.MAPPED: "Mapped",
    ColumnFate.COMBINED: "Combined",
    ColumnFate.LOOKED_UP: "Looked up",
    ColumnFate.ARCHIVED: "Archived",
    ColumnFate.EXCLUDED: "Excluded",
    ColumnFate.UNRESOLVED: "Not settled yet",
}

STATE_WORDS: dict[RowState, str] = {
    RowState.OVERDUE: "Overdue",
    RowState.NEWLY_BLOCKED: "Newly held back",
    RowState.STILL_BLOCKED: "Still held back",
    RowState.NOW_READY: "Ready",
}

VANISHED_WORDS: dict[Vanished, str] = {
    Vanished.ASK: "Somebody has to say whether such rows are gone, or only missing from the file.",
    Vanished.KEEP: "It was agreed that such rows go on as they were delivered last.",
    Vanished.EXCLUDE: "It was agreed that such rows are left out; what is in the product stays there.",
}

POLICY_WORDS: dict[Policy, str] = {
    Policy.BLOCK: "Everything stops until it is decided",
    Policy.HOLD: "Those rows are held, the rest go on",
    Policy.REPORT: "It is only listed",
}

SIDE_WORDS: dict[Side, str] = {
    Side.IMPLEMENTATION: "implementation team",
    Side.CUSTOMER: "customer",
    Side.CSM: "customer success",
}

SKIPPED_WORDS = {
    "title": "above the header",
    "header": "header",
    "blank": "blank",
    "note": "below the table",
    "comment": "comments",
    "other_table": "of other tables in the file",
}
"""Kinds of rows of a file that are no records."""

DECISION_WORDS = {
    "mapping_approved": "Mapping approved",
    "risk_accepted": "Risk accepted",
    "rows_deferred": "Rows deferred",
    "rows_excluded": "Rows excluded",
    "value_corrected": "Value corrected",
    "values_replaced": "Values replaced",
    "merge_approved": "Merge approved",
    "merge_refused": "Kept apart",
    "follow_up_opened": "Follow-up opened",
    "follow_up_reassigned": "Work handed over",
    "follow_up_closed": "Follow-up closed",
    "question_asked": "Question asked",
    "question_answered": "Question answered",
    "rule_waived": "Rule waived",
    "decision_withdrawn": "Decision withdrawn",
    "decision_seconded": "Decision seconded",
    "intake_answered": "How a file is read",
    "export_loaded": "Export loaded",
    "destination_upgraded": "Moved to another version of the product",
}

CONCERNS_WORDS = {
    "follow_up_closed": "Closes",
    "follow_up_reassigned": "Hands over",
    "question_answered": "Answers",
    "decision_withdrawn": "Takes back",
    "decision_seconded": "Seconds",
}
"""Kind of an entry about an earlier one -> what it does to it."""

STAGES = ("raw_file", "validated", "mapped", "transformed", "export", "handoff_report")


def number(value: int) -> str:
    """Return a count with its thousands grouped: `12,840`."""
    return f"{value:,}"


def counted(value: int, one: str, many: str) -> str:
    """Return a count with its noun: `1 row`, `12,840 rows`."""
    return f"{value:,} {one if value == 1 else many}"


def share(part: int, whole: int) -> str:
    """Return a percentage that never rounds a remainder away: `under 1%`, `over 99%`."""
    if not whole or part in (0, whole):
        return "100%" if whole and part else "0%"
    percent = 100 * part / whole
    if percent < 1:
        return "under 1%"
    return "over 99%" if percent > 99 else f"{percent:.0f}%"


def day(value: date) -> str:
    """Return a date that is read in one way only: `3 Nov 2026`."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def size(octets: int) -> str:
    """Return a file size in units of 1,000: `18.2 kB`."""
    if octets < 1000:
        return counted(octets, "byte", "bytes")
    value, unit = octets / 1000, "kB"
    for larger in ("MB", "GB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.1f} {unit}"


def phrase(slug: str) -> str:
    """Return a name of ours as words: `raw_file` as `Raw file`."""
    return slug.replace("_", " ").capitalize()


def sentence(text: str) -> str:
    """Return words as a sentence of their own: `were put off` as `Were put off.`."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def first_words(text: str, most: int) -> str:
    """Return whole words of `text`, at most `most` signs, and `…` where that leaves something out."""
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0].rstrip(" .,;:(") + "…"


def decision_words(kind: str) -> str:
    """Return a kind of decision as words; one that is not known here is spelled out."""
    return DECISION_WORDS.get(kind, phrase(kind))


def concerns_words(kind: str) -> str:
    """Return what an entry does to the earlier one that it is about."""
    return CONCERNS_WORDS.get(kind, "About")


def lines_of(delivery: DeliveryLine) -> str:
    """Account for every row of a file: `9 rows: 6 read + 2 that could not be read + 1 header`."""
    parts = [f"{delivery.rows:,} read"]
    if delivery.rejected:
        parts.append(f"{delivery.rejected:,} that could not be read")
    parts += [
        f"{rows:,} {SKIPPED_WORDS.get(kind, phrase(kind))}" for kind, rows in delivery.skipped.items() if rows
    ]
    beside = (
        f"; beside it {counted(delivery.carried, 'row', 'rows')} that only earlier files held"
        if delivery.carried
        else ""
    )
    return f"{counted(delivery.file_rows, 'row', 'rows')}: {' + '.join(parts)}{beside}"


def initials(name: str) -> str:
    """Return up to two initials of a person's name; `?` where it has no letter."""
    letters = [word[0] for word in name.split() if word[0].isalnum()]
    return "".join(letters[:1] + letters[1:][-1:]).upper() or "?"

"""The numbers of a launch record that come from the export's tables, and the count that each rests on.

Pure.  What a number is about is read from the record alone, so that whoever only has the record can check it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.launch import count_names as names
from aformity_pipelines.domain.launch.export_files import Export, ExportFile
from aformity_pipelines.domain.launch.rows import Deferral, Exclusion
from aformity_pipelines.domain.launch.unresolved import UnresolvedWork, WorkSort
from aformity_pipelines.domain.launch_record import LaunchRecord

Told = Iterator[tuple[str, str, int]]
"""Place in the record, name of the count, value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number, where the record says it, and the count behind it; numbers with one count add up to its value."""

    place: str  # `accepted_risks[2].row_count`
    count: str
    value: int


def numbers(record: LaunchRecord) -> tuple[Number, ...]:
    """Return every number of `record` that the export's tables must yield, section by section."""
    return tuple(
        Number(place=place, count=count, value=value)
        for told in (_of_fates, _of_outcomes, _of_moments, _of_findings, _of_rows, _of_updates, _of_vanished)
        for place, count, value in told(record)
    )


def is_about_the_whole(record: LaunchRecord, work: UnresolvedWork) -> bool:
    """Whether open work is about a table as a whole: the rule that asks for it names no row."""
    return work.sort is WorkSort.FINDING and any(
        rule.failing == 0
        for rule in record.rules
        if (rule.rule, rule.gate, rule.subject) == (work.id, work.gate, work.entity)
    )


def follow_up(work: UnresolvedWork) -> str:
    """Return the decision by which somebody took the work up; empty where nobody did."""
    return "" if work.sort is WorkSort.FINDING else work.id


def exact_file(export: Export | None, entity: str, *, updates: bool = False) -> ExportFile | None:
    """Return the file that an entity's new records are counted in: Parquet, which keeps every type, or else the first.

    With `updates` that of the records that change.
    """
    found = [f for f in export.files if (f.updates if updates else f.entity) == entity] if export else []
    return min(found, key=lambda file: file.format != "parquet", default=None)


def count_of_deferral(record: LaunchRecord, each: Deferral) -> str:
    """Return the name of the count behind rows that launch later."""
    decision = decision_among(record, each.evidence)
    return names.deferred_count(each.entity, each.wave, follows=each.follows, decision=decision)


def count_of_exclusion(record: LaunchRecord, each: Exclusion) -> str:
    """Return the name of the count behind rows that are not brought over."""
    decision = decision_among(record, each.evidence)
    return names.excluded_count(
        each.entity, source=each.source, part=each.part, decision=decision, reason=each.reason
    )


def decision_among(record: LaunchRecord, evidence: tuple[str, ...]) -> str:
    """Return the first decision among evidence; empty where there is none."""
    ids = {line.id for line in record.history}
    return next((each for each in evidence if each in ids), "")


def _of_fates(record: LaunchRecord) -> Told:
    for place, row in enumerate(record.fates):
        told = f"fates[{place}].rows"
        yield (
            told,
            names.rows_count(row.entity, source=row.source, fate=row.fate, reason=row.reason),
            row.rows,
        )
        yield told, names.rows_count(), row.rows
        yield told, names.rows_count(fate=row.fate), row.rows
        if row.fate is Fate.UNRESOLVED:
            follows = row.reason in names.FOLLOWING_REASONS
            yield told, names.FOLLOWING if follows else names.HELD, row.rows


def _of_outcomes(record: LaunchRecord) -> Told:
    for place, outcome in enumerate(record.outcomes):
        told = f"outcomes[{place}]"
        yield f"{told}.delivered", names.rows_count(outcome.entity), outcome.delivered
        for fate, rows in outcome.fates.items():
            yield f"{told}.fates[{fate}]", names.rows_count(outcome.entity, fate=fate), rows
        yield f"{told}.records", names.records_count(outcome.entity), outcome.records
        yield f"{told}.held_updates", names.HELD_UPDATES, outcome.held_updates
        yield f"{told}.updated", names.updated_count(outcome.entity), outcome.updated


def _of_moments(record: LaunchRecord) -> Told:
    for place, moment in enumerate(record.moments):
        for figure in ("accepted", "unresolved", "records"):
            told = f"moments[{place}].{figure}"
            yield told, names.moment_count(moment.moment, figure), getattr(moment, figure)


def _of_findings(record: LaunchRecord) -> Told:
    for place, risk in enumerate(record.accepted_risks):
        yield f"accepted_risks[{place}].row_count", names.accepted_count(risk.decision), risk.row_count
    for place, work in enumerate(record.unresolved):
        if work.gate:
            told, taken_up = f"unresolved[{place}]", follow_up(work)
            yield f"{told}.holds", names.holds_count(work.gate, work.rule, decision=taken_up), work.holds
            if not is_about_the_whole(record, work):
                counted = names.open_count(work.gate, work.rule, decision=taken_up)
                yield f"{told}.row_count", counted, work.row_count
    for place, found in enumerate(record.reported):
        yield f"reported[{place}].row_count", names.reported_count(found.gate, found.rule), found.row_count


def _of_rows(record: LaunchRecord) -> Told:
    for place, deferral in enumerate(record.deferred):
        yield f"deferred[{place}].rows", count_of_deferral(record, deferral), deferral.rows
    for place, exclusion in enumerate(record.excluded):
        yield f"excluded[{place}].rows", count_of_exclusion(record, exclusion), exclusion.rows
    for place, merge in enumerate(record.merged):
        gone = sum(not part.is_survivor for part in merge.parts)
        yield f"merged[{place}].parts", names.merged_count(merge.entity, merge.decision), gone


def _of_updates(record: LaunchRecord) -> Told:
    for place, update in enumerate(record.updates):
        told = f"updates[{place}]"
        yield f"{told}.records", names.updated_count(update.entity, update.field), update.records
        for figure in ("filled", "cleared"):
            counted = names.updated_count(update.entity, update.field, figure=figure)
            yield f"{told}.{figure}", counted, getattr(update, figure)


def _of_vanished(record: LaunchRecord) -> Told:
    for place, gone in enumerate(record.vanished):
        yield f"vanished[{place}].rows", names.vanished_count(gone.source), gone.rows
        for figure in ("open", "left_out"):
            yield (
                f"vanished[{place}].{figure}",
                names.vanished_count(gone.source, figure),
                getattr(gone, figure),
            )

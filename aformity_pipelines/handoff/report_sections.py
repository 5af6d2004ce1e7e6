"""The report's sections: their order, their titles and the one sentence that each shows while it is folded."""

from dataclasses import dataclass

from aformity_pipelines.domain.launch.field_map import MappingKind
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff.report_losses import losses_digest
from aformity_pipelines.handoff.report_view import ReportView
from aformity_pipelines.handoff.report_words import KIND_WORDS, counted, day, phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section of the report, as navigation and its own head announce it."""

    id: str
    title: str
    count: int | None  # what the navigation shows beside the title
    digest: str  # one sentence that spares most readers the unfolding


def sections_of(view: ReportView) -> dict[str, Section]:
    """Return the report's sections by id, in reading order."""
    return {section.id: section for section in _sections(view)}


def _sections(view: ReportView) -> tuple[Section, ...]:
    record = view.record
    told: tuple[tuple[str, str, int | None, str], ...] = (
        ("glance", "At a glance", None, ""),
        ("questions", "What may be asked first", None, ""),
        ("changes", "What changed", None, _changes_digest(record)),
        ("updates", "Updates", sum(each.updated for each in record.outcomes), _updates_digest(view)),
        ("waves", "Waves", None, _waves_digest(record)),
        (
            "answers",
            "Every answer",
            len(record.answers) + len(record.open_answers),
            _answers_digest(record),
        ),
        ("mapping", "Field map", len(record.mapping), _mapping_digest(record)),
        ("accepted", "Accepted risks", len(record.accepted_risks), _accepted_digest(record)),
        ("unresolved", "Unresolved work", _to_do(record), _unresolved_digest(record)),
        ("reported", "Known and listed", len(record.reported), _reported_digest(record)),
        (
            "deferred",
            "Deferred to later waves",
            sum(wave.rows for wave in view.waves),
            _deferred_digest(view),
        ),
        ("excluded", "Excluded", sum(each.rows for each in record.excluded), _excluded_digest(record)),
        ("merged", "Merged", len(record.merged) + len(record.kept_apart), _merged_digest(record)),
        ("history", "Approvals and history", len(record.history), _history_digest(record)),
        ("fates", "Every row's fate", view.all_fates.delivered, _fates_digest(view)),
        ("lineage", "Lineage", None, _lineage_digest(record)),
        ("losses", "Information loss", None, losses_digest(record)),
        ("files", "Files, gates and versions", None, _files_digest(record)),
    )
    return tuple(Section(id=id, title=title, count=count, digest=digest) for id, title, count, digest in told)


def _changes_digest(record: LaunchRecord) -> str:
    changes = record.changes
    if changes is None:
        return "This is the first handoff of this wave"
    released = sum(move.number for move in changes.moves if move.is_release)
    said = [
        counted(released, "row", "rows") + " released" if released else "",
        counted(len(changes.decisions_added), "new decision", "new decisions")
        if changes.decisions_added
        else "",
        f"{len(changes.work_settled):,} settled" if changes.work_settled else "",
        f"{len(changes.work_opened):,} opened" if changes.work_opened else "",
        f"{len(changes.decisions_stale):,} gone stale" if changes.decisions_stale else "",
    ]
    since = f"since {day(changes.since_as_of)}" if changes.since_as_of else f"since {changes.since_version}"
    told = ", ".join(words for words in said if words)
    return f"{told[:1].upper()}{told[1:]} {since}" if told else f"Nothing {since}"


def _updates_digest(view: ReportView) -> str:
    record = view.record
    changed = [each for each in record.outcomes if each.updated]
    held = f", {view.held_updates:,} waiting" if view.held_updates else ""
    if not changed:
        return f"No record of the product changes{held}"
    told = ", ".join(
        f"{each.updated:,} {view.entity_label(each.entity, plural=each.updated != 1).lower()}"
        for each in changed
    )
    return f"In the product: {told}{held}"


def _waves_digest(record: LaunchRecord) -> str:
    own = (
        f"Loaded on {day(record.loaded.on)}"
        if record.loaded
        else "Not loaded yet, as far as anybody has said"
    )
    before = f"builds on {counted(len(record.builds_on), 'export', 'exports')}" if record.builds_on else ""
    tested = [f"{phrase(each.wave).lower()} tested on {day(each.as_of)}" for each in record.revalidations]
    return "; ".join(each for each in (own, before, *tested) if each)


def _answers_digest(record: LaunchRecord) -> str:
    if not record.answers and not record.open_answers:
        return "No record and no field needs one yet"
    waits = f", {len(record.open_answers):,} that somebody still settles" if record.open_answers else ""
    return f"{counted(len(record.answers), 'settled answer', 'settled answers')}{waits}"


def _mapping_digest(record: LaunchRecord) -> str:
    counts = {kind: sum(1 for field in record.mapping if field.kind is kind) for kind in MappingKind}
    said = [f"{count} {KIND_WORDS[kind][0].lower()}" for kind, count in counts.items() if count]
    columns = f"; {counted(len(record.columns), 'delivered column', 'delivered columns')}"
    own = f"; {counted(len(record.overrides), 'part', 'parts')} different for this customer"
    return "".join(
        (
            ", ".join(said) or "No field is mapped yet",
            columns if record.columns else "",
            own if record.overrides else "",
        )
    )


def _accepted_digest(record: LaunchRecord) -> str:
    return (
        f"{len(record.accepted_risks):,} agreed and explained"
        if record.accepted_risks
        else "None were needed"
    )


def _unresolved_digest(record: LaunchRecord) -> str:
    days = [each.due for each in record.waiting] + [each.due for each in record.unresolved]
    if not days:
        return "Nobody has to act"
    late = sum(each.is_overdue for each in record.waiting) + sum(
        each.is_overdue for each in record.unresolved
    )
    overdue = f"{late:,} overdue, " if late else ""
    files = f", {counted(len(record.waiting), 'file waits', 'files wait')}" if record.waiting else ""
    return f"{_to_do(record):,} to do{files}, {overdue}first due {day(min(days))}"


def _to_do(record: LaunchRecord) -> int:
    return len(record.waiting) + len(record.unresolved)


def _reported_digest(record: LaunchRecord) -> str:
    if not record.reported:
        return "Nothing is only listed"
    return f"{counted(len(record.reported), 'finding holds', 'findings hold')} nothing back"


def _deferred_digest(view: ReportView) -> str:
    waves = (f"{counted(wave.rows, 'row', 'rows')} to {phrase(wave.wave).lower()}" for wave in view.waves)
    return "; ".join(waves) or "No row has to wait"


def _excluded_digest(record: LaunchRecord) -> str:
    if not record.excluded:
        return "No row was left behind on purpose"
    return (
        f"{counted(sum(each.rows for each in record.excluded), 'row stays', 'rows stay')} behind on purpose"
    )


def _merged_digest(record: LaunchRecord) -> str:
    apart = sum(each.row_count for each in record.kept_apart)
    kept = f", {counted(apart, 'row', 'rows')} kept apart on purpose" if apart else ""
    if not record.merged:
        return f"No two rows became one record{kept}"
    rows = sum(len(merge.parts) for merge in record.merged)
    return f"{counted(rows, 'row', 'rows')} became {counted(len(record.merged), 'record', 'records')}{kept}"


def _fates_digest(view: ReportView) -> str:
    if not view.all_fates.delivered:
        return "No row has been delivered yet"
    return f"{counted(view.all_fates.delivered, 'row', 'rows')}, each in exactly one place"


def _lineage_digest(record: LaunchRecord) -> str:
    if not record.graph.nodes:
        return "No asset has been built yet"
    return f"{counted(len(record.graph.nodes), 'asset', 'assets')}, and the path of every field"


def _history_digest(record: LaunchRecord) -> str:
    if not record.history:
        return "Nothing has had to be decided yet"
    last = record.history[-1]
    return f"{counted(len(record.history), 'entry', 'entries')}, the last on {day(last.on)}"


def _files_digest(record: LaunchRecord) -> str:
    closed = sum(1 for gate in record.gates if not gate.is_open)
    gates = f"{counted(closed, 'gate is', 'gates are')} closed" if closed else "no gate is closed"
    files = (
        counted(len(record.export.files), "export file", "export files") if record.export else "No export yet"
    )
    return f"{files}, {gates}"

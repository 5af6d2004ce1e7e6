"""How the decisions that are not about rows fit today: field mappings, value maps, waived rules, formats of files.

Those that have no effect, for want of a second person or of somebody who may decide, are among them.
"""

from collections.abc import Iterator, Sequence

from aformity_pipelines.domain.approval import Idle, in_force, without_effect
from aformity_pipelines.domain.decision_state import ChangedRow, DecisionState, Fit
from aformity_pipelines.domain.decisions import Entry, IntakeAnswered, MappingApproved, RuleWaived
from aformity_pipelines.review.approvals import approvals, mapping_digests, value_map_digests
from aformity_pipelines.stages.outputs import read_record
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.waiving import waivers_on


def states_without_rows(run: Run) -> Iterator[DecisionState]:
    """Yield the states, kind by kind."""
    yield from _of_mappings(run)
    yield from _of_rules(run)
    yield from _of_formats(run)
    yield from (_of_idle(each) for each in without_effect(run.migration))


def _of_mappings(run: Run) -> Iterator[DecisionState]:
    for entry in in_force(run.migration):
        if not isinstance(entry, MappingApproved) or entry.covers.entity not in run.migration.mappings:
            continue
        covers = entry.covers
        now = mapping_digests(run.migration, covers.entity)
        maps = value_map_digests(run.migration, covers.entity)
        asked_again = {each.name for each in approvals(run.migration, covers.entity) if each.decision is None}
        changed = [
            ChangedRow(key=name, row=None, because="its mapping has changed" if name in now else "it is gone")
            for name, digest in covers.fields.items()
            if now.get(name) != digest and (name in asked_again or name not in now)
        ]
        changed += [
            ChangedRow(key=name, row=None, because="its lines have changed" if name in maps else "it is gone")
            for name, digest in covers.value_maps.items()
            if maps.get(name) != digest
        ]
        number = len(covers.fields) + len(covers.value_maps)
        yield _of_things(entry, "field mappings and value maps", number, changed)


def _of_rules(run: Run) -> Iterator[DecisionState]:
    waived = [each for each in in_force(run.migration) if isinstance(each, RuleWaived)]
    for subject in dict.fromkeys(each.covers.subject for each in waived):
        lapsed = set(waivers_on(run, subject).lapsed.values())
        for entry in waived:
            if entry.covers.subject == subject:
                what = ChangedRow(
                    key=entry.covers.rule, row=None, because="the rule asks for something else now"
                )
                yield _of_things(entry, "rule", 1, [what] if entry.id in lapsed else [])


def _of_formats(run: Run) -> Iterator[DecisionState]:
    """Yield the answers about files; one does not match where today's file lacks a column that it leads to."""
    for entry in in_force(run.migration):
        if isinstance(entry, IntakeAnswered):
            record = read_record(run, "raw_file", entry.covers.source)
            if record is None or record.delivery is None:
                continue
            lacking = [name for name in entry.covers.headers if name not in record.delivery.headers]
            changed = [ChangedRow(key=name, row=None, because="the column is gone") for name in lacking]
            yield _of_things(entry, "columns", len(entry.covers.headers), changed)


def _of_things(entry: Entry, what: str, shown: int, changed: Sequence[ChangedRow]) -> DecisionState:
    """Return the state of a decision that is not about rows."""
    lost = len(changed)
    says = f"no longer matches {lost} of {shown} {what}" if lost else "applies as it is"
    return DecisionState(
        decision=entry.id,
        kind=entry.kind,
        fit=Fit.NO_LONGER_MATCHES if lost else Fit.APPLIES,
        says=says,
        covered=shown - lost,
        shown=shown,
        in_question=shown,
        changed=tuple(changed),
    )


def _of_idle(idle: Idle) -> DecisionState:
    return DecisionState(
        decision=idle.entry.id,
        kind=idle.entry.kind,
        fit=Fit.WAITS_FOR_ANOTHER if idle.waits else Fit.NOT_ALLOWED,
        says=idle.words,
    )

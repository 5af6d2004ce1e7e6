"""Rows that are not live as they were delivered: deferred, excluded, kept apart; and why."""

from aformity_pipelines.domain.decisions import MergeRefused
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.launch.count_names import deferred_count, excluded_count
from aformity_pipelines.domain.launch.rows import Deferral, Exclusion, KeptApart
from aformity_pipelines.stages.keeping_apart import rows_kept_apart
from aformity_pipelines.stages.launch.source import SHOWN_ROWS, Sources, day
from aformity_pipelines.stages.vanished import delivered_rule_id

EXAMPLES = 30
NO_LONGER_THERE = "A later file of the same kind no longer holds them."
LEFT_OUT = "It was agreed that what a later file no longer holds is not brought over."


def deferrals(sources: Sources) -> tuple[Deferral, ...]:
    """Return rows that launch later, by wave, entity and what put them there."""
    rows = sources.query(
        "select entity, case when reason = ? then '' else wave end as wave, reason,"
        " case when reason = ? then split_part(because, ' ', 1) else because end as why,"
        " count(*), list_sort(list(row_id))[:?] from {ledger} where fate = ? group by all order by all",
        [Reason.PARENT, Reason.PARENT, EXAMPLES, Fate.DEFERRED],
    )
    return tuple(_deferral(sources, *row) for row in rows)


def _deferral(
    sources: Sources, entity: str, wave: str, reason: str, why: str | None, number: int, examples: list[str]
) -> Deferral:
    customer = sources.run.migration.customer
    follows = str(why) if reason == Reason.PARENT else ""
    wave = _wave_of_parents(sources, entity, follows) if follows else wave
    launch = day(customer.wave(wave).launches_on)
    if follows:
        plural = sources.label(follows).lower()
        says = f"They belong to {plural} that launch later, and follow them."
        evidence: tuple[str, ...] = (deferred_count(entity, wave, follows=follows),)
        released_by = f"The {plural} that they belong to: each goes live with its own, from {launch} on."
    elif reason == Reason.DECISION:
        entry = sources.decision(str(why))
        says, evidence = entry.says, (entry.id, deferred_count(entity, wave, decision=entry.id))
        instead = f"a new decision in place of the one that {entry.by.name} made on {day(entry.on)}"
        released_by = f"The launch of {launch}; before that, {instead}."
    else:
        says, evidence = customer.wave(wave).says, (f"waves.{wave}", deferred_count(entity, wave))
        released_by = (
            f"The launch of {launch}: the rules are asked again then, and rows that break none go live."
        )
    return Deferral(
        wave=wave,
        launches_on=customer.wave(wave).launches_on,
        entity=entity,
        follows=follows,
        says=says,
        evidence=evidence,
        rows=number,
        examples=tuple(examples),
        released_by=released_by,
    )


def _wave_of_parents(sources: Sources, entity: str, parent: str) -> str:
    """Return the first wave in which parents of an entity's deferred rows launch."""
    rows = sources.query(
        "select distinct p.wave from {ledger} c join {ledger} p on p.entity = ?"
        " and p.record = split_part(c.because, ' ', 2)"
        " where c.entity = ? and c.fate = 'deferred' and c.reason = 'parent'",
        [parent, entity],
    )
    names = [wave.name for wave in sources.run.migration.customer.waves]
    later = [row[0] for row in rows if row[0] not in sources.run.waves_in_scope()]
    return min(later, key=names.index) if later else names[-1]


def exclusions(sources: Sources) -> tuple[Exclusion, ...]:
    """Return rows that are not brought over, by entity and what excluded them."""
    rows = sources.query(
        "select entity, reason, because, source, part, count(*), list_sort(list(row_id))[:?] from {ledger}"
        " where fate = ? group by all order by all",
        [EXAMPLES, Fate.EXCLUDED],
    )
    return tuple(_exclusion(sources, *row) for row in rows)


def _exclusion(
    sources: Sources,
    entity: str,
    reason: str,
    because: str,
    source: str,
    part: str,
    number: int,
    examples: list[str],
) -> Exclusion:
    if reason == Reason.MAPPING:
        read = next(r for r in sources.run.migration.reads_of(entity) if (r.source, r.part) == (source, part))
        why = read.only.why if read.only else ""
        says, settled, decision = why, f"mapping/{entity}.yaml", ""
    elif reason == Reason.VANISHED:
        says, settled, decision = NO_LONGER_THERE, delivered_rule_id(source), ""
        why = LEFT_OUT
    else:
        entry = sources.decision(because)
        says, why, settled, decision = entry.says, entry.why, entry.id, entry.id
    return Exclusion(
        entity=entity,
        source=source,
        part=part,
        says=says,
        why=why,
        reason=Reason(reason),
        evidence=(
            settled,
            excluded_count(entity, source=source, part=part, decision=decision, reason=Reason(reason)),
        ),
        rows=number,
        examples=tuple(examples),
    )


def kept_apart(sources: Sources) -> tuple[KeptApart, ...]:
    """Return the refused merges whose every row is still what it was, in log order."""
    refused = [entry for entry in sources.standing() if isinstance(entry, MergeRefused)]
    found = rows_kept_apart(sources.run, refused, SHOWN_ROWS)
    return tuple(
        KeptApart(
            decision=entry.id,
            entity=entry.covers.subject,
            says=entry.says,
            why=entry.why,
            decided_by=entry.by,
            decided_on=entry.on,
            rule=entry.covers.rule or "",
            rows=found[entry.id][0],
            row_count=found[entry.id][1],
        )
        for entry in refused
        if entry.id in found
    )

"""Rows that are not live as they were delivered: deferred, excluded, merged; and why."""

from collections.abc import Iterator

from aformity_pipelines.domain.decisions import MergeApproved, MergeRefused
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.launch.rows import Deferral, Exclusion, KeptApart, Merge, MergedPart
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.review.covered import COVERED
from aformity_pipelines.stages.gates import taken_in
from aformity_pipelines.stages.gating import cover
from aformity_pipelines.stages.graph import sources_behind
from aformity_pipelines.stages.launch.source import SHOWN_ROWS, Rows, Sources
from aformity_pipelines.stages.outputs import TABLE, folder_of, parquet
from aformity_pipelines.stages.sources import open_all

EXAMPLES = 30


def deferrals(sources: Sources) -> tuple[Deferral, ...]:
    """Return rows that launch later, by wave, entity and what put them there."""
    rows = sources.query(
        "select entity, wave, reason, case when reason = ? then split_part(because, ' ', 1) else because end as why,"
        " count(*), list_sort(list(row_id))[:?] from {ledger} where fate = ? group by all order by all",
        [Reason.PARENT, EXAMPLES, Fate.DEFERRED],
    )
    return tuple(_deferral(sources, *row) for row in rows)


def _deferral(
    sources: Sources, entity: str, wave: str, reason: str, why: str | None, number: int, examples: list[str]
) -> Deferral:
    customer = sources.run.migration.customer
    if reason == Reason.PARENT:
        wave = _wave_of_parents(sources, entity, str(why))
        says = f"They belong to {sources.label(str(why)).lower()} that launch later, and follow them."
        evidence: tuple[str, ...] = ("ledger",)
    elif reason == Reason.DECISION:
        entry = sources.decision(str(why))
        says, evidence = entry.says, (entry.id,)
    else:
        says, evidence = customer.wave(wave).says, ("ledger", f"waves.{wave}")
    return Deferral(
        wave=wave,
        launches_on=customer.wave(wave).launches_on,
        entity=entity,
        says=says,
        evidence=evidence,
        rows=number,
        examples=tuple(examples),
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
        says, evidence = why, (f"mapping/{entity}.yaml",)
    else:
        entry = sources.decision(because)
        says, why, evidence = entry.says, entry.why, (entry.id,)
    return Exclusion(
        entity=entity, says=says, why=why, evidence=evidence, rows=number, examples=tuple(examples)
    )


def merges(sources: Sources) -> tuple[Merge, ...]:
    """Return every merge that happened, with what each row contributed to the record."""
    rows = sources.query(
        "select m.entity, m.decision, m.survivor, list_sort(list(m.row_id)), any_value(l.record_key)"
        " from {merges} m join {ledger} l on l.entity = m.entity and l.row_id = m.row_id"
        " where l.fate in ('exported', 'merged') group by 1, 2, 3 order by 2, 1"
    )
    return tuple(_merges(sources, rows))


def _merges(sources: Sources, rows: Rows) -> Iterator[Merge]:
    for entity, decision, survivor, parts, key in rows:
        entry = sources.decision(decision)
        assert isinstance(entry, MergeApproved)
        ordered = [survivor, *(part for part in parts if part != survivor)]
        described = sources.run.migration.destination.entities[entity]
        yield Merge(
            decision=decision,
            entity=entity,
            record=survivor if sources.is_personal(entity, described.key) else key,
            says=entry.says,
            why=entry.why,
            approver=entry.by,
            approved_on=entry.on,
            parts=_parts(sources, entity, ordered),
        )


def _parts(sources: Sources, entity: str, ordered: list[str]) -> tuple[MergedPart, ...]:
    """Return the parts, survivor first; a field counts for the first part that has a value for it."""
    fields = list(sources.run.migration.destination.entities[entity].fields)
    columns = ", ".join(f"{identifier(name)} is not null" for name in fields)
    wanted = ", ".join(literal(part) for part in ordered)
    mapped = parquet(folder_of(sources.run, "mapped", entity) / TABLE)
    filled = {
        row[0]: [name for name, has in zip(fields, row[1:], strict=True) if has]
        for row in sources.query(f"select row_id, {columns} from {mapped} where row_id in ({wanted})")
    }
    places = {
        row[0]: (row[1], row[2])
        for row in sources.query(
            f"select row_id, file, row from {{ledger}} where entity = ? and row_id in ({wanted})", [entity]
        )
    }
    given: set[str] = set()
    found = []
    for part in ordered:
        new = [name for name in filled.get(part, []) if name not in given]
        given |= set(new)
        file, number = places[part]
        found.append(
            MergedPart(
                row=part, file=file, row_number=number, is_survivor=part == ordered[0], contributed=tuple(new)
            )
        )
    return tuple(found)


def kept_apart(sources: Sources) -> tuple[KeptApart, ...]:
    """Return the refused merges whose every row is still what it was, in log order."""
    run, refused = sources.run, [e for e in sources.standing() if isinstance(e, MergeRefused)]
    subjects = dict.fromkeys(entry.covers.subject for entry in refused)
    behind = [source for subject in subjects for source in sources_behind(run.migration, subject)]
    if not refused:
        return ()
    cover(run, open_all(run, taken_in(run, dict.fromkeys(behind))), refused)
    rows = run.connection.execute(
        f"select decision, list_sort(list(distinct row_id))[:?], count(distinct row_id) from {COVERED}"
        " group by decision having bool_and(coalesce(matches, false))",
        [SHOWN_ROWS],
    ).fetchall()
    found = {decision: (ids, number) for decision, ids, number in rows}
    return tuple(
        KeptApart(
            decision=entry.id,
            entity=entry.covers.subject,
            says=entry.says,
            why=entry.why,
            decided_by=entry.by,
            decided_on=entry.on,
            rule=entry.covers.rule or "",
            rows=tuple(found[entry.id][0]),
            row_count=found[entry.id][1],
        )
        for entry in refused
        if entry.id in found
    )

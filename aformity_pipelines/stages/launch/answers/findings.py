"""Rows that break a rule: held back by it, known and agreed, or only listed.  All of them are listed, not only the first."""

from collections.abc import Iterator
from dataclasses import dataclass

from aformity_pipelines.domain.decisions import MergeRefused, RowsExcluded, RuleWaived
from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.gate import Standing
from aformity_pipelines.domain.launch.answers import AskedAbout
from aformity_pipelines.domain.launch.limits import LISTED_ROWS
from aformity_pipelines.domain.stage_record import RuleRecord
from aformity_pipelines.stages.graph import VALIDATED
from aformity_pipelines.stages.launch.answers.basis import Basis
from aformity_pipelines.stages.launch.answers.fates import not_met, waiting
from aformity_pipelines.stages.launch.answers.group import Brief, Group
from aformity_pipelines.stages.rejected import is_about_reading
from aformity_pipelines.tracing.words import sentence

FOUND = "answer_found"
"""Temp table (stage, subject, rule, accepted_by, followed_by, held, entity, row_id, record, is_waiting, is_update): every finding, with
the rows of entities that it is about; what no entity reads stays under its source.  `record` is the row that names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Rows of an entity that break one rule, and where that stands."""

    subject: str
    rule: str
    accepted_by: str | None
    followed_by: str | None
    is_held: bool
    entity: str
    is_update: bool  # whether its records are in the product, and only what changed since waits


def create_found(basis: Basis) -> None:
    """Create `answer_found`: the findings of intake beside the rows that were made of them."""
    columns = "f.stage, f.subject, f.rule, f.accepted_by, f.followed_by, f.held"
    basis.query(
        f"create or replace temp table {FOUND} as"
        f" select {columns}, f.subject as entity, f.row_id, coalesce(l.record, f.row_id) as record,"
        f" coalesce(l.fate = '{Fate.UNRESOLVED}', false) as is_waiting, l.live_since is not null as is_update"
        " from {findings} f left join {ledger} l"
        f" on l.entity = f.subject and l.row_id = f.row_id where f.stage <> '{VALIDATED}'"
        f" union all select {columns}, coalesce(l.entity, f.subject), coalesce(l.row_id, f.row_id),"
        f" coalesce(l.record, l.row_id, f.row_id), coalesce(l.fate = '{Fate.UNRESOLVED}', false),"
        " l.live_since is not null from {findings} f"
        " left join {ledger} l on l.source = f.subject and l.source_row = f.row_id"
        f" where f.stage = '{VALIDATED}'"
    )


def found_groups(basis: Basis) -> Iterator[Group]:
    """Yield an answer for all rows that break one rule and where that stands the same; needs `answer_found`."""
    rows = basis.query(
        "select subject, rule, accepted_by, followed_by, held and is_waiting, entity,"
        " held and is_waiting and is_update, max(stage),"
        f" count(distinct row_id), list_sort(list(distinct row_id))[:{LISTED_ROWS}] from {FOUND} group by all"
        " order by all"
    )
    for subject, rule, accepted, followed, held, entity, is_update, stage, number, ids in rows:
        found = Found(
            subject=subject,
            rule=rule,
            accepted_by=accepted,
            followed_by=followed,
            is_held=held,
            entity=entity,
            is_update=is_update,
        )
        judged = basis.sources.rules()[stage, subject, rule]
        group = _group(basis, found, judged, number, tuple(ids))
        if group:
            yield group


def _group(basis: Basis, found: Found, rule: RuleRecord, number: int, rows: tuple[str, ...]) -> Group | None:
    broken = f"{sentence(rule.says)}: not so here."
    about, says, owed = AskedAbout.KNOWN, f"{broken} Listed; it holds nothing back.", None
    evidence: tuple[str, ...] = (found.rule, "findings")
    if found.accepted_by:
        entry = basis.entry(found.accepted_by)
        if isinstance(entry, RowsExcluded | MergeRefused):
            return None  # answered where the row ended, and where it is kept apart
        how = "Known, and waived for every row" if isinstance(entry, RuleWaived) else "Known and accepted"
        says = f"{broken} {how}: {basis.told(entry.id)}."
        evidence = (entry.id, *evidence)
    elif found.is_held or found.followed_by or rule.policy in (Policy.HOLD, Policy.BLOCK):
        if is_about_reading(found.rule) and found.is_held:
            return None  # answered with why the line could not be read
        work = basis.work_on(found.subject, found.rule, found.followed_by)
        owed = basis.owed(work) if work else None
        if owed is None:
            return None
        # Why a record is not there behind a closed gate is answered once, for all of them.
        held = AskedAbout.UPDATE_HELD if found.is_update else AskedAbout.HELD
        about = held if found.is_held else AskedAbout.KNOWN
        what = waiting(basis, found.entity, is_update=found.is_update)
        says = f"{what} is held back by a rule ({sentence(rule.says)}); {owed.says}."
        if not found.is_held:
            closed = " Until then it keeps the gate closed." if rule.standing is Standing.BLOCKED else ""
            says = f"{broken} Open: {owed.says}.{closed}"
        evidence = (*owed.evidence, "findings")
    return Group(
        about=about,
        entity=found.entity,
        field=_field(basis, found, rule),
        says=says,
        count=number,
        evidence=tuple(dict.fromkeys(evidence)),
        rows=rows,
        moment=rule.moment,
        owed=owed,
        brief=Brief(why=owed.asks or not_met(sentence(rule.says))) if owed and found.is_held else None,
        is_own=True,
    )


def _field(basis: Basis, found: Found, rule: RuleRecord) -> str | None:
    """Return the one field that a rule is about; None where it is about several, or about a column."""
    described = basis.sources.run.migration.destination.entities.get(found.subject)
    named = [name for name in rule.fields if described and name in described.fields]
    return named[0] if len(named) == 1 else None

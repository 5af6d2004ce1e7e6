"""Records that are not there: excluded, deferred, unreadable, or waiting for another record or a gate.

Rows that a rule of their own holds back are in `findings`, with every rule that they break.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.gate import Standing
from aformity_pipelines.domain.launch.answers import AskedAbout
from aformity_pipelines.domain.responsible import responsible
from aformity_pipelines.stages.launch.answers.basis import Basis
from aformity_pipelines.stages.launch.answers.ended import ENDED, ROOTS
from aformity_pipelines.stages.launch.answers.group import Brief, Group, Owed
from aformity_pipelines.stages.launch.source import SHOWN_ROWS
from aformity_pipelines.tracing.words import day, sentence, told, wave_words

ABOUT = {
    Fate.EXCLUDED: AskedAbout.EXCLUDED,
    Fate.DEFERRED: AskedAbout.DEFERRED,
    Fate.UNRESOLVED: AskedAbout.HELD,
}
OWN = "fate, reason, because, wave, source, part, followed_by, unread, is_update, merged_by"
"""The columns that tell one way of ending from another; source and part only where the mapping decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a record that is not live ended."""

    entity: str
    fate: str
    reason: str
    because: str | None
    wave: str
    source: str | None
    part: str | None
    followed_by: str | None
    unread: str | None
    is_update: bool = False  # whether its record is in the product, and only what changed since waits
    merged_by: str | None = None  # the decision that makes it part of another row's record


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A predicate behind "the account" or "which", and what it rests on."""

    says: str
    evidence: tuple[str, ...]
    owed: Owed | None = None
    brief: Brief | None = None  # where the record waits


def absent_groups(basis: Basis) -> Iterator[Group]:
    """Yield an answer for all rows of an entity that ended in one place for one reason; needs `answer_ended`."""
    rows = basis.query(
        f"with own as ({_distinguished()})"
        f" select entity, [] as path, entity as whose, {OWN}, count(*) as n, min(row_id, {SHOWN_ROWS}) as ids from own"
        " where reason not in ($parent, $rule) group by all"
        f" union all select e.entity, r.path, o.entity, {', '.join(f'o.{each}' for each in OWN.split(', '))},"
        f" count(*), min(e.row_id, {SHOWN_ROWS}) from {ENDED} e join {ROOTS} r on r.start = e.because"
        " join own o on o.entity = r.entity and o.row_id = r.row_id where e.reason = $parent group by all"
        " order by all".replace("$parent", f"'{Reason.PARENT}'").replace("$rule", f"'{Reason.RULE}'")
    )
    for entity, path, at, *own, number, ids in rows:
        yield _group(basis, entity, tuple(path), _ended(at, own), number, tuple(ids))


def _distinguished() -> str:
    is_mapped = f"reason = '{Reason.MAPPING}'"
    return (
        f"select entity, row_id, fate, reason, because, wave, case when {is_mapped} then source end as source,"
        f" case when {is_mapped} then part end as part, followed_by, unread, is_update, merged_by from {ENDED}"
    )


def _ended(entity: str, own: list[Any]) -> Ended:
    fate, reason, because, wave, source, part, followed_by, unread, is_update, merged_by = own
    return Ended(
        entity=entity, fate=str(fate), reason=str(reason), because=because, wave=str(wave), source=source,
        part=part, followed_by=followed_by, unread=unread, is_update=is_update, merged_by=merged_by,
    )  # fmt: skip


def _group(
    basis: Basis, entity: str, path: tuple[str, ...], ended: Ended, number: int, rows: tuple[str, ...]
) -> Group:
    told = tell(basis, ended)
    is_open = ended.fate == Fate.UNRESOLVED
    verb = "is held back" if is_open else "waits"
    says = told.says
    for parent in reversed(path):
        says = f"{verb} with its {basis.label(parent)}, which {says}"
    is_unread = ended.unread is not None and not path
    is_update = ended.is_update and not path
    about = AskedAbout.UPDATE_HELD if is_update else ABOUT[Fate(ended.fate)]
    return Group(
        about=AskedAbout.UNREADABLE if is_unread else about,
        entity=entity,
        says=f"{waiting(basis, entity, is_update=is_update)} {sentence(says)}.",
        count=number,
        evidence=tuple(dict.fromkeys(("ledger", *told.evidence))),
        rows=rows,
        moment=basis.moment(entity, None),
        owed=told.owed,
        brief=behind(basis, told.brief, path),
        is_own=ended.reason == Reason.UNREADABLE and not path,
    )


def waiting(basis: Basis, entity: str, *, is_update: bool) -> str:
    """Name what waits: a record, or what changed about one that is in the product."""
    label = basis.label(entity)
    return f"What changed about the {label} since it went into the product" if is_update else f"The {label}"


def behind(basis: Basis, brief: Brief | None, path: tuple[str, ...]) -> Brief | None:
    """Return why a record waits, said of those that follow it along `path`, entities from the nearest one on."""
    return dataclasses.replace(brief, parent=basis.label(path[0])) if brief and path else brief


def tell(basis: Basis, ended: Ended) -> Told:
    """Say how a record that is not live ended, without naming the record."""
    match Fate(ended.fate), Reason(ended.reason):
        case Fate.EXCLUDED, Reason.MAPPING:
            only = basis.read_of(ended.entity, str(ended.source), str(ended.part)).only
            why = sentence(only.why) if only else "the mapping leaves it out"
            return Told(says=f"is not brought over: {why}", evidence=(f"mapping/{ended.entity}.yaml",))
        case Fate.EXCLUDED, Reason.VANISHED:
            return Told(says="is not brought over: a later file no longer holds it", evidence=("ledger",))
        case Fate.EXCLUDED, _:
            unread = f" (it could not be read: {ended.unread})" if ended.unread else ""
            return _decided(basis.entry(str(ended.because)), f"is not brought over{unread}")
        case Fate.DEFERRED, Reason.DECISION:
            entry, until = basis.entry(str(ended.because)), _wave(basis, ended.wave)
            brief = Brief(why=f"{told(entry)}. {sentence(entry.why)}", until=until)
            decided = _decided(entry, f"waits for {until}")
            return _as_part(basis, ended, dataclasses.replace(decided, brief=brief))
        case Fate.DEFERRED, _:
            why = sentence(basis.sources.run.migration.customer.wave(ended.wave).says)
            until = _wave(basis, ended.wave)
            says, brief = f"launches with {until}: {why}", Brief(why=why, until=until)
            return _as_part(basis, ended, Told(says=says, evidence=(f"waves.{ended.wave}",), brief=brief))
        case _, Reason.GATE:
            return _behind_gate(basis, ended)
        case _, Reason.UNREADABLE:
            owed = _owed(basis, ended)
            says = f"could not be read: {ended.unread}; {owed.says}"
            brief = Brief(why=f"the line of the file could not be read ({ended.unread})")
            return Told(says=says, evidence=owed.evidence, owed=owed, brief=brief)
        case _:
            return _held(basis, ended)


def _as_part(basis: Basis, ended: Ended, above: Told) -> Told:
    """Say of a row that is merged into another one's record that this is why it waits; `above` is said of the record."""
    if not ended.merged_by:
        return above
    says = f"is part of another record ({basis.told(ended.merged_by)}), which {above.says}"
    return dataclasses.replace(above, says=says, evidence=(ended.merged_by, *above.evidence))


def _decided(entry: Entry, what: str) -> Told:
    return Told(says=f"{what}: {told(entry)}. {sentence(entry.why)}", evidence=(entry.id,))


def _wave(basis: Basis, name: str) -> str:
    return f"{wave_words(name)} on {day(basis.sources.run.migration.customer.wave(name).launches_on)}"


def _held(basis: Basis, ended: Ended) -> Told:
    owed = _owed(basis, ended)
    rules = basis.sources.rules()
    says = next((sentence(rule.says) for (_, _, id_), rule in rules.items() if id_ == ended.because), "")
    with_partner = "is held back with the row that it is merged with, which "
    before = with_partner if ended.reason == Reason.PARTNER else ""
    return Told(
        says=f"{before}is held back by a rule ({says or ended.because}); {owed.says}",
        evidence=owed.evidence,
        owed=owed,
        brief=Brief(
            why=owed.asks or not_met(says or str(ended.because)), parent="other part" if before else ""
        ),
    )


def not_met(rule: str) -> str:
    """Say of a rule's sentence that it is not so."""
    return f"{rule}, which is not so here"


def _behind_gate(basis: Basis, ended: Ended) -> Told:
    plural = basis.sources.run.migration.destination.entities[ended.entity].plural.lower()
    owed = _owed_for_gate(basis, ended)
    says = f"is held back together with all {plural}: {sentence(ended.because or 'a gate is closed')}; {owed.says}"
    brief = Brief(why=owed.asks or sentence(ended.because or "a gate is closed"))
    return Told(says=says, evidence=owed.evidence, owed=owed, brief=brief)


def _owed(basis: Basis, ended: Ended) -> Owed:
    """Return who settles the finding that holds a record: of its entity, or of the source that it comes from."""
    rule = str(ended.because)
    subjects = {subject for _, subject, id_ in basis.sources.rules() if id_ == rule}
    found = [basis.work_on(subject, rule, ended.followed_by) for subject in sorted(subjects)]
    return next((basis.owed(work) for work in found if work), None) or _whoever(basis, ended)


def _owed_for_gate(basis: Basis, ended: Ended) -> Owed:
    """Return who settles what keeps a gate closed, the most urgent first: a rule, or a file that waits."""
    because = f"{ended.because} "
    blocking = {
        (subject, id_)
        for (_, subject, id_), rule in basis.sources.rules().items()
        if rule.standing is Standing.BLOCKED and f"of {subject} " in because
    }
    found = [work for work in basis.unresolved if (work.entity, work.rule) in blocking]
    if found:
        return basis.owed(min(found, key=lambda work: (work.due, work.id)))
    for file in basis.waiting:
        if f"of {file.source} " in because:
            late = " (overdue)" if file.is_overdue else ""
            by = f"{file.owner.name} settles it by {day(file.due)}{late}"
            return Owed(
                owner=file.owner,
                due=file.due,
                is_overdue=file.is_overdue,
                says=by,
                by=by,
                evidence=(f"raw_file/{file.source}",),
            )
    return _whoever(basis, ended)


def _whoever(basis: Basis, ended: Ended) -> Owed:
    """Return who settles what no listed work is about: by the customer's owners."""
    received = {
        name: record.delivery.received_on
        for (stage, name), record in basis.sources.records.items()
        if stage == "raw_file" and record.delivery
    }
    run = basis.sources.run
    settles = responsible(run.migration, ended.entity, (), received)
    due = settles.due or run.as_of
    is_late = due < run.as_of
    by = f"{settles.person.name} settles it by {day(due)}{' (overdue)' if is_late else ''}"
    return Owed(owner=settles.person, due=due, is_overdue=is_late, says=by, by=by)

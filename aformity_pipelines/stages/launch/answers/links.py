"""Links that were delivered and are blank: what they point to is not live, was not delivered, or is the record itself."""

import dataclasses
from collections.abc import Iterator

from aformity_pipelines.domain.destination import Relationship
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.launch.answers import AskedAbout
from aformity_pipelines.domain.launch.limits import LISTED_ROWS
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.stages.graph import MAPPED
from aformity_pipelines.stages.launch.answers.basis import Basis
from aformity_pipelines.stages.launch.answers.blanks import known_or_open
from aformity_pipelines.stages.launch.answers.concerning import CONCERNING
from aformity_pipelines.stages.launch.answers.ended import ENDED, ROOTS
from aformity_pipelines.stages.launch.answers.fates import Ended, behind, tell
from aformity_pipelines.stages.launch.answers.given import GIVEN
from aformity_pipelines.stages.launch.answers.group import Brief, Group, Owed
from aformity_pipelines.stages.outputs import TABLE, folder_of, parquet
from aformity_pipelines.tracing.words import sentence, the_field

TARGETS = "answer_targets"
"""Temp table (row_id, target, is_itself): the cut links of one field, the row of the record that each points to, NULL where
none was delivered, and whether that is the record itself."""


def link_groups(basis: Basis) -> Iterator[Group]:
    """Yield an answer for all cut links of a field that lead to the same kind of place; needs `answer_ended`."""
    cut = basis.query(
        f"select distinct entity, field from {{blanked}} union select entity, field from {GIVEN} order by all"
    )
    for entity, field in cut:
        target = basis.sources.run.migration.destination.entities[entity].fields[field].relationship
        if target:
            yield from _groups(basis, entity, field, target)


def _groups(basis: Basis, entity: str, field: str, target: Relationship) -> Iterator[Group]:
    _create_targets(basis, entity, field, target)
    own = "fate, reason, because, wave, source, part, followed_by, unread"
    distinguished = ", ".join(
        f"case when coalesce(r.reason, e.reason) = '{Reason.MAPPING}' then coalesce(r.{name}, e.{name}) end"
        if name in ("source", "part")
        else f"case when r.row_id is null then e.{name} else r.{name} end"
        for name in own.split(", ")
    )
    rows = basis.query(
        f"select t.is_itself, o.path, e.row_id is not null, coalesce(r.entity, e.entity), {distinguished},"
        " c.accepted_by, c.subject, c.rule, c.followed_by, count(*),"
        f" min(t.row_id, {LISTED_ROWS}), bool_and(c.record is not null)"
        f" from {TARGETS} t left join {ENDED} e on e.entity = {literal(target.entity)} and e.row_id = t.target"
        f" left join {ROOTS} o on e.reason = '{Reason.PARENT}' and o.start = e.because"
        f" left join {ENDED} r on r.entity = o.entity and r.row_id = o.row_id"
        f" left join {CONCERNING} c on c.entity = ? and c.record = t.row_id and c.field = ?"
        " group by all order by all",
        [entity, field],
    )
    for is_itself, path, is_there, at, *rest in rows:
        fate, reason, because, wave, source, part, followed_by, unread, *more = rest
        accepted, subject, rule, follow_up, number, ids, is_concerned = more
        clause, evidence, owed = _cause(basis, target, is_itself=is_itself)
        brief = None
        if is_there and not is_itself:
            ended = Ended(
                entity=at, fate=fate, reason=reason, because=because, wave=wave, source=source, part=part,
                followed_by=followed_by, unread=unread,
            )  # fmt: skip
            clause, evidence, owed, brief = _waits(basis, target, tuple(path or ()), ended)
        known, about, asked = known_or_open(basis, accepted, (subject, rule, follow_up) if rule else None)
        yield Group(
            about=AskedAbout.BLANK,
            entity=entity,
            field=field,
            says=f"{the_field(field)} is blank, because {clause}{known}.",
            because=f"{clause}{known}",
            count=number,
            evidence=tuple(dict.fromkeys(("blanked", *evidence, *about))),
            rows=tuple(ids),
            moment=basis.moment(entity, field),
            owed=asked or owed,
            brief=None if known else brief,
            is_own=is_concerned,
            is_live=True,
        )


def _create_targets(basis: Basis, entity: str, field: str, target: Relationship) -> None:
    """Create `answer_targets`; a link to a merged record leads to the record that took it over.

    Keys are compared as they are, without a token for each of them, and none is kept.
    """
    run, folder = basis.sources.run, basis.sources.folder
    mapped, other = (parquet(folder_of(run, MAPPED, each) / TABLE) for each in (entity, target.entity))
    ledger, merges, blanked = (
        parquet(folder / f"{name}.parquet") for name in ("ledger", "merges", "blanked")
    )
    own_key = identifier(run.migration.destination.entities[target.entity].key)
    retired = "select '' as old, '' as record where false"
    if basis.sources.mapped(target.entity):
        retired = (
            f"select cast(m.{own_key} as varchar) as old, min(l.record) as record from {merges} g join {other} m"
            f" on m.row_id = g.row_id join {ledger} l on l.entity = g.entity and l.row_id = g.row_id"
            f" where g.entity = {literal(target.entity)} and g.row_id <> g.survivor group by 1"
            " having count(distinct l.record) = 1"
        )
    basis.measure(
        f"create or replace temp table {TARGETS} as with"
        f" blank as (select entity, record, field, record as giver from {blanked} union all select * from {GIVEN}),"
        f" cut as (select b.record as row_id, cast(m.{identifier(field)} as varchar) as value from blank b"
        f" join {mapped} m on m.row_id = b.giver where b.entity = ? and b.field = ?),"
        f" held as (select record_key, min(record) as record from {ledger}"
        " where entity = ? and record is not null group by 1),"
        " led as (select c.row_id, coalesce(l.record, r.record) as target from cut c"
        f" left join held l on l.record_key = c.value left join ({retired}) r on r.old = c.value)"
        f" select row_id, target, {literal(target.entity)} = {literal(entity)}"
        " and coalesce(row_id = target, false) as is_itself from led",
        [entity, field, target.entity],
    )


def _cause(
    basis: Basis, target: Relationship, *, is_itself: bool
) -> tuple[str, tuple[str, ...], Owed | None]:
    if is_itself:
        says = "the record was merged with the one that it pointed to, and nothing can point to itself"
        return says, ("merges",), None
    label = basis.label(target.entity)
    article = "an" if label[0] in "aeio" else "a"
    return f"it points to {article} {label}, and no such {label} was delivered", (), None


def _waits(
    basis: Basis, target: Relationship, path: tuple[str, ...], ended: Ended
) -> tuple[str, tuple[str, ...], Owed | None, Brief | None]:
    """Say what the record is doing that the link points to."""
    told = tell(basis, ended)
    verb = "is held back" if ended.fate == Fate.UNRESOLVED else "waits"
    says = told.says
    for parent in reversed(path):
        says = f"{verb} with its {basis.label(parent)}, which {says}"
    label = basis.label(target.entity)
    article = "an" if label[0] in "aeio" else "a"
    until = "" if ended.fate == Fate.EXCLUDED else "; the link is left blank until then"
    clause = f"it points to {article} {label}, which {sentence(says)}{until}"
    brief = behind(basis, told.brief, path)
    pointed = dataclasses.replace(brief, pointed_from=f"{article} {label}") if brief else None
    return clause, told.evidence, told.owed, pointed

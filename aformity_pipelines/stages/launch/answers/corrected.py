"""Values that decisions put in the place of delivered ones, in the export that the record is about."""

from collections.abc import Iterator

from aformity_pipelines.domain.decisions import RowDecision, ValueCorrected, ValuesReplaced
from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.launch.answers import AskedAbout
from aformity_pipelines.domain.launch.limits import LISTED_ROWS
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.review.effects import CORRECTIONS, create_effects
from aformity_pipelines.stages.gates import taken_in
from aformity_pipelines.stages.gating import cover
from aformity_pipelines.stages.graph import MAPPED, sources_behind
from aformity_pipelines.stages.launch.answers.basis import Basis
from aformity_pipelines.stages.launch.answers.group import Group
from aformity_pipelines.stages.launch.answers.quotes import in_quotes
from aformity_pipelines.stages.launch.masking import is_blank
from aformity_pipelines.stages.sources import open_all
from aformity_pipelines.tracing.words import as_text, the_field

CORRECTED = "answer_corrected"
"""Temp table (entity, row_id, field, decision): the correction that holds, of two the later one."""


def create_corrected(basis: Basis) -> None:
    """Create `answer_corrected` from the decisions that the mapping was made with."""
    run = basis.sources.run
    basis.query(
        f"create or replace temp table {CORRECTED} (entity varchar, row_id varchar, field varchar, decision varchar)"
    )
    for entity in basis.entities():
        decisions = _made_with(basis, entity)
        if decisions:
            raw = open_all(run, taken_in(run, sources_behind(run.migration, entity)))
            cover(run, raw, decisions)
            create_effects(run.connection, run.migration, entity, raw, decisions)
            basis.measure(
                f"insert into {CORRECTED} select {literal(entity)}, row_id, field, decision from {CORRECTIONS}"
            )


def _made_with(basis: Basis, entity: str) -> list[RowDecision]:
    """Return the corrections that had an effect on an entity's rows, in log order."""
    record = basis.sources.records.get((MAPPED, entity))
    made = record.decisions if record else ()
    return [
        entry
        for entry in basis.sources.run.migration.log
        if isinstance(entry, ValueCorrected | ValuesReplaced)
        and entry.covers.subject == entity
        and entry.id in made
    ]


def corrected_groups(basis: Basis) -> Iterator[Group]:
    """Yield an answer for all live values of a field that one decision put there; needs `answer_corrected`."""
    pairs = basis.query(f"select distinct entity, field, decision from {CORRECTED} order by all")
    for entity, field, decision in pairs:
        # A token for every row would be worked out first, and only for it to be left out.
        value = "null" if basis.hides(entity, field) else f"m.{identifier(field)}"
        rows = basis.query(
            f"select count(*), min(m.row_id, {LISTED_ROWS}), count(distinct {value}), min({value})"
            f" from {basis.sources.mapped(entity)} m join {{ledger}} l on l.row_id = m.row_id and l.record = m.row_id"
            f" where l.entity = ? and l.fate = '{Fate.EXPORTED}' and not {is_blank(field, 'm')}"
            f" and m.row_id in (select row_id from {CORRECTED} where entity = ? and field = ? and decision = ?)",
            [entity, entity, field, decision],
        )
        number, ids, values, value = rows[0]
        if number:
            state = f"is {in_quotes(as_text(value) or '')}" if values == 1 else "is not what was delivered"
            because = f"it was corrected: {basis.told(decision)}"
            yield Group(
                about=AskedAbout.VALUE,
                entity=entity,
                field=field,
                says=f"{the_field(field)} {state}, because {because}.",
                because=because,
                detail=basis.entry(decision).why,
                count=number,
                evidence=(decision,),
                rows=tuple(ids),
                moment=basis.moment(entity, field),
                is_own=True,
                is_live=True,
            )

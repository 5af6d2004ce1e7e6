"""Where rows that are not live ended, and where the records ended that they follow: tables that answers are grouped from."""

from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.stages.graph import VALIDATED
from aformity_pipelines.stages.launch.answers.basis import Basis

ENDED = "answer_ended"
"""Temp table (entity, row_id, record, fate, reason, because, wave, source, part, followed_by, unread, is_update,
merged_by): rows that wait or are left out.

`is_update` says that the row's record is in the product, so that only what changed since waits; `merged_by` is the
decision that makes the row part of another one's record, where that record waits.  `followed_by` is the follow-up on the finding that holds the row (or its partner), `unread` why it could not be read.
"""
ROOTS = "answer_roots"
"""Temp table (start, path, entity, row_id): a record that others follow, as their `because` names it; the entities from
there to the record whose own fate decides, and that record."""


def create_ended(basis: Basis) -> None:
    """Create `answer_ended` and `answer_roots` from the ledger."""
    basis.query(
        f"create or replace temp table {ENDED} as"
        " select l.entity, l.row_id, l.record, l.fate, l.reason, l.because, l.wave, l.source, l.part,"
        " h.followed_by, u.unread, l.live_since is not null as is_update,"
        " case when l.record <> l.row_id then g.decision end as merged_by from {ledger} l"
        " left join (select entity, row_id, min(decision) as decision from {merges} group by all) g"
        " on g.entity = l.entity and g.row_id = l.row_id"
        f" left join ({_followed()}) h on h.entity = l.entity and h.rule = l.because"
        f" and h.holder = case when l.reason = {literal(Reason.PARTNER)} then l.record else l.row_id end"
        f" left join ({_unread(basis)}) u on u.row_id = l.source_row"
        f" where l.fate not in ({literal(Fate.EXPORTED)}, {literal(Fate.MERGED)})"
    )
    _create_roots(basis)


def _followed() -> str:
    """Return a SELECT of (entity, rule, holder, followed_by): follow-ups by row, and by record for its other rows."""
    # Two joins on equal columns: one on either of two conditions would hold every finding against every row.
    kinds = (
        f"f.stage <> {literal(VALIDATED)} and l.entity = f.subject and l.row_id = f.row_id",
        f"f.stage = {literal(VALIDATED)} and l.source = f.subject and l.source_row = f.row_id",
    )
    findings = " union all ".join(
        "select l.entity, f.rule, l.row_id, l.record, f.followed_by from {findings} f join {ledger} l"
        f" on {leads} where f.followed_by is not null and f.accepted_by is null"
        for leads in kinds
    )
    return (
        f"with followed as ({findings}) select entity, rule, holder, min(followed_by) as followed_by from"
        " (select entity, rule, row_id as holder, followed_by from followed"
        " union all select entity, rule, record, followed_by from followed where record <> row_id) group by all"
    )


def _unread(basis: Basis) -> str:
    """Return a SELECT of (row_id, unread) of the records that could not be read."""
    relations = (basis.sources.rejected(name) for name in basis.sources.run.migration.customer.sources)
    selects = [f"select row_id, reason as unread from {each}" for each in relations if each]
    return " union all ".join(["select '' as row_id, '' as unread where false", *selects])


def _create_roots(basis: Basis) -> None:
    # A path names an entity once where several of it follow each other, so that a circle comes to an end.
    basis.query(
        f"create or replace temp table {ROOTS} as with recursive"
        f" starts as (select distinct because as start from {ENDED} where reason = {literal(Reason.PARENT)}),"
        " followed(start, here, path) as ("
        " select start, start, [split_part(start, ' ', 1)] from starts"
        " union select f.start, e.because, case when f.path[-1] = split_part(e.because, ' ', 1) then f.path"
        " else list_append(f.path, split_part(e.because, ' ', 1)) end from followed f"
        f" join {ENDED} e on e.entity = split_part(f.here, ' ', 1) and e.row_id = split_part(f.here, ' ', 2)"
        f" and e.reason = {literal(Reason.PARENT)})"
        f" select f.start, f.path, e.entity, e.row_id from followed f join {ENDED} e"
        " on e.entity = split_part(f.here, ' ', 1) and e.row_id = split_part(f.here, ' ', 2)"
        f" and e.reason <> {literal(Reason.PARENT)}"
    )

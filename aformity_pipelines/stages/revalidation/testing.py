"""Which rows of a wave are tested, and what holds each of them today: read from fates that were settled, not published."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.revalidation import Tested
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.fates.assign import LEDGER
from aformity_pipelines.review.shown import shown_rows
from aformity_pipelines.stages.open_since import open_since
from aformity_pipelines.stages.packing import Package
from aformity_pipelines.stages.revalidation.owing import NOBODY, Owing, Owings
from aformity_pipelines.stages.run import Run

SOUGHT = "rows_tested"
"""Arrow table of the rows whose first day is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One row of the ledger that has not launched."""

    entity: str
    row: str
    key: str
    wave: str
    source: str
    fate: Fate
    reason: Reason
    because: str
    record: str | None
    work: str | None  # the follow-up or question about what holds it
    is_update: bool  # whether it goes out with a record that is in the product already


def tested_rows(
    run: Run, package: Package, owings: Owings, *, again: frozenset[tuple[str, str]]
) -> list[Tested]:
    """Return every row that goes out with this wave, or would if nothing held it; in no order.

    Needs the tables that `settle_fates` leaves.  Rows of later waves, excluded rows and what is live are not tested;
    `again` names (entity, key) of rows tested the last time: a live row whose changes were held stays until they go out.
    """
    found = tuple(_found(run, package))
    roots = _roots(found)
    scope = frozenset(run.waves_in_scope())
    tested = [e for e in found if e.wave in scope and (not e.is_update or _name(e) in again)]
    first_days = open_since(run, _sought(run, tested))
    return [
        _tested(each, _owing(_root(each, roots), owings), first_days.get(f"{each.entity} {each.row}"))
        for each in tested
    ]


def _sought(run: Run, tested: Iterable[_Found]) -> str:
    """Return the rows that something holds, each as a piece of work of its own."""
    held = [e for e in tested if e.fate is Fate.UNRESOLVED]
    columns = {
        "what": [f"{e.entity} {e.row}" for e in held],
        "subject": [e.entity for e in held],
        "rule": [e.because for e in held],
        "row_id": [e.row for e in held],
        "row_key": [e.key for e in held],
    }
    run.connection.register(SOUGHT, pa.table({n: pa.array(v, pa.string()) for n, v in columns.items()}))
    return f"select * from {SOUGHT}"


def _owing(root: _Found, owings: Owings) -> Owing:
    is_open = root.fate is Fate.UNRESOLVED
    return owings.of(root.entity, root.reason, root.because, root.work) if is_open else NOBODY


def _name(found: _Found) -> tuple[str, str]:
    return found.entity, found.key


def _tested(found: _Found, owing: Owing, told: date | None) -> Tested:
    return Tested(
        entity=found.entity,
        row=found.row,
        key=found.key,
        fate=found.fate,
        reason=found.reason,
        because=found.because,
        owner=owing.owner,
        due=owing.due,
        due_days=owing.due_days,
        told=told,
    )


def _found(run: Run, package: Package) -> Iterator[_Found]:
    """Yield the rows that are open, or go out, with the work that somebody opened about what holds them."""
    connection = run.connection
    keys = " union all ".join(
        f"select {literal(entity)} as entity, row_id, row_key"
        f" from ({shown_rows(run.migration, package.raw, entity, ())})"
        for entity in run.migration.entities()
    )
    about = "select entity, row_id, because, max(work) as work from holds group by all"
    beside = (
        f"select l.entity, l.record, h.because, max(h.work) as work from holds h join {LEDGER} l"
        f" using (entity, row_id) where l.record is not null group by all"
    )
    result = connection.execute(
        "select l.entity, l.row_id, coalesce(k.row_key, l.row_id), l.wave, l.source, l.fate, l.reason,"
        " coalesce(l.because, ''), l.record, coalesce(a.work, b.work),"
        f" l.fate <> '{Fate.UNRESOLVED}' and l.live_since is not null from {LEDGER} l"
        f" left join ({keys}) k on k.entity = l.entity and k.row_id = l.row_id"
        f" left join ({about}) a on a.entity = l.entity and a.row_id = l.row_id and a.because = l.because"
        f" left join ({beside}) b on b.entity = l.entity and b.record = l.record and b.because = l.because"
        f" where l.fate in ('{Fate.UNRESOLVED}', '{Fate.EXPORTED}', '{Fate.MERGED}')"
        f" and l.reason <> '{Reason.LIVE}'"
    )
    while rows := result.fetchmany(10_000):
        for entity, row, key, wave, source, fate, reason, because, record, work, is_update in rows:
            yield _Found(
                entity=entity,
                row=row,
                key=key,
                wave=wave,
                source=source,
                fate=Fate(fate),
                reason=Reason(reason),
                because=because,
                record=record,
                work=work,
                is_update=is_update,
            )


def _roots(found: tuple[_Found, ...]) -> dict[str, _Found]:
    """Return `entity record`, as the ledger names a parent -> the row that says most about why that is held."""
    ranked = sorted(found, key=lambda each: (each.reason is Reason.PARTNER, each.row), reverse=True)
    return {f"{e.entity} {e.record}": e for e in ranked if e.record and e.fate is Fate.UNRESOLVED}


def _root(found: _Found, roots: dict[str, _Found]) -> _Found:
    """Return the row at the end of the chain of parents: who settles that one settles all of them."""
    seen = {found}
    while found.reason is Reason.PARENT and (above := roots.get(found.because)) and above not in seen:
        seen.add(above)
        found = above
    return found

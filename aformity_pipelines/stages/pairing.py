"""Two states of a source as relations that can be joined row to row: by business key, and by all cells without one.

Keep out: what is counted or shown of the pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aformity_pipelines.domain.sql_text import identifier
from aformity_pipelines.mapping.columns import RawRelation, internal_names
from aformity_pipelines.review.digest import shown_text
from aformity_pipelines.stages.carried import carried_select
from aformity_pipelines.stages.earlier_delivery import ReadTable
from aformity_pipelines.stages.outputs import parquet
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.sources import declared_key

CONTENT = "chr(30)"
"""What stands before the cells of a row that has no key; no key of a file begins so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What counted at one time: a SELECT of (row_id, row, row_key, key, nth, c0, c1 ...).

    `row_key` is NULL where the key is blank; rows of one `key` are told apart by `nth`, their order.
    """

    select: str
    without_key: int  # rows
    numbered: str  # temp table (row_id, key, nth): every row of which another one has the key


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Two states of a source; the cells are those under the headers that both have."""

    source: str
    before: State
    now: State
    headers: tuple[str, ...]  # in the order of the delivery now
    key: tuple[str, ...]  # the source's key, where both have it

    @property
    def joined(self) -> str:
        """The join of both, `b` and `n`: each pair once, and each row that has no other."""
        return f"({self.before.select}) b full outer join ({self.now.select}) n on b.key = n.key and b.nth = n.nth"

    def is_another(self, place: int) -> str:
        """Return the SQL that the cell of a pair under `headers[place]` is another one now."""
        return f"b.c{place} is distinct from n.c{place}"


def pair(run: Run, source: str, before: Sequence[ReadTable], now: ReadTable) -> Pairing:
    """Return `now` beside what counted before it: the last of `before`, with the rows that it had carried."""
    declared = run.migration.customer.sources[source]
    last, then, today = before[-1], internal_names(before[-1].headers), internal_names(now.headers)
    first_names = {column: header for header, column in reversed(today.items())}
    headers = tuple(header for _, header in sorted(first_names.items()) if header in then)
    key = declared.key if set(declared.key) <= set(headers) else ()
    rows = parquet(last.table)
    if carried := carried_select(run, source, before[:-1], last):
        rows = f"(select * from {rows} union all by name select * exclude (place) from ({carried}))"
    states = (
        _state(
            run,
            RawRelation(source=source, relation=relation, internal=names, blanks=declared.blanks),
            headers,
            key,
            numbered=f"numbered_{time}",
        )
        for time, relation, names in (("before", rows, then), ("now", parquet(now.table), today))
    )
    one, other = states
    return Pairing(source=source, before=one, now=other, headers=headers, key=key)


def _state(
    run: Run, raw: RawRelation, headers: tuple[str, ...], key: tuple[str, ...], *, numbered: str
) -> State:
    cells = "".join(f", r.{identifier(raw.internal[header])} as c{n}" for n, header in enumerate(headers))
    own, content = _own_key(raw, key), f"{CONTENT} || ({shown_text(raw, headers)})"
    ((blank,),) = run.connection.execute(
        f"select count(*) from {raw.relation} r where {own} is null"
    ).fetchall()
    shown = f"coalesce({own}, {content})" if blank else own
    # Grouping numbers costs a fraction of grouping texts; only the few rows that share a number are looked at again.
    run.connection.execute(
        f"create or replace temp table {numbered} as with often as"
        f" (select hash({shown}) as h from {raw.relation} r group by 1 having count(*) > 1)"
        f" select row_id, key, row_number() over (partition by key order by row_id) as nth"
        f" from (select r.row_id, {shown} as key from {raw.relation} r where hash({shown}) in (from often))"
    )
    rows = f"select r.row_id, r.row, {_row_key(run, raw, key)} as row_key, {shown} as key{cells}"
    select = f"{rows}, coalesce(t.nth, 1) as nth from {raw.relation} r left join {numbered} t using (row_id)"
    return State(select=select, without_key=blank if key else 0, numbered=numbered)


def _row_key(run: Run, raw: RawRelation, key: tuple[str, ...]) -> str:
    declared = run.migration.customer.sources[raw.source]
    return declared_key(declared, raw) if key else "cast(null as varchar)"


def _own_key(raw: RawRelation, key: tuple[str, ...]) -> str:
    """Return the SQL of a row's key without its source's name; NULL where a part of it is blank."""
    parts = [f"({raw.filled(header)})" for header in key]
    if not parts:
        return "cast(null as varchar)"
    if len(parts) == 1:
        return parts[0]
    return f"({' || '.join(f'''length({part}) || ':' || {part}''' for part in parts)})"

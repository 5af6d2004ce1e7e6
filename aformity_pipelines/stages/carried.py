"""Rows that a later delivery of their source no longer holds: found over all deliveries, and kept beside the raw table.

A row is carried where no later delivery that counted has its business key.  It keeps the row id of the delivery that
held it last, and its cells, under the headers of today.  What becomes of it is the policy's (`vanished`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aformity_pipelines.domain.delivery import Delivery
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.domain.stage_record import CarriedRows
from aformity_pipelines.mapping.columns import RawRelation, internal_names
from aformity_pipelines.review.digest import shown_text
from aformity_pipelines.stages.earlier_delivery import ReadTable, read_again, registered, told_of
from aformity_pipelines.stages.outputs import CARRIED, parquet, write_parquet
from aformity_pipelines.stages.renamed import renaming
from aformity_pipelines.stages.run import Run, digest_of
from aformity_pipelines.stages.sources import declared_key


def earlier_of(run: Run, source: str) -> tuple[Delivery, ...]:
    """Return the deliveries of a source before the one that counts, oldest first, whether or not they were taken in."""
    return registered(run, source)[:-1]


def history_digest(run: Run, source: str) -> str:
    """Return the fingerprint of all that earlier deliveries bring in: which they are, how they are read, and the key."""
    told = [[each.sha256, told_of(run, source, each.sha256).inputs()] for each in earlier_of(run, source)]
    declared = run.migration.customer.sources[source]
    return digest_of([told, declared.key, declared.blanks])


def counted(run: Run, source: str, deliveries: Sequence[Delivery]) -> tuple[ReadTable, ...]:
    """Return the raw tables of those of `deliveries` that counted, oldest first.

    One that was never taken in, because it was refused or nobody answered what was asked about it, did not.
    """
    found: list[ReadTable] = []
    for each in deliveries:
        read = read_again(run, source, each)
        if read and not (found and renaming(run, source, found[-1], read)):
            found.append(read)
    return tuple(found)


def keep_carried(
    run: Run, source: str, before: Sequence[ReadTable], now: ReadTable
) -> tuple[CarriedRows, ...]:
    """Write `carried.parquet` (row_id, row, delivery, c0001 ...) beside the raw table, if there is any such row.

    Returns how many rows each earlier delivery held last, the latest delivery first.
    """
    path = now.table.with_name(CARRIED)
    path.unlink(missing_ok=True)
    select = carried_select(run, source, before, now)
    if select is None or not run.connection.execute(f"select 1 from ({select}) limit 1").fetchall():
        return ()
    write_parquet(run.connection, f"{select} order by place desc, row", path)
    return _counts(run, before, path)


def _counts(run: Run, before: Sequence[ReadTable], path: Path) -> tuple[CarriedRows, ...]:
    rows = run.connection.execute(
        f"select place, count(*) from {parquet(path)} group by 1 order by 1 desc"
    ).fetchall()
    return tuple(
        CarriedRows(
            sha256=before[place].delivery.sha256,
            file_name=before[place].delivery.file_name,
            sheet=before[place].sheet,
            received_on=before[place].delivery.received_on,
            rows=number,
        )
        for place, number in rows
    )


def carried_select(run: Run, source: str, before: Sequence[ReadTable], now: ReadTable) -> str | None:
    """Return a SELECT of (row_id, row, place, c0001 ...) of the rows of `before` that no later delivery holds.

    `place` is the delivery's among `before`; the columns are those of `now`.  None where the source has no key, or
    today's delivery lacks a part of it: nothing tells then which row is which.
    """
    tables = [_Keyed.of(run, source, each) for each in (*before, now)]
    if not before or not tables[-1].is_keyed:
        return None
    selects = [
        _vanished(run, place, tables[place], [later for later in tables[place + 1 :] if later.is_keyed], now)
        for place in range(len(before))
        if tables[place].is_keyed
    ]
    return f"select * from ({' union all '.join(selects)})" if selects else None


def _vanished(run: Run, place: int, own: "_Keyed", later: Sequence["_Keyed"], now: ReadTable) -> str:
    columns = ", ".join(_aligned(own.raw, now.headers))
    # A row whose key is blank is there as long as a row with the same other cells is: it may have got its key.
    is_blank = run.connection.execute(
        f"select 1 from {own.raw.relation} r where {own.key} is null limit 1"
    ).fetchall()
    keyed = " ".join(
        f"anti join (select {each.key} as key from {each.raw.relation} r) l{number} on l{number}.key = o.key"
        for number, each in enumerate(later)
    )
    selects = [
        f"select o.* exclude (key) from (select r.row_id, r.row, {place} as place, {columns}, {own.key} as key"
        f" from {own.raw.relation} r where {own.key} is not null) o {keyed}"
    ]
    if is_blank:
        gone = " and ".join(own.is_nowhere_in(each) for each in later)
        selects.append(
            f"select r.row_id, r.row, {place} as place, {columns} from {own.raw.relation} r"
            f" where {own.key} is null and {gone}"
        )
    return " union all ".join(selects)


def _aligned(own: RawRelation, headers: Sequence[str]) -> Iterator[str]:
    """Yield the SQL of an earlier row's cells under today's headers; NULL where its delivery had none of a name."""
    for header, column in _by_column(headers).items():
        cell = own.exact(header) if header in own.internal else "cast(null as varchar)"
        yield f"{cell} as {column}"


def _by_column(headers: Sequence[str]) -> dict[str, str]:
    """Return one name of each column of a delivery, in its order."""
    named: dict[str, str] = {}
    for header, column in internal_names(headers).items():
        named.setdefault(column, header)
    return {header: column for column, header in sorted(named.items())}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Keyed:
    """A delivery's raw table with the SQL of its business key, NULL of rows whose key is blank."""

    raw: RawRelation
    key: str
    others: tuple[str, ...]  # headers that are no part of the key
    is_keyed: bool

    @classmethod
    def of(cls, run: Run, source: str, read: ReadTable) -> "_Keyed":
        declared = run.migration.customer.sources[source]
        raw = RawRelation(
            source=source,
            relation=parquet(read.table),
            internal=internal_names(read.headers),
            blanks=declared.blanks,
        )
        is_keyed = bool(declared.key) and all(header in raw.internal for header in declared.key)
        return cls(
            raw=raw,
            key=declared_key(declared, raw) if is_keyed else literal(""),
            others=tuple(header for header in raw.internal if header not in declared.key),
            is_keyed=is_keyed,
        )

    def is_nowhere_in(self, later: "_Keyed") -> str:
        common = [header for header in self.others if header in later.others]
        return (
            f"({shown_text(self.raw, common)}) not in"
            f" (select {shown_text(later.raw, common)} from {later.raw.relation} r)"
        )

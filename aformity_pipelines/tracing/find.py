"""From what somebody typed to the rows of the ledger: an exported key, a row key, a row id or a row number."""

import dataclasses
import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.tracing.replay import keys_sql
from aformity_pipelines.tracing.sources import Sources

ROW_ID = re.compile(r"^(?P<source>[a-z][a-z0-9_]*)@[0-9a-f]{8}#\d+(/[a-z][a-z0-9_]*)?$")
ROW_NUMBER = re.compile(r"^(?:(?P<source>[a-z][a-z0-9_]*)#)?(?P<row>\d{1,9})$")
NEAR = 5
CANDIDATES = 200
"""Keys that DuckDB picks by likeness before difflib ranks them."""
SETTLED = tuple(Fate)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One line of the ledger: a source row (or part of one) and where it ended."""

    row_id: str
    source_row: str
    part: str
    source: str
    row: int
    wave: str
    fate: str
    reason: str
    because: str | None
    record: str | None
    record_key: str | None
    row_key: str | None
    change: str | None = None  # created, updated or unchanged; None where no record of it is in the product
    live_since: str | None = None  # the version that created its record: `wave_1/v0008-4a873acd`

    @property
    def is_live_already(self) -> bool:
        """Whether its record was in the product before this export."""
        return self.live_since is not None or self.reason == Reason.LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The row that was asked for, and the record that it belongs to."""

    asked: LedgerRow
    parts: tuple[LedgerRow, ...]  # the rows of its record, the surviving one first; never empty
    is_by_key: bool  # whether the question was a key and not the place of a row
    others: tuple[str, ...] = ()  # row ids of other records that the question fits as well

    @property
    def main(self) -> LedgerRow:
        """The row that names the record."""
        return self.parts[0]


def find(sources: Sources, entity: str, asked: str) -> Found | None:
    """Return the record that `asked` names, the least settled one where it names several; else None."""
    by_key = ledger_rows(sources, entity, "record_key = ?", [asked])
    if by_key:
        mains = [row for row in by_key if row.row_id == row.record] or by_key
        return _found(sources, entity, mains, is_by_key=True)
    places = _by_row_id(sources, entity, asked) or _by_row_key(sources, entity, asked)
    own = [] if places else _by_own_key(sources, entity, asked)
    rows = places or own or _by_delivered_key(sources, entity, asked) or _by_number(sources, entity, asked)
    return _found(sources, entity, rows, is_by_key=bool(own)) if rows else None


def near(sources: Sources, entity: str, asked: str) -> tuple[str, ...]:
    """Return the keys of the entity that look most like `asked`, best first."""
    rows = sources.query(
        "select distinct record_key from {ledger} where entity = ? and record_key is not null"
        " order by jaro_winkler_similarity(record_key, ?) desc, record_key limit ?",
        [entity, asked, CANDIDATES],
    )
    alike = difflib.get_close_matches(asked, [row[0] for row in rows], n=CANDIDATES)
    return tuple(sorted(alike, key=lambda key: _unlike(key, asked))[:NEAR])


def _unlike(key: str, asked: str) -> tuple[float, int, str]:
    """Return how little a key resembles what was asked; of equals, those that begin alike come first."""
    begins = next(
        (n for n, (one, other) in enumerate(zip(key, asked, strict=False)) if one != other), len(key)
    )
    return -difflib.SequenceMatcher(None, asked, key).ratio(), -begins, key


def rows_numbered(sources: Sources, entity: str, asked: str) -> tuple[str, ...]:
    """Return `source#row` of every row that a bare number fits; empty where `asked` is none."""
    if not asked.isdecimal() or not ROW_NUMBER.match(asked):
        return ()
    rows = ledger_rows(sources, entity, '"row" = ?', [int(asked)])
    return tuple(dict.fromkeys(f"{row.source}#{row.row}" for row in rows))


def ledger_rows(sources: Sources, entity: str, where: str, values: Sequence[object]) -> list[LedgerRow]:
    """Return the ledger's lines of an entity that meet a condition, in row order."""
    names = [field.name for field in dataclasses.fields(LedgerRow)]
    # An older version has no columns about what was live before.
    known = sources.query(f"describe select columns(lambda c: list_contains({names}, c)) from {{ledger}}")
    columns = [row[0] for row in known]
    shown = ", ".join(f'"{column}"' for column in columns)
    rows = sources.query(
        f"select {shown} from {{ledger}} where entity = ? and {where} order by row_id", [entity, *values]
    )
    return [LedgerRow(**dict(zip(columns, row, strict=True))) for row in rows]


def _found(sources: Sources, entity: str, rows: list[LedgerRow], *, is_by_key: bool) -> Found:
    asked = max(rows, key=lambda row: SETTLED.index(Fate(row.fate)))
    parts = [asked]
    if asked.record is not None:
        parts = ledger_rows(sources, entity, "record = ?", [asked.record])
        parts.sort(key=lambda row: row.row_id != row.record)
    named = {row.row_id for row in parts}
    return Found(
        asked=asked,
        parts=tuple(parts),
        is_by_key=is_by_key,
        others=tuple(row.row_id for row in rows if row.row_id not in named),
    )


def _by_row_id(sources: Sources, entity: str, asked: str) -> list[LedgerRow]:
    if not ROW_ID.match(asked):
        return []
    # One column, not either: so Parquet skips what cannot match.
    column = "row_id" if "/" in asked else "source_row"
    return ledger_rows(sources, entity, f"{column} = ?", [asked])


def _by_row_key(sources: Sources, entity: str, asked: str) -> list[LedgerRow]:
    source = asked.partition(":")[0]
    if ":" not in asked or source not in _read(sources, entity):
        return []
    key, _, part = asked.rpartition("/")
    for row_key, of_part in ((asked, None), (key, part)):
        relation = sources.raw[source].relation
        ids = sources.query(f"select row_id from {relation} where row_key = ?", [row_key]) if row_key else []
        if ids:
            rows = ledger_rows(sources, entity, "list_contains(?, source_row)", [[each[0] for each in ids]])
            return [row for row in rows if of_part in (None, row.part)]
    return []


def own_key_rows(sources: Sources, entity: str, key: str) -> list[str]:
    """Return the ids of the rows whose key, as mapped and before any decision, this is."""
    select = keys_sql(sources, entity)
    ids = sources.query(f"select row_id from ({select}) where key = ?", [key]) if select else []
    return [row_id for (row_id,) in ids]


def _by_own_key(sources: Sources, entity: str, asked: str) -> list[LedgerRow]:
    """Rows whose own key this is, though no record bears it: merged, excluded, or their gate is closed."""
    ids = own_key_rows(sources, entity, asked)
    return ledger_rows(sources, entity, "list_contains(?, row_id)", [ids]) if ids else []


def _by_delivered_key(sources: Sources, entity: str, asked: str) -> list[LedgerRow]:
    """Rows that the customer's own system calls so, in any of the entity's sources."""
    found = [_by_row_key(sources, entity, f"{source}:{asked}") for source in _read(sources, entity)]
    return [row for rows in found for row in rows]


def _by_number(sources: Sources, entity: str, asked: str) -> list[LedgerRow]:
    matched = ROW_NUMBER.match(asked)
    if not matched:
        return []
    read = [matched["source"]] if matched["source"] else list(_read(sources, entity))
    rows = ledger_rows(sources, entity, 'list_contains(?, source) and "row" = ?', [read, int(matched["row"])])
    return rows if len({row.source for row in rows}) == 1 else []


def _read(sources: Sources, entity: str) -> tuple[str, ...]:
    """Return the sources that the entity is made from."""
    reads = sources.migration.reads_of(entity)
    return tuple(dict.fromkeys(read.source for read in reads if read.source in sources.raw))

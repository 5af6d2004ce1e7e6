"""Recording decisions: what they were shown becomes their coverage, and lines are appended to the log.

The log is the record: what is decided together is written whole and flushed to the disk, or not at all.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from aformity_pipelines.config.decision_log import hash_of_line, line_of, read_log, unfit
from aformity_pipelines.domain.coverage import CoveredRow
from aformity_pipelines.domain.decisions import ENTRY, Entry
from aformity_pipelines.domain.migration import LogHead, Migration
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.review.coverage import shown_rows


def covered_rows(
    connection: duckdb.DuckDBPyConnection,
    migration: Migration,
    raw: Mapping[str, RawRelation],
    *,
    subject: str,
    fields: Sequence[str],
    chosen: str,
) -> tuple[CoveredRow, ...]:
    """Return key and digest of the rows whose ids the SELECT `chosen` yields, in row order.

    Needs `keyed_digest` on the connection.
    """
    rows = connection.execute(
        f"select row_key, keyed_digest(shown) from ({shown_rows(migration, raw, subject, fields)})"
        f" where row_id in ({chosen}) order by row_id"
    ).fetchall()
    return tuple(CoveredRow(key=key, digest=digest) for key, digest in rows)


def chained(before: Sequence[Entry], head: LogHead, fields: Mapping[str, Any]) -> tuple[Entry, LogHead]:
    """Return the decision as the log would hold it after the entries `before`, and the end of the log then.

    `fields` is everything but `seq`, `prev` and `id`.  Raises ValueError (pydantic's ValidationError among them)
    for a line that the log cannot take: it would make all of it unreadable.
    """
    entry = ENTRY.validate_python(
        {**fields, "seq": head.seq + 1, "prev": head.sha256, "id": f"D-{len(before) + 1:03d}"}
    )
    if reasons := unfit(before, entry):
        raise ValueError("; ".join(reasons))
    return entry, LogHead(seq=entry.seq, sha256=hash_of_line(line_of(entry).encode()))


def append_all(log: Path, wanted: Iterable[Mapping[str, Any]]) -> tuple[Entry, ...]:
    """Append decisions in one write, each chained to the one before; return them as they were written.

    All or nothing: raises as `chained` does before a byte is written.  The caller holds the customer's lock.
    """
    before, head = read_log(log)
    entries = list(before)
    for fields in wanted:
        entry, head = chained(entries, head, fields)
        entries.append(entry)
    new = tuple(entries[len(before) :])
    if new:
        _write_whole(log, "".join(f"{line_of(entry)}\n" for entry in new).encode())
    return new


def append(log: Path, fields: Mapping[str, Any]) -> Entry:
    """Append one decision; return it as it was written.  Raises as `append_all` does."""
    (entry,) = append_all(log, (fields,))
    return entry


def _write_whole(log: Path, lines: bytes) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        before = os.fstat(descriptor).st_size
        try:
            if os.write(descriptor, lines) != len(lines):
                raise OSError(
                    f"{log.name}: the disk took only part of what was written; it was taken back, nothing is recorded"
                )
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, before)
            os.fsync(descriptor)
            raise
    finally:
        os.close(descriptor)

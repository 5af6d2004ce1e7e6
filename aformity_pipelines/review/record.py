"""Recording a decision: what it was shown becomes its coverage, and one line is appended to the log.

The log is the record: a line is written whole and flushed to the disk, or not at all.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from aformity_pipelines.config.decision_log import line_of, read_log
from aformity_pipelines.domain.decisions import ENTRY, CoveredRow, Entry
from aformity_pipelines.domain.migration import Migration
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


def append(log: Path, fields: Mapping[str, Any]) -> Entry:
    """Append one decision, numbered and chained to the line before; return it as it was written.

    `fields` is everything but `seq`, `prev` and `id`.  The caller holds the customer's lock.
    Raises pydantic's ValidationError before a byte is written.
    """
    entries, head = read_log(log)
    seq = head.seq + 1
    entry = ENTRY.validate_python(
        {**fields, "seq": seq, "prev": head.sha256, "id": f"D-{len(entries) + 1:03d}"}
    )
    _write_whole(log, (line_of(entry) + "\n").encode())
    return entry


def _write_whole(log: Path, line: bytes) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        before = os.fstat(descriptor).st_size
        try:
            if os.write(descriptor, line) != len(line):
                raise OSError(
                    f"{log.name}: the disk took only part of a line; it was taken back, nothing is recorded"
                )
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, before)
            os.fsync(descriptor)
            raise
    finally:
        os.close(descriptor)

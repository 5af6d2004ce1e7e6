"""Appending to the decision log: a decision is on the disk whole before it is acknowledged, or it is not there.

The log grows first, then its head file is replaced: that is the commit.  Whatever dies in between leaves bytes past
the commit, which no reader takes up; the next append lays them aside and goes on.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from aformity_pipelines.config.decision_log import KeptLog, examine, unfit
from aformity_pipelines.config.log_head import LogCommit, head_path
from aformity_pipelines.config.log_lines import hash_of_line, line_of
from aformity_pipelines.domain.decisions import ENTRY, Entry, RowDecision
from aformity_pipelines.domain.migration import LogHead
from aformity_pipelines.files.atomic import sync, write_bytes
from aformity_pipelines.files.by_content import keep_file

MOST_INLINE = 200
"""Covered rows that stand in the log itself; more lie in a coverage file."""
IN_ONE_LINE = frozenset({"merge_approved"})
"""Kinds whose rows stand in the log, however many: their survivor is one of them."""
COVERAGE = "coverage"
UNFINISHED = "unfinished"
"""Folders beside the log."""


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


def append_all(
    log: Path, wanted: Iterable[Mapping[str, Any]], *, files: Mapping[str, bytes] | None = None
) -> tuple[Entry, ...]:
    """Append decisions in one write, each chained to the one before; return them as they were written.

    Once it returns, all of them are on the disk; before that, none of them is read by anybody.  Raises as `chained`
    does before a byte is written, ConfigInvalid for a log that is not whole, OSError where the disk fails.
    Numbers and chain follow what is in the log then: writers wait for each other.  `files` holds coverage files that
    decisions name, by SHA-256; rows that are many and are listed in a decision itself are put into one as well.
    """
    with _alone(log):
        kept = examine(log)
        entries, head, contents = list(kept.entries), kept.head, []
        for fields in wanted:
            listed, file = _rows_apart(fields)
            entry, head = chained(entries, head, listed)
            entries.append(entry)
            contents += (
                [file] if file else [files[name] for name in _named_in(entry) if files and name in files]
            )
        new = tuple(entries[len(kept.entries) :])
        if new:
            for content in contents:
                keep_file(log.parent / COVERAGE, content)
            _write(log, kept, head, "".join(f"{line_of(entry)}\n" for entry in new).encode())
    return new


def _named_in(entry: Entry) -> tuple[str, ...]:
    """Return the coverage file that an entry names, if any."""
    covers = entry.covers if isinstance(entry, RowDecision) else None
    return (covers.rows_in,) if covers and covers.rows_in else ()


def append(log: Path, fields: Mapping[str, Any]) -> Entry:
    """Append one decision; return it as it was written.  Raises as `append_all` does."""
    (entry,) = append_all(log, (fields,))
    return entry


def _rows_apart(fields: Mapping[str, Any]) -> tuple[Mapping[str, Any], bytes | None]:
    """Return a decision with its rows in a coverage file where they are many, and the content of that file."""
    covers: Mapping[str, Any] = fields.get("covers", {})
    rows = covers.get("rows", ())
    if len(rows) <= MOST_INLINE or fields["kind"] in IN_ONE_LINE:
        return fields, None
    from aformity_pipelines.review.coverage_files import listed  # noqa: PLC0415 - imports Polars; few need it

    apart = listed(rows, most_inline=0)
    (content,) = apart.files.values()
    rest = {key: value for key, value in covers.items() if key != "rows"}
    return {**fields, "covers": rest | apart.covers}, content


@contextmanager
def _alone(log: Path) -> Iterator[None]:
    """Hold the log's own lock: the customer's lies in a storage, and two storages may serve one project."""
    log.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(log.with_name(f".{log.stem}.lock"), flags, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(log: Path, kept: KeptLog, head: LogHead, lines: bytes) -> None:
    """Put lines at the end of a log and commit them."""
    for pattern in (f".{head_path(log).name}.*.tmp", f"{COVERAGE}/.*.tmp", f"{UNFINISHED}/.*.tmp"):
        for leftover in log.parent.glob(pattern):
            leftover.unlink(missing_ok=True)
    if not kept.is_committed:
        if log.exists():
            sync(log)
        write_bytes(head_path(log), kept.commit().line())
    if kept.unfinished:
        _lay_aside(log, kept)
    _grow(log, kept.size, lines)
    commit = LogCommit(seq=head.seq, sha256=head.sha256, size=kept.size + len(lines))
    try:
        write_bytes(head_path(log), commit.line())
    except OSError as error:
        # Whether the head was replaced is not known, so the lines stay: the head says what they are.
        says = f"{error.strerror}: {log.name} may not be on the disk; look at `aformity history` before you try again"
        raise OSError(error.errno, says) from error


def _lay_aside(log: Path, kept: KeptLog) -> None:
    """Keep what an append left that died, beside the log, and take it off the log."""
    keep_file(log.parent / UNFINISHED, kept.unfinished, suffix=".jsonl")
    with log.open("r+b") as opened:
        opened.truncate(kept.size)
        os.fsync(opened.fileno())


def _grow(log: Path, size: int, lines: bytes) -> None:
    """Put lines at the end of a log of `size` bytes and flush them to the disk; take them back where that fails."""
    is_new = not log.exists()
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if is_new:
            sync(log.parent)
        try:
            if os.write(descriptor, lines) != len(lines):
                raise OSError(
                    f"{log.name}: the disk took only part of what was written; it was taken back, nothing is recorded"
                )
            os.fsync(descriptor)
        except OSError:
            # What cannot be taken back lies past the commit: nobody reads it.
            with suppress(OSError):
                os.ftruncate(descriptor, size)
                os.fsync(descriptor)
            raise
    finally:
        os.close(descriptor)

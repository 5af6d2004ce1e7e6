"""The chain of a decision log: which line is not the one that was written.

A line whose text was changed no longer has the hash that the next line names; one whose `prev` was changed fits
neither neighbour.  So the line itself is named, not the one where the chain breaks.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from aformity_pipelines.config.log_head import LogCommit
from aformity_pipelines.config.log_lines import Line, LineFault
from aformity_pipelines.domain.migration import NO_LOG


def chain_faults(lines: Sequence[Line], commit: LogCommit | None) -> Iterator[LineFault]:
    """Yield the lines that were changed, moved, repeated or lost since they were written.

    `commit` is what the head file says of the log's end; without it nobody can tell whether the last line is the
    one that was written.  Lines with faults of their own are not named a second time.
    """
    breaks = _breaks(lines, commit)
    named = {line.number for line in lines if line.faults}
    for fault, is_displaced in _out_of_order(lines, breaks):
        named.add(fault.line)
        if is_displaced:
            breaks.discard(fault.line)
        yield fault
    for number in _changed(breaks):
        if number not in named:
            yield LineFault(line=number, says=_changed_words(number, lines, commit))
    yield from _cut_off(lines, commit)


def _breaks(lines: Sequence[Line], commit: LogCommit | None) -> set[int]:
    """Return the numbers of the lines that do not follow the one before; one past the last for the head file."""
    found = set()
    if lines and lines[0].entry and lines[0].entry.prev != NO_LOG.sha256:
        found.add(lines[0].number)
    for before, line in pairwise(lines):
        if line.entry and line.entry.prev != before.sha256:
            found.add(line.number)
    last = lines[-1].entry if lines else None
    if commit and last and last.seq == commit.seq and lines[-1].sha256 != commit.sha256:
        found.add(lines[-1].number + 1)
    return found


def _out_of_order(lines: Sequence[Line], breaks: set[int]) -> Iterator[tuple[LineFault, bool]]:
    """Yield lines whose number is not the next one, and whether the line itself stands at another place."""
    expected: int | None = 1
    for line in lines:
        if line.entry is None:
            expected = None
            continue
        seq = line.entry.seq
        if expected is None or seq == expected:
            expected = seq + 1
            continue
        is_displaced = line.number in breaks
        says = _displaced_words(seq, expected) if is_displaced else f"seq is {seq}, this is entry {expected}"
        yield LineFault(line=line.number, key="seq", says=says), is_displaced
        expected = seq + 1 if is_displaced else expected + 1


def _displaced_words(seq: int, expected: int) -> str:
    if seq < expected:
        return f"entry {seq} stands here once more, or at another place than it was written"
    lost = f"entry {expected} is" if seq == expected + 1 else f"entries {expected} to {seq - 1} are"
    return f"this is entry {seq}: {lost} missing before it"


def _changed(breaks: set[int]) -> Iterator[int]:
    """Yield the lines that explain where the chain is broken: a single break is the fault of the line before it."""
    for number in sorted(breaks):
        if number + 1 in breaks:
            yield number
        elif number - 1 not in breaks:
            yield max(number - 1, 1)


def _changed_words(number: int, lines: Sequence[Line], commit: LogCommit | None) -> str:
    first = lines[number - 1].entry
    if number == 1 and first and first.prev != NO_LOG.sha256:
        return "`prev` is not 64 zeros, as that of a first line is: it was changed, or lines are missing before it"
    if number == len(lines):
        return "the line was changed after it was written: it is not the one that decisions.head names"
    if number == len(lines) - 1 and commit is None:
        return "the line was changed after it was written, or `prev` of the next one was"
    return "the line was changed after it was written: the chain of hashes breaks at it"


def _cut_off(lines: Sequence[Line], commit: LogCommit | None) -> Iterator[LineFault]:
    """Yield the first line that is gone from the end of the log."""
    last = lines[-1].entry.seq if lines and lines[-1].entry else 0
    if commit and last < commit.seq and (last or not lines):
        lost = (
            f"entry {commit.seq} is" if commit.seq == last + 1 else f"entries {last + 1} to {commit.seq} are"
        )
        says = f"the log ends too early: {lost} missing, which decisions.head names"
        yield LineFault(line=len(lines) + 1, says=says)

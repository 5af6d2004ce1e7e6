"""A process that appends decisions and says each id as soon as it is acknowledged; it is to be killed.

`python -m tests.faults.worker append LOG NAME COUNT BATCH`, with `naive` in place of `append` for one without care.
"""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aformity_pipelines.config.log_lines import line_of
from aformity_pipelines.review.append import append_all, chained
from tests.builders.decisions import INA, coverage


def decision(name: str, number: int) -> dict[str, Any]:
    """One decision that says by its `why` who wanted it and as which."""
    return {
        "kind": "rows_excluded", "on": "2026-11-20", "by": INA, "how_known": "A call.",
        "says": "They stay behind.", "why": f"{name} {number}", "covers": coverage(f"crm:{number}"),
    }  # fmt: skip


def naive_append(log: Path, wanted: Iterable[dict[str, Any]]) -> None:
    """Append as one would at first: after the lines that look whole, without a head, a length check or undoing."""
    from aformity_pipelines.config.log_lines import read_line
    from aformity_pipelines.domain.migration import NO_LOG, LogHead

    written = log.read_bytes().splitlines() if log.exists() else []
    before = [e for n, line in enumerate(written, 1) if (e := read_line(n, line).entry)]
    last = read_line(1, line_of(before[-1]).encode()).sha256 if before else NO_LOG.sha256
    head = LogHead(seq=len(before), sha256=last)
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        for fields in wanted:
            entry, head = chained(before, head, fields)
            before.append(entry)
            os.write(descriptor, f"{line_of(entry)}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


STARTED = "started"
"""Name of a file that is made right before the first append: what the system is asked before is no concern here."""
APPENDS = {"append": append_all, "naive": naive_append}


def main(how: str, log: str, name: str, count: str, batch: str) -> int:
    """Append `count` batches of `batch` decisions; say each that is acknowledged; 1 where the disk failed."""
    failed = 0
    (Path(log).parent / STARTED).touch()
    for number in range(int(count)):
        wanted = [decision(name, number * int(batch) + place) for place in range(int(batch))]
        try:
            APPENDS[how](Path(log), wanted)
        except OSError:
            failed = 1
            continue
        said = "".join(f"{each['why']}\n" for each in wanted)
        # Straight to the pipe, in one call: what is said was acknowledged, even if the next call kills.
        os.write(1, said.encode())
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

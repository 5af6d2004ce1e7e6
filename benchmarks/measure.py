"""CPU seconds (user and system, all threads) and peak memory; the wall clock would measure the neighbours."""

import gc
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb

REPEATS = 3


def cpu_of(work: Callable[[], object]) -> float:
    """Return the CPU seconds of this process while `work` runs."""
    gc.collect()
    before = time.process_time()
    work()
    return time.process_time() - before


def interleaved(works: Mapping[str, Callable[[], object]], repeats: int = REPEATS) -> dict[str, float]:
    """Run all works in turn, `repeats` times (A B C A B C); return the median CPU seconds of each."""
    spent: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repeats):
        for name, work in works.items():
            spent[name].append(cpu_of(work))
    return {name: statistics.median(each) for name, each in spent.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """What a whole process cost."""

    cpu: float  # seconds, its own children included
    code: int
    output: str


def run_child(arguments: list[str], **environment: str) -> Child:
    """Run this Python with `arguments`; bytecode is kept, or imports would be measured twice over."""
    own = {**os.environ, **environment}
    own.pop("PYTHONDONTWRITEBYTECODE", None)
    with subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=own,
        cwd=Path(__file__).parent.parent,
    ) as started:
        output = started.stdout.read() if started.stdout else ""
        _, status, used = os.wait4(started.pid, 0)
        started.returncode = os.waitstatus_to_exitcode(status)
    return Child(cpu=used.ru_utime + used.ru_stime, code=started.returncode, output=output)


def own_peak_mib() -> float:
    """Return the peak resident memory of this process; `ru_maxrss` would begin with the parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def as_plain_copy(csv: Path, into: Path, threads: int = 2) -> Callable[[], object]:
    """Return B: DuckDB reads a CSV as text and writes zstd Parquet, on a connection of its own."""

    def copy() -> None:
        with duckdb.connect(config={"threads": threads}) as connection:
            connection.execute(
                f"copy (select * from read_csv('{csv}', all_varchar = true, header = true))"
                f" to '{into}' (format parquet, compression zstd)"
            )

    return copy


@dataclass(slots=True, kw_only=True)
class Ledger:
    """CPU seconds by name, of functions while they are watched; a call inside another counts for both."""

    spent: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, seconds: float) -> None:
        """Add to what a name has cost."""
        self.spent[name] = self.spent.get(name, 0.0) + seconds


@contextmanager
def watched(targets: Mapping[str, Callable[[tuple[Any, ...]], str]]) -> Iterator[Ledger]:
    """Add up the CPU of functions by dotted path (`module.function`) for the block.

    Each path maps to a function from the call's arguments to the name under which it counts.
    """
    ledger = Ledger()

    def wrapped(
        original: Callable[..., Any], name_of: Callable[[tuple[Any, ...]], str]
    ) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - stands in for any function
            before = time.process_time()
            try:
                return original(*arguments, **named)
            finally:
                ledger.add(name_of(arguments), time.process_time() - before)

        return call

    with ExitStack() as patches:
        for path, name_of in targets.items():
            module, _, name = path.rpartition(".")
            original = getattr(sys.modules[module], name)
            patches.enter_context(mock.patch(path, wrapped(original, name_of)))
        yield ledger

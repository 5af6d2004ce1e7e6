"""A fault at every write-side system call of an append, one run a call: strace counts the calls and injects it."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from aformity_pipelines.config.decision_log import examine
from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.review.append import append
from tests.faults.worker import STARTED, decision

CALLS = (
    "write", "pwrite64", "fsync", "fdatasync", "openat", "rename", "renameat", "renameat2", "link", "linkat",
    "ftruncate", "truncate", "unlink", "unlinkat", "mkdir", "mkdirat",
)  # fmt: skip
CALL = re.compile(r"^(?:\[pid +\d+\] )?(?:\d+ +)?(\w+)\((.*)")
BATCHES, BATCH = 2, 2
REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Point:
    """The n-th call of a name in the worker's life, and what happens to it."""

    call: str
    number: int
    fault: str  # `signal=SIGKILL`, `error=EIO`

    def __str__(self) -> str:
        return f"{self.call} {self.number} {self.fault}"


def worker(how: str, log: Path, name: str = "w", batches: int = BATCHES, batch: int = BATCH) -> list[str]:
    """Return the command that starts a worker."""
    return [sys.executable, "-B", "-m", "tests.faults.worker", how, str(log), name, str(batches), str(batch)]


def points(
    how: str, folder: Path, start: Callable[[Path], Path], faults: tuple[str, ...], batches: int = BATCHES
) -> list[Point]:
    """Return every write-side call of an undisturbed run after its start, with each of the faults."""
    log, trace = start(folder / "undisturbed"), folder / "trace"
    traced = [
        "strace",
        "-f",
        "-o",
        str(trace),
        "-e",
        f"trace={','.join(CALLS)}",
        *worker(how, log, batches=batches),
    ]
    subprocess.run(traced, cwd=REPOSITORY, check=True, capture_output=True)
    counted: dict[str, int] = {}
    found: list[Point] = []
    is_started = False
    for line in trace.read_text(encoding="utf-8").splitlines():
        if called := CALL.match(line):
            call, rest = called.groups()
            counted[call] = counted.get(call, 0) + 1
            if is_started and (call != "openat" or "O_RDONLY" not in rest):
                found += [Point(call=call, number=counted[call], fault=fault) for fault in faults]
            is_started = is_started or STARTED in rest
    return found


def disturbed(how: str, log: Path, point: Point, batches: int = BATCHES) -> list[str]:
    """Run a worker with a fault at one call; return what it said was recorded."""
    inject = f"inject={point.call}:{point.fault}:when={point.number}"
    # `trace` goes with it: strace counts only what it traces.
    strace = ["strace", "-f", "-o", "/dev/null", "-e", f"trace={point.call}", "-e", inject]
    ran = subprocess.run(
        [*strace, *worker(how, log, batches=batches)],
        cwd=REPOSITORY, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert (log.parent / STARTED).exists(), f"{point}: died before it began: {ran.stderr}"
    return ran.stdout.splitlines()


def violations(log: Path, before: list[str], acknowledged: list[str], batch: int = BATCH) -> Iterator[str]:
    """Yield what is not as promised: lost, doubled, torn, or a log that takes no more."""
    try:
        whys = [entry.why for entry in examine(log).entries]
    except ConfigInvalid as invalid:
        yield f"torn: {invalid}"
        return
    for why in (*before, *acknowledged):
        if whys.count(why) != 1:
            yield f"{why!r} is there {whys.count(why)} times"
    new = [why for why in whys if why not in before]
    for number in {int(why.split()[1]) // batch for why in new}:
        there = sum(int(why.split()[1]) // batch == number for why in new)
        if there % batch:
            yield f"{there} of the {batch} decisions of batch {number} are there"
    added = append(log, decision("after", 0))
    if examine(log).entries[-1] != added or len(examine(log).entries) != len(whys) + 1:
        yield "the next append does not add its line"


def fresh(folder: Path) -> Path:
    """Return where a log will be; nothing is there yet."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder / "decisions.jsonl"

"""An append that is killed, or that the disk fails, at any system call: nothing acknowledged is lost, doubled or torn.

`naive` is an append without head file, length check and undoing; the same faults break it.
"""

import itertools
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aformity_pipelines.review.append import append
from tests.faults.sweep import REPOSITORY, Point, disturbed, fresh, points, violations, worker
from tests.faults.worker import decision

pytestmark = pytest.mark.slow

needs_strace = pytest.mark.skipif(
    shutil.which("strace") is None
    or subprocess.run(["strace", "-o", "/dev/null", "true"], check=False, capture_output=True).returncode
    != 0,
    reason="strace is not there, or may not trace here",
)
FAULTS = ("signal=SIGKILL", "error=EIO", "error=ENOSPC")


def after_a_dead_append(folder: Path) -> Path:
    """Return a log of one decision with bytes past its end, as an append leaves them that died."""
    log = fresh(folder)
    append(log, decision("before", 0))
    with log.open("ab") as opened:
        opened.write(b'{"by":{"name":"In')
    return log


def swept(
    how: str, folder: Path, start: Callable[[Path], Path], faults: tuple[str, ...], batches: int = 2
) -> tuple[int, list[str]]:
    """Return how many faults were injected, and each promise that one of them broke."""

    def broken_by(point: Point) -> list[str]:
        log = start(folder / str(point).replace(" ", "_"))
        before = ["before 0"] if log.exists() else []
        said = disturbed(how, log, point, batches)
        return [f"{point}: {each}" for each in violations(log, before, said)]

    found = points(how, folder, start, faults, batches)
    with ThreadPoolExecutor(max_workers=2) as side_by_side:
        return len(found), [each for broken in side_by_side.map(broken_by, found) for each in broken]


@needs_strace
def test_nothing_acknowledged_is_lost_at_any_of_a_hundred_faults(tmp_path: Path) -> None:
    new = swept("append", tmp_path / "new", fresh, FAULTS)
    again = swept("append", tmp_path / "again", after_a_dead_append, FAULTS, batches=1)

    assert new[1] + again[1] == []
    assert new[0] + again[0] >= 100


@needs_strace
def test_a_naive_append_breaks_under_the_same_faults(tmp_path: Path) -> None:
    injected, broken = swept("naive", tmp_path, fresh, ("signal=SIGKILL", "error=ENOSPC"))

    assert injected >= 5
    assert any("of the 2 decisions" in each for each in broken)


@pytest.mark.parametrize("how", ["append", "naive"])
def test_a_disk_that_takes_only_part_of_a_line(tmp_path: Path, how: str) -> None:
    log = fresh(tmp_path / "whole")
    size = len(append_and_read(log))
    broken: list[str] = []
    for taken in range(40, 2 * size, size // 4):
        log = fresh(tmp_path / "short")

        def bounded(limit: int = taken) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        ran = subprocess.run(
            worker(how, log, batches=2, batch=1),
            cwd=REPOSITORY, check=False, capture_output=True, text=True, preexec_fn=bounded,
        )  # fmt: skip
        broken += violations(log, [], ran.stdout.splitlines(), batch=1)

    assert bool(broken) == (how == "naive"), broken


def append_and_read(log: Path) -> bytes:
    append(log, decision("w", 0))
    return log.read_bytes()


@pytest.mark.parametrize("how", ["append", "naive"])
def test_several_writers_some_of_which_are_killed(tmp_path: Path, how: str) -> None:
    broken: list[str] = []
    acknowledged = 0
    for number in range(4):
        log = fresh(tmp_path / str(number))
        writers = [
            subprocess.Popen(
                worker(how, log, name, batches=12), cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
            )
            for name in "abcd"
        ]
        said = [list(itertools.islice(_stream(each), 3 + 3 * number)) for each in writers[:2]]
        for each in writers[:2]:
            os.kill(each.pid, signal.SIGKILL)
        rest = [each.communicate()[0].splitlines() for each in writers]
        everything = [line for lines in (*said, *rest) for line in lines]
        acknowledged += len(everything)
        broken += violations(log, [], everything, batch=1)

    assert acknowledged > 4 * 2 * 24
    assert bool(broken) == (how == "naive"), broken


def _stream(writer: "subprocess.Popen[str]") -> "itertools.chain[str]":
    assert writer.stdout is not None
    return itertools.chain(line.rstrip("\n") for line in writer.stdout)


@needs_strace
def test_everything_is_flushed_before_it_is_relied_on(tmp_path: Path) -> None:
    """A kill leaves what the system still holds; a power cut does not: so the order of flushes is looked at."""
    log, trace = fresh(tmp_path / "acme"), tmp_path / "trace"
    calls = ["strace", "-f", "-y", "-o", str(trace), "-e", "trace=write,fsync,rename"]
    subprocess.run(
        [*calls, *worker("append", log, batches=1)], cwd=REPOSITORY, check=True, capture_output=True
    )

    told = [_told(line, log.parent) for line in trace.read_text(encoding="utf-8").splitlines()]

    order = [each for each in told if each]
    assert order[order.index("write decisions.jsonl") :] == [
        *("write decisions.jsonl", "fsync decisions.jsonl"),
        *("write head's temporary", "fsync head's temporary", "rename head's temporary", "fsync folder"),
        "acknowledged",
    ]


def _told(line: str, folder: Path) -> str:
    """Return a call in words, where it is about the log's folder or says something."""
    call = line.split("(")[0].split()[-1]
    if f"{folder}/.decisions.head." in line:
        return f"{call} head's temporary"
    if f"<{folder}/decisions.jsonl>" in line:
        return f"{call} decisions.jsonl"
    if f"<{folder}>" in line:
        return f"{call} folder"
    return "acknowledged" if "write(1<" in line else ""

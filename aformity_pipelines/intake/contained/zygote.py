"""The process from which readers are forked: it has imported every library once and never opens a file itself.

Run as a module with the number of the descriptor to talk over.  One job at a time: fork, watch, kill what is
left, report.  It ends when the process that asks is gone.  Keep out: what an end means for a delivery.
"""

import gc
import os
import pickle
import select
import signal
import socket
import sys
import tempfile
from importlib.abc import MetaPathFinder
from resource import struct_rusage
from typing import NoReturn

from aformity_pipelines.intake.contained import bounds, messages
from aformity_pipelines.intake.contained.answers import ANSWER_BYTES, ENDED, Ended, Exhausted
from aformity_pipelines.intake.contained.child import read_and_leave
from aformity_pipelines.intake.job import Job

_REQUEST_BYTES = 16 << 20
_ERROR_BYTES = 64 << 10
_OUT_OF_MEMORY = (
    b"memory allocation of",
    b"bad_alloc",
    b"Cannot allocate memory",
    b"MemoryError",
    b"ut of memory",
)
"""What the languages of our libraries say when they get no memory and give up."""
_CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS)


class ParentGone(Exception):
    """Nobody waits for an answer any more."""


class _WithoutPandas(MetaPathFinder):
    """PyArrow imports pandas at its first scalar, a third of a second in every reader; none of them needs it."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError("readers do without pandas", name=fullname)


def main() -> NoReturn:
    """Serve jobs over the inherited socket until its other side closes."""
    sys.meta_path.insert(0, _WithoutPandas())
    bounds.leave_the_network()
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as line:
        try:
            while True:
                # The one that asks is trusted; what comes back from a reader is not, and is JSON.
                job = pickle.loads(messages.receive(line, at_most=_REQUEST_BYTES))
                ended, answer = _read(job, line)
                messages.send(line, ENDED.dump_json(ended))
                messages.send(line, answer)
        except (messages.LineBroken, ParentGone):
            # There is nothing to put away, and libraries take a frozen heap for a leak.
            os._exit(0)


def _read(job: Job, line: socket.socket) -> tuple[Ended, bytes]:
    """Fork a reader for the job and return how it ended and the answer that it wrote."""
    alive, held_by_child = os.pipe()
    errors, errors_to = os.pipe()
    # A reader that prints more than a pipe holds must neither wait for us nor fill a disk.
    os.set_blocking(errors, False)
    os.set_blocking(errors_to, False)
    me = os.getpid()
    with tempfile.TemporaryFile(dir=job.into) as answer:
        pid = os.fork()
        if pid == 0:
            read_and_leave(
                job, parent=me, answer_to=answer.fileno(), errors_to=errors_to, alive=held_by_child
            )
        os.close(held_by_child)
        os.close(errors_to)
        try:
            is_late = _wait(alive, line, seconds=job.limits.wall_seconds)
        finally:
            status, used = _end(pid)
            os.close(alive)
            said = _said(errors)
        answer.seek(0)
        ended = _ended(job, status, used, is_late=is_late, said=said)
        return ended, answer.read(ANSWER_BYTES)


def _wait(alive: int, line: socket.socket, *, seconds: int) -> bool:
    """Wait until the reader is gone; return whether `seconds` were not enough.

    Raises ParentGone if the process that asked ends first.
    """
    poll = select.poll()
    poll.register(alive, select.POLLIN)
    poll.register(line, select.POLLIN)
    ready = {descriptor for descriptor, _ in poll.poll(seconds * 1000)}
    if line.fileno() in ready and alive not in ready:
        raise ParentGone
    return not ready


def _end(pid: int) -> tuple[int, struct_rusage]:
    """Kill what is left of the reader and of all that it started; return its status and what it used."""
    for kill, target in ((os.killpg, pid), (os.kill, pid)):
        try:
            kill(target, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue
    _, status, used = os.wait4(pid, 0)
    return status, used


def _said(errors: int) -> bytes:
    try:
        return os.read(errors, _ERROR_BYTES)
    except BlockingIOError:
        return b""
    finally:
        os.close(errors)


def _ended(job: Job, status: int, used: struct_rusage, *, is_late: bool, said: bytes) -> Ended:
    code = os.waitstatus_to_exitcode(status)
    seconds = used.ru_utime + used.ru_stime
    exhausted = None
    if is_late:
        exhausted = Exhausted.WALL
    elif code == -signal.SIGXCPU or (code < 0 and seconds >= job.limits.cpu_seconds):
        exhausted = Exhausted.CPU
    elif code and (any(sign in said for sign in _OUT_OF_MEMORY) or _is_starved(code, used, job)):
        exhausted = Exhausted.MEMORY
    return Ended(
        signal=max(0, -code),
        exit_code=max(0, code),
        exhausted=exhausted,
        peak_memory=_peak(used),
        cpu_seconds=seconds,
    )


def _is_starved(code: int, used: struct_rusage, job: Job) -> bool:
    return -code in _CRASHES and bounds.is_starved(_peak(used), job.limits)


def _peak(used: struct_rusage) -> int:
    return used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()

"""The line from one process to its zygote: started at the first question, one question at a time, closed at the end.

A zygote belongs to one process: a fork of it starts its own.  Keep out: what is asked, and what answers mean.
"""

import atexit
import os
import pickle
import socket
import subprocess
import sys
from pathlib import Path
from threading import Lock

from aformity_pipelines.intake.contained import messages
from aformity_pipelines.intake.contained.answers import ANSWER_BYTES, ENDED, Ended
from aformity_pipelines.intake.job import Job

_ZYGOTE = "aformity_pipelines.intake.contained.zygote"
_START_SECONDS = 60
_END_SECONDS = 5
_ENDED_BYTES = 4_096
_SURROUNDINGS = {
    "LC_ALL": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
    # A process with threads cannot be forked safely, so no library may start any before.
    "OPENBLAS_NUM_THREADS": "1",
    # Memory that Polars gives back must not go on counting against the limit.
    "_RJEM_MALLOC_CONF": "background_thread:false,retain:false,narenas:2",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "POLARS_MAX_THREADS": "2",
}
"""All that the zygote and its readers are told: nothing of our own surroundings, which may hold secrets."""


class ReaderUnavailable(Exception):
    """The process that starts readers does not run: a fault of ours or of the machine, never of a file."""


class Line:
    """The line of one process to its zygote; safe to use from several threads, which take turns."""

    def __init__(self, zygote_module: str = _ZYGOTE) -> None:
        self._zygote_module = zygote_module
        self._turn = Lock()
        self._zygote: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def ask(self, job: Job) -> tuple[Ended, bytes]:
        """Return how the reader of `job` ended and what it answered.

        A zygote that is gone is started anew, once.  Raises ReaderUnavailable if that is gone too.
        """
        request = pickle.dumps(job)
        with self._turn:
            try:
                return self._ask(request, job.limits.wall_seconds)
            except messages.LineBroken:
                pass
            try:
                return self._ask(request, job.limits.wall_seconds)
            except messages.LineBroken as broken:
                raise ReaderUnavailable(
                    f"{job.name}: was not read, through no fault of its own: the process that starts readers"
                    f" does not run ({broken}); see what it wrote to standard error, and run again"
                ) from broken

    @property
    def zygote_pid(self) -> int:
        """The number of the process at the other side; 0 before the first question."""
        return self._zygote.pid if self._zygote else 0

    def close(self) -> None:
        """End the zygote, and with it the reader that may be at work."""
        zygote, line = self._zygote, self._socket
        self._zygote = self._socket = None
        if line is not None:
            line.close()
        if zygote is not None:
            try:
                zygote.wait(timeout=_END_SECONDS)
            except subprocess.TimeoutExpired:
                zygote.kill()
                zygote.wait()

    def forget(self) -> None:
        """Know of no zygote: the one of another process is not ours to use or to end."""
        self._turn, self._zygote, self._socket = Lock(), None, None

    def _ask(self, request: bytes, wall_seconds: int) -> tuple[Ended, bytes]:
        is_answered = False
        try:
            line = self._socket or self._start()
            # The zygote keeps the time itself; this is for a zygote that is stuck.
            line.settimeout(wall_seconds + _START_SECONDS)
            messages.send(line, request)
            ended = ENDED.validate_json(messages.receive(line, at_most=_ENDED_BYTES))
            answer = messages.receive(line, at_most=ANSWER_BYTES)
            is_answered = True
        except TimeoutError as late:
            raise messages.LineBroken("it did not answer in time") from late
        except OSError as refusal:
            raise messages.LineBroken(f"it cannot be started: {refusal.strerror}") from refusal
        finally:
            if not is_answered:
                self.close()
        return ended, answer

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            self._zygote = subprocess.Popen(
                [sys.executable, "-P", "-m", self._zygote_module, str(theirs.fileno())],
                env={
                    **_SURROUNDINGS,
                    "PYTHONPATH": os.pathsep.join(str(Path(path).absolute()) for path in sys.path),
                },
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        self._socket = ours
        return ours


LINE = Line()
"""The only line of this process."""

atexit.register(LINE.close)
os.register_at_fork(after_in_child=LINE.forget)

"""The life of the process that reads one file: it is born by fork, answers, and is gone.

Whatever goes wrong here ends here: every error becomes an answer.  Keep out: watching, and deciding what an
answer means for the delivery.
"""

import errno
import os
import tempfile
import traceback
from pathlib import Path
from typing import NoReturn

import duckdb

from aformity_pipelines.intake.contained import bounds
from aformity_pipelines.intake.contained.answers import (
    ANSWER,
    Answer,
    Asks,
    Disagrees,
    Exhausted,
    Failed,
    RanOut,
    Read,
    Refuses,
)
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.read import read_file
from aformity_pipelines.intake.refusal import DeliveryRefused, NotUnderstood, ReadersDisagree

NO_ANSWER = 70
"""The exit code of a reader that could not even say what went wrong."""
_ERRORS = {
    errno.ENOMEM: Exhausted.MEMORY,
    errno.EFBIG: Exhausted.WRITTEN,
    errno.ENOSPC: Exhausted.DISK,
}


def read_and_leave(job: Job, *, parent: int, answer_to: int, errors_to: int, alive: int) -> NoReturn:
    """Read the job's file, write the answer to the descriptor `answer_to` and end this process.

    What libraries print goes to `errors_to`; `alive` is only kept open: it closes when this process ends.
    """
    code = NO_ANSWER
    try:
        os.setsid()
        bounds.die_with(parent)
        os.dup2(errors_to, 2)
        bounds.close_all_but(answer_to, alive)
        os.chdir(job.into)
        tempfile.tempdir = str(job.into)
        bounds.confine(job.limits)
        _write(answer_to, _as_bytes(answer_about(job)))
        code = 0
    finally:
        # Nothing of the parent may run in its copy: no exit hooks, no buffers written twice.
        os._exit(code)


def answer_about(job: Job) -> Answer:
    """Read the job's file and say what came of it; raises nothing."""
    try:
        return Read(reading=read_file(job))
    except NotUnderstood as doubt:
        return Asks(file_name=doubt.file_name, questions=doubt.questions)
    except DeliveryRefused as refusal:
        return Refuses(message=str(refusal))
    except ReadersDisagree as fault:
        return Disagrees(message=str(fault))
    except BaseException as fault:  # noqa: BLE001 - a panic of a library is no Exception, and nobody is above
        return _explained(fault)


def _as_bytes(answer: Answer) -> bytes:
    try:
        return ANSWER.dump_json(answer)
    except (ValueError, MemoryError) as fault:
        # A reader put in what is no text, such as half of a surrogate pair, or more than there is room for.
        return ANSWER.dump_json(_explained(fault))


def _explained(fault: BaseException) -> Answer:
    if isinstance(fault, MemoryError | duckdb.OutOfMemoryException):
        return RanOut(of=Exhausted.MEMORY)
    if isinstance(fault, RecursionError):
        return RanOut(of=Exhausted.DEPTH)
    if isinstance(fault, OSError) and fault.errno in _ERRORS:
        return RanOut(of=_ERRORS[fault.errno])
    frames = traceback.extract_tb(fault.__traceback__)
    shown = tuple(f"{'/'.join(Path(f.filename).parts[-2:])}:{f.lineno} in {f.name}" for f in frames)
    return Failed(error=type(fault).__name__, frames=shown)


def _write(descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]

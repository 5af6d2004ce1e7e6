"""One service for every reading of customer bytes: in another process, within limits, so no file ends a run.

Keep out: what is read, and how.
"""

import logging
import shutil
import stat
from dataclasses import fields, replace
from pathlib import Path

from pydantic import ValidationError

from aformity_pipelines.intake.contained import bounds, reasons
from aformity_pipelines.intake.contained.answers import (
    ANSWER,
    Asks,
    Disagrees,
    Ended,
    Exhausted,
    Failed,
    RanOut,
    Read,
    Refuses,
)
from aformity_pipelines.intake.contained.line import LINE
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import RawTable, Reading
from aformity_pipelines.intake.refusal import DeliveryRefused, NotUnderstood, ReadersDisagree

Refusal = NotUnderstood | DeliveryRefused | ReadersDisagree
"""Why a file gives no reading."""

_log = logging.getLogger(__name__)


def read_contained(job: Job) -> Reading:
    """Return what reading the job's file gives.

    Raises what the reader raises, and DeliveryRefused for a file that ends the reader or costs too much; then
    the folder `into` is as it was.  Raises ReaderUnavailable if no reader can be started.
    """
    found, _ = read_measured(job)
    if isinstance(found, Exception):
        raise found
    return found


def read_measured(job: Job) -> tuple[Reading | Refusal, Ended]:
    """Return what reading the job's file gives, or why it gives nothing, and what the reader used.

    Raises DeliveryRefused for what is no plain file, ReaderUnavailable if no reader can be started.
    """
    bounded = _bounded(job)
    bounded.into.mkdir(parents=True, exist_ok=True)
    before = frozenset(bounded.into.iterdir())
    is_read = False
    try:
        ended, content = LINE.ask(bounded)
        found = _judged(bounded, ended, content)
        is_read = isinstance(found, Reading)
        return found, ended
    finally:
        if not is_read:
            _clear(bounded.into, before)


def _bounded(job: Job) -> Job:
    """Return the job as the reader gets it: limits by size, absolute paths, a name that can be shown."""
    status = job.file.stat()
    if not stat.S_ISREG(status.st_mode):
        raise DeliveryRefused(f"{job.name}: is no plain file; put a plain copy of the file there")
    return replace(
        job,
        file=job.file.absolute(),
        into=job.into.absolute(),
        name=job.name.encode("utf-8", "backslashreplace").decode("utf-8"),
        limits=job.limits.for_size(status.st_size),
    )


def _judged(job: Job, ended: Ended, content: bytes) -> Reading | Refusal:
    if not ended.is_sound:
        return reasons.died(job.name, ended, job.limits)
    try:
        answer = ANSWER.validate_json(content)
    except ValidationError:
        return reasons.strange(job.name)
    match answer:
        case Read():
            is_own = all(_is_own(table, job.into) for table in answer.reading.tables)
            return answer.reading if is_own else reasons.strange(job.name)
        case Asks():
            return NotUnderstood(answer.file_name, answer.questions)
        case Refuses():
            return DeliveryRefused(answer.message)
        case Disagrees():
            return ReadersDisagree(answer.message)
        case RanOut():
            return reasons.ran_out(job.name, answer.of, job.limits)
        case Failed() if answer.is_panic and bounds.is_starved(ended.peak_memory, job.limits):
            return reasons.ran_out(job.name, Exhausted.MEMORY, job.limits)
        case Failed():
            _log.error("%s: %s", answer.error, " < ".join(reversed(answer.frames)))
            return reasons.failed(job.name, answer)


def _is_own(table: RawTable, folder: Path) -> bool:
    """Whether all files of a table are plain files in the folder, by one name alone: no link leads out of it."""
    values = (getattr(table, field.name) for field in fields(table))
    paths = [path for path in values if isinstance(path, Path)]
    return table.parquet.exists() and all(path.parent == folder and _is_plain(path) for path in paths)


def _is_plain(path: Path) -> bool:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return True
    return stat.S_ISREG(status.st_mode) and status.st_nlink == 1


def _clear(folder: Path, before: frozenset[Path]) -> None:
    """Remove what a reader left in the folder; links are removed, never followed."""
    for path in frozenset(folder.iterdir()) - before:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

"""ZIP and gzip: every file in an archive is inflated under a counter and read as if it had been sent alone.

The names in an archive are only ever shown: what is inflated lies under numbers in the job's own folder.
Archives in archives are refused.  Keep out: what the files in them are.
"""

import errno
import gzip
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import IO

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import RawTable, Reading, largest_of
from aformity_pipelines.intake.refusal import (
    DeliveryRefused,
    NoTable,
    NotUnderstood,
    Question,
    QuestionKind,
    put_format,
)

ReadMember = Callable[[Job], Reading]
"""Reads one inflated file; an archive in it is refused there."""

_BLOCK = 1 << 20
_LOCAL_HEADER = 30  # bytes of a member's own header, before its name
_OF_THE_SYSTEM = ("__macosx", ".ds_store", "thumbs.db", "desktop.ini")
_DAMAGE = (
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    ValueError,
)
"""What the standard library raises about bytes that are not as they should be; ValueError for places and names.
A place that lies before the file's start is an OSError with EINVAL."""
_UNPACKED = "ask for the files in it, unpacked"


def read_gzip(job: Job, read_member: ReadMember) -> Reading:
    """Read the one file that gzip compressed.  Raises DeliveryRefused for a damaged one or one beyond a limit."""
    inflated = job.into / ".inflated"
    with _damage_refused(job, "gzip file"), gzip.open(job.file) as opened:
        _Counter(job).copy(opened, inflated)
    suffix = PurePosixPath(job.name).suffix.lower()
    name = job.name[: -len(suffix)] if suffix in {".gz", ".gzip"} else job.name
    try:
        reading = read_member(replace(job, file=inflated, name=name))
    finally:
        inflated.unlink()
    return replace(reading, file_name=job.name, format="gzip")


def read_zip(job: Job, read_member: ReadMember) -> Reading:
    """Read the files in a ZIP archive, or the one that `hints.member` names; each table says its member.

    Raises DeliveryRefused for an archive that is damaged, protected, hostile or beyond a limit, or holds a file
    that is, NotUnderstood where no file in it can be read.
    """
    with ExitStack() as stack:
        with _damage_refused(job, "ZIP archive"):
            archive = stack.enter_context(zipfile.ZipFile(job.file))
            members = tuple(_members(job, archive))
        return _read_members(job, archive, members, read_member)


def _read_members(
    job: Job, archive: zipfile.ZipFile, members: tuple[zipfile.ZipInfo, ...], read_member: ReadMember
) -> Reading:
    counter = _Counter(job)
    tables: list[RawTable] = []
    asked: dict[str, tuple[Question, ...]] = {}
    unread: list[tuple[str, Question]] = []  # of members that hold no table
    foreign: list[str] = []  # those among them that never could
    is_alone = len(members) == 1
    told = job.hints.model_copy(update={"member": None, "table": job.hints.table if is_alone else None})
    for number, member in enumerate(members, start=1):
        name = member.filename
        folder = job.into / f".member_{number}"
        folder.mkdir()
        inflated = folder / "inflated"
        with _damage_refused(job, "ZIP archive"), archive.open(member) as opened:
            counter.copy(opened, inflated)
        try:
            reading = read_member(
                replace(job, file=inflated, name=f"{job.name}: {name}", hints=told, into=folder)
            )
        except NotUnderstood as unclear:
            unread += ((name, question) for question in unclear.questions)
            continue
        except NoTable as other:
            foreign.append(f"{name!r}: {other.question.what}")
            unread.append((name, other.question))
            continue
        finally:
            inflated.unlink()
        asked[name] = tuple(_of_member(question, name, is_alone) for question in reading.questions)
        tables += _moved(job, reading.tables, first=len(tables) + 1, member=name)
        _check_tables(job, len(tables), "tables")
    if len(foreign) == len(members):
        raise _refused(
            job, f"holds no table: {'; '.join(foreign[:9])}", "ask for the tables as .csv or .xlsx"
        )
    questions = [*_about_unread(job, unread, tables)]
    if job.hints.table is not None and not is_alone:
        tables = [table for table in tables if table.number == job.hints.table]
    if tables:
        questions = [*asked[str(largest_of(tables).member)], *questions]
    return Reading(file_name=job.name, format="zip", tables=tuple(tables), questions=tuple(questions))


def _members(job: Job, archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """Yield the files to read.  Raises DeliveryRefused for an archive that no honest program writes."""
    if not all(member.filename for member in archive.infolist()):
        raise _refused(job, "holds a file without a name")
    found = [member for member in archive.infolist() if not member.is_dir()]
    _check_tables(job, len(found), "files")
    _check_overlap(job, found)
    seen: set[str] = set()
    for member in found:
        _check_name(job, member, seen)
    read = [member for member in found if not _is_of_the_system(member)]
    if job.hints.member is not None:
        read = [member for member in read if member.filename == job.hints.member]
    if not read:
        raise _no_member(job, found)
    for member in read:
        if member.flag_bits & 1:
            raise _refused(job, f"{member.filename!r} in it is protected by a password")
        yield member


def _check_tables(job: Job, count: int, what: str) -> None:
    if count > job.limits.tables:
        raise _refused(job, f"holds more than {job.limits.tables:,} {what} (limit `tables`)")


def _check_name(job: Job, member: zipfile.ZipInfo, seen: set[str]) -> None:
    name = member.orig_filename.replace("\\", "/")
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or name[1:2] == ":" or "\0" in name:
        raise _refused(job, f"the name {member.orig_filename[:80]!r} in it leads outside of it")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise _refused(job, f"{name[:80]!r} in it is a link to another file")
    if name.casefold() in seen:
        raise _refused(job, f"holds two files called {name[:80]!r}")
    seen.add(name.casefold())


def _check_overlap(job: Job, members: list[zipfile.ZipInfo]) -> None:
    by_place = sorted(members, key=lambda member: member.header_offset)
    for one, after in pairwise(by_place):
        end = one.header_offset + _LOCAL_HEADER + len(one.orig_filename) + one.compress_size
        if end > after.header_offset:
            raise _refused(job, f"{one.filename[:80]!r} and {after.filename[:80]!r} in it share their bytes")


def _is_of_the_system(member: zipfile.ZipInfo) -> bool:
    """Whether a file says something about folders only: no customer wrote it."""
    parts = PurePosixPath(member.filename.casefold()).parts
    return any(part in _OF_THE_SYSTEM for part in parts) or (parts[-1:] or ("",))[0].startswith("._")


class _Counter:
    """Copies what is inflated and counts its bytes over all members, whatever the archive says they will be."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._left = job.limits.inflated

    def copy(self, opened: IO[bytes] | gzip.GzipFile, to: Path) -> None:
        with to.open("xb") as written:
            while block := opened.read(_BLOCK):
                self._left -= written.write(block)
                if self._left < 0:
                    limit = f"{self._job.limits.inflated:,} bytes"
                    raise _refused(self._job, f"holds more than {limit} when unpacked, the limit of one file")


def _moved(job: Job, tables: tuple[RawTable, ...], *, first: int, member: str) -> Iterator[RawTable]:
    """Yield the tables of one member, numbered on, with their files where those of this job belong."""
    for number, table in enumerate(tables, start=first):
        table.parquet.rename(job.parquet(number))
        if table.rejects.exists():
            table.rejects.rename(job.rejects(number))
        stored = table.stored
        if stored is not None:
            stored = stored.rename(job.into / f"stored_{number}.parquet")
        yield replace(
            table,
            number=number,
            member=member,
            parquet=job.parquet(number),
            rejects=job.rejects(number),
            stored=stored,
        )


def _of_member(question: Question, member: str, is_alone: bool) -> Question:
    """Return a question as one about the archive: an answer to it must hold for this member only."""
    if is_alone:
        return question
    return replace(
        question,
        what=f"in {member!r}: {question.what}",
        answer=f"{put_format(member=member)} if it is the one that is meant, and for it: {question.answer}",
        proposal=question.proposal.over(FormatHints(member=member)),
    )


def _about_unread(job: Job, unread: list[tuple[str, Question]], tables: list[RawTable]) -> Iterator[Question]:
    """Yield the questions about members without a table; the best guess is that a single other one is meant.

    Raises NotUnderstood with all of them if no member has a table.
    """
    if not tables:
        raise NotUnderstood(job.name, tuple(question for _, question in unread))
    others = {table.member for table in tables}
    meant = others.pop() if len(others) == 1 else None
    for member, question in unread:
        yield replace(
            question,
            what=f"in {member!r}: {question.what}",
            answer=put_format(member=meant or str(tables[0].member)) + " with the one that is meant",
            proposal=FormatHints(member=meant),
        )


def _no_member(job: Job, found: list[zipfile.ZipInfo]) -> NotUnderstood:
    shown = ", ".join(repr(member.filename[:80]) for member in found[:9])
    told = f"no file {job.hints.member!r}, which defs.yaml names" if job.hints.member else "no file to read"
    question = Question(
        kind=QuestionKind.TABLE,
        what=f"the archive holds {told}; it holds {shown or 'none'}",
        answer="correct `member` under `format` in defs.yaml, or ask for the archive again",
    )
    return NotUnderstood(job.name, (question,))


def _refused(job: Job, what: str, answer: str = _UNPACKED) -> DeliveryRefused:
    return DeliveryRefused(f"{job.name}: {what}; {answer}")


@contextmanager
def _damage_refused(job: Job, kind: str) -> Iterator[None]:
    try:
        yield
    except (*_DAMAGE, OSError) as damage:
        if type(damage) is OSError and damage.errno != errno.EINVAL:
            raise
        raise DeliveryRefused(f"{job.name}: a damaged {kind} ({damage}); ask for it again") from damage

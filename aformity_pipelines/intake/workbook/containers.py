"""What a workbook's first bytes and parts say it is, and the reader for it.

Keep out: reading.
"""

import zipfile
from collections.abc import Callable
from pathlib import Path

from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.refusal import DeliveryRefused
from aformity_pipelines.intake.workbook.ods import read_ods
from aformity_pipelines.intake.workbook.package import broken
from aformity_pipelines.intake.workbook.sheet import Book
from aformity_pipelines.intake.workbook.xls import read_xls
from aformity_pipelines.intake.workbook.xlsb import read_xlsb
from aformity_pipelines.intake.workbook.xlsx import read_xlsx

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BARE = (
    b"\x09\x00\x04\x00",
    b"\x09\x02\x06\x00",
    b"\x09\x04\x06\x00",
    b"\x09\x08\x08\x00",
    b"\x09\x08\x10\x00",
)
"""Excel up to version 5 without a container."""
_SMALLEST_OLE = 1536
_BLOCK = 1 << 22
_OPEN_IT = "ask for the file without a password: open it, remove the password, save it and send that"


def reader_of(job: Job) -> Callable[[Job], Book]:
    """Return what reads the job's workbook.  Raises DeliveryRefused where it is protected or no workbook."""
    with job.file.open("rb") as opened:
        head = opened.read(8)
    if head.startswith(_OLE):
        return _reader_of_ole(job)
    if head.startswith(_BARE):
        return read_xls
    if not head.startswith(b"PK"):
        raise DeliveryRefused(
            f"{job.name}: is no workbook, whatever its name says: it is {job.file.stat().st_size:,} bytes and begins"
            f" with {head!r}; ask for the file again"
        )
    return _reader_of_zip(job)


def _reader_of_ole(job: Job) -> Callable[[Job], Book]:
    if job.file.stat().st_size < _SMALLEST_OLE:
        raise broken(job, f"only {job.file.stat().st_size:,} bytes are there: it was cut off")
    if _names_stream(job.file, "EncryptedPackage"):
        raise DeliveryRefused(f"{job.name}: the workbook is protected by a password; {_OPEN_IT}")
    if not _names_stream(job.file, "Workbook") and not _names_stream(job.file, "Book"):
        raise DeliveryRefused(
            f"{job.name}: is an Office document but no workbook; ask for the data as .xlsx or .csv"
        )
    return read_xls


def _names_stream(file: Path, name: str) -> bool:
    """Whether an OLE container's directory has this name: a record of 64 bytes of UTF-16, zeros behind it."""
    wanted = name.encode("utf-16-le")
    wanted += bytes(64 - len(wanted)) + (len(wanted) + 2).to_bytes(2, "little")
    carried = b""
    with file.open("rb") as opened:
        while block := opened.read(_BLOCK):
            if wanted in carried + block:
                return True
            carried = block[-len(wanted) :]
    return False


def _reader_of_zip(job: Job) -> Callable[[Job], Book]:
    try:
        with zipfile.ZipFile(job.file) as archive:
            names = {part.replace("\\", "/").lstrip("/").lower() for part in archive.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError) as damage:
        raise broken(job, f"its container cannot be opened ({damage})") from damage
    if "[content_types].xml" not in names:
        if "content.xml" in names:
            return read_ods
        raise DeliveryRefused(f"{job.name}: is an archive but no workbook; ask for the workbook itself")
    return read_xlsb if any(name.endswith("workbook.bin") for name in names) else read_xlsx

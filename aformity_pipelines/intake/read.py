"""Read one file, whatever its format; what the file is, its first bytes say, not its name.

Runs in the process that may die: everything here opens bytes that strangers wrote.
Keep out: how each format is read.  A new format is one more entry here and one more module.
"""

import zipfile
from pathlib import Path

from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import Reading
from aformity_pipelines.intake.refusal import NotUnderstood, Question, QuestionKind
from aformity_pipelines.intake.text.read import read_text
from aformity_pipelines.intake.workbook.read import read_workbook

_READERS = {"csv": read_text, "xlsx": read_workbook}
_SAVE_AS = "open it in the program that wrote it, save it as .xlsx or .csv and send that"
_OTHERS = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel file (.xls) or one protected by a password"),
    (b"\x1f\x8b", "compressed (gzip)"),
    (b"BZh", "compressed (bzip2)"),
    (b"\xfd7zXZ\x00", "compressed (xz)"),
    (b"\x28\xb5\x2f\xfd", "compressed (zstd)"),
    (b"7z\xbc\xaf\x27\x1c", "compressed (7z)"),
    (b"%PDF", "a PDF"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3\x00", "an SQLite database"),
)
_WORKBOOKS = frozenset({".xls", ".xlsx", ".xlsm", ".xlsb", ".ods"})
_MARKUP = (b"<html", b"<!doctype", b"<?xml", b"<table")


def read_file(job: Job) -> Reading:
    """Read the job's file into its folder.

    Where a person must choose, the tables are read by the best guess and the questions stand in the result.
    Raises NotUnderstood where there is not even a guess, DeliveryRefused for a file that is broken, protected or beyond
    a limit, ReadersDisagree for a fault of ours.
    """
    return _READERS[format_of(job.file, job.name)](job)


def format_of(file: Path, name: str) -> str:
    """Return `csv` (any delimited text) or `xlsx`.  Raises NotUnderstood naming what else it is."""
    with file.open("rb") as opened:
        head = opened.read(64)
    if not head:
        raise _not_readable(name, "empty: 0 bytes", "ask for the file again")
    for magic, kind in _OTHERS:
        if head.startswith(magic):
            raise _not_readable(name, kind, _SAVE_AS)
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_MARKUP):
        raise _not_readable(name, "a web page or XML, whatever its name says", _SAVE_AS)
    if Path(name).suffix.lower() in _WORKBOOKS and not head.startswith(b"PK"):
        raise _not_readable(name, "named like a workbook but is none", _SAVE_AS)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _format_of_archive(file, name)
    return "csv"


def _format_of_archive(file: Path, name: str) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            parts = {part.lower() for part in archive.namelist()}
    except zipfile.BadZipFile as damage:
        raise _not_readable(name, f"a damaged workbook or archive ({damage})", "ask for it again") from damage
    if "xl/workbook.bin" in parts:
        raise _not_readable(name, "a binary workbook (.xlsb)", _SAVE_AS)
    if "[content_types].xml" in parts and any(part.startswith("xl/") for part in parts):
        return "xlsx"
    raise _not_readable(name, "an archive or a document, not a workbook", _SAVE_AS)


def _not_readable(name: str, kind: str, answer: str) -> NotUnderstood:
    return NotUnderstood(
        name, (Question(kind=QuestionKind.TABLE, what=f"the file is {kind}", answer=answer),)
    )

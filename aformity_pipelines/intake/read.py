"""Read one file, whatever its format; what the file is, its bytes say, not its name.

Runs in the process that may die: everything here opens bytes that strangers wrote.
Keep out: how each format is read.  A new format is one more entry here and one more module.
"""

from collections.abc import Callable, Mapping

from aformity_pipelines.intake.format import format_of
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import Reading
from aformity_pipelines.intake.refusal import DeliveryRefused, NotUnderstood, Question, QuestionKind
from aformity_pipelines.intake.structured.archive import read_gzip, read_zip
from aformity_pipelines.intake.structured.html import read_html
from aformity_pipelines.intake.structured.json import read_json
from aformity_pipelines.intake.structured.parquet import read_parquet
from aformity_pipelines.intake.structured.xml import read_xml
from aformity_pipelines.intake.text.fixed_width import is_fixed_width, read_fixed_width
from aformity_pipelines.intake.text.read import read_text
from aformity_pipelines.intake.workbook.cells import read_cells
from aformity_pipelines.intake.workbook.read import read_workbook


def read_file(job: Job) -> Reading:
    """Read the job's file into its folder.

    Where a person must choose, the tables are read by the best guess and the questions stand in the result.
    Raises NotUnderstood where there is not even a guess, DeliveryRefused for a file that is broken, protected or beyond
    a limit, ReadersDisagree for a fault of ours.
    """
    kind = format_of(job.file, job.name)
    if job.as_cells:
        return read_cells(job)
    _must_apply(job, kind)
    archive = _ARCHIVES.get(kind)
    if archive is not None:
        return archive(job, _read_member)
    return _told_table(job, _READERS[kind](job))


def _must_apply(job: Job, kind: str) -> None:
    """Raise NotUnderstood if the hints name a part that such a file does not have: another file was meant."""
    told = job.hints.model_dump(include=set(_PARTS), exclude_none=True)
    questions = tuple(
        Question(
            kind=QuestionKind.TABLE,
            what=f"{hint} {part!r}, which defs.yaml names: the file is {kind} and has none",
            answer=f"remove `{hint}` under `format` in defs.yaml, or ask for the file as it came before",
        )
        for hint, part in told.items()
        if kind not in _PARTS[hint]
    )
    if questions:
        raise NotUnderstood(job.name, questions)


def _read_member(job: Job) -> Reading:
    kind = format_of(job.file, job.name)
    if kind in _ARCHIVES:
        raise DeliveryRefused(
            f"{job.name}: another archive in the archive; ask for the files in it, unpacked"
        )
    return _told_table(job, _READERS[kind](job))


def _told_table(job: Job, reading: Reading) -> Reading:
    """Return the reading if it has the table that the hints name.  Raises NotUnderstood."""
    told = job.hints.table
    if told is None or any(table.number == told for table in reading.tables):
        return reading
    question = Question(
        kind=QuestionKind.TABLE,
        what=f"no table {told}, which defs.yaml names; the file has {len(reading.tables)}",
        answer="correct `table` under `format` in defs.yaml, or leave it out",
    )
    raise NotUnderstood(job.name, (question,))


def _read_plain(job: Job) -> Reading:
    return read_fixed_width(job) if is_fixed_width(job.file, job.hints) else read_text(job)


_READERS: Mapping[str, Callable[[Job], Reading]] = {
    "text": _read_plain,
    "workbook": read_workbook,
    "json": read_json,
    "xml": read_xml,
    "html": read_html,
    "parquet": read_parquet,
}
_ARCHIVES = {"zip": read_zip, "gzip": read_gzip}
_PARTS = {
    "sheet": {"workbook", *_ARCHIVES},
    "member": {"zip"},
    "records": {"json", "xml", *_ARCHIVES},
}
"""Which hints point at a part of a file, and the kinds of file that have such parts."""

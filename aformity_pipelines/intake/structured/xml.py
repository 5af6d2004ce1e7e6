"""XML as tables: the elements that repeat are the records, what lies in them the columns.

`name` is a child's text, `@id` an attribute, `address.city` and `address.@type` lie deeper, `#text` is the
record's own text, `phone[2]` the second child of that name.  Text is kept exactly, but blanks between elements
are layout; `xsi:nil` means no value.  A record's row is its place among the records.  Declarations of entities
are refused unread.  Keep out: the parser itself.
"""

from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import Dialect, Reading
from aformity_pipelines.intake.structured.questions import (
    about_paths,
    about_records,
    no_records,
    no_such_records,
    not_read,
)
from aformity_pipelines.intake.structured.spool import Spool
from aformity_pipelines.intake.structured.xml_events import XmlSource
from aformity_pipelines.intake.structured.xml_records import Outline, XmlRecords, outline_of


def read_xml(job: Job) -> Reading:
    """Read the repeated elements of an XML text as one table.

    Raises NotUnderstood where nothing can be a record, DeliveryRefused for text that is cut off, not well formed,
    declares entities, or is beyond a limit.
    """
    source = XmlSource(job.file, name=job.name, encoding=job.hints.encoding)
    outline = outline_of(source, job.name)
    candidates = outline.candidates()
    chosen = _chosen(job, outline, candidates)
    records = XmlRecords(chosen, name=job.name, most_characters=job.limits.cell_bytes)
    unread: dict[str, None] = {}
    with Spool(job) as spool:
        for row, record in enumerate(records.read(source), start=1):
            told = _told(record, job.hints.paths, unread)
            spool.add(row, told, size=40 + sum(len(text) for text in record.values() if text))
        if not spool.columns:
            raise no_records(job.name, f"the elements {chosen!r} hold nothing")
        columns = tuple(job.hints.paths) or spool.telling_columns()
        table = spool.table(
            Dialect(format="xml", encoding=source.encoding, encoding_because=source.because),
            columns=columns,
            warnings=(
                *not_read(outline.beside(chosen), "elements outside of the records"),
                *not_read(unread, "parts of records that no path leads to"),
            ),
        )
    questions = (
        *about_records(candidates, told=job.hints.records),
        *about_paths(columns, records.repeated, told=job.hints.paths, first="[2]"),
    )
    return Reading(file_name=job.name, format="xml", tables=(table,), questions=questions)


def _chosen(job: Job, outline: Outline, candidates: tuple[tuple[str, int], ...]) -> str:
    told = job.hints.records
    if told is None:
        if not candidates:
            raise no_records(job.name, "no element of it repeats, so none can be a record")
        return candidates[0][0]
    # The root may be left out: there is only one.
    found = [path for path in outline.paths() if told in (path, path.partition(".")[2])]
    if not found:
        raise no_such_records(job.name, told, candidates)
    return found[0]


def _told(
    record: dict[str, str | None], paths: dict[str, str], unread: dict[str, None]
) -> dict[str, str | None]:
    if not paths:
        return record
    read = set(paths.values())
    unread.update(dict.fromkeys(column for column in record if column not in read))
    return {column: record.get(path) for column, path in paths.items()}

"""JSON as tables: lists of objects, objects with such a list in them, JSON Lines, objects one after another.

Own reading over the standard library's scanner, not a streaming parser such as ijson: those give numbers as
numbers, and `1E5`, `1.10` or nineteen digits must stay as they are written.  A record's row is its line in
JSON Lines and its place among the records everywhere else.  Strings keep every blank; null, what is absent
and an object without members have no value; lists are shown as compact JSON text.
Keep out: characters and forms of JSON, which have modules of their own.
"""

import codecs
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import Dialect, RawWarning, Reading, SkipKind, Skipped, WarningKind
from aformity_pipelines.intake.structured.flatten import Flattener
from aformity_pipelines.intake.structured.json_document import (
    Form,
    Outline,
    form_of,
    lines_of,
    members_of,
    outline_of,
    values_of,
)
from aformity_pipelines.intake.structured.json_source import Element, JsonSource
from aformity_pipelines.intake.structured.json_text import Malformed
from aformity_pipelines.intake.structured.questions import (
    about_paths,
    about_records,
    no_records,
    no_such_records,
    not_read,
)
from aformity_pipelines.intake.structured.spool import Spool
from aformity_pipelines.intake.text.encoding import Utf8Text, as_utf8

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_BY_ZEROS = {"x0x0": "utf-16-le", "0x0x": "utf-16-be", "x000": "utf-32-le", "000x": "utf-32-be"}
Numbered = tuple[int, Element | None]
"""A row and its record; None is a blank line."""


def read_json(job: Job) -> Reading:
    """Read the records of a JSON text as one table.

    Raises NotUnderstood where nothing in it is a record, DeliveryRefused for text that is cut off, is no JSON
    where no single record can be set apart, or is beyond a limit.
    """
    scratch = job.into / ".text.json"
    encoding, because = _encoding_of(job.file) if job.hints.encoding is None else (job.hints.encoding, None)
    text = as_utf8(job.file, encoding, scratch=scratch, name=job.name)
    if because is not None:
        text = replace(text, because=because)
    try:
        return _read(job, text)
    finally:
        scratch.unlink(missing_ok=True)


def _read(job: Job, text: Utf8Text) -> Reading:
    form = form_of(text.path, text.start, name=job.name)
    outline = Outline()
    if form is Form.DOCUMENT:
        outline = _outline(job, text)
    elif job.hints.records is not None:
        raise no_such_records(job.name, job.hints.records, ())
    candidates = tuple((path, outline.lists[path]) for path in outline.candidates())
    chosen = job.hints.records or next((path for path, _ in candidates), None)
    flattener = Flattener(job.hints.paths)
    blank: list[int] = []
    with Spool(job) as spool:
        for row, element in _records(job, text, form, chosen):
            if element is None:
                blank.append(row)
            else:
                _take(row, element, flattener, spool)
        if not spool.columns:
            raise no_records(job.name, _why_none(spool, len(blank)))
        columns = tuple(job.hints.paths) or spool.telling_columns()
        table = spool.table(
            Dialect(
                format="jsonl" if form is Form.LINES else "json",
                encoding=text.encoding,
                encoding_because=text.because,
            ),
            columns=columns,
            warnings=_warnings(text, outline, chosen, flattener),
            skipped=_blank_lines(blank),
        )
    questions = (
        *text.questions,
        *about_records(candidates, told=job.hints.records),
        *about_paths(columns, flattener.lists, told=job.hints.paths),
    )
    return Reading(file_name=job.name, format=table.dialect.format, tables=(table,), questions=questions)


def _why_none(spool: Spool, blank: int) -> str:
    first = f"; the first: {spool.first_reason}" if spool.rejected else ""
    return f"no record in {spool.rejected + blank} rows of it is an object that can be read{first}"


def _outline(job: Job, text: Utf8Text) -> Outline:
    """Return what a document holds; a list that is the whole document needs no look ahead."""
    source = JsonSource(text.path, text.start, name=job.name)
    try:
        if source.peek() == "[":
            if job.hints.records:
                raise no_such_records(job.name, job.hints.records, ())
            return Outline()
        outline = outline_of(source)
    finally:
        source.close()
    if job.hints.records is not None and job.hints.records not in outline.lists:
        candidates = tuple((path, outline.lists[path]) for path in outline.candidates())
        raise no_such_records(job.name, job.hints.records, candidates)
    return outline


def _records(job: Job, text: Utf8Text, form: Form, path: str | None) -> Iterator[Numbered]:
    """Yield every record with its row.  A document without a list of objects is one record, if it is an object."""
    if form is Form.LINES:
        yield from lines_of(text.path, text.start, name=job.name)
        return
    source = JsonSource(text.path, text.start, name=job.name)
    try:
        if form is Form.VALUES or (path is None and source.peek() != "["):
            yield from enumerate(values_of(source), start=1)
            return
        held = (member for member in members_of(source) if member.in_list and member.path == (path or ""))
        yield from ((row, member.element) for row, member in enumerate(held, start=1))
    finally:
        source.close()


def _take(row: int, element: Element, flattener: Flattener, spool: Spool) -> None:
    fault = element.fault
    if fault is None and not isinstance(element.value, dict):
        fault = "no object, so that nothing names its values"
    if fault is None and isinstance(element.value, dict):
        try:
            record = flattener.columns_of(element.value)
        except Malformed as error:
            fault = error.reason
        else:
            spool.add(row, record, size=len(element.raw))
    if fault is not None:
        spool.reject(row, fault, element.bytes())


def _encoding_of(file: Path) -> tuple[str | None, str | None]:
    """Return the encoding of a JSON text and why; None for both where a mark says it.

    Without a mark its first two characters are ASCII, so zero bytes tell UTF-16 and UTF-32; all else is UTF-8
    (RFC 8259, 8.1), and a record with bytes that are none is a bad record, not a sign of another encoding.
    """
    with file.open("rb") as opened:
        head = opened.read(4)
    if head.startswith(_MARKS):
        return None, None
    found = _BY_ZEROS.get("".join("0" if byte == 0 else "x" for byte in head))
    if found is not None:
        return found, "zero bytes around its first characters"
    return "utf-8", "JSON is UTF-8"


def _warnings(
    text: Utf8Text, outline: Outline, path: str | None, flattener: Flattener
) -> tuple[RawWarning, ...]:
    assumed = RawWarning(kind=WarningKind.ENCODING_ASSUMED, count=1, example=text.because)
    others = [found for found in outline.lists if found != path] if path is not None else []
    beside = outline.beside if path is not None else {}
    return (
        *((assumed,) if text.is_assumed else ()),
        *not_read([*beside, *others], "values beside the records"),
        *not_read(flattener.unread, "members of records that no path leads to"),
    )


def _blank_lines(rows: list[int]) -> tuple[Skipped, ...]:
    if not rows:
        return ()
    return (Skipped(kind=SkipKind.BLANK, count=len(rows), row=rows[0], example=""),)

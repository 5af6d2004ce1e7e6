"""Text of fixed width: each column takes the same characters of every line.

The blanks that fill a cell up to its column's end are the format's, not the value's: they are left off and the
cells that lose some are counted in a warning.  Blanks at the left stay.  A line that ends early leaves its last
cells empty, which is counted too.  Keep out: delimiters and quotes, which such text has not.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.header import Row, doubts
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import Dialect, RawWarning, Reading, SkipKind, Skipped, WarningKind
from aformity_pipelines.intake.refusal import DeliveryRefused, Question, QuestionKind
from aformity_pipelines.intake.structured.spool import Spool
from aformity_pipelines.intake.text.encoding import Utf8Text, as_utf8

Span = tuple[int, int | None]
"""Where a column begins and ends in every line, in characters; the last one has no end."""
_SAMPLE_BYTES = 1 << 16
_LOOKED_AT = 50
"""Lines at the start whose cells are looked at to find the header."""
_FEWEST_LINES = 3
_RULE = re.compile(r"[-=]{2,}( +[-=]{2,})+ *")
"""A line that only underlines the columns: `-----  ---`."""
_MOST_LINE = 16 << 20
_NO_CHARACTER = re.compile("[\udc80-\udcff]")


def read_fixed_width(job: Job) -> Reading:
    """Read lines that `hints.widths` cut into columns; without them by the columns of blanks, which is asked about.

    Raises DeliveryRefused for text where no columns show and none are told.
    """
    scratch = job.into / ".text.txt"
    text = as_utf8(job.file, job.hints.encoding, scratch=scratch, name=job.name)
    try:
        return _read(job, text)
    finally:
        scratch.unlink(missing_ok=True)


def proposed_widths(sample: str) -> tuple[int, ...]:
    """Return the widths of the columns that lines show by an underline or aligned blanks; () if they show none."""
    lines = [line for line in sample.splitlines() if line.strip()]
    if len(lines) < _FEWEST_LINES or "\t" in sample:
        return ()
    rule = next((line for line in lines[:_LOOKED_AT] if _RULE.fullmatch(line)), None)
    if rule is not None:
        starts = [group.start() for group in re.finditer(r"[-=]+", rule)]
    elif _is_delimited(lines):
        return ()
    else:
        starts = _starts_after_blanks(lines)
    if len(starts) < 2:
        return ()
    ends = [*starts[1:], max(map(len, lines))]
    return tuple(end - start for start, end in zip([0, *starts[1:]], ends, strict=True))


def is_fixed_width(file: Path, hints: FormatHints) -> bool:
    """Whether the text in `file` is told to be of fixed width, or nothing else is told and its start shows it."""
    if hints.widths or hints.delimiter is not None:
        return bool(hints.widths)
    with file.open("rb") as opened:
        head = opened.read(_SAMPLE_BYTES)
    sample, is_cut = head.decode(errors="replace"), len(head) == _SAMPLE_BYTES
    return bool(proposed_widths(sample.rpartition("\n")[0] if is_cut else sample))


def _is_delimited(lines: Sequence[str]) -> bool:
    """Whether some sign stands in most lines, or no blanks but single ones stand between words."""
    if any(sum(sign in line for line in lines) * 2 > len(lines) for sign in ",;|"):
        return True
    return not any("  " in line.strip() for line in lines)


def _starts_after_blanks(lines: Sequence[str]) -> list[int]:
    """Return where columns begin: behind each run of places that are blank in every line."""
    length = max(map(len, lines))
    is_blank = [True] * length
    for line in lines:
        for place, sign in enumerate(line):
            is_blank[place] = is_blank[place] and sign == " "
    starts = [place for place in range(1, length) if is_blank[place - 1] and not is_blank[place]]
    return [0, *starts] if not is_blank[0] else [0, *starts[1:]]


def _read(job: Job, text: Utf8Text) -> Reading:
    sample = _sample(text)
    widths = job.hints.widths or proposed_widths(sample)
    if not widths:
        raise DeliveryRefused(f"{job.name}: no columns show in it; ask for the widths of its columns")
    spans = _spans(widths)
    header_row, questions = _header(job, sample, spans)
    if not job.hints.widths:
        questions = (_about_widths(sample, widths), *questions)
    lines = _Lines(job, spans, header_row)
    with Spool(job) as spool:
        for row, line in _numbered(text, job.name):
            lines.take(row, line, spool)
        columns = tuple(str(number) for number in range(len(spans)))
        table = spool.table(
            Dialect(format="fixed_width", encoding=text.encoding, encoding_because=text.because),
            columns=columns,
            header_row=header_row,
            warnings=(*_assumed(text), *lines.warnings()),
            skipped=lines.skipped(),
            name_of=lambda column: lines.headers[int(column)],
        )
    return Reading(
        file_name=job.name, format="fixed_width", tables=(table,), questions=(*text.questions, *questions)
    )


class _Lines:
    """Sorts the lines of a file: a record, or skipped as what."""

    def __init__(self, job: Job, spans: tuple[Span, ...], header_row: int) -> None:
        self.headers = tuple(f"col_{number}" for number in range(len(spans)))
        self._hints = job.hints
        self._spans = spans
        self._header_row = header_row
        self._skipped: dict[SkipKind, Skipped] = {}
        self._padded = self._short = 0
        self._padded_example = self._short_example = ""

    def take(self, row: int, line: str, spool: Spool) -> None:
        kind = self._skip_kind(row, line)
        if row == self._header_row:
            self.headers = tuple(cell.strip(" ") for cell in _cells(line, self._spans))
        if kind is not None:
            before = self._skipped.get(kind) or Skipped(kind=kind, count=0, row=row, example=line[:80])
            self._skipped[kind] = replace(before, count=before.count + 1)
        elif _NO_CHARACTER.search(line):
            spool.reject(row, "bytes that are no UTF-8", line.encode(errors="surrogateescape"))
        else:
            spool.add(row, self._record(row, line), size=len(line) + 40)

    def _skip_kind(self, row: int, line: str) -> SkipKind | None:
        if row == self._header_row or _RULE.fullmatch(line):
            return SkipKind.HEADER
        if not line.strip():
            return SkipKind.BLANK
        if row < self._header_row:
            return SkipKind.TITLE
        if self._hints.last_row is not None and row > self._hints.last_row:
            return SkipKind.NOTE
        return SkipKind.COMMENT if self._hints.comment and line.startswith(self._hints.comment) else None

    def _record(self, row: int, line: str) -> dict[str, str | None]:
        if len(line) <= self._spans[-1][0]:
            self._short += 1
            self._short_example = self._short_example or f"row {row}: {line[:80]!r}"
        record: dict[str, str | None] = {}
        for column, cell in enumerate(_cells(line, self._spans)):
            value = cell.rstrip(" ")
            record[str(column)] = value
            if len(value) < len(cell) and value:
                self._padded += 1
                self._padded_example = (
                    self._padded_example or f"row {row}, column {column + 1}: {cell[:80]!r}"
                )
        return record

    def warnings(self) -> tuple[RawWarning, ...]:
        """Return what was left off and what was filled."""
        found = (
            (WarningKind.PADDING_REMOVED, self._padded, self._padded_example),
            (WarningKind.SHORT_RECORD_FILLED, self._short, self._short_example),
        )
        return tuple(RawWarning(kind=k, count=count, example=example) for k, count, example in found if count)

    def skipped(self) -> tuple[Skipped, ...]:
        """Return the lines that are no records, by kind."""
        return tuple(self._skipped.values())


def _cells(line: str, spans: Sequence[Span]) -> tuple[str, ...]:
    return tuple(line[start:end] for start, end in spans)


def _spans(widths: Sequence[int]) -> tuple[Span, ...]:
    starts = [0, *accumulate(widths)][:-1]
    return tuple(zip(starts, [*starts[1:], None], strict=True))


def _header(job: Job, sample: str, spans: Sequence[Span]) -> tuple[int, tuple[Question, ...]]:
    """Return the row of the header, 0 if there is none, and what is doubtful about it."""
    if job.hints.header_row is not None:
        return job.hints.header_row, ()
    rows: list[Row] = [
        (row, tuple(cell.strip() for cell in _cells(line, spans)))
        for row, line in enumerate(sample.splitlines()[:_LOOKED_AT], start=1)
        if line.strip() and not _RULE.fullmatch(line)
    ]
    doubt = doubts(rows, 0) if rows else None
    return (rows[0][0] if rows else 0), (() if doubt is None else (_with_proposal(doubt, rows[0][0]),))


def _with_proposal(doubt: Question, row: int) -> Question:
    return replace(doubt, proposal=FormatHints(header_row=row))


def _about_widths(sample: str, widths: Sequence[int]) -> Question:
    lines = sum(bool(line.strip()) for line in sample.splitlines())
    return Question(
        kind=QuestionKind.DIALECT,
        what=f"no sign separates the fields; blanks in all of the first {lines} lines show {len(widths)} columns",
        answer=f"put `format: {{widths: {list(widths)}}}` under the source in defs.yaml, or the widths that are right",
        proposal=FormatHints(widths=tuple(widths)),
    )


def _sample(text: Utf8Text) -> str:
    with text.path.open("rb") as opened:
        opened.seek(text.start)
        head = opened.read(_SAMPLE_BYTES)
    sample = head.decode(errors="replace")
    return sample.rpartition("\n")[0] if len(head) == _SAMPLE_BYTES else sample


def _numbered(text: Utf8Text, name: str) -> Iterator[tuple[int, str]]:
    with text.path.open("rb") as opened:
        opened.seek(text.start)
        row = 0
        while line := opened.readline(_MOST_LINE):
            row += 1
            if len(line) == _MOST_LINE:
                raise DeliveryRefused(
                    f"{name}: line {row} is longer than {_MOST_LINE:,} bytes; ask for it again"
                )
            yield row, line.decode(errors="surrogateescape").rstrip("\r\n")


def _assumed(text: Utf8Text) -> tuple[RawWarning, ...]:
    if not text.is_assumed:
        return ()
    return (RawWarning(kind=WarningKind.ENCODING_ASSUMED, count=1, example=text.because),)

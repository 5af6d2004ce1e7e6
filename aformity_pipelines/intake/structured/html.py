"""Tables of a web page, which many programs send under the name of a workbook (`report.xls`).

A cell's text is what a browser shows: blanks and line ends between words are one blank, `<br>` is a line end.
A cell over several columns or rows has its text in the first of them, the others are empty; they are counted.
A record's row is its place among the rows of its table.  Tables in tables only arrange a page and are refused.
Keep out: which row is the header.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.header import Row, doubts, is_title
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import (
    Dialect,
    RawTable,
    RawWarning,
    Reading,
    SkipKind,
    Skipped,
    WarningKind,
)
from aformity_pipelines.intake.refusal import DeliveryRefused, Question
from aformity_pipelines.intake.structured.questions import no_records
from aformity_pipelines.intake.structured.spool import Spool
from aformity_pipelines.intake.text.encoding import Utf8Text, as_utf8

_MOST_CELLS = 5_000_000
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z][\w.:-]{0,40})""", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[.*?\]>|<(?P<raw>script|style)\b.*?(?:</(?P=raw)\s*>|\Z)"
    r"|<(?P<end>/?)(?P<tag>[a-z][^\s/>]*)(?P<attributes>(?:\"[^\"]*\"|'[^']*'|[^\"'>])*+)>"
    r"|(?P<text>[^<]+|<)",
    re.IGNORECASE | re.DOTALL,
)
_SAVE_AS = "open it in a browser or a spreadsheet program, save the table as .xlsx or .csv and send that"


class _Page:
    """The rows of each table, collected tag by tag; `</tr>`, `</td>` and `</th>` may be missing, as browsers allow."""

    def __init__(self, name: str) -> None:
        self.tables: list[list[tuple[str, ...]]] = []
        self.merged: dict[int, tuple[int, str]] = {}  # table -> how many cells, the first's text
        self._name = name
        self._left = _MOST_CELLS
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._spans = (1, 1)  # of the open cell: columns, rows
        self._below: dict[int, int] = {}  # column -> rows that a cell above still takes
        self._is_in_table = False

    def start(self, tag: str, attributes: str) -> None:
        if tag == "table":
            if self._is_in_table:
                raise DeliveryRefused(f"{self._name}: a web page with tables in tables; {_SAVE_AS}")
            self._is_in_table = True
            self._below = {}
            self.tables.append([])
        elif tag == "tr" and self._is_in_table:
            self._end_row()
            self._row = []
        elif tag in {"td", "th"} and self._is_in_table:
            self._end_cell()
            self._row = self._row if self._row is not None else []
            self._cell = []
            self._spans = (_span(attributes, "colspan"), _span(attributes, "rowspan"))
        elif tag == "br" and self._cell is not None:
            self._cell.append("\v")

    def end(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._end_cell()
        elif tag in {"tr", "table"}:
            self._end_row()
            self._is_in_table = self._is_in_table and tag == "tr"

    def text(self, text: str) -> None:
        if self._cell is not None:
            self._cell.append(unescape(text))

    def _end_cell(self) -> None:
        if self._cell is None or self._row is None:
            return
        text = _BLANKS.sub(" ", "".join(self._cell)).strip(" ").replace("\v", "\n")
        columns, rows = self._spans
        self._skip_taken(self._row)
        for offset in range(columns):
            if rows > 1:
                self._below[len(self._row)] = rows - 1
            self._row.append("" if offset else text)
        if columns > 1 or rows > 1:
            number = len(self.tables)
            count, first = self.merged.get(number, (0, text))
            self.merged[number] = (count + 1, first)
        self._cell = None

    def _skip_taken(self, row: list[str]) -> None:
        while self._below.get(len(row), 0):
            self._below[len(row)] -= 1
            row.append("")

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is None:
            return
        self._skip_taken(self._row)
        self._left -= len(self._row) + 1
        if self._left < 0:
            raise DeliveryRefused(f"{self._name}: more cells than a web page may hold; {_SAVE_AS}")
        self.tables[-1].append(tuple(self._row))
        self._row = None


def read_html(job: Job) -> Reading:
    """Read each table of a web page that has more than one row.

    Raises NotUnderstood for a page without one, DeliveryRefused for tables in tables or a page beyond a limit.
    """
    scratch = job.into / ".text.html"
    hint = job.hints.encoding or _declared(job.file)
    text = as_utf8(job.file, hint, scratch=scratch, name=job.name)
    if hint is not None and job.hints.encoding is None:
        text = replace(text, because="as the page declares")
    try:
        page = _page(job, text)
    finally:
        scratch.unlink(missing_ok=True)
    found = [(rows, page.merged.get(n)) for n, rows in enumerate(page.tables, start=1) if len(rows) > 1]
    if len(found) > job.limits.tables:
        most = f"{job.limits.tables:,} tables (limit `tables`)"
        raise DeliveryRefused(f"{job.name}: a web page with more than {most}; {_SAVE_AS}")
    tables: list[RawTable] = []
    questions: list[Question] = list(text.questions)
    for number, (rows, merged) in enumerate(found, start=1):
        if job.hints.table in (None, number):
            table, doubt = _table(job, rows, number, merged, text)
            tables.append(table)
            questions += (doubt,) if doubt is not None else ()
    if not tables:
        raise no_records(job.name, "a web page without a table of several rows")
    return Reading(file_name=job.name, format="html", tables=tuple(tables), questions=tuple(questions))


def _page(job: Job, text: Utf8Text) -> _Page:
    content = text.path.read_bytes()[text.start :]
    try:
        shown = content.decode()
    except UnicodeDecodeError as error:
        raise DeliveryRefused(f"{job.name}: holds bytes that are no UTF-8; {_SAVE_AS}") from error
    page = _Page(job.name)
    for token in _TOKEN.finditer(shown):
        if token["tag"] and token["end"]:
            page.end(token["tag"].lower())
        elif token["tag"]:
            page.start(token["tag"].lower(), token["attributes"])
        elif token["text"]:
            page.text(token["text"])
    page.end("table")
    return page


def _table(
    job: Job, rows: list[tuple[str, ...]], number: int, merged: tuple[int, str] | None, text: Utf8Text
) -> tuple[RawTable, Question | None]:
    header_row, doubt = _header(job, rows)
    headers = rows[header_row - 1] if header_row else tuple(f"col_{n}" for n in range(max(map(len, rows))))
    skipped: dict[SkipKind, Skipped] = {}
    with Spool(job, number=number) as spool:
        for row, cells in enumerate(rows, start=1):
            kind = _skip_kind(row, cells, header_row)
            if kind is not None:
                before = skipped.get(kind) or Skipped(
                    kind=kind, count=0, row=row, example=" ".join(cells)[:80]
                )
                skipped[kind] = replace(before, count=before.count + 1)
            elif len(cells) != len(headers):
                reason = f"{len(cells)} cells, the header has {len(headers)}"
                spool.reject(row, reason, "\t".join(cells).encode())
            else:
                spool.add(row, {str(n): cell for n, cell in enumerate(cells)}, size=sum(map(len, cells)))
        table = spool.table(
            Dialect(format="html", encoding=text.encoding, encoding_because=text.because),
            columns=tuple(str(n) for n in range(len(headers))),
            header_row=header_row,
            warnings=tuple(_warnings(text, merged)),
            skipped=tuple(skipped.values()),
            name_of=lambda column: headers[int(column)],
        )
    return table, doubt


def _header(job: Job, rows: list[tuple[str, ...]]) -> tuple[int, Question | None]:
    """Return the row of the header and what makes it doubtful: the first row that is as wide as most."""
    if job.hints.header_row is not None:
        return min(job.hints.header_row, len(rows)), None
    widest = max(map(len, rows))
    numbered: list[Row] = [(number, cells) for number, cells in enumerate(rows[:50], start=1)]
    first = next(
        (
            n
            for n, (_, cells) in enumerate(numbered)
            if len(cells) == widest and not (widest > 1 and is_title(cells))
        ),
        0,
    )
    doubt = doubts(numbered, first)
    if doubt is not None:
        doubt = replace(doubt, proposal=FormatHints(header_row=first + 1))
    return first + 1, doubt


def _skip_kind(row: int, cells: tuple[str, ...], header_row: int) -> SkipKind | None:
    if row == header_row:
        return SkipKind.HEADER
    if row < header_row:
        return SkipKind.TITLE
    return None if any(cells) else SkipKind.BLANK


def _warnings(text: Utf8Text, merged: tuple[int, str] | None) -> Iterator[RawWarning]:
    if text.is_assumed:
        yield RawWarning(kind=WarningKind.ENCODING_ASSUMED, count=1, example=text.because)
    if merged is not None:
        yield RawWarning(kind=WarningKind.MERGED_CELLS, count=merged[0], example=merged[1][:80])


def _declared(file: Path) -> str | None:
    """Return the encoding that the page names, if Python knows it; a mark at its start goes before."""
    with file.open("rb") as opened:
        head = opened.read(4096)
    declared = _CHARSET.search(head)
    if declared is None or head.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    try:
        name = codecs.lookup(declared[1].decode()).name
    except LookupError:
        return None
    # Browsers read what calls itself Latin-1 or ASCII as cp1252.
    return "cp1252" if name in {"iso8859-1", "ascii"} else None if name.startswith("utf-16") else name


def _span(attributes: str, name: str) -> int:
    found = re.search(rf"\b{name}\s*=\s*[\"']?\s*(\d{{1,5}})", attributes, re.IGNORECASE)
    return min(max(int(found[1]), 1), 1000) if found else 1

"""A workbook's cells at their places, for workbooks whose form is ours: no table is looked for, nothing is skipped.

Formulas are told apart from what people typed, whatever value stands beside them.  A workbook that brings macros,
links to other files or embedded objects is refused: nobody who only fills in answers adds them.
Keep out: what the cells mean.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from aformity_pipelines.files.atomic import replace_with
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import Dialect, RawTable, Reading
from aformity_pipelines.intake.refusal import DeliveryRefused
from aformity_pipelines.intake.workbook.containers import reader_of
from aformity_pipelines.intake.workbook.exact_xml import Reader, read_xml
from aformity_pipelines.intake.workbook.number_formats import restyling
from aformity_pipelines.intake.workbook.package import Package
from aformity_pipelines.intake.workbook.sheet import Sheet, cell_at
from aformity_pipelines.intake.workbook.values import unescaped
from aformity_pipelines.intake.workbook.xlsx import main_part, read_xlsx, worksheets

HEADERS = ("row", "column", "text", "stored", "is_formula")
"""Columns of the Parquet file of a sheet: `stored` only where a person sees something else than was typed or stored: a
date's number, a number under a format of its own (7 shown as 007), an error."""
_PLACE = {"row": pl.Int32, "column": pl.Int32}
_FOREIGN = {
    re.compile(r"vbaproject|macrosheets|activex"): "macros",
    re.compile(r"externallink"): "links to other files",
    re.compile(r"embeddings|oleobject"): "embedded objects",
    re.compile(r"(^|/)connections\.xml$|querytables"): "connections to other places",
}


def read_cells(job: Job) -> Reading:
    """Write every cell of every sheet, hidden ones too, and return one table of HEADERS for each sheet.

    Raises DeliveryRefused for what is no .xlsx workbook, is broken or hostile, or brings what no answer needs.
    """
    if not _is_zip(job) or reader_of(job) is not read_xlsx:
        raise DeliveryRefused(f"{job.name}: is no .xlsx workbook; save it as `Excel workbook (.xlsx)`")
    _refuse_foreign(job)
    book = read_xlsx(job)
    seen = _seen(job)
    tables = tuple(
        _written(sheet, seen.get(sheet.name) or _Seen(job, sheet.name), number, job)
        for number, sheet in enumerate(book.sheets, start=1)
    )
    return Reading(file_name=job.name, format=book.format, tables=tables)


def _is_zip(job: Job) -> bool:
    with job.file.open("rb") as opened:
        return opened.read(2) == b"PK"


def _refuse_foreign(job: Job) -> None:
    with Package.opened(job) as package:
        parts = package.names()
    for pattern, what in _FOREIGN.items():
        found = sorted(part for part in parts if pattern.search(part))
        if found:
            raise DeliveryRefused(
                f"{job.name}: the workbook brings {what} ({found[0]}), which no answer needs; copy the answers into the"
                " workbook as it was sent, save it as .xlsx and send that"
            )


def _seen(job: Job) -> Mapping[str, "_Seen"]:
    """Return, by sheet, where formulas stand and where a person sees something else than is stored."""
    found: dict[str, _Seen] = {}
    with Package.opened(job) as package:
        main = main_part(package)
        relations = package.relations(main)
        restyled = restyling(package.tree(dict(relations.values()).get("styles", "")))
        for element, part in worksheets(package.tree(main), relations):
            reader = _Seen(job, part, restyled=restyled)
            read_xml(package.blocks(part), reader)
            found[unescaped(element.get("name", ""))] = reader
    return found


@dataclass(slots=True)
class _Seen(Reader):
    """Sees where formulas stand; of an array formula, every cell that it fills has its own element.

    Sees errors as well, and numbers whose format shows them otherwise.
    """

    restyled: frozenset[int] = frozenset()  # numbers of cell styles
    formulas: list[tuple[int, int]] = field(default_factory=list)
    turned: list[tuple[int, int]] = field(default_factory=list)
    row: int = 0
    column: int = 0
    is_in_cell: bool = (
        False  # drop-downs and colours have formulas of their own, which are not the reviewer's
    )

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "row":
            self.row, self.column = self._row(attributes), 0
        elif name == "c":
            place = attributes.get("r")
            self.row, self.column = cell_at(place) if place else (max(self.row, 1), self.column + 1)
            self.is_in_cell = True
            kind, style = attributes.get("t", "n"), attributes.get("s", "")
            is_restyled = style.isdecimal() and int(style) in self.restyled
            if kind == "e" or (kind == "n" and is_restyled):
                self.turned.append((self.row, self.column))
        elif name == "f" and self.is_in_cell:
            self.formulas.append((self.row, self.column))

    def ends(self, name: str) -> None:
        self.is_in_cell = self.is_in_cell and name != "c"

    def _row(self, attributes: Mapping[str, str]) -> int:
        number = attributes.get("r", "")
        return int(number) if re.fullmatch(r"[0-9]{1,8}", number) else self.row + 1


def _written(sheet: Sheet, seen: _Seen, number: int, job: Job) -> RawTable:
    """Write a sheet's cells as table `number` of the job, and return it."""
    formulas, turned = (
        pl.DataFrame(
            [(*place, True) for place in dict.fromkeys(places)],
            schema=_PLACE | {name: pl.Boolean},
            orient="row",
        )
        for name, places in (("is_formula", seen.formulas), ("is_turned", seen.turned))
    )
    stored = sheet.cells.facts.select("row", "column", "stored").filter(pl.col("stored").is_not_null())
    cells = (
        sheet.cells.texts.join(formulas, on=("row", "column"), how="full", coalesce=True)
        .join(stored, on=("row", "column"), how="left")
        .join(turned, on=("row", "column"), how="left")
        .with_columns(
            pl.col("is_formula").fill_null(value=False),
            stored=pl.coalesce("stored", pl.when("is_turned").then("text")),
        )
        .select(*HEADERS)
        .sort("row", "column")
    )
    with replace_with(job.parquet(number)) as temporary:
        cells.write_parquet(temporary, compression="zstd")
    return RawTable(
        number=number,
        headers=HEADERS,
        header_row=0,
        parquet=job.parquet(number),
        rows=len(cells),
        rejects=job.rejects(number),
        dialect=Dialect(format="xlsx"),
        sheet=sheet.name,
    )

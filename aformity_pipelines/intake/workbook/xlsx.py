"""Workbooks in Office Open XML (.xlsx, .xlsm), transitional and strict, to sheets of cells.

Every cell comes from the XML itself: no library stands between the file and its text.  Sheets of charts and macros
hold no cells and are passed over.  Keep out: tables, headers.
"""

from collections.abc import Iterator
from xml.etree import ElementTree

import polars as pl

from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.workbook.exact_xml import Elements, exact_cells, exact_texts
from aformity_pipelines.intake.workbook.number_formats import formats_of
from aformity_pipelines.intake.workbook.package import (
    Package,
    attribute,
    beyond,
    broken,
    check_tables,
    local,
    parsed,
)
from aformity_pipelines.intake.workbook.quick_xml import Unusual, quick_cells, quick_texts
from aformity_pipelines.intake.workbook.sheet import (
    Book,
    Box,
    Cells,
    DeclaredTable,
    Sheet,
    box_at,
    reference,
)
from aformity_pipelines.intake.workbook.values import Meaning, as_text, unescaped, unescaped_texts

_TRUE = frozenset({"1", "true"})


def read_xlsx(job: Job) -> Book:
    """Return the job's workbook.  Raises DeliveryRefused where it is broken, hostile or beyond a limit."""
    with Package.opened(job) as package:
        main = main_part(package)
        relations = package.relations(main)
        workbook = package.tree(main)
        meaning = _meaning(package, workbook, relations)
        named = worksheets(workbook, relations)
        check_tables(job, len(named))
        sheets = tuple(_sheet(package, element, part, meaning) for element, part in named)
    if not sheets:
        raise broken(job, "it has no worksheet")
    return Book(format="xlsx", sheets=sheets, dates_from_1904=meaning.dates_from_1904)


def main_part(package: Package) -> str:
    """Return the name of the part that lists the sheets.  Raises DeliveryRefused where there is none."""
    main = next((part for kind, part in package.relations("").values() if kind == "officeDocument"), "")
    if main not in package:
        raise broken(package.job, "it names no workbook part")
    return main


def worksheets(
    workbook: ElementTree.Element, relations: dict[str, tuple[str, str]]
) -> list[tuple[ElementTree.Element, str]]:
    """Return the workbook's elements of sheets that hold cells, each with the name of its part."""
    return [
        (element, relations[identifier][1])
        for element in workbook.iter()
        if local(element.tag) == "sheet"
        and (identifier := attribute(element, "id") or "") in relations
        and relations[identifier][0] == "worksheet"
    ]


def _meaning(
    package: Package, workbook: ElementTree.Element, relations: dict[str, tuple[str, str]]
) -> Meaning:
    part = dict(relations.values())
    properties = next((e for e in workbook if local(e.tag) == "workbookPr"), workbook)
    return Meaning(
        texts=_shared_texts(package, part.get("sharedStrings", "")),
        formats=formats_of(package.tree(part.get("styles", ""))),
        dates_from_1904=properties.get("date1904") in _TRUE,
    )


def _shared_texts(package: Package, part: str) -> pl.Series:
    if part not in package:
        return pl.Series([], dtype=pl.String)
    try:
        texts = pl.concat([pl.Series([], dtype=pl.String), *quick_texts(package.blocks(part))])
    except Unusual:
        texts = exact_texts(package.blocks(part), package.job, part)
    _check_lengths(texts, package.job, part)
    return unescaped_texts(texts)


def _sheet(package: Package, element: ElementTree.Element, part: str, meaning: Meaning) -> Sheet:
    name = unescaped(element.get("name", ""))
    if part not in package:
        raise broken(package.job, f"the sheet {name!r} has no part")
    cells, hidden_rows, elements = _cells(package, part, meaning)
    _check_once(cells, name, package.job)
    return Sheet(
        name=name,
        is_hidden=element.get("state", "visible") != "visible",
        cells=cells,
        hidden_rows=tuple(sorted(hidden_rows)),
        hidden_columns=tuple(_hidden_columns(elements)),
        merged=tuple(_boxes(elements, package.job, part)),
        declared=tuple(_declared(package, part)),
    )


def _cells(package: Package, part: str, meaning: Meaning) -> tuple[Cells, list[int], Elements]:
    """Return a sheet's cells, its hidden rows and the elements around its rows."""
    job, around, hidden_rows = package.job, bytearray(), list[int]()
    parts: list[Cells] = []
    count = 0
    try:
        for raw in quick_cells(package.blocks(part), around, hidden_rows):
            count += len(raw)
            if count > job.limits.cells:
                raise beyond(job, "cells", job.limits.cells, f"cells, in {part}")
            _check_lengths(raw["value"], job, part)
            parts.append(as_text(raw, meaning, job))
    except Unusual:
        raw, hidden_rows, elements = exact_cells(package.blocks(part), job, part)
        return as_text(raw, meaning, job), hidden_rows, elements
    tree = parsed(job, bytes(around), part)
    elements = [(local(e.tag), {local(k): v for k, v in e.attrib.items()}) for e in tree.iter()]
    return Cells.joined(parts), hidden_rows, elements


def _check_lengths(texts: pl.Series, job: Job, part: str) -> None:
    longest = texts.str.len_bytes().max() or 0
    if isinstance(longest, int) and longest > job.limits.cell_bytes:
        raise beyond(job, "cell_bytes", job.limits.cell_bytes, f"bytes in one cell, in {part}")


def _check_once(cells: Cells, sheet: str, job: Job) -> None:
    if cells.is_ordered():
        return
    places = cells.texts["row"].cast(pl.Int64) * 32_768 + cells.texts["column"]
    if places.n_unique() == len(places):
        return
    row, column = divmod(int(places.filter(places.is_duplicated())[0]), 32_768)
    raise broken(job, f"the cell {sheet}!{reference(row, column)} is there twice")


def _hidden_columns(elements: Elements) -> Iterator[tuple[int, int]]:
    for name, attributes in elements:
        if name == "col" and attributes.get("hidden") in _TRUE:
            first, last = attributes.get("min", ""), attributes.get("max", "")
            if first.isdecimal() and last.isdecimal():
                yield int(first), int(last)


def _boxes(elements: Elements, job: Job, part: str) -> Iterator[Box]:
    for name, attributes in elements:
        if name == "mergeCell":
            try:
                yield box_at(attributes.get("ref", ""))
            except ValueError as error:
                raise broken(job, f"{error}, as {part} says") from error


def _declared(package: Package, part: str) -> Iterator[DeclaredTable]:
    for kind, name in package.relations(part).values():
        table = package.tree(name) if kind == "table" else None
        if table is None or not table.get("ref"):
            continue
        columns = (e for e in table.iter() if local(e.tag) == "tableColumn")
        try:
            box = box_at(table.get("ref", ""))
        except ValueError as error:
            raise broken(package.job, f"{error}, as {name} says") from error
        yield DeclaredTable(
            box=box,
            headers=tuple(unescaped(column.get("name", "")) for column in columns),
            header_rows=int(table.get("headerRowCount", "1") != "0"),
            totals_rows=int(table.get("totalsRowCount", "0") != "0"),
        )

"""What a worksheet's XML says beyond its values: hidden rows, merged cells, formulas without a value ...

Read as a stream, row by row, never as a whole.  Keep out: the values themselves, which fastexcel reads.
"""

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

from aformity_pipelines.intake.reading import RawWarning, WarningKind

_BLOCK = 1 << 22
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\b(?=[^>]*\bhidden="(?:1|true)")(?=[^>]*\br="(\d+)")')
_HIDDEN_COLUMNS = re.compile(rb'<(?:\w+:)?col\b(?=[^>]*\bhidden="(?:1|true)")[^>]*?\bmin="(\d+)"[^>]*>')
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z0-9:]+)"')
_ERROR = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]+\d+)"')
_NO_VALUE = re.compile(
    rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+\d+)"[^>]*>\s*<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*'
    rb"(?:</(?:\w+:)?c>|<(?:\w+:)?v\s*/>)"
)
_STYLED = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*\br="([A-Z]+\d+)")(?=[^>]*\bs="(\d+)")[^>]*>')
_CELL = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*\br="([A-Z]+)(\d+)")(?:[^>]*?\bt="(\w+)")?[^>]*?(?<!/)>\s*<(?:\w+:)?(?:v|is|f)\b'
)
_LOOKS_LIKE_DATE = re.compile(rb"\d{4}-\d\d-\d\d 00:00:00|1899-12-31 \d\d:\d\d:\d\d")
_ZEROS = re.compile(r"0{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetFacts:
    """What is known of one worksheet, and whether a text in it could be taken for a date."""

    warnings: tuple[RawWarning, ...]
    has_text_like_dates: bool


def facts_of(workbook: Path, sheet: str) -> SheetFacts:
    """Return the facts of one sheet, by its name as the tab shows it."""
    with zipfile.ZipFile(workbook) as archive:
        part = part_of(archive, sheet)
        padded = _zero_padded_styles(archive)
        found: dict[WarningKind, tuple[int, str]] = {}
        looks_like_dates = any(
            _LOOKS_LIKE_DATE.search(b) for b in _blocks(archive, "xl/sharedStrings.xml", b"</si>")
        )
        for block in _blocks(archive, part, b"</row>"):
            looks_like_dates = looks_like_dates or _LOOKS_LIKE_DATE.search(block) is not None
            for kind, places in _seen(block, padded):
                count, example = found.get(kind, (0, places[0]))
                found[kind] = (count + len(places), example)
    warnings = tuple(RawWarning(kind=k, count=n, example=e) for k, (n, e) in sorted(found.items()))
    return SheetFacts(warnings=warnings, has_text_like_dates=looks_like_dates)


def text_cells(workbook: Path, sheet: str) -> frozenset[tuple[int, int]]:
    """Return (row, column) of every cell whose value is text, both counted from 1 as in the sheet.

    Column 1 is the first column that holds a value anywhere, since fastexcel drops empty ones before it.
    """
    found: list[tuple[int, int]] = []
    first = 1 << 20
    with zipfile.ZipFile(workbook) as archive:
        for block in _blocks(archive, part_of(archive, sheet), b"</row>"):
            for letters, row, kind in _CELL.findall(block):
                column = _column(letters)
                first = min(first, column)
                if kind in {b"s", b"str", b"inlineStr"}:
                    found.append((int(row), column))
    return frozenset((row, column - first + 1) for row, column in found)


def part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the name of the archive's part that holds the sheet.  Raises KeyError if there is none."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    relation = next(
        (e.get(_RELATION) for e in book.iter() if _tag(e) == "sheet" and e.get("name") == sheet), None
    )
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    target = next((e.get("Target", "") for e in relations.iter() if e.get("Id") == relation), "")
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl", target))


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _seen(block: bytes, padded: frozenset[bytes]) -> Iterator[tuple[WarningKind, list[str]]]:
    """Yield each kind found in a block of XML with its places; the cheap test comes before the pattern."""
    patterns = (
        (b"hidden=", WarningKind.HIDDEN_ROW, _HIDDEN_ROW, "row "),
        (b"hidden=", WarningKind.HIDDEN_COLUMN, _HIDDEN_COLUMNS, "column "),
        (b"mergeCell", WarningKind.MERGED_CELLS, _MERGED, ""),
        (b't="e"', WarningKind.ERROR_CELL, _ERROR, ""),
        (b"f>", WarningKind.FORMULA_WITHOUT_VALUE, _NO_VALUE, ""),
    )
    for sign, kind, pattern, word in patterns:
        places = pattern.findall(block) if sign in block else ()
        if places:
            yield kind, [word + place.decode() for place in places]
    zeros = [cell.decode() for cell, style in _STYLED.findall(block) if style in padded] if padded else []
    if zeros:
        yield WarningKind.NUMBER_FORMAT_ZEROS, zeros


def _zero_padded_styles(archive: zipfile.ZipFile) -> frozenset[bytes]:
    """Return the cell styles whose number format shows leading zeros, such as `00000`."""
    if "xl/styles.xml" not in archive.namelist():
        return frozenset()
    styles = ElementTree.fromstring(archive.read("xl/styles.xml"))
    codes = {e.get("numFmtId"): e.get("formatCode", "") for e in styles.iter() if _tag(e) == "numFmt"}
    padded = {number for number, code in codes.items() if _ZEROS.fullmatch(code)}
    formats = next((e for e in styles if _tag(e) == "cellXfs"), None)
    found = Counter(str(i) for i, e in enumerate(formats or ()) if e.get("numFmtId") in padded)
    return frozenset(style.encode() for style in found)


def _blocks(archive: zipfile.ZipFile, part: str, end: bytes) -> Iterator[bytes]:
    """Yield the part in blocks that end where an element does, so that no pattern is cut."""
    if part not in archive.namelist():
        return
    carried = b""
    with archive.open(part) as opened:
        while block := opened.read(_BLOCK):
            block = carried + block
            cut = block.rfind(end) + 1 or len(block)
            yield block[:cut]
            carried = block[cut:]
    yield carried


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number

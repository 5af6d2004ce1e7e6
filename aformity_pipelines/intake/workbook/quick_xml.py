"""Cells and shared texts from XML as the usual programs write it: vectorised, several times as fast as a parser.

Each piece of the XML must match one pattern from its first byte to its last.  Where one does not (other
namespaces, comments, rich text, control characters ...), `Unusual` is raised and `exact_xml` reads the whole part
instead: this reader is quick or gives up, never approximate.  Keep out: what cells mean.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from aformity_pipelines.intake.workbook.sheet import LAST_COLUMN, LAST_ROW, RAW_CELLS, letters

_TEXT = r"[^<\x00-\x08\x0B-\x1F]*"
_ATTRIBUTE = r' [A-Za-z0-9:]+="[^"<>&\x00-\x1F]*"'
_BETWEEN = rf"(?:</row>|<row(?:{_ATTRIBUTE})*\s*/?>|\s)*"
_TEXT_TAG = r'<t(?: xml:space="preserve")?>'
_CELL = (
    r'^ r="(?<letters>[A-Z]{1,3})(?<row>[1-9][0-9]{0,6})"'
    r'(?: s="(?<style>[0-9]{1,6})")?(?: t="(?<kind>n|s|str|inlineStr|b|e|d)")?(?: s="(?<late_style>[0-9]{1,6})")?'
    rf"(?:/>|>(?:(?<formula><f)(?:{_ATTRIBUTE})*(?:/>|>{_TEXT}</f>))?"
    rf"(?:<v>(?<value>{_TEXT})</v>|<is>{_TEXT_TAG}(?<text>{_TEXT})</t></is>|(?<empty><v/>))?</c>)"
    rf"{_BETWEEN}$"
)
_SHARED = rf"^{_TEXT_TAG}(?<text>{_TEXT})</t></si>\s*$|^(?<empty><t/>)</si>\s*$"
_HIDDEN_ROW = re.compile(r'<row(?=[^>]* hidden="(?:1|true)")[^>]* r="([1-9][0-9]{0,6})"')
_ENTITY = re.compile(r"&(?:#x([0-9A-Fa-f]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));|&")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_COLUMNS = pl.Enum([letters(number) for number in range(1, LAST_COLUMN + 1)])
_MOST_CARRIED = 32 << 20


class Unusual(Exception):
    """The XML is not written as the usual programs do; a parser must read it."""


@dataclass(frozen=True, slots=True)
class _Repeated:
    """What repeats in a part: where it starts, how one of it ends, and where it stops."""

    start: re.Pattern[bytes]
    each_ends: bytes
    stop: bytes


_ROWS = _Repeated(re.compile(rb"<sheetData>"), b"</row>", b"</sheetData>")
_TEXTS = _Repeated(re.compile(rb"<sst\b[^<>]*(?<!/)>\s*(?=<si>)"), b"</si>", b"</sst>")


def quick_cells(blocks: Iterable[bytes], around: bytearray, hidden_rows: list[int]) -> Iterator[pl.DataFrame]:
    """Yield a worksheet's cells (RAW_CELLS), thousands of rows at a time.

    The XML around the rows is put into `around`, the numbers of hidden rows into `hidden_rows`; both are whole
    when the last cells were taken.  Raises Unusual.
    """
    for chunk in _chunks(blocks, _ROWS, around):
        pieces = _decoded(chunk).str.split("<c").explode()
        before = str(pieces[0])
        if not re.fullmatch(_BETWEEN, before):
            raise Unusual
        found = pieces[1:].str.extract_groups(_CELL).struct.unnest()
        if found["letters"].has_nulls():
            raise Unusual
        for piece in pieces.filter(pieces.str.contains("hidden=", literal=True)):
            hidden_rows.extend(int(row) for row in _HIDDEN_ROW.findall(piece))
        yield _raw_cells(found)


def quick_texts(blocks: Iterable[bytes]) -> Iterator[pl.Series]:
    """Yield a workbook's shared texts in their order, thousands at a time.  Raises Unusual."""
    for chunk in _chunks(blocks, _TEXTS, bytearray()):
        pieces = _decoded(chunk).str.split("<si>").explode()
        found = pieces[1:].str.extract_groups(_SHARED).struct.unnest()
        texts = found["text"].zip_with(found["empty"].is_null(), pl.Series([""], dtype=pl.String))
        if str(pieces[0]).strip() or texts.has_nulls():
            raise Unusual
        yield _without_entities(texts)


def _raw_cells(found: pl.DataFrame) -> pl.DataFrame:
    """Return matched cells as RAW_CELLS; those of a style alone are left out."""
    value = pl.coalesce("value", "text", pl.when(pl.col("empty").is_not_null()).then(pl.lit("")))
    kind = pl.col("kind").fill_null("n")
    frame = found.select(
        pl.col("row").cast(pl.Int32),
        column=pl.col("letters").cast(_COLUMNS, strict=False).to_physical().cast(pl.Int32) + 1,
        kind=kind,
        style=pl.coalesce("style", "late_style").cast(pl.Int32).fill_null(0),
        value=value,
        formula=pl.col("formula").is_not_null(),
    )
    if frame["column"].has_nulls() or not (frame["row"] <= LAST_ROW).all():
        raise Unusual
    frame = frame.with_columns(_without_entities(frame["value"]))
    has_none = pl.col("value").is_null() | ((pl.col("kind") == "n") & (pl.col("value") == ""))
    no_value = pl.col("formula") & has_none
    kept = frame.filter(no_value | pl.col("value").is_not_null())
    return kept.with_columns(
        kind=pl.when(no_value).then(pl.lit("f")).otherwise("kind"),
        value=pl.when(no_value).then(None).otherwise("value"),
    ).select(*RAW_CELLS)


def _without_entities(texts: pl.Series) -> pl.Series:
    escaped = texts.str.contains("&", literal=True).fill_null(value=False)
    if not escaped.any():
        return texts
    return texts.scatter(escaped.arg_true(), [_ENTITY.sub(_character, t) for t in texts.filter(escaped)])


def _character(entity: re.Match[str]) -> str:
    hexadecimal, decimal, name = entity.groups()
    if name:
        return _ENTITIES[name]
    number = int(hexadecimal or decimal or "0", base=16 if hexadecimal else 10)
    is_character = number in {9, 10, 13} or 32 <= number < 0xD800 or 0xE000 <= number < 0xFFFE
    if not is_character and not 0x10000 <= number <= 0x10FFFF:
        raise Unusual
    return chr(number)


def _decoded(chunk: bytes) -> pl.Series:
    try:
        return pl.Series([chunk.decode()])
    except UnicodeDecodeError as error:
        raise Unusual from error


def _chunks(blocks: Iterable[bytes], repeated: _Repeated, around: bytearray) -> Iterator[bytes]:
    """Yield what repeats, cut between two of it; the rest of the part is added to `around`."""
    waiting = iter(blocks)
    start = _start(waiting, repeated, around)
    carried = bytes(around[start:])
    del around[start:]
    while repeated.stop not in carried:
        cut = carried.rfind(repeated.each_ends) + len(repeated.each_ends)
        if cut >= len(repeated.each_ends):
            yield carried[:cut]
            carried = carried[cut:]
        block = next(waiting, None)
        if block is None or len(carried) > _MOST_CARRIED:
            raise Unusual
        carried += block
    last, _, tail = carried.partition(repeated.stop)
    yield last
    around += repeated.stop + tail
    for block in waiting:
        around += block
        if len(around) > _MOST_CARRIED:
            raise Unusual
    if b"<!" in around or around.count(repeated.stop) > 1:
        raise Unusual


def _start(waiting: Iterator[bytes], repeated: _Repeated, around: bytearray) -> int:
    """Fill `around` until it holds the start of what repeats, and return where that is."""
    for block in waiting:
        around += block
        if found := repeated.start.search(around):
            head = around[: found.start()]
            if b"<!" in head or not re.match(
                rb'(?:\xef\xbb\xbf)?(?:<\?xml[^>]*encoding="(?i:utf-8)"|<[a-z])', head + around[:1]
            ):
                raise Unusual
            return found.end()
        if len(around) > _MOST_CARRIED:
            break
    raise Unusual

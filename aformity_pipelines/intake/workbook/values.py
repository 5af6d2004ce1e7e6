"""Cells as a workbook stores them, turned into text; whatever text is not as stored keeps what was.

Text, errors (`#N/A`) and what is no number stay as they are; `true` and `false` for booleans; numbers and dates as
`serials` says.  Keep out: XML, regions.
"""

import re
from dataclasses import dataclass

import polars as pl

from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import WarningKind
from aformity_pipelines.intake.workbook.number_formats import NumberFormat, Shows
from aformity_pipelines.intake.workbook.package import broken
from aformity_pipelines.intake.workbook.serials import date_texts, iso_text, number_texts
from aformity_pipelines.intake.workbook.sheet import CELLS, FACTS, Cells

_ESCAPED = re.compile(r"(?:_x[0-9A-Fa-f]{4}_)+")
_DATES = (Shows.DATE, Shows.TIME, Shows.ELAPSED)
_LONG_NUMBER = r"^-?[0-9]{16}|e\+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a workbook's cells refer to: its shared texts, its styles and its system of dates."""

    texts: pl.Series  # of strings
    formats: tuple[NumberFormat, ...]  # by style
    dates_from_1904: bool = False


def as_text(raw: pl.DataFrame, meaning: Meaning, job: Job) -> Cells:
    """Return raw cells (RAW_CELLS) as text, in the order of rows, then columns; cells without a value are left out.

    Raises DeliveryRefused where a cell refers to a shared text that is not there.
    """
    kinds = raw["kind"].fill_null("n")
    parts = [
        _turned(raw.filter(kinds == kind), str(kind), meaning, job)
        for kind in sorted(kinds.unique().to_list())
    ]
    cells = pl.concat([pl.DataFrame(schema={**CELLS, **FACTS}), *parts]).sort("row", "column")
    known = cells.filter(pl.col("stored").is_not_null() | pl.col("remark").is_not_null())
    return Cells(texts=cells.select(*CELLS), facts=known.select(*FACTS))


def unescaped(text: str) -> str:
    """Return text in which `_x000D_` stands for the character with that number: ECMA-376 part 1, 22.9.2.19."""

    def characters(found: re.Match[str]) -> str:
        units = found[0].replace("_x", "").replace("_", "")
        try:
            return bytes.fromhex(units).decode("utf-16-be")
        except UnicodeDecodeError:
            return found[0]

    return _ESCAPED.sub(characters, text)


def unescaped_texts(texts: pl.Series) -> pl.Series:
    """Return texts with `_x000D_` and its like replaced."""
    escaped = texts.str.contains("_x", literal=True).fill_null(value=False)
    if not escaped.any():
        return texts
    return texts.scatter(escaped.arg_true(), [unescaped(text) for text in texts.filter(escaped)])


def _turned(raw: pl.DataFrame, kind: str, meaning: Meaning, job: Job) -> pl.DataFrame:
    """Return the cells of one kind as text."""
    if kind == "f":
        return _cells(raw, raw["value"], remark=WarningKind.FORMULA_WITHOUT_VALUE)
    held = raw.drop_nulls("value")
    if kind in {"n", "s"}:
        held = held.filter(pl.col("value") != "")
    match kind:
        case "n":
            return _numbers(held, meaning)
        case "s":
            return _cells(held, _shared(held["value"], meaning.texts, job))
        case "e":
            return _cells(held, held["value"], remark=WarningKind.ERROR_CELL)
        case "b":
            return _changed(held, held["value"].replace({"1": "true", "0": "false"}), meaning)
        case "d":
            texts = [iso_text(value) for value in held["value"]]
            return _changed(held, pl.Series(texts, dtype=pl.String), meaning)
        case "str" | "inlineStr":
            return _cells(held, unescaped_texts(held["value"]))
        case _:
            return _cells(held, held["value"])


def _shared(indexes: pl.Series, texts: pl.Series, job: Job) -> pl.Series:
    numbers = indexes.cast(pl.UInt32, strict=False)
    if numbers.has_nulls() or (len(numbers) and numbers.max() >= len(texts)):  # type: ignore[operator] # of integers
        wrong = indexes.filter(numbers.is_null() | (numbers >= len(texts)))[0]
        raise broken(job, f"a cell refers to the shared text {wrong[:20]}, but there are {len(texts)}")
    return texts.gather(numbers)


def _numbers(raw: pl.DataFrame, meaning: Meaning) -> pl.DataFrame:
    """Return numbers as what their number formats show them to be."""
    parts: list[pl.DataFrame] = []
    rest = raw
    for shows in (*_DATES, Shows.ZEROS):
        styles = [number for number, known in enumerate(meaning.formats) if known.shows is shows]
        if styles:
            chosen = rest["style"].is_in(styles).fill_null(value=False)
            part, rest = rest.filter(chosen), rest.filter(~chosen)
            parts.append(_zeros(part, meaning) if shows is Shows.ZEROS else _dates(part, shows, meaning))
    text = number_texts(rest["value"])
    long = text.str.contains(_LONG_NUMBER)
    return pl.concat(
        [*parts, _changed(rest, text, meaning, remark=_where(long, WarningKind.DIGITS_BEYOND_15))]
    )


def _zeros(raw: pl.DataFrame, meaning: Meaning) -> pl.DataFrame:
    return _changed(raw, number_texts(raw["value"]), meaning, remark=WarningKind.NUMBER_FORMAT_ZEROS)


def _dates(raw: pl.DataFrame, shows: Shows, meaning: Meaning) -> pl.DataFrame:
    """Return serial numbers as dates; what is no date stays the number, with the remark."""
    serials = raw["value"].cast(pl.Float64, strict=False)
    dates = date_texts(serials, shows=shows, from_1904=meaning.dates_from_1904)
    text = dates.zip_with(dates.is_not_null(), number_texts(raw["value"]))
    dateless = ~text.str.contains(r"^\d{4}-") & (shows is not Shows.ELAPSED)
    return _changed(raw, text, meaning, remark=_where(dateless, WarningKind.TIME_WITHOUT_DATE))


def _where(chosen: pl.Series, kind: WarningKind) -> pl.Series:
    return pl.DataFrame({"chosen": chosen}).select(pl.when("chosen").then(pl.lit(str(kind))))["literal"]


def _changed(
    raw: pl.DataFrame, text: pl.Series, meaning: Meaning, *, remark: pl.Series | str | None = None
) -> pl.DataFrame:
    """Return cells whose text may be another than what is stored."""
    codes = pl.Series([known.code for known in meaning.formats] or ["General"], dtype=pl.String)
    style = raw["style"].fill_null(0)
    known = codes.gather(style.zip_with(style < len(codes), pl.zeros(len(style), pl.Int32, eager=True)))
    frame = raw.select(
        "row", "column", text=text, stored="value", code=known, remark=_remarks(remark, len(raw))
    )
    differs = pl.col("stored") != pl.col("text")
    return frame.select(
        "row",
        "column",
        "text",
        stored=pl.when(differs).then("stored"),
        number_format=pl.when(differs).then("code"),
        remark="remark",
    )


def _cells(raw: pl.DataFrame, text: pl.Series, *, remark: str | None = None) -> pl.DataFrame:
    """Return cells whose text is as stored."""
    nothing = pl.lit(None, dtype=pl.String)
    return raw.select(
        "row",
        "column",
        text=text,
        stored=nothing,
        number_format=nothing,
        remark=pl.lit(remark, dtype=pl.String),
    )


def _remarks(remark: pl.Series | str | None, count: int) -> pl.Series:
    return remark if isinstance(remark, pl.Series) else pl.Series([remark] * count, dtype=pl.String)

"""Serial numbers as dates, and numbers as text.

Dates and times of day are ISO text as `raw_table` says (`2024-03-02`, `2024-03-02 04:05:06`).  An elapsed time is
`36:05:00`; a day 0 or 1 January 1900 is never made up for one.  What is no date in its system (negative, after 9999,
29 February 1900) stays the number.

A number is the shortest text that gives the same double again, as a person would type it: `1`, `0.1`, `1234.5`; only
from 1e21 on and below 1e-6 with an exponent.  Keep out: which cells are dates.
"""

import re
from datetime import timedelta
from decimal import Decimal

import polars as pl

from aformity_pipelines.intake.workbook.number_formats import Shows

_DAY_MS = 86_400_000
_PLAIN = r"^(?:0|-?[1-9][0-9]{0,14}|-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9])$"
_PLAIN_LENGTH = 16
"""At most 15 digits beside the point: such a text is the shortest of its double."""
_DECIMAL = r"^-?[0-9.]+(?:[eE][-+]?[0-9]+)?$"
_USUAL = r"^-?(?:[1-9][0-9]{0,14}|(?:0|[1-9][0-9]{0,14})\.[0-9]{1,20})$"
_WHOLE_YEAR = 366
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)?[T ]?(?:(\d\d:\d\d)(:\d\d)?(?:\.(\d+))?)?")
_DURATION = re.compile(r"(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d+))?S)?)?")


def number_texts(stored: pl.Series) -> pl.Series:
    """Return numbers, given as a file stores them, as a person would type them; what is no number stays."""
    is_plain = stored.str.contains(_PLAIN) & (stored.str.len_bytes() <= _PLAIN_LENGTH)
    if is_plain.all():
        return stored
    others = stored.filter(~is_plain)
    shortest = others.cast(pl.Float64, strict=False).cast(pl.String).str.strip_suffix(".0")
    usual = shortest.str.contains(_USUAL) & others.str.contains(_DECIMAL)
    exact = shortest.scatter((~usual).arg_true(), [number_text(value) for value in others.filter(~usual)])
    return stored.scatter((~is_plain).arg_true(), exact)


def number_text(stored: str) -> str:
    """Return one number as a person would type it; a text that is none, as it is."""
    try:
        value = float(stored)
    except ValueError:
        return stored
    if value != value or value in {float("inf"), float("-inf")} or "_" in stored:
        return stored
    shortest = repr(value)
    if "e" in shortest and 1e-6 <= abs(value) < 1e21:
        shortest = format(Decimal(shortest), "f")
    return "0" if value == 0 else shortest.removesuffix(".0")


def date_texts(serials: pl.Series, *, shows: Shows, from_1904: bool) -> pl.Series:
    """Return serial numbers as dates, times or elapsed times; NULL for what is none in this system of dates."""
    milliseconds = (serials * _DAY_MS).round(0)
    frame = pl.DataFrame({"serial": serials, "ms": milliseconds.clip(-9e15, 9e15).cast(pl.Int64)})
    return frame.select(_shown_as(shows, from_1904=from_1904).alias("text"))["text"]


def _shown_as(shows: Shows, *, from_1904: bool) -> pl.Expr:
    """Return what `serial` and its `ms` are as text."""
    serial, rest = pl.col("serial"), pl.col("ms") % _DAY_MS
    day, time, elapsed = _date_of(from_1904=from_1904), _clock(rest), _clock(pl.col("ms"))
    dated = pl.when(rest == 0).then(day).otherwise(day + " " + time)
    if shows is Shows.ELAPSED:
        return pl.when(serial >= 0).then(elapsed)
    if shows is Shows.TIME:
        long = pl.when(serial < _WHOLE_YEAR).then(elapsed).otherwise(dated)
        return pl.when(serial < 0).then(None).when(serial < 1).then(time).otherwise(long)
    # Day 0 is no day, so that what is less than one is a time; counted from 1904 it is one.
    is_time = (serial > 0) & (serial < 1) & (not from_1904)
    return pl.when(is_time).then(time).otherwise(dated)


def _date_of(*, from_1904: bool) -> pl.Expr:
    """Return the date of `ms` as text; NULL where there is none."""
    if from_1904:
        epoch, first = pl.date(1904, 1, 1), 0
    else:
        epoch, first = pl.date(1899, 12, 30), 1
    days = pl.col("ms") // _DAY_MS
    # Excel's 1900 has a 29 February, day 60; before it every day is one later than it should be.
    shifted = days if from_1904 else pl.when(days < 60).then(days + 1).otherwise(days)
    is_day = (days >= first) & (days <= 2_958_465 - (1462 if from_1904 else 0))
    if not from_1904:
        is_day = is_day & (days != 60)
    date = epoch + pl.duration(days=pl.when(is_day).then(shifted).otherwise(0))
    return pl.when(is_day).then(date.dt.to_string("%Y-%m-%d"))


def _clock(milliseconds: pl.Expr) -> pl.Expr:
    """Return milliseconds as hours:minutes:seconds, with thousandths where they are not 0."""

    def two(number: pl.Expr) -> pl.Expr:
        return number.cast(pl.String).str.zfill(2)

    seconds = milliseconds // 1000
    whole = pl.format("{}:{}:{}", two(seconds // 3600), two(seconds // 60 % 60), two(seconds % 60))
    rest = milliseconds % 1000
    return pl.when(rest == 0).then(whole).otherwise(whole + "." + rest.cast(pl.String).str.zfill(3))


def iso_text(stored: str) -> str:
    """Return an ISO 8601 date, time or duration as such texts are written here; anything else as it is."""
    if duration := _DURATION.fullmatch(stored):
        sign, days, hours, minutes, seconds, fraction = duration.groups()
        total = timedelta(
            days=int(days or 0), hours=int(hours or 0), minutes=int(minutes or 0), seconds=int(seconds or 0)
        )
        count = total.days * 86_400 + total.seconds
        clock = f"{count // 3600:02}:{count // 60 % 60:02}:{count % 60:02}"
        return f"{sign or ''}{clock}{_fraction(fraction)}"
    found = _ISO.fullmatch(stored.removesuffix("Z"))
    if found is None or not stored:
        return stored
    day, clock, seconds, fraction = found.groups()
    if clock is None:
        return day or stored
    time = f"{clock}{seconds or ':00'}{_fraction(fraction)}"
    if day is None:
        return time
    return day if time == "00:00:00" else f"{day} {time}"


def _fraction(digits: str | None) -> str:
    kept = (digits or "").rstrip("0")
    return f".{kept.ljust(3, '0')}" if kept else ""

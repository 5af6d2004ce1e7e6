"""Number formats: which of a workbook's styles show a number as a date, a time or with leading zeros.

Formats are ECMA-376 part 1, 18.8.30 and 18.8.31.  Keep out: the values shown.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from xml.etree import ElementTree

from aformity_pipelines.intake.workbook.package import local


class Shows(StrEnum):
    """What a number format makes of a number."""

    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    """A time of day without a date."""
    ELAPSED = "elapsed"
    """Hours, minutes or seconds that may pass a day, such as `[h]:mm`."""
    ZEROS = "zeros"
    """A number filled up with zeros, such as `00000`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFormat:
    """One number format: its code as stored, and what it shows."""

    code: str
    shows: Shows


_BUILT_IN = {
    1: "0", 2: "0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    14: "m/d/yyyy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy",
    18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yyyy h:mm",
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0",
}  # fmt: skip
_PLAIN = frozenset({"General", "@"})
# Numbers that some language versions of Excel use for dates of their own calendar: 18.8.30.
_BUILT_IN |= dict.fromkeys((*range(27, 32), 36, *range(50, 59)), "yyyy/m/d")
_BUILT_IN |= dict.fromkeys((32, 33, 34, 35), "h:mm:ss")
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!(?:h+|m+|s+)\])[^\]]*\]', re.IGNORECASE)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_WORDS = re.compile(r"general|am/pm|a/p", re.IGNORECASE)
_ZEROS = re.compile(r"^[^#?.,]*0[^#?.,]*0")


def number_format(code: str) -> NumberFormat:
    """Return what a format code shows; its first section, the one of positive numbers, decides."""
    section = _LITERAL.sub("", code).partition(";")[0]
    return NumberFormat(code=code, shows=_shows(section))


def built_in(number: int) -> NumberFormat:
    """Return the format that Excel knows by its number; `General` where it knows none."""
    return number_format(_BUILT_IN.get(number, "General"))


def formats_of(styles: ElementTree.Element) -> tuple[NumberFormat, ...]:
    """Return the number format of each cell style of a workbook's styles part, by the style's number."""
    known = {number: number_format(code) for number, code in _codes(styles).items()}
    return tuple(
        known.get(number) or built_in(int(number) if number.isdecimal() else 0) for number in _numbers(styles)
    )


def restyling(styles: ElementTree.Element) -> frozenset[int]:
    """Return the cell styles under which a number is shown otherwise than it is stored: 7 as 007, 0.5 as 50 %."""
    plain = {"0", "49"} | {number for number, code in _codes(styles).items() if code in _PLAIN}
    return frozenset(style for style, number in enumerate(_numbers(styles)) if number not in plain)


def _codes(styles: ElementTree.Element) -> dict[str, str]:
    return {e.get("numFmtId", ""): e.get("formatCode", "") for e in styles.iter() if local(e.tag) == "numFmt"}


def _numbers(styles: ElementTree.Element) -> list[str]:
    """Return the number of each cell style's number format."""
    cell_styles: Iterable[ElementTree.Element] = next((e for e in styles if local(e.tag) == "cellXfs"), ())
    return [e.get("numFmtId", "0") for e in cell_styles if local(e.tag) == "xf"]


def _shows(section: str) -> Shows:
    if _ELAPSED.search(section):
        return Shows.ELAPSED
    plain = _WORDS.sub(lambda word: "" if word[0].lower() == "general" else "h", section).lower()
    has_day = any(letter in plain for letter in "yd") or ("m" in plain and not set("hs") & set(plain))
    if has_day and not set("0#?") & set(plain.partition(".")[0]):
        return Shows.DATE
    if set("hs") & set(plain):
        return Shows.TIME
    return Shows.ZEROS if "e" not in plain and _ZEROS.match(plain) else Shows.NUMBER
